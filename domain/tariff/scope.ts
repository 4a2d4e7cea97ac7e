import {
  addMonths,
  civilDate,
  dayOf,
  daysInMonth,
  daysInYear,
  localDay,
  parseDay,
  startOfDay,
  type DayNumber,
} from "../local-time/civil-day.ts";
import { Money, zero } from "./money.ts";
import type { ScopeName } from "./price-schema.ts";
import type { Tariff } from "./tariff.ts";

/** [startMs, endMs), epoch milliseconds, on quarter-hours. */
export interface Period {
  fromMs: number;
  toMs: number;
}

/** A stretch of local days: a day, a month, a year or a billing period. */
export interface Scope {
  /** First day, and the day after the last. */
  fromDay: DayNumber;
  toDay: DayNumber;
  /** Where what was asked for is the one billing period: its instants, which may lie within a day. */
  asked?: Period;
}

/** Where the days of a zone lie, and which billing periods it has. */
export interface BillingCalendar {
  timezone: string;
  /** What was asked for: the one billing period where a tariff has none of its own. */
  asked: Period;
}

/** The period of whole local days [from, to): localPeriod("Europe/Berlin", "2026-03-01", "2026-04-01"). */
export function localPeriod(timezone: string, from: string, to: string): Period {
  const [first, end] = [parseDay(from), parseDay(to)];
  if (first === null || end === null)
    throw new RangeError(`"${first === null ? from : to}" is no date such as 2026-03-29.`);
  if (end <= first) throw new RangeError(`The period must end after it begins: ${from} to ${to}.`);
  return { fromMs: startOfDay(timezone, first), toMs: startOfDay(timezone, end) };
}

/** The scope that holds a local day. */
export function scopeAt(name: ScopeName, day: DayNumber, billing: Tariff["billing"], calendar: BillingCalendar): Scope {
  const { year, month } = civilDate(day);
  switch (name) {
    case "day":
      return { fromDay: day, toDay: day + 1 };
    case "month": {
      const fromDay = dayOf({ year, month, day: 1 });
      return { fromDay, toDay: addMonths(fromDay, 1) };
    }
    case "year":
      return { fromDay: dayOf({ year, month: 1, day: 1 }), toDay: dayOf({ year: year + 1, month: 1, day: 1 }) };
    case "billing-period":
      return billing ? billingPeriodAt(day, billing) : askedDays(calendar);
  }
}

function askedDays({ timezone, asked }: BillingCalendar): Scope {
  return { fromDay: localDay(timezone, asked.fromMs), toDay: localDay(timezone, asked.toMs - 1) + 1, asked };
}

function billingPeriodAt(day: DayNumber, { months, start }: NonNullable<Tariff["billing"]>): Scope {
  const anchor = parseDay(start)!;
  const [a, d] = [civilDate(anchor), civilDate(day)];
  let periods = Math.floor((d.year * 12 + d.month - a.year * 12 - a.month) / months);
  // Counted from the anchor each time: 31 January, 28 February, 31 March.
  while (addMonths(anchor, periods * months) > day) periods--;
  while (addMonths(anchor, (periods + 1) * months) <= day) periods++;
  return { fromDay: addMonths(anchor, periods * months), toDay: addMonths(anchor, (periods + 1) * months) };
}

/** The scopes that a period touches, ascending; those at its edges reach beyond it. */
export function scopesOf(
  name: ScopeName,
  { fromMs, toMs }: Period,
  billing: Tariff["billing"],
  calendar: BillingCalendar,
): Scope[] {
  const scopes: Scope[] = [];
  if (toMs <= fromMs) return scopes;
  const last = localDay(calendar.timezone, toMs - 1);
  for (let day = localDay(calendar.timezone, fromMs); day <= last; day = scopes.at(-1)!.toDay)
    scopes.push(scopeAt(name, day, billing, calendar));
  return scopes;
}

export const scopePeriod = ({ fromDay, toDay, asked }: Scope, timezone: string): Period =>
  asked ?? { fromMs: startOfDay(timezone, fromDay), toMs: startOfDay(timezone, toDay) };

/** What two periods have in common, or null. */
export function intersection(a: Period, b: Period): Period | null {
  const fromMs = Math.max(a.fromMs, b.fromMs);
  const toMs = Math.min(a.toMs, b.toMs);
  return fromMs < toMs ? { fromMs, toMs } : null;
}

/** Days of a period in each month; a day that is cut counts by its time: 6 hours of a day of 24 are 0.25. */
export interface MonthDays {
  year: number;
  month: number;
  days: Money;
}

export function daysByMonth({ fromMs, toMs }: Period, timezone: string): MonthDays[] {
  const months: MonthDays[] = [];
  if (toMs <= fromMs) return months;
  const firstDay = localDay(timezone, fromMs);
  const lastDay = localDay(timezone, toMs - 1);
  for (let day = firstDay; day <= lastDay;) {
    const { year, month } = civilDate(day);
    const nextMonth = dayOf({ year, month: month + 1, day: 1 });
    const end = Math.min(nextMonth, lastDay + 1);
    let days = new Money(end - day);
    if (day === firstDay) days = days.minus(shareBefore(firstDay, fromMs, timezone));
    if (end === lastDay + 1) days = days.minus(new Money(1).minus(shareBefore(lastDay, toMs, timezone)));
    months.push({ year, month, days });
    day = end;
  }
  return months;
}

/** The part of a local day that lies before an instant in it (or at its end). */
function shareBefore(day: DayNumber, ms: number, timezone: string): Money {
  const start = startOfDay(timezone, day);
  const end = startOfDay(timezone, day + 1);
  return ms >= end ? new Money(1) : new Money(ms - start).div(end - start);
}

/** How many days, months, years or billing periods a period is, by the day in local time: 12 days of June are 0.4 months. */
export function lengthIn(
  name: ScopeName,
  period: Period,
  billing: Tariff["billing"],
  calendar: BillingCalendar,
): Money {
  const { timezone } = calendar;
  switch (name) {
    case "day":
      return daysByMonth(period, timezone).reduce((sum, { days }) => sum.plus(days), zero);
    case "month":
      return daysByMonth(period, timezone).reduce(
        (sum, { days, year, month }) => sum.plus(days.div(daysInMonth(year, month))),
        zero,
      );
    case "year":
      return yearsOf(daysByMonth(period, timezone));
    case "billing-period":
      return scopesOf(name, period, billing, calendar).reduce((sum, scope) => {
        const whole = scopePeriod(scope, timezone);
        const part = intersection(period, whole);
        if (part === null) return sum;
        return sum.plus(lengthIn("day", part, billing, calendar).div(lengthIn("day", whole, billing, calendar)));
      }, zero);
  }
}

/** The days of a year are added up first: 365 of 365 are 1, where twelve rounded parts would not be. */
function yearsOf(months: readonly MonthDays[]): Money {
  const days = new Map<number, Money>();
  for (const { year, days: more } of months) days.set(year, (days.get(year) ?? zero).plus(more));
  return [...days].reduce((sum, [year, ofYear]) => sum.plus(ofYear.div(daysInYear(year))), zero);
}
