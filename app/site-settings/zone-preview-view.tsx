import type { Formats } from "../charts/formats.ts";
import { frozenDate } from "../corrections/frozen-note.tsx";
import type { ChangedSiteDay, ZonePreview } from "./preview-zone.server.ts";

const mostDays = 10;

interface ViewProps {
  preview: ZonePreview;
  currency: string;
  formats: Formats;
}

/** What a new time zone changes, before it is saved. */
export function ZonePreviewView({ preview, currency, formats }: ViewProps) {
  const { days, siteDays, isCut, frozenBeforeMs } = preview;
  const changed = preview.channels.filter(({ changedDays }) => changedDays > 0);
  return (
    <div
      role="status"
      className="rounded-xl border border-slate-200 bg-slate-50 p-4 text-sm dark:border-slate-700 dark:bg-slate-800/60"
    >
      <p className="font-medium">
        {changed.length === 0
          ? `No day of the last ${days} changes.`
          : "Days begin at another midnight, so what they hold changes."}
      </p>
      {siteDays.length > 0 && <SiteDays days={siteDays.slice(0, mostDays)} {...{ currency, formats }} />}
      {siteDays.length > mostDays && (
        <p className="mt-1">And {siteDays.length - mostDays} days more, which change less.</p>
      )}
      <ul className="mt-2 space-y-1">
        {changed.map(({ id, title, unit, changedDays, largest }) => (
          <li key={id}>
            {title}: {changedDays} of {days} days
            {largest &&
              `; most on ${largest.date}, from ${formats.value(round(largest.before), unit)} to ${formats.value(round(largest.after), unit)}`}
            .
          </li>
        ))}
      </ul>
      <p className="mt-2 text-slate-600 dark:text-slate-300">
        Computed from the last {days} days{isCut && " of the first channels that count"}; older days and months, and
        their bills, change likewise. Totals over all days stay. Gaps of counters are laid anew
        {frozenBeforeMs !== null && ", but not those of frozen time"}.
      </p>
      {frozenBeforeMs !== null && (
        <p className="mt-1 font-medium" data-testid="frozen-stays">
          Quarter-hours before {frozenDate(frozenBeforeMs, formats)} are frozen, of some channels or of all, and stay as
          they were computed: they are cut into the new days, but gaps in them stay laid by the hours of the old zone.
        </p>
      )}
    </div>
  );
}

function SiteDays({ days, currency, formats }: { days: ChangedSiteDay[]; currency: string; formats: Formats }) {
  const cost = (amount: string | null) =>
    amount !== null && <span className="block">{formats.money(amount, currency)}</span>;
  return (
    <table className="mt-2 w-full tabular-nums" data-testid="zone-days">
      <caption className="pb-1 text-left font-medium">Days that change the most</caption>
      <thead>
        <tr className="text-left text-xs text-slate-600 dark:text-slate-300">
          <th className="py-1 font-medium">Day</th>
          <th className="py-1 text-right font-medium">Now</th>
          <th className="py-1 text-right font-medium">Then</th>
        </tr>
      </thead>
      <tbody>
        {days.map(({ date, beforeKwh, afterKwh, beforeCost, afterCost }) => (
          <tr key={date} className="border-t border-slate-200 dark:border-slate-700">
            <td className="whitespace-nowrap py-1 align-top">{date}</td>
            <td className="py-1 text-right">
              {formats.energy(beforeKwh)}
              {cost(beforeCost)}
            </td>
            <td className="py-1 text-right">
              {formats.energy(afterKwh)}
              {cost(afterCost)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const round = (value: number) => Number(value.toPrecision(6));
