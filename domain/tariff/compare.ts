import { bill, type Bill } from "./bill.ts";
import type { ComponentType } from "./component-schema.ts";
import type { TariffVersion } from "./contract.ts";
import { sumOf, zero, type Money } from "./money.ts";
import type { Period } from "./scope.ts";
import type { Usage } from "./usage.ts";

/** Which tariff is the cheapest on one's own history, with amounts and why. */
export interface Candidate {
  id: string;
  name: string;
  versions: readonly TariffVersion[];
}

/** What a kind of component adds to a bill: the rows of the "why". */
export interface ComponentSum {
  type: ComponentType;
  amount: Money;
}

export interface Ranked {
  id: string;
  name: string;
  total: Money;
  byType: ComponentSum[];
  /** Against the tariff that it is compared with; above 0: dearer. By kind of component, they add up to the difference. */
  difference: Money;
  why: ComponentSum[];
  /** Energy whose price is not known, in billed units: such a tariff looks cheaper than it is. */
  unpriced: Money;
  /** The mean price of a unit taken, all in; null where nothing was taken. */
  meanPrice: Money | null;
  bill: Bill;
}

export interface Ranking {
  currency: string;
  /** Cheapest first; those with energy that has no price come last. */
  ranked: Ranked[];
  /** Who the others are compared with. */
  against: string;
  /** Tariffs in another currency or for another medium cannot be compared. */
  left: { id: string; reason: string }[];
}

/**
 * @param against the id of the tariff that the others are compared with (one's own); left out: the cheapest.
 * @throws RangeError where there is no tariff.
 */
export function rankTariffs(
  usage: Usage,
  candidates: readonly Candidate[],
  { period, timezone, against }: { period: Period; timezone: string; against?: string },
): Ranking {
  const own = candidates.find(({ id }) => id === against) ?? candidates[0];
  if (!own) throw new RangeError("There is no tariff to compare.");
  const { currency, medium } = own.versions[0]!.tariff;
  const left: Ranking["left"] = [];
  const billed = candidates.flatMap((candidate) => {
    const { tariff } = candidate.versions[0]!;
    if (tariff.currency === currency && tariff.medium === medium)
      return [{ ...candidate, bill: bill(usage, candidate.versions, period, timezone) }];
    const reason =
      tariff.medium === medium ? `its currency is ${tariff.currency}, not ${currency}` : `it is for ${tariff.medium}`;
    left.push({ id: candidate.id, reason });
    return [];
  });
  const sorted = billed
    .map((one) => ({ ...one, unpriced: unpricedOf(one.bill) }))
    .sort(
      (a, b) => Number(!a.unpriced.isZero()) - Number(!b.unpriced.isZero()) || a.bill.total.comparedTo(b.bill.total),
    );
  const base = sorted.find(({ id }) => id === against) ?? sorted[0]!;
  const baseSums = sumsByType(base.bill);
  const ranked = sorted.map(({ id, name, bill: made, unpriced }): Ranked => {
    const byType = sumsByType(made);
    return {
      ...{ id, name, byType, unpriced, bill: made },
      total: made.total,
      difference: made.total.minus(base.bill.total),
      why: differences(byType, baseSums),
      meanPrice: made.completeness.imported.isZero() ? null : made.total.div(made.completeness.imported),
    };
  });
  return { currency, ranked, against: base.id, left };
}

/** The amounts of a bill by kind of component, in the order of the bill. */
export function sumsByType({ lines }: Bill): ComponentSum[] {
  const sums = new Map<ComponentType, Money>();
  for (const { type, amount } of lines) sums.set(type, (sums.get(type) ?? zero).plus(amount));
  return [...sums].map(([type, amount]) => ({ type, amount }));
}

function differences(of: readonly ComponentSum[], base: readonly ComponentSum[]): ComponentSum[] {
  const types = [...new Set([...of, ...base].map(({ type }) => type))];
  const amountIn = (sums: readonly ComponentSum[], type: ComponentType) =>
    sums.find((sum) => sum.type === type)?.amount ?? zero;
  return types
    .map((type) => ({ type, amount: amountIn(of, type).minus(amountIn(base, type)) }))
    .filter(({ amount }) => !amount.isZero())
    .sort((a, b) => b.amount.abs().comparedTo(a.amount.abs()));
}

const unpricedOf = ({ lines }: Bill): Money =>
  sumOf(
    lines.filter(({ unitPrice, quantity }) => unitPrice === null && !quantity.isZero()).map(({ quantity }) => quantity),
  );
