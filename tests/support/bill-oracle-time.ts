import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import type { OracleCase, OracleTariff, Scope, Window } from "./bill-oracle-case.ts";

const Precise = Decimal.clone({ precision: 60 });

/** The calendar of the bill's oracle: Temporal's answers, a day at a time. */
export interface Quarter {
  ms: number;
  /** Local date, "2026-03-29", and minute of the wall clock. */
  day: string;
  minute: number;
  imported: Decimal;
  exported: Decimal;
  estimated: Decimal;
  prices: Record<string, number | null>;
  given: boolean;
}

interface Clock {
  day: string;
  minute: number;
}
const clocks = new Map<string, Clock>();

function clockAt(timezone: string, ms: number): Clock {
  const key = `${timezone} ${ms}`;
  let clock = clocks.get(key);
  if (!clock) clocks.set(key, (clock = localClock(timezone, ms)));
  return clock;
}

interface PlainDay {
  startMs: number;
  endMs: number;
  clock: Clock;
}
let lastDay: (PlainDay & { timezone: string }) | null = null;

/** Temporal's answer; within a day of 24 hours and one offset, counted on from its midnight. */
function localClock(timezone: string, ms: number): Clock {
  if (lastDay?.timezone === timezone && ms >= lastDay.startMs && ms < lastDay.endMs)
    return { day: lastDay.clock.day, minute: (ms - lastDay.startMs) / 60_000 };
  const local = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timezone);
  const clock = { day: local.toPlainDate().toString(), minute: local.hour * 60 + local.minute };
  const next = local.add({ days: 1 });
  const isPlain = clock.minute === 0 && local.hoursInDay === 24 && next.offset === local.offset;
  lastDay = isPlain ? { timezone, startMs: ms, endMs: next.epochMilliseconds, clock } : null;
  return clock;
}

/** Every quarter-hour from the first bucket or the period's start to the last bucket or the period's end. */
export function clockOf(given: OracleCase): Quarter[] {
  const { buckets, timezone } = given;
  const asked = askedOf(given);
  const byStart = new Map(buckets.map((bucket) => [bucket.startMs, bucket]));
  const firstMs = Math.min(asked.fromMs, ...byStart.keys());
  const endMs = Math.max(asked.toMs, ...[...byStart.keys()].map((ms) => ms + 900_000));
  const quarters: Quarter[] = [];
  for (let ms = firstMs; ms < endMs; ms += 900_000) {
    const bucket = byStart.get(ms);
    const kwh = (value: number | undefined) => (value ? new Precise(value) : nothing);
    quarters.push({
      ms,
      ...clockAt(timezone, ms),
      imported: kwh(bucket?.importKwh),
      exported: kwh(bucket?.exportKwh),
      estimated: kwh(bucket?.estimatedKwh),
      prices: bucket?.prices ?? {},
      given: bucket !== undefined,
    });
  }
  return quarters;
}

const dayParts = new Map<string, Decimal>();

/** What part of its local day a quarter-hour is: a 96th, but on days of 23 and 25 hours. */
function ofDay(timezone: string, day: string): Decimal {
  const key = `${timezone} ${day}`;
  let part = dayParts.get(key);
  if (!part) {
    const minutes = (startOf(timezone, dateOf(day).add({ days: 1 }).toString()) - startOf(timezone, day)) / 60_000;
    dayParts.set(key, (part = Precise.div(15, minutes)));
  }
  return part;
}

const starts = new Map<string, number>();
function startOf(timezone: string, day: string): number {
  const key = `${timezone} ${day}`;
  let ms = starts.get(key);
  if (ms === undefined) starts.set(key, (ms = dateOf(day).toZonedDateTime(timezone).epochMilliseconds));
  return ms;
}

/** The instants that are asked for, from the first to the last, excluded. */
export function askedOf({ timezone, from, to, cut }: OracleCase): Instants {
  const quarter = 900_000;
  return {
    fromMs: startOf(timezone, from) + (cut?.first ?? 0) * quarter,
    toMs: startOf(timezone, to) - (cut?.last ?? 0) * quarter,
  };
}

const nothing = new Precise(0);

export interface Instants {
  fromMs: number;
  /** Excluded. */
  toMs: number;
}

/** Local days; where what was asked for is the one billing period, its instants. */
export interface DayRange extends Instants {
  from: string;
  /** Excluded. */
  to: string;
}

export const isWithin = ({ ms }: { ms: number }, { fromMs, toMs }: Instants): boolean => ms >= fromMs && ms < toMs;

