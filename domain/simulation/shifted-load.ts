import type { QuarterHours } from "../local-time/quarter-hours.ts";

/**
 * Consumption that is moved within its local day: 2 kWh of what is used from 17 to 21 are used from 11 to 15 instead, or in the
 * day's cheapest hours. What is moved is what is moved: the day's energy stays the same.
 */
export interface ShiftedLoad {
  /** The most that is moved each day, kWh. */
  kwhPerDay: number;
  /** Wall-clock quarter-hours (0 to 96) from which it is taken, the end excluded: 17:00 to 21:00 is [68, 84]. */
  from: [number, number];
  /** Where it goes: quarter-hours of the day, or the cheapest `quarters` of it. */
  to: [number, number] | { cheapest: number };
  /** The most that is added to a quarter-hour, kW. Left out: 11. */
  powerKw?: number;
}

/** @param net consumption less production, kWh of each quarter-hour: changed in place. @returns kWh moved. */
export function shiftLoad(
  net: Float64Array,
  { kwhPerDay, from, to, powerKw = 11 }: ShiftedLoad,
  { day, quarter, prices }: QuarterHours & { prices?: Float64Array },
): number {
  let moved = 0;
  for (let start = 0; start < net.length;) {
    let end = start;
    while (end < net.length && day[end] === day[start]) end++;
    const all = Array.from({ length: end - start }, (_, i) => start + i);
    const sources = all.filter((i) => quarter[i]! >= from[0] && quarter[i]! < from[1] && net[i]! > 0);
    const targets = targetsOf(all, to, { quarter, prices }).filter((i) => !sources.includes(i));
    moved += moveBetween(net, sources, { targets, kwhPerDay, mostKwh: powerKw / 4 });
    start = end;
  }
  return moved;
}

function targetsOf(
  all: readonly number[],
  to: ShiftedLoad["to"],
  { quarter, prices }: { quarter: Uint8Array; prices?: Float64Array },
): number[] {
  if (Array.isArray(to)) return all.filter((i) => quarter[i]! >= to[0] && quarter[i]! < to[1]);
  if (!prices) return [];
  return [...all]
    .filter((i) => !Number.isNaN(prices[i]!))
    .sort((a, b) => prices[a]! - prices[b]!)
    .slice(0, to.cheapest);
}

function moveBetween(
  net: Float64Array,
  sources: readonly number[],
  { targets, kwhPerDay, mostKwh }: { targets: readonly number[]; kwhPerDay: number; mostKwh: number },
): number {
  const available = sources.reduce((sum, i) => sum + net[i]!, 0);
  const amount = Math.min(kwhPerDay, available, mostKwh * targets.length);
  if (!(amount > 0)) return 0;
  for (const i of sources) net[i]! -= (net[i]! * amount) / available;
  for (const i of targets) net[i]! += amount / targets.length;
  return amount;
}
