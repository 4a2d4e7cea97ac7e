import { addMonths, civilDate, dayOf, localDay, startOfDay } from "../local-time/civil-day.ts";
import { billedKw } from "./billed-kw.ts";
import type { ComponentOf } from "./component-schema.ts";
import { lineOf, shown, type Line, type Part } from "./line.ts";
import { Money } from "./money.ts";
import { peaksOf, type Peak } from "./peaks.ts";
import type { Billed } from "./priced-energy.ts";
import {
  intersection,
  lengthIn,
  scopePeriod,
  scopesOf,
  type BillingCalendar,
  type Period,
  type Scope,
} from "./scope.ts";
import type { Tariff } from "./tariff.ts";
import { dayReader, rateTable } from "./time-of-use.ts";
import type { Usage } from "./usage.ts";

/**
 * The demand charge: the billed power of each month (or billing period) x the price, for the part of it that is billed, by the
 * day. The peak is that of the whole month, as far as buckets are given: so two halves of a month cost what the month costs.
 */
export function demandLines(part: Part, component: ComponentOf<"demand">, { usage, calendar }: Billed): Line[] {
  const { tariff, period } = part;
  const within = demandScope(component);
  return scopesOf(within, period, tariff.billing, calendar).flatMap((scope) => {
    const charged = intersection(scopePeriod(scope, calendar.timezone), period);
    if (charged === null || !hasWindow(component, scope, tariff)) return [];
    const power = billedPower(usage, scopePeriod(scope, calendar.timezone), component, { tariff, calendar });
    const length = lengthIn(component.per, charged, tariff.billing, calendar);
    return [demandLine({ ...part, period: charged }, component, power, length)];
  });
}

/**
 * Whether the charge's hours come at all: a summer's demand is no line of a winter's bill, nor its minimum. What looks back on
 * months is charged in each.
 */
function hasWindow({ basis, when }: ComponentOf<"demand">, { fromDay, toDay }: Scope, tariff: Tariff): boolean {
  if (when === undefined || basis.kind === "rolling-mean" || basis.kind === "ratchet") return true;
  const read = dayReader(tariff);
  const table = rateTable([{ when }], tariff.seasons);
  for (let day = fromDay; day < toDay; day++) if (table(read(day)).includes(0)) return true;
  return false;
}

/** Within what the peak is sought: charges that look back on months are by the month. */
export const demandScope = ({ basis, peakOf }: ComponentOf<"demand">): "month" | "billing-period" =>
  basis.kind === "rolling-mean" || basis.kind === "ratchet" ? "month" : peakOf;

export interface BilledPower {
  kw: Money;
  /** "mean of 3.2, 3.1 and 2.9 kW": how the billed power came about. */
  wording: string;
  peaks: Peak[];
  notes: string[];
}

/** The power that a demand charge is on, for a month or billing period. */
export function billedPower(
  usage: Usage,
  period: Period,
  component: ComponentOf<"demand">,
  { tariff, calendar }: { tariff: Tariff; calendar: BillingCalendar },
): BilledPower {
  const { basis, minimumKw } = component;
  const { timezone } = calendar;
  const peaksIn = (within: Period, count = 1, oneADay = false) =>
    peaksOf(usage, within, component, { tariff, timezone, count, oneADay });
  const found = basis.kind === "mean-of-highest" ? peaksIn(period, basis.count, basis.oneADay) : peaksIn(period);
  const own = found.highest;
  const monthsBack = basis.kind === "ratchet" ? basis.months : basis.kind === "rolling-mean" ? basis.months - 1 : 0;
  const before = monthsBefore(period, monthsBack, timezone).flatMap((month) => peaksIn(month).highest);
  const kwOf = ({ kw }: Peak) => kw;
  const kw = billedKw(component, { own: own.map(kwOf), before: before.map(kwOf) });
  const notes = found.estimated
    ? [`An interval with estimated energy (${shown(found.estimated.kw)} kW) would be higher: it does not count.`]
    : [];
  if (own.length === 0) notes.push("No power is known for this time.");
  const minimum = minimumKw === undefined ? "" : `, each at least ${minimumKw} kW`;
  switch (basis.kind) {
    case "highest":
      return { kw, wording: `${kwList(own)}${minimum}`, peaks: own, notes };
    case "mean-of-highest":
      if (own.length < basis.count) notes.push(`Only ${own.length} of ${basis.count} peaks are known.`);
      return { kw, wording: `mean of ${kwList(own)}${minimum}`, peaks: own, notes };
    case "rolling-mean": {
      const all = [...before, ...own];
      if (all.length < basis.months)
        notes.push(`The mean is of ${all.length} of ${basis.months} months: no more are known.`);
      return { kw, wording: `mean of the peaks of ${all.length} months${minimum}`, peaks: all, notes };
    }
    case "ratchet": {
      const isHeld = own.length === 0 || kw.gt(own[0]!.kw);
      const wording = isHeld
        ? `${basis.percent} % of the highest of the ${basis.months} months before${minimum}`
        : kwList(own);
      return { kw, wording, peaks: isHeld ? highestOf(before) : own, notes };
    }
  }
}

const highestOf = (peaks: readonly Peak[]): Peak[] =>
  peaks.length === 0 ? [] : [peaks.reduce((a, b) => (b.kw.gt(a.kw) ? b : a))];

const kwList = (peaks: readonly Peak[]): string => `${peaks.map(({ kw }) => shown(kw)).join(" and ") || "0"} kW`;

/** The calendar months before the one in which a period begins, oldest first. */
export function monthsBefore({ fromMs }: Period, count: number, timezone: string): Period[] {
  const { year, month } = civilDate(localDay(timezone, fromMs));
  const first = dayOf({ year, month, day: 1 });
  return Array.from({ length: count }, (_, i) => ({
    fromMs: startOfDay(timezone, addMonths(first, i - count)),
    toMs: startOfDay(timezone, addMonths(first, i - count + 1)),
  }));
}

function demandLine(part: Part, component: ComponentOf<"demand">, power: BilledPower, length: Money): Line {
  const { currency } = part.tariff;
  const { kw, wording, peaks, notes } = power;
  const ranges = peaks.map(({ startMs, endMs }): [number, number] => [startMs, endMs]).sort((a, b) => a[0] - b[0]);
  const per = component.per === "billing-period" ? "billing period" : component.per;
  if (component.steps) {
    const step = component.steps.findIndex(({ upTo }) => upTo === undefined || kw.lte(upTo));
    const { amount, name, upTo } = component.steps[step]!;
    return lineOf(part, component, {
      rate: name ?? (upTo === undefined ? `over ${component.steps[step - 1]?.upTo ?? 0} kW` : `up to ${upTo} kW`),
      quantity: length,
      unit: per,
      unitPrice: new Money(amount),
      arithmetic: `${wording} is the step of ${amount} ${currency}/${per}, x ${shown(length)}`,
      ...{ ranges, notes },
    });
  }
  return lineOf(part, component, {
    quantity: kw.times(length),
    unit: `kW ${per}`,
    unitPrice: new Money(component.price!),
    arithmetic: `${shown(kw)} kW (${wording}, ${component.interval} min) x ${shown(length)} ${per} x ${component.price} ${currency}/kW and ${per}`,
    ...{ ranges, notes },
  });
}
