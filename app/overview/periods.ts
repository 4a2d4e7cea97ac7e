import {
  addLocalDays,
  addLocalMonths,
  localDate,
  startOfLocalDay,
  startOfLocalMonth,
  startOfLocalYear,
} from "../../domain/local-time/steps.ts";

/**
 * The periods that the overview's charts show, and how the address names them: `?day=2026-11-23&month=2026-11&year=2026`.
 * Without `day`: the last 24 hours; without `month` or `year`: the running ones.
 */
export interface Period {
  /** "2026-11-23", "2026-11", "2026"; of the running 24 hours "last-24-hours". */
  key: string;
  startMs: number;
  endMs: number;
  previous: string;
  /** null: it is not there yet. */
  next: string | null;
}

export interface Periods {
  day: Period;
  month: Period;
  year: Period;
}

export const lastDay = "last-24-hours";
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const bucketMs = 900_000;
/** Older than the electricity meter nobody has data. */
const firstYear = 1970;

/** Reads the periods of an address; what cannot be read, or lies ahead of now, is the running period. */
export function periodsOf(query: URLSearchParams, timezone: string, nowMs: number): Periods {
  return {
    day: dayOf(query.get("day"), timezone, nowMs),
    month: monthOf(query.get("month"), timezone, nowMs),
    year: yearOf(query.get("year"), timezone, nowMs),
  };
}

function dayOf(text: string | null, timezone: string, nowMs: number): Period {
  const at = instantOf(text, /^(\d{4})-(\d\d)-(\d\d)$/, timezone);
  const today = startOfLocalDay(timezone, nowMs);
  if (at === null || startOfLocalDay(timezone, at) > nowMs) {
    // 24 hours of whole quarter-hours, the running one included.
    const endMs = (Math.floor(nowMs / bucketMs) + 1) * bucketMs;
    return { key: lastDay, startMs: endMs - dayMs, endMs, previous: localDate(timezone, today - hourMs), next: null };
  }
  const startMs = startOfLocalDay(timezone, at);
  const endMs = addLocalDays(timezone, startMs, 1);
  return {
    key: localDate(timezone, startMs),
    startMs,
    endMs,
    previous: localDate(timezone, startMs - hourMs),
    next: endMs <= nowMs ? localDate(timezone, endMs) : null,
  };
}

function monthOf(text: string | null, timezone: string, nowMs: number): Period {
  const at = instantOf(text, /^(\d{4})-(\d\d)$/, timezone);
  const startMs = startOfLocalMonth(timezone, at ?? nowMs);
  if (startMs > nowMs) return monthOf(null, timezone, nowMs);
  const endMs = addLocalMonths(timezone, startMs, 1);
  const key = (ms: number) => localDate(timezone, ms).slice(0, 7);
  return {
    key: key(startMs),
    startMs,
    endMs,
    previous: key(startMs - hourMs),
    next: endMs <= nowMs ? key(endMs) : null,
  };
}

function yearOf(text: string | null, timezone: string, nowMs: number): Period {
  const at = instantOf(text, /^(\d{4})$/, timezone);
  const startMs = startOfLocalYear(timezone, at ?? nowMs);
  if (startMs > nowMs) return yearOf(null, timezone, nowMs);
  const endMs = addLocalMonths(timezone, startMs, 12);
  const key = (ms: number) => localDate(timezone, ms).slice(0, 4);
  return {
    key: key(startMs),
    startMs,
    endMs,
    previous: key(startMs - hourMs),
    next: endMs <= nowMs ? key(endMs) : null,
  };
}

/** An instant of a date in a zone (of the first day of a month or year); null: there is no such date. */
function instantOf(text: string | null, pattern: RegExp, timezone: string): number | null {
  const [, year, month = "01", day = "01"] = pattern.exec(text ?? "") ?? [];
  if (year === undefined || Number(year) < firstYear) return null;
  const date = `${year}-${month}-${day}`;
  const noonMs = Date.parse(`${date}T12:00:00Z`);
  // Noon in UTC is the next day already where clocks are 14 hours ahead. Of 30 February no instant is left.
  return [noonMs, noonMs - dayMs / 2].find((ms) => Number.isFinite(ms) && localDate(timezone, ms) === date) ?? null;
}
