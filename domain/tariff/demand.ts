import { addMonths, civilDate, dayOf, localDay, startOfDay } from "../local-time/civil-day.ts";
import type { ComponentOf } from "./component-schema.ts";
import { lineOf, shown, type Line, type Part } from "./line.ts";
import { Money, sumOf } from "./money.ts";
import { peaksOf, type Peak } from "./peaks.ts";
import type { Billed } from "./priced-energy.ts";
import { intersection, lengthIn, scopePeriod, scopesOf, type BillingCalendar, type Period } from "./scope.ts";
import type { Tariff } from "./tariff.ts";
import { endOf, type Usage } from "./usage.ts";

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
  const floor = (kw: Money) => (minimumKw !== undefined && kw.lt(minimumKw) ? new Money(minimumKw) : kw);
  const peaksIn = (within: Period, count = 1, oneADay = false) =>
    peaksOf(usage, within, component, { tariff, timezone, count, oneADay });
  const found = basis.kind === "mean-of-highest" ? peaksIn(period, basis.count, basis.oneADay) : peaksIn(period);
  const notes = found.estimated
    ? [`An interval with estimated energy (${shown(found.estimated.kw)} kW) would be higher: it does not count.`]
    : [];
  if (found.highest.length === 0) notes.push("No power is known for this time.");
  const own = floor(meanKw(found.highest));
  const isFloored = !own.equals(meanKw(found.highest));
  const said = `${kwList(found.highest)}${isFloored ? `, at least ${minimumKw} kW` : ""}`;
  if (basis.kind === "highest") return { kw: own, wording: said, peaks: found.highest, notes };
  if (basis.kind === "mean-of-highest") {
    if (found.highest.length < basis.count)
      notes.push(`Only ${found.highest.length} of ${basis.count} peaks are known.`);
    return { kw: own, wording: `mean of ${said}`, peaks: found.highest, notes };
  }
  const before = monthsBefore(period, basis.kind === "ratchet" ? basis.months : basis.months - 1, timezone)
    .filter((month) => intersection(month, { fromMs: usage.startMs, toMs: endOf(usage) }) !== null)
    .flatMap((month) => peaksIn(month).highest);
  if (basis.kind === "ratchet") {
    const highest = Money.max(0, ...before.map(({ kw }) => floor(kw)))
      .times(basis.percent)
      .div(100);
    if (highest.lte(own)) return { kw: own, wording: said, peaks: found.highest, notes };
    const wording = `${basis.percent} % of the highest of the ${basis.months} months before`;
    return { kw: highest, wording, peaks: highestOf(before), notes };
  }
  const all = [...before, ...found.highest];
  if (all.length < basis.months)
    notes.push(`The mean is of ${all.length} of ${basis.months} months: no more are known.`);
  const kws = all.map(({ kw }) => floor(kw));
  const kw = kws.length > 0 ? sumOf(kws).div(kws.length) : own;
  return { kw, wording: `mean of the peaks of ${kws.length} months`, peaks: all, notes };
}

const highestOf = (peaks: readonly Peak[]): Peak[] =>
  peaks.length === 0 ? [] : [peaks.reduce((a, b) => (b.kw.gt(a.kw) ? b : a))];

const meanKw = (peaks: readonly Peak[]): Money =>
  peaks.length === 0 ? new Money(0) : sumOf(peaks.map(({ kw }) => kw)).div(peaks.length);

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
