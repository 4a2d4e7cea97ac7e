import { Temporal } from "temporal-polyfill";
import { BUCKET_MS } from "../rollup/bucket.ts";
import { dayStart, localDayNumber, startOfLocalDay, startOfNextLocalDay } from "./local-day.ts";
import { nextOffsetChange, offsetMs } from "./offset.ts";

/**
 * A window cut into the steps of a chart or a bill, by the clock of the site.
 * Steps at the edges are cut, not widened; together they cover the window once, without a hole.
 * Worked: day steps of Europe/Berlin from 2026-03-28T12:00Z to 2026-03-30T00:00Z end at 28T23:00Z, 29T22:00Z and 30T00:00Z.
 */
export const stepNames = ["15m", "hour", "day", "month", "year"] as const;
export type StepName = (typeof stepNames)[number];

/** `[startMs, endMs)` in epoch ms. */
export interface Step {
  startMs: number;
  endMs: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/**
 * The steps of `[fromMs, toMs)`, ascending.
 *
 * @param zone IANA zone of the site
 * @returns an empty list for an empty window
 * @throws RangeError for an unknown zone
 */
export function localSteps(zone: string, step: StepName, fromMs: number, toMs: number): Step[] {
  const steps: Step[] = [];
  for (let startMs = fromMs; startMs < toMs; ) {
    const endMs = Math.min(nextEdge(zone, step, startMs), toMs);
    steps.push({ startMs, endMs });
    startMs = endMs;
  }
  return steps;
}

/** The first instant after `ms` at which a new step begins. */
export function nextEdge(zone: string, step: StepName, ms: number): number {
  switch (step) {
    case "15m":
      return (Math.floor(ms / BUCKET_MS) + 1) * BUCKET_MS;
    case "hour":
      return nextLocalHour(zone, ms);
    case "day":
      return startOfNextLocalDay(zone, ms);
    case "month":
      return nextMonth(zone, ms, 1);
    case "year":
      return nextMonth(zone, ms, 12);
    default:
      return step satisfies never;
  }
}

/** Start (epoch ms) of the local month that holds the instant. */
export function startOfLocalMonth(zone: string, ms: number): number {
  const { year, month } = dateAt(zone, ms);
  return dateStart(zone, new Temporal.PlainDate(year, month, 1));
}

/** An hour ends when the wall clock shows a full hour, and at a change of the clocks: never is a step longer than 60 min. */
function nextLocalHour(zone: string, ms: number): number {
  const offset = offsetMs(zone, ms);
  const fullHourMs = (Math.floor((ms + offset) / HOUR_MS) + 1) * HOUR_MS - offset;
  return Math.min(fullHourMs, nextOffsetChange(zone, ms));
}

function nextMonth(zone: string, ms: number, months: 1 | 12): number {
  const { year, month } = dateAt(zone, ms);
  const first = new Temporal.PlainDate(year, months === 12 ? 1 : month, 1);
  return dateStart(zone, first.add({ months }));
}

/** The date of the local day that holds the instant, as day edges see it. */
function dateAt(zone: string, ms: number): Temporal.PlainDate {
  const day = localDayNumber(zone, startOfLocalDay(zone, ms));
  return Temporal.Instant.fromEpochMilliseconds(day * DAY_MS).toZonedDateTimeISO("UTC").toPlainDate();
}

function dateStart(zone: string, date: Temporal.PlainDate): number {
  return dayStart(zone, date.toZonedDateTime("UTC").epochMilliseconds / DAY_MS);
}
