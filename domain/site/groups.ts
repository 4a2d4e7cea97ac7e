import type { MediumStep } from "./energy-flows.ts";
import { placeMeters } from "./meter-tree.ts";
import type { Meter, MeterId } from "./meter.ts";

/** What one room, or no room, used. */
export interface GroupAmount {
  /** null: the meters in no group. */
  groupId: number | null;
  amount: number;
  /** The consumers whose own part it is: a meter below another of the same group is in that one's amount only once. */
  meters: MeterId[];
}

/**
 * Consumption by groups, which add up to it with what is untracked: each meter's own part (without its parts) goes to its group, or
 * to that of the nearest whole above that has one. Worked: the cellar's meter counts 5, the freezer in it, which belongs to the
 * group Cooling, 2: the cellar 3, Cooling 2.
 */
export function byGroup(meters: readonly Meter[], { meters: amounts }: Pick<MediumStep, "meters">): GroupAmount[] {
  const placed = placeMeters(meters);
  const groupOf: (number | null)[] = [];
  const sums = new Map<number | null, GroupAmount>();
  placed.forEach(({ meter, whole }, i) => {
    groupOf[i] = meter.groupId ?? (whole < 0 ? null : groupOf[whole]!);
    const own = amounts.get(meter.id);
    if (meter.role !== "consumer" || !own) return;
    const sum = sums.get(groupOf[i]!) ?? { groupId: groupOf[i]!, amount: 0, meters: [] };
    sum.amount += own.rest;
    sum.meters.push(meter.id);
    sums.set(groupOf[i]!, sum);
  });
  return [...sums.values()].sort((a, b) => b.amount - a.amount);
}
