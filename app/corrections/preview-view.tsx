import type { Formats } from "../charts/formats.ts";
import type { Change, Preview } from "./preview.server.ts";
import { frozenDate } from "./frozen-note.tsx";
import { eventNames } from "./words.ts";

const mostDays = 8;

/** What a change would change: the days with their figures before and after, and what becomes of the register's events. */
export function PreviewView({ preview, formats }: { preview: Preview; formats: Formats }) {
  const { days, total, buckets, events, unit, figure, isCut, frozenBeforeMs } = preview;
  const value = (n: number | null) =>
    n === null ? "not known" : formats.value(Number(n.toPrecision(9)), figure === "energy" ? energyUnit(unit) : unit);
  const became = eventChanges(preview, formats);
  return (
    <div
      role="status"
      className="rounded-xl border border-slate-200 bg-slate-50 p-4 text-sm dark:border-slate-700 dark:bg-slate-800/60"
    >
      {days.length === 0 && buckets === 0 ? (
        <p>
          No figure changes{events.before.length !== events.after.length ? ", but what is marked as an event does" : ""}
          .
        </p>
      ) : (
        <>
          <p className="font-medium">
            {days.length === 0
              ? "No day’s figure changes, but how it lies within the day."
              : days.length === 1
                ? `${formats.longDay(days[0]!.startMs)} changes from ${value(days[0]!.before)} to ${value(days[0]!.after)}.`
                : `${days.length} days change: from ${value(total.before)} to ${value(total.after)} in all${isCut ? " of what is shown" : ""}.`}
          </p>
          {days.length > 1 && <Days days={days.slice(0, mostDays)} formats={formats} value={value} />}
          {days.length > mostDays && <p className="mt-1">And {days.length - mostDays} days more.</p>}
          <p className="mt-2 text-slate-600 dark:text-slate-300">
            {buckets === 1 ? "1 quarter-hour is" : `${formats.number(buckets)} quarter-hours are`} computed anew, with
            the bills that hold them. Everything else stays.
          </p>
        </>
      )}
      {became.map((text) => (
        <p key={text} className="mt-1 text-slate-600 dark:text-slate-300">
          {text}
        </p>
      ))}
      {frozenBeforeMs !== null && (
        <p className="mt-1 font-medium" data-testid="frozen-stays">
          What lies before {frozenDate(frozenBeforeMs, formats)} is frozen and stays as it was computed: only what comes
          after changes.
        </p>
      )}
      {isCut && (
        <p className="mt-1 text-slate-600 dark:text-slate-300">
          Computed from {formats.day(preview.fromMs)} to {formats.day(preview.toMs - 1)}; what lies before{" "}
          {frozenBeforeMs === null ? "changes likewise" : "up to what is frozen changes likewise"}.
        </p>
      )}
    </div>
  );
}

/** The energy of a power is in kWh. */
const energyUnit = (unit: string | null) => (unit === "W" ? "kWh" : unit);

interface DaysProps {
  days: Change[];
  formats: Formats;
  value: (n: number | null) => string;
}

function Days({ days, formats, value }: DaysProps) {
  return (
    <table className="mt-2 w-full tabular-nums">
      <thead>
        <tr className="text-left text-xs text-slate-600 dark:text-slate-300">
          <th className="py-1 font-medium">Day</th>
          <th className="py-1 text-right font-medium">Now</th>
          <th className="py-1 text-right font-medium">Then</th>
        </tr>
      </thead>
      <tbody>
        {days.map((day) => (
          <tr key={day.startMs} className="border-t border-slate-200 dark:border-slate-700">
            <td className="py-1">{formats.day(day.startMs)}</td>
            <td className="py-1 text-right">{value(day.before)}</td>
            <td className="py-1 text-right">{value(day.after)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function eventChanges({ events: { before, after } }: Preview, formats: Formats): string[] {
  const at = new Map(before.map((event) => [event.timeMs, event.type]));
  const then = new Map(after.map((event) => [event.timeMs, event.type]));
  const times = [...new Set([...at.keys(), ...then.keys()])].sort((a, b) => a - b);
  return times.flatMap((ms) => {
    const [was, is] = [at.get(ms), then.get(ms)];
    if (was === is) return [];
    const name = (type: typeof was) => (type ? `“${eventNames[type]}”` : "no event");
    return [`${formats.shortDateTime(ms)}: ${name(was)} becomes ${name(is)}.`];
  });
}
