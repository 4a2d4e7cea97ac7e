import type { Formats } from "../charts/formats.ts";
import type { ZonePreview } from "./preview-zone.server.ts";

/** What a new time zone changes, before it is saved. */
export function ZonePreviewView({ preview, formats }: { preview: ZonePreview; formats: Formats }) {
  const changed = preview.channels.filter(({ changedDays }) => changedDays > 0);
  return (
    <div
      role="status"
      className="rounded-xl border border-slate-200 bg-slate-50 p-4 text-sm dark:border-slate-700 dark:bg-slate-800/60"
    >
      <p className="font-medium">
        {changed.length === 0
          ? `No day of the last ${preview.days} changes.`
          : "Days begin at another midnight, so what they hold changes."}
      </p>
      <ul className="mt-2 space-y-1">
        {changed.map(({ id, title, unit, changedDays, largest }) => (
          <li key={id}>
            {title}: {changedDays} of {preview.days} days
            {largest &&
              `; most on ${largest.date}, from ${formats.value(round(largest.before), unit)} to ${formats.value(round(largest.after), unit)}`}
            .
          </li>
        ))}
      </ul>
      <p className="mt-2 text-slate-600 dark:text-slate-300">
        Computed from the last {preview.days} days{preview.isCut && " of the first channels that count"}; older days and
        months, and their bills, change likewise. Totals over all days stay. Gaps of counters are laid anew.
      </p>
    </div>
  );
}

const round = (value: number) => Number(value.toPrecision(6));
