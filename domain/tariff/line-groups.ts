import type { ComponentType } from "./component-schema.ts";
import type { Line } from "./line.ts";
import { sumOf, type Money } from "./money.ts";

/** Lines of the same thing in many billing periods (twelve months of "Energy, Night") as one. */
export interface LineGroup {
  component: string;
  type: ComponentType;
  name: string;
  rate: string | null;
  unit: string;
  quantity: Money;
  /** null: none is known, or it changed, and a mean says little. */
  unitPrice: Money | null;
  /** Not rounded, and as the lines were rounded. */
  exact: Money;
  amount: Money;
  lines: Line[];
}

/** In the order in which the bill has them first. */
export function groupLines(lines: readonly Line[]): LineGroup[] {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    const key = JSON.stringify([line.component, line.rate, line.unit]);
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return [...groups.values()].map((group) => {
    const [{ component, type, name, rate, unit, unitPrice }] = group as [Line];
    const isOne = group.every((line) => !line.isMean && line.unitPrice?.equals(unitPrice ?? NaN));
    return {
      ...{ component, type, name, rate, unit, unitPrice: isOne ? unitPrice : null, lines: group },
      quantity: sumOf(group.map(({ quantity }) => quantity)),
      exact: sumOf(group.map(({ exact }) => exact)),
      amount: sumOf(group.map(({ amount }) => amount)),
    };
  });
}
