import { Temporal } from "temporal-polyfill";
import { offsetMs } from "./offset.ts";

/**
 * Days as people at the site live them: a day has 23, 24 or 25 hours (23.5 or 24.5 on Lord Howe), and may start at 01:00.
 * Worked: in Europe/Berlin 2026-03-29 runs from 2026-03-28T23:00Z to 2026-03-29T22:00Z: 23 hours.
 */
const DAY_MS = 86_400_000;
const MOST_EDGES = 50_000;

/** Day edges found so far, zone -> day number -> epoch ms. Facts of the calendar, so they can be kept. */
const edges = new Map<string, Map<number, number>>();

/** True for the name of an IANA zone ("Europe/Berlin", "UTC"); false for offsets ("+01:00") and anything else. */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Start (epoch ms) of the local day that holds the instant. */
export function startOfLocalDay(zone: string, ms: number): number {
  const day = localDayNumber(zone, ms);
  // Where clocks go back over midnight, late evening comes twice; the second one belongs to the day that has begun.
  const nextMs = dayStart(zone, day + 1);
  return nextMs <= ms ? nextMs : dayStart(zone, day);
}

/** Start (epoch ms) of the first local day after the one that holds the instant. */
export function startOfNextLocalDay(zone: string, ms: number): number {
  const startMs = startOfLocalDay(zone, ms);
  let day = localDayNumber(zone, startMs) + 1;
  // A day that the zone skipped (Samoa, 30 December 2011) starts where the next one does.
  while (dayStart(zone, day) <= startMs) day += 1;
  return dayStart(zone, day);
}

/**
 * The same wall-clock time some local days later (or earlier, with a negative number).
 * A time that the clocks skip becomes the same time after the change (02:30 -> 03:30); of a time that comes twice, the first.
 */
export function addLocalDays(zone: string, ms: number, days: number): number {
  return zoned(zone, ms).add({ days }).epochMilliseconds;
}

/**
 * The instant yesterday at which the clock showed what it shows now: for "until this time yesterday".
 * On a day with two 02:30s both answer yesterday's only one; where yesterday had no 02:30, its 03:30.
 */
export function sameTimeYesterday(zone: string, ms: number): number {
  return addLocalDays(zone, ms, -1);
}

/** The local date of an instant, as "2026-03-29". */
export function localDate(zone: string, ms: number): string {
  return zoned(zone, ms).toPlainDate().toString();
}

/** Start (epoch ms) of a local date given as "2026-03-29". @throws RangeError when the text is no date */
export function startOfDate(zone: string, date: string): number {
  return Temporal.PlainDate.from(date).toZonedDateTime(zone).epochMilliseconds;
}

/** Days since 1970-01-01 of the date on the wall. */
export function localDayNumber(zone: string, ms: number): number {
  return Math.floor((ms + offsetMs(zone, ms)) / DAY_MS);
}

/** Start (epoch ms) of the local date with this day number: its first instant, where midnight is skipped or comes twice. */
export function dayStart(zone: string, dayNumber: number): number {
  let days = edges.get(zone);
  if (!days) edges.set(zone, (days = new Map()));
  const kept = days.get(dayNumber);
  if (kept !== undefined) return kept;
  const date = Temporal.Instant.fromEpochMilliseconds(dayNumber * DAY_MS).toZonedDateTimeISO("UTC").toPlainDate();
  const startMs = date.toZonedDateTime(zone).epochMilliseconds;
  if (days.size >= MOST_EDGES) days.clear();
  days.set(dayNumber, startMs);
  return startMs;
}

function zoned(zone: string, ms: number): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(ms)).toZonedDateTimeISO(zone);
}
