import { Form, Link, useLocation, useSearchParams } from "@remix-run/react";
import { ChevronLeft, ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import type { Formats } from "../charts/formats.ts";
import { Segments } from "../overview/period-controls.tsx";
import type { Period, Range } from "./period.ts";

type Shown = Pick<Period, "range" | "startMs" | "endMs" | "first" | "last" | "previous" | "next">;

/** What a period is called: "Wednesday 25 November", "23 – 29 Nov", "November 2026", "2026". */
export function periodName({ range, startMs, endMs }: Shown, formats: Formats): string {
  if (range === "day") return formats.longDay(startMs);
  if (range === "month") return formats.longMonth(startMs);
  if (range === "year") return formats.year(startMs);
  return `${formats.day(startMs)} – ${formats.day(endMs - 1)} ${formats.year(endMs - 1)}`;
}

/** An address with another period; what else it asks for stays. */
export function usePeriodQuery(): (query: string) => string {
  const [params] = useSearchParams();
  return (query) => {
    const next = new URLSearchParams(params);
    for (const name of ["range", "at", "to"]) next.delete(name);
    for (const [name, value] of new URLSearchParams(query)) next.set(name, value);
    return `?${next.toString()}`;
  };
}

const names: Record<Range, string> = { day: "Day", week: "Week", month: "Month", year: "Year", custom: "Other" };

const stepLink =
  "inline-flex h-11 w-11 items-center justify-center rounded-lg text-slate-600 hover:bg-slate-100 dark:text-slate-300 dark:hover:bg-slate-800";

/** A day, week, month, year or days of one's own; one back, one forward. */
export function PeriodPicker({ period, formats, aside }: { period: Shown; formats: Formats; aside?: ReactNode }) {
  const to = usePeriodQuery();
  const { range, first, last, previous, next } = period;
  const name = range === "custom" ? "period" : range;
  const options = (Object.keys(names) as Range[]).map((one) => ({
    name: names[one],
    to: to(one === "custom" ? `range=custom&at=${first}&to=${last}` : `range=${one}&at=${last}`),
    isCurrent: one === range,
  }));
  return (
    <div className="mb-4 space-y-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <Segments label="Period" options={options} />
        {aside}
      </div>
      <div className="flex items-center gap-1">
        <Link to={to(previous)} preventScrollReset aria-label={`The ${name} before`} className={stepLink}>
          <ChevronLeft className="h-5 w-5" aria-hidden />
        </Link>
        {next === null ? (
          <span className={`${stepLink} pointer-events-none opacity-30`}>
            <ChevronRight className="h-5 w-5" aria-hidden />
          </span>
        ) : (
          <Link to={to(next)} preventScrollReset aria-label={`The ${name} after`} className={stepLink}>
            <ChevronRight className="h-5 w-5" aria-hidden />
          </Link>
        )}
        <h2 className="ml-1 text-lg font-semibold" data-testid="period">
          {periodName(period, formats)}
        </h2>
      </div>
      {range === "custom" && <CustomDays first={first} last={last} />}
    </div>
  );
}

const dateField =
  "min-h-11 rounded-lg border-slate-300 bg-white text-slate-900 shadow-sm focus:border-emerald-500 focus:ring-emerald-500 dark:border-slate-700 dark:bg-slate-900 dark:text-slate-100 dark:[color-scheme:dark]";

function CustomDays({ first, last }: { first: string; last: string }) {
  const [params] = useSearchParams();
  const { pathname } = useLocation();
  const kept = [...params].filter(([name]) => !["range", "at", "to"].includes(name));
  return (
    <Form method="get" action={pathname} className="flex flex-wrap items-end gap-3" key={`${first} ${last}`}>
      {kept.map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <input type="hidden" name="range" value="custom" />
      <label className="text-sm font-medium">
        <span className="mb-1 block">From</span>
        <input type="date" name="at" required defaultValue={first} className={dateField} />
      </label>
      <label className="text-sm font-medium">
        <span className="mb-1 block">To, included</span>
        <input type="date" name="to" required defaultValue={last} className={dateField} />
      </label>
      <button className="min-h-11 rounded-lg border border-slate-300 px-4 text-sm font-medium hover:bg-slate-50 dark:border-slate-700 dark:hover:bg-slate-800">
        Show
      </button>
    </Form>
  );
}
