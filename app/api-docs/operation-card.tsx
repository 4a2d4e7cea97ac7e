import type { OperationOutline } from "../api/outline.server.ts";
import { Badge, Card } from "../components/frame.tsx";
import { Fields, Prose } from "./fields.tsx";
import { TryCall } from "./try-call.tsx";

const places: Record<string, (name: string) => string> = {
  path: (name) => `{${name}}`,
  query: (name) => `?${name}`,
};
const looks = { GET: "good", POST: "plain", PATCH: "warn", DELETE: "bad" } as const;

/** One call: what it takes, what it answers, and a form to try it. `apiKey`: what was typed on top of the page. */
export function OperationCard({ operation, apiKey }: { operation: OperationOutline; apiKey: string }) {
  const { id, method, path, summary, description, needs, parameters, body, answers } = operation;
  return (
    <Card className="mt-4">
      <h3 id={id} className="flex flex-wrap items-center gap-2 break-all font-mono text-sm">
        <Badge look={looks[method as keyof typeof looks] ?? "plain"}>{method}</Badge> {path}
        <span className="ml-auto text-xs text-slate-500 dark:text-slate-400">{id}</span>
      </h3>
      <p className="mt-2 font-medium">{summary}</p>
      {description && (
        <p className="mt-1 text-sm text-slate-600 dark:text-slate-300">
          <Prose>{description}</Prose>
        </p>
      )}
      <p className="mt-1 text-sm text-slate-600 dark:text-slate-300">Needs: {needs}.</p>
      <Fields
        caption="Parameters"
        of={summary}
        fields={parameters.map((p) => ({ ...p, name: places[p.in]?.(p.name) ?? p.name }))}
      />
      <Fields caption="Body" of={summary} fields={body} />
      <Answers answers={answers} />
      <TryCall operation={operation} apiKey={apiKey} />
    </Card>
  );
}

export function Answers({ answers }: Pick<OperationOutline, "answers">) {
  return (
    <ul className="mt-4 space-y-1 text-sm text-slate-600 dark:text-slate-300">
      {answers.map(({ status, description: about, schema }) => (
        <li key={status}>
          <code className="font-semibold text-slate-900 dark:text-slate-100">{status}</code> <Prose>{about}</Prose>
          {schema && schema !== "Problem" && <code className="ml-2">{schema}</code>}
        </li>
      ))}
    </ul>
  );
}
