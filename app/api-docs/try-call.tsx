import { useState, type FormEvent } from "react";
import type { OperationOutline } from "../api/outline.server.ts";
import { Button, TextAreaField, TextField } from "../components/form.tsx";
import { Badge } from "../components/frame.tsx";
import { sendCall, type CallAnswer } from "./send-call.ts";

/** A form that makes the call for real, from this page. Its fields are made when it is opened: there are many calls. */
export function TryCall({ operation, apiKey }: { operation: OperationOutline; apiKey: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="mt-4" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="inline-flex min-h-11 cursor-pointer items-center text-sm font-medium text-emerald-700 dark:text-emerald-400">
        Try it<span className="sr-only">: {operation.summary}</span>
      </summary>
      {isOpen && <CallForm operation={operation} apiKey={apiKey} />}
    </details>
  );
}

type Outcome =
  { state: "idle" | "sending" } | { state: "failed"; reason: string } | { state: "answered"; answer: CallAnswer };

function CallForm({ operation, apiKey }: { operation: OperationOutline; apiKey: string }) {
  const { method, path, parameters, sends } = operation;
  const [outcome, setOutcome] = useState<Outcome>({ state: "idle" });
  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const values = Object.fromEntries(
      parameters.map((p) => [`${p.in}.${p.name}`, String(form.get(`${p.in}.${p.name}`))]),
    );
    const body = sends && { type: sends.type, text: String(form.get("body")) };
    setOutcome({ state: "sending" });
    try {
      setOutcome({ state: "answered", answer: await sendCall({ method, path, parameters, values, body, apiKey }) });
    } catch (error) {
      setOutcome({ state: "failed", reason: (error as Error).message });
    }
  }
  return (
    <form onSubmit={(event) => void send(event)} className="mt-2 space-y-4" data-testid={`try-${operation.id}`}>
      <div className="grid gap-4 sm:grid-cols-2">
        {parameters.map(({ name, in: place, isRequired, type }) => (
          <TextField
            key={`${place}.${name}`}
            label={place === "header" ? `Header ${name}` : name}
            name={`${place}.${name}`}
            required={isRequired}
            placeholder={type}
            autoComplete="off"
          />
        ))}
      </div>
      {sends && (
        <TextAreaField
          label={sends.type === "application/json" ? "Body" : `Body (${sends.type})`}
          name="body"
          rows={Math.min(12, sends.example.split("\n").length + 1)}
          defaultValue={sends.example}
          spellCheck={false}
        />
      )}
      <div className="flex flex-wrap items-center gap-3">
        <Button look={method === "DELETE" ? "danger" : "primary"} disabled={outcome.state === "sending"}>
          {outcome.state === "sending" ? "Sending …" : `Send ${method}`}
        </Button>
        {method !== "GET" && (
          <span className="text-sm text-slate-600 dark:text-slate-300">It acts on the key&rsquo;s real data.</span>
        )}
      </div>
      <div aria-live="polite">
        {outcome.state === "failed" && (
          <p className="text-sm text-rose-700 dark:text-rose-400">No answer: {outcome.reason}</p>
        )}
        {outcome.state === "answered" && <AnswerView answer={outcome.answer} />}
      </div>
    </form>
  );
}

function AnswerView({ answer: { status, statusText, ms, headers, body } }: { answer: CallAnswer }) {
  return (
    <div className="overflow-hidden rounded-xl border border-slate-200 dark:border-slate-700">
      <p className="flex flex-wrap items-center gap-2 border-b border-slate-200 px-4 py-2 text-sm dark:border-slate-700">
        <Badge look={status < 300 ? "good" : status < 400 ? "plain" : "bad"}>{status}</Badge>
        {statusText} <span className="text-slate-500 dark:text-slate-400">{ms} ms</span>
      </p>
      {headers.length > 0 && (
        <p className="break-all border-b border-slate-200 px-4 py-2 font-mono text-xs text-slate-600 dark:border-slate-700 dark:text-slate-300">
          {headers.map(([name, value]) => (
            <span key={name} className="block">
              {name}: {value}
            </span>
          ))}
        </p>
      )}
      {body && (
        <pre
          tabIndex={0}
          aria-label="The answer"
          className="max-h-96 overflow-auto bg-slate-50 p-4 text-xs dark:bg-slate-950"
        >
          {body}
        </pre>
      )}
    </div>
  );
}