const dates = new Map<string, Temporal.PlainDate>();
export function dateOf(day: string): Temporal.PlainDate {
  let date = dates.get(day);
  if (!date) dates.set(day, (date = Temporal.PlainDate.from(day)));
  return date;
}

/** Days, months, years and billing periods, by the local date. */
export class Days {
  private readonly scopes = new Map<string, DayRange>();
  private readonly askedRange: DayRange;

  constructor(
    private readonly billing: { months: number; start: string } | undefined,
    private readonly asked: Instants,
    private readonly timezone: string,
  ) {
    const end = clockAt(timezone, asked.toMs - 900_000).day;
    const days = { from: clockAt(timezone, asked.fromMs).day, to: dateOf(end).add({ days: 1 }).toString() };
    this.askedRange = { ...days, ...asked };
  }

  scope(name: Scope, q: Pick<Quarter, "day" | "ms">): DayRange {
    if (name === "billing-period" && !this.billing && isWithin(q, this.asked)) return this.askedRange;
    return this.scopeOfDay(name, q.day);
  }

  scopeOfDay(name: Scope, day: string): DayRange {
    const key = `${name} ${day}`;
    let found = this.scopes.get(key);
    if (!found) this.scopes.set(key, (found = this.find(name, day)));
    return found;
  }

  range(from: Temporal.PlainDate, to: Temporal.PlainDate): DayRange {
    const days = { from: from.toString(), to: to.toString() };
    return { ...days, fromMs: startOf(this.timezone, days.from), toMs: startOf(this.timezone, days.to) };
  }

  private find(name: Scope, day: string): DayRange {
    const date = dateOf(day);
    if (name === "day") return this.range(date, date.add({ days: 1 }));
    if (name === "month") return this.range(date.with({ day: 1 }), date.with({ day: 1 }).add({ months: 1 }));
    if (name === "year")
      return this.range(date.with({ month: 1, day: 1 }), date.with({ month: 1, day: 1 }).add({ years: 1 }));
    // What was asked for is the one billing period; other time is in none, so each day is by itself.
    if (!this.billing) return { ...this.range(date, date.add({ days: 1 })), from: `outside, ${day}` };
    const { months, start } = this.billing;
    const anchor = dateOf(start);
    // A year before what it can be, so that nothing hangs on this guess.
    const since = (date.year - anchor.year - 1) * 12;
    for (let n = Math.floor(since / months) - 1; ; n++) {
      const next = anchor.add({ months: (n + 1) * months });
      if (Temporal.PlainDate.compare(next, date) > 0) return this.range(anchor.add({ months: n * months }), next);
    }
  }

  /** How many days, months … some quarter-hours are: each its part of its day, which is its part of its month. */
  count(name: Scope, quarters: readonly Pick<Quarter, "day" | "ms">[]): Decimal {
    const byDay = new Map<string, { day: string; ms: number; quarters: number }>();
    for (const { day, ms } of quarters) {
      const known = byDay.get(day);
      if (known) known.quarters++;
      else byDay.set(day, { day, ms, quarters: 1 });
    }
    return this.sum(name, [...byDay.values()]);
  }

  /** How many days, months … a range of days holds. */
  countIn(name: Scope, scope: DayRange): Decimal {
    const key = `${name} in ${scope.fromMs} ${scope.toMs}`;
    let count = this.counts.get(key);
    if (!count) this.counts.set(key, (count = this.sum(name, this.daysIn(scope))));
    return count;
  }

  private sum(name: Scope, days: readonly { day: string; ms: number; quarters: number }[]): Decimal {
    let count = new Precise(0);
    for (const { day, ms, quarters } of days) {
      const part = ofDay(this.timezone, day).times(quarters);
      count = count.plus(part.div(this.length(this.scope(name, { day, ms }))));
    }
    // Thirty thirtieths are a month.
    return count.toDecimalPlaces(40);
  }

  private readonly lengths = new Map<DayRange, Decimal>();

  /** In days; one that is cut counts by its part. */
  private length(scope: DayRange): Decimal {
    let days = this.lengths.get(scope);
    if (days) return days;
    days = new Precise(0);
    for (const { day, quarters } of this.daysIn(scope)) days = days.plus(ofDay(this.timezone, day).times(quarters));
    days = days.toDecimalPlaces(40);
    this.lengths.set(scope, days);
    return days;
  }

