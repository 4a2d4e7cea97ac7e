import type { Reading } from "../reading.ts";
import type { Bucket } from "../rollup/bucket.ts";
import { BUCKET_MS, bucketStart, emptyBucket } from "../rollup/bucket.ts";

/**
 * The running sums of a window's buckets while its readings are walked through, in time order.
 * Every term that goes into a bucket depends on the readings alone, never on the window, and terms arrive in time order:
 * that is why a bucket computed in a small window equals the same bucket of a large one bit for bit.
 */
export interface Tally {
  /** The window asked for, epoch ms; only whole buckets unless a person asks for a cut one. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Start of the first bucket. */
  readonly baseMs: number;
  readonly size: number;
  /** Energies. Gauges: W x ms, `reverse` being the area below zero; counters and deltas: the unit of the channel. */
  readonly forward: Float64Array;
  readonly reverse: Float64Array;
  readonly estimated: Float64Array;
  readonly estimatedReverse: Float64Array;
  readonly coveredMs: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly count: Uint32Array;
  readonly last: Float64Array;
}

/** Empty sums for the buckets of `[fromMs, toMs)`. */
export function newTally(fromMs: number, toMs: number): Tally {
  const baseMs = bucketStart(fromMs);
  const size = Math.max(0, Math.ceil((toMs - baseMs) / BUCKET_MS));
  return {
    fromMs,
    toMs,
    baseMs,
    size,
    forward: new Float64Array(size),
    reverse: new Float64Array(size),
    estimated: new Float64Array(size),
    estimatedReverse: new Float64Array(size),
    coveredMs: new Float64Array(size),
    min: new Float64Array(size).fill(Infinity),
    max: new Float64Array(size).fill(-Infinity),
    count: new Uint32Array(size),
    last: new Float64Array(size),
  };
}

/** W x ms in a kWh. */
const W_MS_PER_KWH = 3.6e9;

/** The finished buckets of a gauge: mean, least and greatest value, and energy where it is one of power. */
export function gaugeBuckets(tally: Tally, { energy, signed }: { energy: boolean; signed: boolean }): Bucket[] {
  return eachBucket(tally, (bucket, k) => {
    const coveredMs = tally.coveredMs[k]!;
    const forward = tally.forward[k]!;
    const reverse = tally.reverse[k]!;
    if (energy) {
      bucket.energyKwh = forward / W_MS_PER_KWH;
      bucket.reverseKwh = signed ? reverse / W_MS_PER_KWH : 0;
    }
    if (tally.min[k]! === Infinity) return;
    const min = (bucket.min = tally.min[k]!);
    const max = (bucket.max = tally.max[k]!);
    // Rounding may put the mean of equal values a hair outside of them.
    if (coveredMs > 0) bucket.mean = Math.min(max, Math.max(min, (forward - reverse) / coveredMs));
  });
}

/** The finished buckets of a counter or a delta: amounts as they are. */
export function amountBuckets(tally: Tally): Bucket[] {
  return eachBucket(tally, (bucket, k) => {
    bucket.energyKwh = tally.forward[k]!;
    bucket.reverseKwh = tally.reverse[k]!;
    bucket.estimatedKwh = tally.estimated[k]!;
    bucket.estimatedReverseKwh = tally.estimatedReverse[k]!;
  });
}

function eachBucket(tally: Tally, fill: (bucket: Bucket, k: number) => void): Bucket[] {
  const buckets = new Array<Bucket>(tally.size);
  for (let k = 0; k < tally.size; k++) {
    const bucket = emptyBucket(tally.baseMs + k * BUCKET_MS);
    bucket.coveredS = tally.coveredMs[k]! / 1000;
    bucket.count = tally.count[k]!;
    if (bucket.count > 0) bucket.last = tally.last[k]!;
    fill(bucket, k);
    buckets[k] = bucket;
  }
  return buckets;
}

/** Index of the first reading at or after `ms`, among ascending readings. */
export function firstAtOrAfter(readings: readonly Reading[], ms: number): number {
  let low = 0;
  let high = readings.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (readings[middle]!.timeMs < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Counts the readings whose time lies in the window, with the last value of each bucket.
 *
 * @param spread true: they also widen min and max (momentary values; not means of intervals, which lie elsewhere)
 */
export function countReadings(tally: Tally, readings: readonly Reading[], spread: boolean): void {
  const { toMs, baseMs, count, last, min, max } = tally;
  for (let i = firstAtOrAfter(readings, tally.fromMs); i < readings.length; i++) {
    const { timeMs, value } = readings[i]!;
    if (timeMs >= toMs) return;
    const k = Math.floor((timeMs - baseMs) / BUCKET_MS);
    count[k]! += 1;
    last[k] = value;
    if (!spread) continue;
    if (value < min[k]!) min[k] = value;
    if (value > max[k]!) max[k] = value;
  }
}
