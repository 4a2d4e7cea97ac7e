import { Temporal } from "temporal-polyfill";
import { offsetMs } from "./zone.ts";

/**
 * A calendar day as a whole number: the days since 1970-01-01, whatever the zone. 2026-03-29 is 20541. Day arithmetic is then
 * plain addition; only the way from and to instants knows a zone.
 */
export type DayNumber = number;

export interface CivilDate {
  year: number;
  /** 1 to 12. */
  month: number;
  /** 1 to 31. */
  day: number;
}

const dayMs = 86_400_000;

/** Calendars take a tenth of a millisecond for a day's start, and a year of bills asks for each of them many times. */
const mostRemembered = 20_000;
const remembered = new Map<string, Map<DayNumber, number>>();

/** The day of "2026-03-29", or null where that is no date of the calendar ("2026-02-30"). */
export function parseDay(text: string): DayNumber | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const ms = Date.parse(`${text}T00:00:00Z`);
  const day = ms / dayMs;
  return Number.isNaN(ms) || isoDay(day) !== text ? null : day;
}

export const isoDay = (day: DayNumber): string => new Date(day * dayMs).toISOString().slice(0, 10);

export function dayOf({ year, month, day }: CivilDate): DayNumber {
  return Date.UTC(year, month - 1, day) / dayMs;
}

export function civilDate(day: DayNumber): CivilDate {
  const date = new Date(day * dayMs);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** 0 is Monday, 6 is Sunday. 1970-01-01 was a Thursday. */
export const weekday = (day: DayNumber): number => (((day + 3) % 7) + 7) % 7;

export const daysInMonth = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

export const daysInYear = (year: number): number => (daysInMonth(year, 2) === 29 ? 366 : 365);

/** The same day of a month `months` later; the last day of a month that is too short (31 January + 1: 28 February). */
export function addMonths(day: DayNumber, months: number): DayNumber {
  const date = civilDate(day);
  const index = date.year * 12 + date.month - 1 + months;
  const year = Math.floor(index / 12);
  const month = (index % 12) + 1;
  return dayOf({ year, month, day: Math.min(date.day, daysInMonth(year, month)) });
}

/** The local calendar day that holds an instant. */
export function localDay(timezone: string, ms: number): DayNumber {
  return Math.floor((ms + offsetMs(timezone, ms)) / dayMs);
}

/** The first instant of a local day; where midnight does not exist, the first instant after it. */
export function startOfDay(timezone: string, day: DayNumber): number {
  let starts = remembered.get(timezone);
  if (!starts || starts.size > mostRemembered) remembered.set(timezone, (starts = new Map()));
  let start = starts.get(day);
  if (start === undefined) {
    const { year, month, day: dayOfMonth } = civilDate(day);
    start = Temporal.PlainDate.from({ year, month, day: dayOfMonth }).toZonedDateTime(timezone).epochMilliseconds;
    starts.set(day, start);
  }
  return start;
}