  private daysIn({ fromMs, toMs }: Instants): { day: string; ms: number; quarters: number }[] {
    const days = [];
    for (let ms = fromMs; ms < toMs;) {
      const { day } = clockAt(this.timezone, ms);
      const endMs = Math.min(toMs, startOf(this.timezone, dateOf(day).add({ days: 1 }).toString()));
      days.push({ day, ms, quarters: (endMs - ms) / 900_000 });
      ms = endMs;
    }
    return days;
  }

  private readonly counts = new Map<string, Decimal>();
}

const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** Easter Sunday after Gauss and Butcher, from the almanac's own arithmetic. */
function easter(year: number): Temporal.PlainDate {
  const [a, b, c] = [year % 19, Math.floor(year / 100), year % 100];
  const [d, e] = [Math.floor(b / 4), b % 4];
  const g = Math.floor((8 * b + 13) / 25);
  const h = (19 * a + b - d - g + 15) % 30;
  const [i, k] = [Math.floor(c / 4), c % 4];
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 19 * l) / 433);
  const month = Math.floor((h + l - 7 * m + 90) / 25);
  return Temporal.PlainDate.from({ year, month, day: (h + l - 7 * m + 33 * month + 19) % 32 });
}

const listed = new Map<string, boolean>();

function isListed(list: readonly string[], day: string): boolean {
  const key = `${day} in ${list.join()}`;
  let found = listed.get(key);
  if (found === undefined) listed.set(key, (found = findDay(list, day)));
  return found;
}

function findDay(list: readonly string[], day: string): boolean {
  return list.some((entry) => {
    if (entry.startsWith("easter")) {
      const date = easter(Number(day.slice(0, 4))).add({ days: Number(entry.slice(6)) });
      return date.toString() === day;
    }
    if (/^\d\d-[a-z]/.test(entry)) return isNth(entry, dateOf(day));
    if (entry.includes(";")) return isObserved(entry, dateOf(day));
    return entry.length === 5 ? day.slice(5) === entry : day === entry;
  });
}

/** "05-mon2", "05-mon-last": counted through the month, or seen to be followed by none. */
function isNth(entry: string, date: Temporal.PlainDate): boolean {
  if (date.month !== Number(entry.slice(0, 2)) || weekdays[date.dayOfWeek - 1] !== entry.slice(3, 6)) return false;
  if (entry.endsWith("last")) return date.add({ weeks: 1 }).month !== date.month;
  let count = 0;
  for (let day = 1; day <= date.day; day++) if (date.with({ day }).dayOfWeek === date.dayOfWeek) count++;
  return count === Number(entry.slice(6));
}

/** "12-26;sat+2,sun+1": the day itself, or the one to which its weekday moves it. */
function isObserved(entry: string, date: Temporal.PlainDate): boolean {
  const [monthDay, shifts] = entry.split(";") as [string, string];
  return [date.year - 1, date.year, date.year + 1].some((year) => {
    const own = dateOf(`${year}-${monthDay}`);
    const shift = shifts.split(",").find((text) => text.startsWith(weekdays[own.dayOfWeek - 1]!));
    return own.add({ days: shift ? Number(shift.slice(3)) : 0 }).equals(date);
  });
}

/** Whether all that a window says holds in a quarter-hour. */
export function holdsIn(
  tariff: OracleTariff,
  window: Window,
  { day, minute }: { day: string; minute: number },
): boolean {
  const monthDay = day.slice(5);
  if (window.months && !window.months.includes(Number(day.slice(5, 7)))) return false;
  if (window.seasons) {
    const ranges = window.seasons.flatMap((name) => tariff.seasons![name]!);
    const isIn = ranges.some(({ from, to }) =>
      from <= to ? from <= monthDay && monthDay <= to : from <= monthDay || monthDay <= to,
    );
    if (!isIn) return false;
  }
  if (window.days && !window.days.some((name) => isDay(tariff, name, day))) return false;
  if (window.dayLists && !window.dayLists.some((name) => isListed(tariff.dayLists![name]!, day))) return false;
  if (!window.hours) return true;
  return window.hours.some((text) => {
    const [from, to] = text.split("-").map((clock) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3)));
    return from! < to! ? minute >= from! && minute < to! : minute >= from! || minute < to!;
  });
}

function isDay(tariff: OracleTariff, name: string, day: string): boolean {
  const isHoliday = isListed(tariff.holidays ?? [], day);
  if (isHoliday || name === "holiday") return isHoliday && name === "holiday";
  const weekday = dateOf(day).dayOfWeek;
  if (name === "workday") return weekday <= 5;
  if (name === "weekend") return weekday >= 6;
  return weekdays[weekday - 1] === name;
}
