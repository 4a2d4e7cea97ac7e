import { Money, zero } from "./money.ts";
import type { ScopeName, Tiered } from "./price-schema.ts";
import { lengthIn, scopePeriod, type BillingCalendar, type Scope } from "./scope.ts";
import type { Tariff } from "./tariff.ts";

/** Where the tiers of a price end: 10 kWh a day over a billing period of 30 days end at 300 kWh. */
export interface TierContext {
  tariff: Tariff;
  calendar: BillingCalendar;
  /** Meter units (kWh or m3) of one billed unit: limits are said in billed units. */
  meterPerUnit: Money;
}

/** A limit that is said per day, month … within a scope, in billionths of the meter's unit. */
export function limitIn(
  scope: Scope,
  limit: string,
  { per, over }: { per: ScopeName; over: ScopeName },
  { tariff, calendar, meterPerUnit }: TierContext,
): number {
  const units =
    over === per ? new Money(1) : lengthIn(per, scopePeriod(scope, calendar.timezone), tariff.billing, calendar);
  return units.times(limit).times(meterPerUnit).times(1e9).round().toNumber();
}

/** Where each tier ends in a scope, in billionths of the meter's unit; the last: Infinity. */
export function tierEnds({ tiers, per, over = per }: Tiered, scope: Scope, context: TierContext): number[] {
  return tiers.map(({ upTo }) => (upTo === undefined ? Infinity : limitIn(scope, upTo, { per, over }, context)));
}

/** What the first `units` (meter's unit) of a scope cost, at prices per meter unit x `perMeterUnit`. */
export function tieredCost(price: Tiered, ends: readonly number[], units: Money, perMeterUnit: Money): Money {
  let cost = zero;
  let before = zero;
  price.tiers.forEach((tier, i) => {
    const end = ends[i] === Infinity ? units : Money.min(units, new Money(ends[i]!).times("1e-9"));
    if (end.lte(before)) return;
    cost = cost.plus(end.minus(before).times(perMeterUnit).times(tier.price));
    before = end;
  });
  return cost;
}

/** "up to 100", "100 to 400", "over 400". */
export function tierName({ tiers }: Tiered, i: number): string {
  const { upTo } = tiers[i]!;
  const before = i > 0 ? tiers[i - 1]!.upTo! : null;
  if (upTo === undefined) return before === null ? "all" : `over ${before}`;
  return before === null ? `up to ${upTo}` : `${before} to ${upTo}`;
}
