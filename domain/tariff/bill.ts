import { isoDay, localDay, startOfDay, type DayNumber } from "../local-time/civil-day.ts";
import { bucketMs } from "../rollup/bucket.ts";
import { creditLines, standingLines, taxLines } from "./charges.ts";
import type { Component } from "./component-schema.ts";
import type { TariffVersion } from "./contract.ts";
import { demandLines } from "./demand.ts";
import type { Line, Part } from "./line.ts";
import { sumOf, type Money } from "./money.ts";
import { netMeteringLines } from "./net-metering.ts";
import { priceEnergy, type Billed } from "./priced-energy.ts";
import { intersection, scopePeriod, scopesOf, type BillingCalendar, type Period } from "./scope.ts";
import { endOf, indexAt, sumColumn, type Usage } from "./usage.ts";

/**
 * The bill of a period: what was used, at the tariff that held then. One pure function prices history, compares tariffs and
 * simulates.
 *
 * What holds exactly:
 * - the total is the sum of the lines' rounded amounts;
 * - the energy of the lines of each energy component is the energy of the period;
 * - with a tariff that has a billing period of its own, the exact amounts of a period that is split anywhere (on a
 *   quarter-hour) add up to those of the whole, to 1e-40: energy is summed as whole numbers, tiers and net metering are filled
 *   in the order of time from the start of their month or billing period, charges go by the day, and a peak is that of its
 *   whole month. Rounded amounts of the pieces may differ by the rounding of each line;
 * - a version changes nothing before its first day.
 */
export interface Bill {
  currency: string;
  timezone: string;
  period: Period;
  lines: Line[];
  /** The sum of the lines' amounts: what is to be paid. */
  total: Money;
  /** The sum of the lines before rounding; total - exactTotal is what rounding did. */
  exactTotal: Money;
  completeness: BillCompleteness;
  notes: string[];
}

export interface BillCompleteness {
  /** Energy taken, in the meter's unit, and the parts of it. */
  imported: Money;
  exported: Money;
  estimated: Money;
  /** Seconds of the period whose energy is known, measured or estimated, through its length: 0 to 1. */
  covered: number;
  /** The end of the last bucket of the period that holds anything; null: none does. */
  completeToMs: number | null;
}

/**
 * @param usage buckets of the period, and of before it as far as they are known: they fill the tiers, the bank and the months
 *   that peaks are compared with.
 * @param versions a contract, ascending by date (`parseContract` gives it so).
 * @param period on quarter-hours.
 */
export function bill(usage: Usage, versions: readonly TariffVersion[], period: Period, timezone: string): Bill {
  const lines = billLines(usage, versions, period, timezone);
  const completeness = completenessOf(usage, period);
  return {
    currency: versions[0]!.tariff.currency,
    ...{ timezone, period, lines, completeness },
    total: sumOf(lines.map(({ amount }) => amount)),
    exactTotal: sumOf(lines.map(({ exact }) => exact)),
    notes: notesOf({ completeness, period, timezone, first: versions[0]!.validFrom }),
  };
}

/** The lines of `bill` alone. */
export function billLines(usage: Usage, versions: readonly TariffVersion[], period: Period, timezone: string): Line[] {
  checkPeriod(period);
  const calendar: BillingCalendar = { timezone, asked: period };
  return versionSpans(versions, period, timezone).flatMap((span) => {
    const part = { tariff: span.version.tariff, validFrom: span.version.validFrom };
    return billingParts(span, calendar).flatMap((within) =>
      partLines({ ...part, period: within }, { usage, calendar }, span.times),
    );
  });
}

function checkPeriod({ fromMs, toMs }: Period): void {
  if (!(fromMs < toMs)) throw new RangeError("The period must end after it begins.");
  if (fromMs % bucketMs !== 0 || toMs % bucketMs !== 0)
    throw new RangeError("A period begins and ends on a quarter-hour.");
}

interface Span {
  version: TariffVersion;
  period: Period;
  /** When each version holds, and the span's own: a bank of net metering goes on from one to the next. */
  times: VersionTimes;
}

type VersionTimes = Parameters<typeof netMeteringLines>[3];

function versionSpans(versions: readonly TariffVersion[], period: Period, timezone: string): Span[] {
  if (versions.length === 0) throw new RangeError("A contract needs at least one version.");
  const starts = versions.map(({ validFrom }) => (validFrom === null ? -Infinity : startOfDay(timezone, validFrom)));
  const times = versions.map(({ tariff }, i) => ({ tariff, fromMs: starts[i]!, toMs: starts[i + 1] ?? Infinity }));
  return versions.flatMap((version, i) => {
    const within = intersection(period, times[i]!);
    return within === null ? [] : [{ version, period: within, times: { versions: times, own: times[i]! } }];
  });
}

function billingParts({ version, period }: Span, calendar: BillingCalendar): Period[] {
  const { billing } = version.tariff;
  if (!billing) return [period];
  return scopesOf("billing-period", period, billing, calendar).map((scope) =>
    intersection(scopePeriod(scope, calendar.timezone), period)!,
  );
}

function partLines(part: Part, billed: Billed, times: VersionTimes): Line[] {
  const lines: Line[] = [];
  for (const component of part.tariff.components)
    lines.push(...componentLines(part, component, { billed, times, lines }));
  return lines;
}

function componentLines(
  part: Part,
  component: Component,
  { billed, times, lines }: { billed: Billed; times: VersionTimes; lines: readonly Line[] },
): Line[] {
  switch (component.type) {
    case "energy":
    case "levy":
    case "feed-in":
      return priceEnergy(part, component, billed);
    case "standing":
      return standingLines(part, component, billed.calendar);
    case "credit":
      return creditLines(part, component, billed.calendar);
    case "demand":
      return demandLines(part, component, billed);
    case "net-metering":
      return netMeteringLines(part, component, billed, times);
    case "tax":
      return taxLines(part, component, lines);
  }
}

function completenessOf(usage: Usage, { fromMs, toMs }: Period): BillCompleteness {
  const [from, to] = [indexAt(usage, fromMs), indexAt(usage, Math.min(toMs, endOf(usage)))];
  let coveredS = 0;
  let last = -1;
  for (let i = from; i < to; i++) {
    coveredS += usage.coveredS[i]!;
    if (usage.coveredS[i]! > 0) last = i;
  }
  return {
    imported: sumColumn(usage.imported, from, to),
    exported: sumColumn(usage.exported, from, to),
    estimated: usage.estimated ? sumColumn(usage.estimated, from, to) : sumColumn(usage.imported, from, from),
    covered: Math.min(1, coveredS / ((toMs - fromMs) / 1000)),
    completeToMs: last < 0 ? null : usage.startMs + (last + 1) * bucketMs,
  };
}

function notesOf({
  completeness,
  period,
  timezone,
  first,
}: {
  completeness: BillCompleteness;
  period: Period;
  timezone: string;
  first: DayNumber | null;
}): string[] {
  const notes: string[] = [];
  const { covered, completeToMs } = completeness;
  if (first !== null && period.fromMs < startOfDay(timezone, first))
    notes.push(
      `No tariff is known before ${isoDay(first)}: from ${isoDay(localDay(timezone, period.fromMs))} on until then nothing is billed.`,
    );
  if (completeToMs === null) notes.push("There are no data for this period.");
  else if (covered < 1) notes.push(`${percent(1 - covered)} of the time has no data: its energy is not billed.`);
  return notes;
}

const percent = (share: number): string => `${share < 0.001 ? "less than 0.1" : (share * 100).toFixed(1)} %`;
