import { useFetcher } from "@remix-run/react";
import { CircleCheck } from "lucide-react";
import type { DeviceReject } from "../../db/device-messages.ts";
import { Button } from "../components/form.tsx";
import { Badge } from "../components/frame.tsx";
import { rejectWords } from "./reject-words.ts";

interface RejectsProps {
  rejects: DeviceReject[];
  dateTime: (ms: number) => string;
  kind: "device" | "gateway";
  /** Where `another-device` can be mended by one click; absent: one may not. */
  settingsPath?: string | undefined;
}

/** What was refused in the last 30 days, by reason. */
export function Rejects({ rejects, dateTime, kind, settingsPath }: RejectsProps) {
  if (!rejects.length) {
    return (
      <p className="flex items-center gap-2 text-slate-600 dark:text-slate-300">
        <CircleCheck className="h-5 w-5 text-emerald-600 dark:text-emerald-400" aria-hidden />
        Nothing was refused in the last 30 days.
      </p>
    );
  }
  return (
    <ul className="divide-y divide-slate-100 dark:divide-slate-800" data-testid="rejects">
      {rejects.map((reject) => (
        <li key={reject.reason} className="py-4 first:pt-0 last:pb-0">
          <Reject reject={reject} dateTime={dateTime} />
          {reject.reason === "another-device" && <MakeGateway kind={kind} settingsPath={settingsPath} />}
        </li>
      ))}
    </ul>
  );
}

function MakeGateway({ kind, settingsPath }: Pick<RejectsProps, "kind" | "settingsPath">) {
  const fetcher = useFetcher();
  if (kind === "gateway") return <p className="mt-2 text-sm font-medium">It is a gateway now: this is over.</p>;
  if (!settingsPath) return null;
  return (
    <fetcher.Form method="post" action={settingsPath} className="mt-3">
      <input type="hidden" name="intent" value="gateway" />
      <Button look="secondary" disabled={fetcher.state !== "idle"}>
        Make it a gateway
      </Button>
    </fetcher.Form>
  );
}

function Reject({ reject, dateTime }: { reject: DeviceReject; dateTime: (ms: number) => string }) {
  const { reason, count, lastMs, detail, address, sample, transport } = reject;
  const { title, help } = rejectWords(reason);
  return (
    <>
      <p className="flex flex-wrap items-center gap-2">
        <span className="font-medium">{title}</span>
        <Badge look="warn">{count === 1 ? "once" : `${count.toLocaleString("en")} times`}</Badge>
        <span className="text-sm text-slate-600 dark:text-slate-300">last {dateTime(lastMs)}</span>
      </p>
      <p className="mt-1 break-words">{detail}</p>
      {help && <p className="mt-1 text-sm text-slate-600 dark:text-slate-300">{help}</p>}
      <details className="mt-2">
        <summary className="inline-flex min-h-11 cursor-pointer items-center text-sm font-medium text-emerald-700 dark:text-emerald-400">
          Show the message
        </summary>
        <p className="break-all font-mono text-xs text-slate-600 dark:text-slate-300">
          {transport.toUpperCase()} {address.slice(0, 200)}
        </p>
        <pre
          tabIndex={0}
          aria-label="Refused message"
          className="mt-2 max-h-40 overflow-auto whitespace-pre-wrap break-all rounded-xl bg-slate-100 p-3 font-mono text-xs dark:bg-slate-950"
        >
          {sample || "(empty)"}
        </pre>
      </details>
    </>
  );
}
