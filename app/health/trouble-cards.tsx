import { CircleCheck } from "lucide-react";
import type { ReactNode } from "react";
import type { DeviceHealth } from "../../db/device-health.ts";
import type { Formats } from "../charts/formats.ts";
import { Badge, Card, CardTitle } from "../components/frame.tsx";
import { rejectWords } from "../device-setup/reject-words.ts";

/** What was refused of the last days, by reason. */
export function RejectsCard({ rejects, formats }: { rejects: DeviceHealth["rejects"]; formats: Formats }) {
  return (
    <Card>
      <CardTitle>Refused</CardTitle>
      {!rejects.length && <Fine>Nothing was refused.</Fine>}
      <ul className="divide-y divide-slate-100 dark:divide-slate-800">
        {rejects.map(({ reason, count, lastMs, detail }) => {
          const { title, help } = rejectWords(reason);
          return (
            <li key={reason} className="py-3 first:pt-0 last:pb-0">
              <p className="flex flex-wrap items-center gap-2">
                <span className="font-medium">{title}</span>
                <Badge look="warn">{count === 1 ? "once" : `${formats.number(count, 0)} times`}</Badge>
                <span className="text-sm text-slate-600 dark:text-slate-300">last {formats.dateTime(lastMs)}</span>
              </p>
              <p className="mt-1 break-words">{detail}</p>
              {help && <p className="mt-1 text-sm text-slate-600 dark:text-slate-300">{help}</p>}
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

/** Messages that are kept until they can be understood. */
export function WaitingCard({ waiting, formats }: { waiting: DeviceHealth["waiting"]; formats: Formats }) {
  return (
    <Card>
      <CardTitle>Waiting</CardTitle>
      {!waiting.length && <Fine>No message waits.</Fine>}
      <ul className="divide-y divide-slate-100 dark:divide-slate-800">
        {waiting.map(({ awaits, count, sinceMs }) => (
          <li key={awaits} className="py-3 first:pt-0 last:pb-0">
            <p>
              {count === 1 ? "1 message waits" : `${formats.number(count, 0)} messages wait`} for{" "}
              <span className="break-words font-medium">{awaits}</span>
            </p>
            <p className="text-sm text-slate-600 dark:text-slate-300">
              since {formats.dateTime(sinceMs)}; kept, and read when it comes
            </p>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Fine({ children }: { children: ReactNode }) {
  return (
    <p className="flex items-center gap-2 text-slate-600 dark:text-slate-300">
      <CircleCheck className="h-5 w-5 text-emerald-600 dark:text-emerald-400" aria-hidden />
      {children}
    </p>
  );
}
