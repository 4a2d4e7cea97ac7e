import type { ComponentOf } from "./component-schema.ts";
import { Money, sumOf, zero } from "./money.ts";

/** The power that a demand charge is on, from peaks: 12 and 5 kW by the mean of the two highest are 8.5 kW. */
export interface KnownPeaks {
  /** Of the month (or billing period) itself, in kW, highest first. */
  own: readonly Money[];
  /** The highest of each month before, in kW: for a rolling mean and a ratchet. */
  before: readonly Money[];
}

export function billedKw(
  { basis, minimumKw }: Pick<ComponentOf<"demand">, "basis" | "minimumKw">,
  peaks: KnownPeaks,
): Money {
  const floor = (kw: Money) => (minimumKw !== undefined && kw.lt(minimumKw) ? new Money(minimumKw) : kw);
  const highest = floor(peaks.own[0] ?? zero);
  const before = peaks.before.map(floor);
  switch (basis.kind) {
    case "highest":
      return highest;
    case "mean-of-highest":
      return mean(peaks.own.length > 0 ? peaks.own.slice(0, basis.count).map(floor) : [highest]);
    case "rolling-mean":
      return mean([...before, ...(peaks.own.length > 0 || before.length === 0 ? [highest] : [])]);
    case "ratchet":
      return Money.max(
        highest,
        Money.max(0, ...before)
          .times(basis.percent)
          .div(100),
      );
  }
}

const mean = (kws: readonly Money[]): Money => (kws.length === 0 ? zero : sumOf(kws).div(kws.length));

/** What a billed power costs for `length` months, years … (what the price is per). */
export function demandCost(
  { price, steps }: Pick<ComponentOf<"demand">, "price" | "steps">,
  kw: Money,
  length: Money,
): Money {
  if (!steps) return kw.times(length).times(price!);
  return length.times(steps.find(({ upTo }) => upTo === undefined || kw.lte(upTo))!.amount);
}
