import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "@tremor/react";
import { CircleCheck, CircleX } from "lucide-react";
import type { DeviceMessage } from "../../db/device-messages.ts";
import { rejectWords } from "./reject-words.ts";

/** A message as it came, what was understood of it, and what was not. */
export function MessageView({ message, time }: { message: DeviceMessage; time: (ms: number) => string }) {
  const { address, transport, payload, readings, refusals, format, receivedMs } = message;
  return (
    <div className="space-y-4" data-testid="message">
      <div>
        <p className="mb-1.5 flex flex-wrap gap-x-2 text-sm text-slate-600 dark:text-slate-300">
          <span>{time(receivedMs)}</span>
          <span>{transport === "mqtt" ? "MQTT" : "HTTP"}</span>
          <code className="break-all font-mono text-slate-900 dark:text-slate-100">{address}</code>
          {format && <span>read as {format}</span>}
        </p>
        <pre
          tabIndex={0}
          aria-label="Payload"
          className="max-h-56 overflow-auto whitespace-pre-wrap break-all rounded-xl bg-slate-100 p-3 font-mono text-xs dark:bg-slate-950"
        >
          {readable(payload)}
        </pre>
      </div>
      {readings.length > 0 && <Readings readings={readings} />}
      <Refusals refusals={refusals} />
      {!readings.length && !refusals.length && (
        <p className="text-sm text-slate-600 dark:text-slate-300">It was understood, and carries no readings.</p>
      )}
    </div>
  );
}

/** JSON with its levels shown; anything else as it came. */
function readable(payload: string): string {
  if (!payload) return "(empty)";
  try {
    const value: unknown = JSON.parse(payload);
    return typeof value === "object" ? JSON.stringify(value, null, 2) : payload;
  } catch {
    return payload;
  }
}

function Readings({ readings }: { readings: DeviceMessage["readings"] }) {
  const isNamed = new Set(readings.map((reading) => reading.device)).size > 1;
  const head = "py-2 pr-4 font-medium";
  return (
    <div className="overflow-x-auto">
      <Table>
        <caption className="sr-only">What was understood</caption>
        <TableHead>
          <TableRow>
            {isNamed && <TableHeaderCell className={head}>Device</TableHeaderCell>}
            <TableHeaderCell className={head}>Understood</TableHeaderCell>
            <TableHeaderCell className={`${head} text-right`}>Value</TableHeaderCell>
            <TableHeaderCell className={head}>Unit</TableHeaderCell>
            <TableHeaderCell className="hidden py-2 font-medium sm:table-cell">Kind</TableHeaderCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {readings.map((reading, i) => (
            <TableRow key={i}>
              {isNamed && <TableCell className="py-2 pr-4">{reading.device}</TableCell>}
              <TableCell className="whitespace-nowrap py-2 pr-4">
                <CircleCheck
                  className="-mt-0.5 mr-2 inline h-4 w-4 text-emerald-600 dark:text-emerald-400"
                  aria-hidden
                />
                {reading.metric}
              </TableCell>
              <TableCell className="py-2 pr-4 text-right font-medium tabular-nums">{String(reading.value)}</TableCell>
              <TableCell className="py-2 pr-4">{reading.unit ?? ""}</TableCell>
              <TableCell className="hidden py-2 text-slate-600 sm:table-cell dark:text-slate-300">
                {reading.kind}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </div>
  );
}

function Refusals({ refusals }: { refusals: DeviceMessage["refusals"] }) {
  if (!refusals.length) return null;
  return (
    <ul className="space-y-2">
      {refusals.map(({ reason, detail }, i) => (
        <li key={i} className="flex gap-2 text-sm">
          <CircleX className="mt-0.5 h-4 w-4 shrink-0 text-rose-600 dark:text-rose-400" aria-hidden />
          <span className="min-w-0 break-words">
            <span className="font-medium">{rejectWords(reason).title}:</span> {detail}
          </span>
        </li>
      ))}
    </ul>
  );
}
