import { quarterHours, type QuarterHours } from "../local-time/quarter-hours.ts";
import { bucketMs } from "../rollup/bucket.ts";
import { ExactSum, billionths } from "./exact-sum.ts";
import type { Money } from "./money.ts";

/** What was used in one 15-minute bucket. Energies in the meter's unit: kWh, or m3 of gas and water. */
export interface UsageBucket {
  /** Epoch milliseconds, a multiple of 15 minutes. */
  startMs: number;
  importKwh: number;
  exportKwh?: number;
  /** The estimated part of importKwh. */
  estimatedKwh?: number;
  /** Seconds whose energy is known, 0 to 900; left out: all of them. */
  coveredS?: number;
  /** Price channels by name, in currency per kWh; null or left out: none is known. */
  prices?: Readonly<Record<string, number | null>>;
}

/**
 * A run of buckets as columns, the form in which a year is billed in milliseconds. Energies are whole billionths of a kWh, so
 * that sums are exact. A bucket that is missing holds 0 and covers no time.
 */
export interface Usage {
  startMs: number;
  length: number;
  imported: Float64Array;
  exported: Float64Array;
  estimated: Float64Array | null;
  coveredS: Float64Array;
  /** By channel: currency per kWh, NaN where none is known. */
  prices: ReadonlyMap<string, Float64Array>;
}

export const endOf = ({ startMs, length }: Usage): number => startMs + length * bucketMs;

/** The index of the bucket that begins at an instant, kept within the run. */
export function indexAt(usage: Usage, ms: number): number {
  return Math.max(0, Math.min(usage.length, Math.round((ms - usage.startMs) / bucketMs)));
}

/** The most buckets of one run: 40 years. */
const mostBuckets = 1_500_000;
/** The most energy of one bucket: what the exact sums can hold. */
const mostKwh = 2_000_000;

/**
 * Buckets in any order as a run. Of two with the same start the later one counts.
 * @throws RangeError with what is wrong: a start that is no quarter-hour, energy that is negative or no number.
 */
export function usageOf(buckets: readonly UsageBucket[]): Usage {
  let first = Infinity;
  let last = -Infinity;
  for (const { startMs } of buckets) {
    if (!(startMs % bucketMs === 0))
      throw new RangeError(`A bucket starts on a quarter-hour, not at ${whenText(startMs)}.`);
    if (startMs < first) first = startMs;
    if (startMs > last) last = startMs;
  }
  if (buckets.length === 0) return emptyUsage(0, 0);
  const length = (last - first) / bucketMs + 1;
  if (length > mostBuckets) throw new RangeError("The buckets span more than 40 years.");
  const usage = emptyUsage(first, length);
  const prices = new Map<string, Float64Array>();
  const hasEstimates = buckets.some(({ estimatedKwh }) => estimatedKwh !== undefined);
  const estimated = hasEstimates ? new Float64Array(length) : null;
  for (const bucket of buckets) {
    const i = (bucket.startMs - first) / bucketMs;
    usage.imported[i] = energyOf(bucket.importKwh, "importKwh", bucket);
    usage.exported[i] = energyOf(bucket.exportKwh ?? 0, "exportKwh", bucket);
    usage.coveredS[i] = bucket.coveredS ?? bucketMs / 1000;
    if (estimated)
      estimated[i] = Math.min(usage.imported[i]!, energyOf(bucket.estimatedKwh ?? 0, "estimatedKwh", bucket));
    for (const [name, price] of Object.entries(bucket.prices ?? {})) {
      let column = prices.get(name);
      if (!column) prices.set(name, (column = new Float64Array(length).fill(NaN)));
      column[i] = price ?? NaN;
    }
  }
  return { ...usage, estimated, prices };
}

/** A run without any energy: what simulations fill. */
export function emptyUsage(startMs: number, length: number): Usage {
  const column = () => new Float64Array(length);
  return {
    startMs,
    length,
    imported: column(),
    exported: column(),
    estimated: null,
    coveredS: column(),
    prices: new Map(),
  };
}

function energyOf(kwh: number, name: string, { startMs }: UsageBucket): number {
  if (!Number.isFinite(kwh) || kwh < 0 || kwh > mostKwh)
    throw new RangeError(`${name} of ${whenText(startMs)} is ${kwh}: 0 to ${mostKwh} is expected.`);
  return billionths(kwh);
}

const whenText = (ms: number): string =>
  Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString() : String(ms);

const calendars = new WeakMap<Usage, Map<string, QuarterHours>>();

/** The local day and quarter-hour of each bucket: worked out once for all tariffs that are tried on a run. */
export function calendarOf(usage: Usage, timezone: string): QuarterHours {
  let known = calendars.get(usage);
  if (!known) calendars.set(usage, (known = new Map()));
  let calendar = known.get(timezone);
  if (!calendar) known.set(timezone, (calendar = quarterHours(timezone, usage.startMs, usage.length)));
  return calendar;
}

/** The exact sum of a column over [from, to), in its unit. */
export function sumColumn(column: Float64Array, from: number, to: number): Money {
  const sum = new ExactSum();
  for (let i = from; i < to; i++) sum.add(column[i]!);
  return sum.toMoney();
}
