import type { Temporal } from "temporal-polyfill";
import { zoned } from "./zone.ts";

/**
 * Local hours, days, months and years as stretches of time. A day has 23, 24 or 25 hours (in Lord Howe 23.5 or 24.5); a local
 * hour is 60 minutes of elapsed time that begins where the wall clock shows a full hour, except where the clock jumps.
 */
export const stepNames = ["15m", "hour", "day", "month", "year"] as const;
export type StepName = (typeof stepNames)[number];

/** [startMs, endMs), epoch milliseconds. */
export interface Step {
  startMs: number;
  endMs: number;
}

/** The steps of [fromMs, toMs) in a zone; those at the edges are cut there, not widened. */
export function localSteps(timezone: string, step: StepName, fromMs: number, toMs: number): Step[] {
  const steps: Step[] = [];
  for (let startMs = fromMs; startMs < toMs;) {
    const endMs = Math.min(toMs, knownEdge(timezone, step, startMs));
    steps.push({ startMs, endMs });
    startMs = endMs;
  }
  return steps;
}

const quarterMs = 900_000;

/** Calendars take a tenth of a millisecond for an edge, and everybody asks for the same ones. */
const edges = new Map<string, Map<number, number>>();
const mostEdges = 200_000;
let edgesKnown = 0;

function knownEdge(timezone: string, step: StepName, ms: number): number {
  if (step === "15m") return nextEdge(timezone, step, ms);
  if (edgesKnown >= mostEdges) {
    edges.clear();
    edgesKnown = 0;
  }
  const key = `${step} ${timezone}`;
  const known = edges.get(key) ?? new Map<number, number>();
  edges.set(key, known);
  const found = known.get(ms) ?? nextEdge(timezone, step, ms);
  if (!known.has(ms)) edgesKnown++;
  known.set(ms, found);
  return found;
}

/** The first edge after an instant. */
function nextEdge(timezone: string, step: StepName, ms: number): number {
  switch (step) {
    case "15m":
      return Math.floor(ms / quarterMs) * quarterMs + quarterMs;
    case "hour":
      return nextHour(timezone, ms);
    case "day":
      return nextDay(timezone, ms);
    case "month":
      return startOf(zoned(timezone, ms).toPlainDate().with({ day: 1 }).add({ months: 1 }), timezone);
    case "year":
      return startOf(zoned(timezone, ms).toPlainDate().with({ month: 1, day: 1 }).add({ years: 1 }), timezone);
  }
}

// Where clocks went back over midnight (St. John's, until 2011) a late evening came again after the next day had begun.
function nextDay(timezone: string, ms: number): number {
  const edge = addLocalDays(timezone, ms, 1);
  return edge > ms ? edge : addLocalDays(timezone, ms, 2);
}

// Quarter by quarter, because a clock that jumps by half an hour (Lord Howe) has no arithmetic of its own.
function nextHour(timezone: string, ms: number): number {
  let edge = Math.floor(ms / quarterMs) * quarterMs + quarterMs;
  for (let i = 0; i < 8 && zoned(timezone, edge).minute !== 0; i++) edge += quarterMs;
  return edge;
}

const startOf = (date: Temporal.PlainDate, timezone: string): number =>
  date.toZonedDateTime(timezone).epochMilliseconds;

/** The first instant of the local day that holds an instant; where midnight does not exist, the first instant after it. */
export function startOfLocalDay(timezone: string, ms: number): number {
  return zoned(timezone, ms).startOfDay().epochMilliseconds;
}

/** The start of the local day that is `days` after (or before) the one that holds the instant. */
export function addLocalDays(timezone: string, ms: number, days: number): number {
  return startOf(zoned(timezone, ms).toPlainDate().add({ days }), timezone);
}

export function startOfLocalMonth(timezone: string, ms: number): number {
  return startOf(zoned(timezone, ms).toPlainDate().with({ day: 1 }), timezone);
}

export function startOfLocalYear(timezone: string, ms: number): number {
  return startOf(zoned(timezone, ms).toPlainDate().with({ month: 1, day: 1 }), timezone);
}

export function addLocalMonths(timezone: string, ms: number, months: number): number {
  return startOf(zoned(timezone, ms).toPlainDate().with({ day: 1 }).add({ months }), timezone);
}

/** The same wall clock on the day before; a time that the clock skipped there is read as the one an hour later. */
export function sameTimeYesterday(timezone: string, ms: number): number {
  return zoned(timezone, ms).subtract({ days: 1 }).epochMilliseconds;
}

/** "2026-03-29": the local calendar date of an instant. */
export function localDate(timezone: string, ms: number): string {
  return zoned(timezone, ms).toPlainDate().toString();
}
