import { zoned } from "../../domain/local-time/zone.ts";
import {
  addLocalDays,
  addLocalMonths,
  localDate,
  localSteps,
  startOfLocalDay,
  startOfLocalMonth,
  startOfLocalYear,
  type Step,
  type StepName,
} from "../../domain/local-time/steps.ts";

/**
 * The period that a page shows, as its address names it: `?range=week&at=2026-11-23`, a day, week, month or year by any date in
 * it; or `?range=custom&at=2026-11-02&to=2026-11-20`, both days included. Weeks start on Monday.
 */
export const ranges = ["day", "week", "month", "year", "custom"] as const;
export type Range = (typeof ranges)[number];

export interface Period extends Step {
  range: Range;
  /** Its first and its last local day: "2026-11-23". */
  first: string;
  last: string;
  /** Queries of the periods beside it; null: it is not there yet. */
  previous: string;
  next: string | null;
  /** How its charts are cut. */
  step: StepName;
  /** It goes on. */
  isRunning: boolean;
}

export const longestCustomDays = 3_660;
const firstYear = 1970;
const hourMs = 3_600_000;

/** What cannot be read, or lies ahead of now, is the running period of its range; of no range, `usual`. */
export function readPeriod(query: URLSearchParams, timezone: string, nowMs: number, usual: Range = "day"): Period {
  const range = ranges.find((name) => name === query.get("range")) ?? usual;
  const at = noonOf(query.get("at"), timezone);
  const isThere = at !== null && startOfLocalDay(timezone, at) <= nowMs;
  const instant = isThere ? at : nowMs;
  if (range !== "custom") return periodAt(range, instant, timezone, nowMs);
  const to = noonOf(query.get("to"), timezone);
  if (!isThere || to === null || to < at || to - at > longestCustomDays * 24 * hourMs)
    return customPeriod(addLocalDays(timezone, nowMs, -6), nowMs, timezone, nowMs);
  return customPeriod(at, to, timezone, nowMs);
}

/** An instant in a local day; null: there is no such day. */
function noonOf(text: string | null, timezone: string): number | null {
  const [, year] = /^(\d{4})-\d\d-\d\d$/.exec(text ?? "") ?? [];
  if (year === undefined || Number(year) < firstYear) return null;
  const noonMs = Date.parse(`${text}T12:00:00Z`);
  // Noon in UTC is another day where clocks are 12 hours or more away.
  const near = [noonMs, noonMs - 12 * hourMs, noonMs + 11 * hourMs];
  return near.find((ms) => Number.isFinite(ms) && localDate(timezone, ms) === text) ?? null;
}

type Calendar = Exclude<Range, "custom">;

function startOf(range: Calendar, ms: number, timezone: string): number {
  if (range === "day") return startOfLocalDay(timezone, ms);
  if (range === "week") return addLocalDays(timezone, ms, 1 - zoned(timezone, ms).dayOfWeek);
  return range === "month" ? startOfLocalMonth(timezone, ms) : startOfLocalYear(timezone, ms);
}

/** The start of the period that is `by` periods on from one that starts at `startMs`. */
function shifted(range: Calendar, startMs: number, by: number, timezone: string): number {
  if (range === "day") return addLocalDays(timezone, startMs, by);
  if (range === "week") return addLocalDays(timezone, startMs, 7 * by);
  return addLocalMonths(timezone, startMs, range === "month" ? by : 12 * by);
}

const stepsOfRange = { day: "hour", week: "day", month: "day", year: "month" } as const;

function periodAt(range: Calendar, ms: number, timezone: string, nowMs: number): Period {
  const startMs = startOf(range, ms, timezone);
  const endMs = shifted(range, startMs, 1, timezone);
  const query = (at: number) => `range=${range}&at=${localDate(timezone, at)}`;
  return {
    ...{ range, startMs, endMs, step: stepsOfRange[range], isRunning: endMs > nowMs },
    ...{ first: localDate(timezone, startMs), last: localDate(timezone, endMs - hourMs) },
    previous: query(shifted(range, startMs, -1, timezone)),
    next: endMs <= nowMs ? query(endMs) : null,
  };
}

function customPeriod(fromMs: number, toMs: number, timezone: string, nowMs: number): Period {
  const startMs = startOfLocalDay(timezone, fromMs);
  const endMs = addLocalDays(timezone, toMs, 1);
  const days = Math.round((endMs - startMs) / (24 * hourMs));
  const query = (at: number, to: number) => `range=custom&at=${localDate(timezone, at)}&to=${localDate(timezone, to)}`;
  const step = days <= 2 ? "hour" : days <= 92 ? "day" : days <= 1_100 ? "month" : "year";
  return {
    ...{ range: "custom", startMs, endMs, step, isRunning: endMs > nowMs },
    ...{ first: localDate(timezone, startMs), last: localDate(timezone, toMs) },
    previous: query(addLocalDays(timezone, startMs, -days), addLocalDays(timezone, startMs, -1)),
    next: endMs <= nowMs ? query(endMs, addLocalDays(timezone, toMs, days)) : null,
  };
}

/** The steps of a period so far: what has not been yet is neither zero nor incomplete. */
export function stepsSoFar({ startMs, endMs, step }: Period, timezone: string, nowMs: number): Step[] {
  return localSteps(timezone, step, startMs, Math.min(endMs, nowMs));
}

/** With what a period is compared: the one before, or the same one a year before (of a week, 52 weeks). */
export type Comparison = "previous" | "year";

/** As much of it as there is of the period itself: of a month that is ten days old, the first ten days. */
export function comparedWith(period: Period, comparison: Comparison, timezone: string, nowMs: number): Step {
  const startMs = comparedStart(period, comparison, timezone);
  const endMs =
    comparison === "previous"
      ? period.startMs
      : comparedStart({ ...period, startMs: period.endMs }, comparison, timezone);
  if (!period.isRunning) return { startMs, endMs };
  return { startMs, endMs: Math.min(endMs, startMs + Math.max(0, nowMs - period.startMs)) };
}

function comparedStart({ range, startMs, endMs }: Period, comparison: Comparison, timezone: string): number {
  if (comparison === "year")
    return range === "week" ? addLocalDays(timezone, startMs, -364) : aYearBefore(timezone, startMs);
  if (range !== "custom") return shifted(range, startMs, -1, timezone);
  return addLocalDays(timezone, startMs, -Math.round((endMs - startMs) / (24 * hourMs)));
}

/** The same local date a year before; of 29 February the 28th. */
const aYearBefore = (timezone: string, ms: number): number =>
  zoned(timezone, ms).toPlainDate().subtract({ years: 1 }).toZonedDateTime(timezone).epochMilliseconds;

/** The query that names a period, for other pages and downloads. */
export const periodQuery = ({ range, first, last }: Pick<Period, "range" | "first" | "last">): string =>
  range === "custom" ? `range=custom&at=${first}&to=${last}` : `range=${range}&at=${first}`;
