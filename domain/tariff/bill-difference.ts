import type { Line } from "./line.ts";
import { groupLines, type LineGroup } from "./line-groups.ts";
import { zero, type Money } from "./money.ts";

/**
 * Why one bill is higher than another of the same contract: line by line, by what was used more or less, and by what it cost more or
 * less. 100 kWh at 0.30 and then 120 at 0.35 are 12.00 more: 6.00 for the 20 kWh at the old price, 6.00 for the new price of all 120.
 */
export interface LineChange {
  component: string;
  rate: string | null;
  type: Line["type"];
  name: string;
  unit: string;
  /** null: the bill has no such line. */
  now: Side | null;
  then: Side | null;
  /** Not rounded: now less then. */
  difference: Money;
  /** At the price of then. Where there was none, all of the difference. */
  byQuantity: Money;
  byPrice: Money;
}

export interface Side {
  quantity: Money;
  /** The mean of the lines; null: nothing was used. */
  unitPrice: Money | null;
  exact: Money;
}

/** The lines of both, in the order of the newer bill; their differences add up to that of the exact totals. */
export function changesBetween(now: readonly Line[], then: readonly Line[]): LineChange[] {
  const [after, before] = [groupLines(now), groupLines(then)];
  const isSame = (a: LineGroup, b: LineGroup) => a.component === b.component && a.rate === b.rate && a.unit === b.unit;
  const gone = before.filter((one) => !after.some((other) => isSame(one, other)));
  return [
    ...after.map((group) =>
      changeOf(
        group,
        group,
        before.find((one) => isSame(group, one)),
      ),
    ),
    ...gone.map((group) => changeOf(group, undefined, group)),
  ];
}

function changeOf(
  { component, rate, type, name, unit }: LineGroup,
  now: LineGroup | undefined,
  then: LineGroup | undefined,
): LineChange {
  const [after, before] = [sideOf(now), sideOf(then)];
  const difference = (after?.exact ?? zero).minus(before?.exact ?? zero);
  const more = (after?.quantity ?? zero).minus(before?.quantity ?? zero);
  // Of endless decimals, not even a product of the same price is the same to the last of them.
  const isSplit = after?.unitPrice && before?.unitPrice && !hasSamePrice(now, then);
  const byQuantity = isSplit ? more.times(before.unitPrice!) : difference;
  return {
    ...{ component, rate, type, name, unit, now: after, then: before },
    ...{ difference, byQuantity, byPrice: difference.minus(byQuantity) },
  };
}

const hasSamePrice = (now?: LineGroup, then?: LineGroup): boolean =>
  now?.unitPrice?.equals(then?.unitPrice ?? NaN) ?? false;

function sideOf(group: LineGroup | undefined): Side | null {
  if (!group) return null;
  const { type, quantity, unitPrice, exact } = group;
  // A tax is charged on rounded amounts; its exact amount is that of the exact ones.
  if (type === "tax" && unitPrice?.isZero() === false) return { quantity: exact.div(unitPrice), unitPrice, exact };
  return { quantity, exact, unitPrice: quantity.isZero() ? null : exact.div(quantity) };
}
