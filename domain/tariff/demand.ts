import { addMonths, civilDate, dayOf, localDay, startOfDay } from "../local-time/civil-day.ts";
import { billedKw } from "./billed-kw.ts";
import type { ComponentOf } from "./component-schema.ts";
import { lineOf, shown, type Line, type Part } from "./line.ts";
import { Money } from "./money.ts";
import { peaksOf, type Peak } from "./peaks.ts";
import type { Billed } from "./priced-energy.ts";
import { intersection, lengthIn, scopePeriod, scopesOf, type BillingCalendar, type Period } from "./scope.ts";
import type { Tariff } from "./tariff.ts";
import type { Usage } from "./usage.ts";

/**
 * The demand charge: the billed power of each month (or billing period) x the price, for the part of it that is billed, by the
 * day. The peak is that of the whole month, as far as buckets are given: so two halves of a month cost what the month costs.
 */
export function demandLines(part: Part, component: ComponentOf<"demand">, { usage, calendar }: Billed): Line[] {
  const { tariff, period } = part;
  const within =
    component.basis.kind === "rolling-mean" || component.basis.kind === "ratchet" ? "month" : component.peakOf;
  return scopesOf(within, period, tariff.billing, calendar).flatMap((scope) => {
    const charged = intersection(scopePeriod(scope, calendar.timezone), period);
    if (charged === null) return [];
    const power = billedPower(usage, scopePeriod(scope, calendar.timezone), component, { tariff, calendar });
    const length = lengthIn(component.per, charged, tariff.billing, calendar);
    return [demandLine({ ...part, period: charged }, component, power, length)];
  });
}

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
function monthsBefore({ fromMs }: Period, count: number, timezone: string): Period[] {
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
