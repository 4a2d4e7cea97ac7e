import { ChevronDown } from "lucide-react";
import type { AuditEvent } from "../../db/audit.ts";
import type { Formats } from "../charts/formats.ts";
import { actionWords, actorWords, differences } from "./words.ts";

/** An entry as the page gets it: its time in epoch milliseconds. */
export type ListedEvent = Omit<AuditEvent, "at"> & { at: number };

/** A line for each entry; opened, it shows what changed and from where. */
export function EventList({ events, formats }: { events: readonly ListedEvent[]; formats: Formats }) {
  return (
    <ol className="divide-y divide-slate-100 dark:divide-slate-800" data-testid="events">
      {events.map((event) => (
        <li key={event.id}>
          <details className="group">
            <summary className="flex min-h-11 cursor-pointer list-none flex-wrap items-center gap-x-4 gap-y-0.5 py-2.5 text-sm [&::-webkit-details-marker]:hidden">
              <span className="w-full text-xs tabular-nums text-slate-600 sm:w-44 sm:text-sm dark:text-slate-300">
                {formats.dateTime(event.at)}
              </span>
              <span className="min-w-0 flex-1">
                <span className="font-medium">{actionWords(event.action)}</span>
                {event.objectName && <span className="break-words">: {event.objectName}</span>}
                <span className="block break-words text-slate-600 dark:text-slate-300">{actorWords(event)}</span>
              </span>
              <ChevronDown className="h-4 w-4 shrink-0 text-slate-500 group-open:rotate-180" aria-hidden />
            </summary>
            <div className="space-y-4 pb-4 sm:pl-48">
              <Difference before={event.before} after={event.after} />
              <Origin event={event} />
            </div>
          </details>
        </li>
      ))}
    </ol>
  );
}

function Difference({ before, after }: Pick<ListedEvent, "before" | "after">) {
  const rows = differences(before, after);
  if (!rows.length) return null;
  const cell = "whitespace-pre-wrap py-1.5 pr-4 align-top [overflow-wrap:anywhere]";
  return (
    <table className="w-full table-fixed text-sm">
      <thead className="text-left text-xs text-slate-600 dark:text-slate-300">
        <tr>
          <th scope="col" className="w-1/3 pb-1 pr-4 font-medium">
            What
          </th>
          {before && (
            <th scope="col" className="pb-1 pr-4 font-medium">
              Before
            </th>
          )}
          {after && (
            <th scope="col" className="pb-1 font-medium">
              {before ? "After" : "Value"}
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ column, before: was, after: is }) => (
          <tr key={column}>
            <th scope="row" className={`${cell} text-left font-normal text-slate-600 dark:text-slate-300`}>
              {column}
            </th>
            {before && <td className={`${cell} text-rose-800 dark:text-rose-300`}>{was}</td>}
            {after && <td className={`${cell} text-emerald-800 dark:text-emerald-300`}>{is}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Origin({ event }: { event: ListedEvent }) {
  const facts = [
    ["Address", event.address],
    ["Program", event.agent],
    ["Session", event.session],
    ["Request", event.request],
    ["Id", event.objectId],
  ].filter(([, value]) => value);
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-xs text-slate-600 dark:text-slate-300">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt>{name}</dt>
          <dd className="[overflow-wrap:anywhere]">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
