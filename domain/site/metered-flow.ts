import type { Medium } from "../channel.ts";
import { bucketMs } from "../rollup/bucket.ts";
import { billionths } from "../tariff/exact-sum.ts";
import { emptyUsage, type Usage } from "../tariff/usage.ts";
import { forwardRole, isGrid } from "./flows.ts";
import { placeMeters } from "./meter-tree.ts";
import { channelMeter, type Meter, type MeterId } from "./meter.ts";
import type { Quarters } from "./quarters.ts";

/**
 * What a supplier's meter counts at a site, as a bill needs it: what was taken and what was given, by quarter-hours. Where there
 * is a grid meter it is that; else what the consumers took together. A contract for one meter bills that meter alone.
 * A meter by formula counts as any other.
 */
export interface FlowPart {
  id: MeterId;
  /** Its forward energy is taken from the supplier, or given. */
  forward: "imported" | "exported";
  /** Its reverse energy is the other way. */
  isSigned: boolean;
  /** What its amounts are counted in: kWh, m3. */
  unit: string | null;
}

/** The meters that a contract's bill adds up. @param meters of one site. */
export function meteredFlow(
  meters: readonly Meter[],
  { medium, channelId }: { medium: Exclude<Medium, "none">; channelId: number | null },
): FlowPart[] {
  if (channelId !== null) return meters.filter(({ id }) => id === channelMeter(channelId)).map(partOf);
  const roots = placeMeters(meters.filter((meter) => meter.medium === medium)).filter(({ whole }) => whole < 0);
  const counted = roots.map(({ meter }) => meter);
  const ofGrid = counted.filter(isGrid);
  return (ofGrid.length ? ofGrid : counted.filter(({ role }) => role === "consumer")).map(partOf);
}

function partOf(meter: Meter): FlowPart {
  const { id, direction, unit } = meter;
  return {
    ...{ id, unit },
    forward: forwardRole(meter) === "grid_export" || direction === "export" ? "exported" : "imported",
    isSigned: direction === "both",
  };
}

interface Run {
  startMs: number;
  length: number;
  prices: ReadonlyMap<string, Float64Array>;
  /** What the bill's meter counts in. Meters of gas may count in kWh: left out where nobody said what a cubic metre holds. */
  billed?: BilledUnit;
}

export interface BilledUnit {
  unit: "kWh" | "m3";
  /** Ascending; of the time before the first the first. */
  kwhPerM3: readonly { fromMs: number; value: string }[];
}

/**
 * The usage of a run of quarter-hours that begins at `startMs`. A quarter-hour is covered as far as its least known part is; a meter
 * that has never been heard of before does not make the time before it incomplete.
 */
export function usageOfFlow(
  parts: readonly FlowPart[],
  quarters: ReadonlyMap<MeterId, Quarters>,
  { startMs, length, prices, billed = { unit: "kWh", kwhPerM3: [] } }: Run,
): Usage {
  const usage = emptyUsage(startMs, length);
  const estimated = new Float64Array(length);
  const covered = new Float64Array(length).fill(Infinity);
  for (const { id, forward, isSigned, unit } of parts) {
    const measured = quarters.get(id);
    const own = measured && inUnit(measured, unit, billed, startMs);
    if (!own || own.beganMs === null) continue;
    const since = Math.ceil((own.beganMs - startMs) / bucketMs);
    const back = forward === "imported" ? usage.exported : usage.imported;
    addTo(usage[forward], own.energy);
    if (isSigned) addTo(back, own.reverse);
    if (forward === "imported") addTo(estimated, own.estimated);
    for (let i = Math.max(0, since); i < length; i++) if (own.covered[i]! < covered[i]!) covered[i] = own.covered[i]!;
  }
  for (let i = 0; i < length; i++) if (covered[i] === Infinity) covered[i] = 0;
  return { ...usage, coveredS: covered, estimated: estimated.some((kwh) => kwh > 0) ? estimated : null, prices };
}

/** Meters whose amounts cannot be had in what a bill counts in: they are not billed. */
export const leftOut = (parts: readonly FlowPart[], billed: BilledUnit): FlowPart[] =>
  parts.filter(({ unit }) => unit !== null && unit !== billed.unit && !isConvertible(unit, billed));

const isConvertible = (unit: string, { kwhPerM3 }: BilledUnit): boolean =>
  kwhPerM3.length > 0 && (unit === "kWh" || unit === "m3");

/** A meter's amounts in what the bill counts in; null: they cannot be had in that. */
function inUnit(own: Quarters, unit: string | null, billed: BilledUnit, startMs: number): Quarters | null {
  if (unit === billed.unit || unit === null) return own;
  if (!isConvertible(unit, billed)) return null;
  const factors = own.energy.map((_, i) => {
    const ms = startMs + i * bucketMs;
    const { value } = billed.kwhPerM3.findLast(({ fromMs }) => fromMs <= ms) ?? billed.kwhPerM3[0]!;
    return unit === "kWh" ? 1 / Number(value) : Number(value);
  });
  const converted = (column: Float64Array) => column.map((amount, i) => amount * factors[i]!);
  return {
    ...own,
    energy: converted(own.energy),
    reverse: converted(own.reverse),
    estimated: converted(own.estimated),
  };
}

// A loop of its own for each column, and a look before the rounding: of a year, most columns of most meters are zero.
function addTo(sums: Float64Array, amounts: Float64Array): void {
  for (let i = 0; i < sums.length; i++) if (amounts[i] !== 0) sums[i]! += billionths(amounts[i]!);
}
