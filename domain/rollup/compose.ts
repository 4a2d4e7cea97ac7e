import type { Step } from "../local-time/steps.ts";
import { bucketMs, type Bucket } from "./bucket.ts";

/** The sum of a step's buckets. */
export interface Composed extends Step {
  energyKwh: number;
  reverseKwh: number;
  estimatedKwh: number;
  estimatedReverseKwh: number;
  mean: number | null;
  min: number | null;
  max: number | null;
  coveredS: number;
  /** Covered time through the step's length: 0 to 1. */
  completeness: number;
  count: number;
  last: number | null;
}

/**
 * Buckets (ascending; empty ones may be missing) summed over steps (ascending, apart from each other). A bucket belongs to the step
 * that holds its start; steps begin and end on bucket edges, so that nothing is cut.
 */
export function compose(buckets: readonly Bucket[], steps: readonly Step[]): Composed[] {
  let at = 0;
  return steps.map((step) => {
    while (at < buckets.length && buckets[at]!.startMs + bucketMs <= step.startMs) at++;
    const from = at;
    while (at < buckets.length && buckets[at]!.startMs < step.endMs) at++;
    return sum(step, buckets, from, at);
  });
}

// Sums in variables and one object at the end: tens of thousands of steps are composed for one chart, and an object that is
// spread and then changed takes thirty times as long.
function sum({ startMs, endMs }: Step, buckets: readonly Bucket[], from: number, to: number): Composed {
  let [energyKwh, reverseKwh, estimatedKwh, estimatedReverseKwh, coveredS, count] = [0, 0, 0, 0, 0, 0];
  let [weighted, weight] = [0, 0];
  let min: number | null = null;
  let max: number | null = null;
  let last: number | null = null;
  for (let i = from; i < to; i++) {
    const b = buckets[i]!;
    energyKwh += b.energyKwh;
    reverseKwh += b.reverseKwh;
    estimatedKwh += b.estimatedKwh;
    estimatedReverseKwh += b.estimatedReverseKwh;
    coveredS += b.coveredS;
    count += b.count;
    if (b.last !== null) last = b.last;
    if (b.mean === null) continue;
    weighted += b.mean * b.coveredS;
    weight += b.coveredS;
    if (b.min !== null) min = min === null ? b.min : Math.min(min, b.min);
    if (b.max !== null) max = max === null ? b.max : Math.max(max, b.max);
  }
  const mean = weight > 0 ? weighted / weight : null;
  const length = (endMs - startMs) / 1000;
  const completeness = length > 0 ? Math.min(1, coveredS / length) : 0;
  // prettier-ignore
  return {
    startMs, endMs, energyKwh, reverseKwh, estimatedKwh, estimatedReverseKwh, mean, min, max, coveredS, completeness, count, last,
  };
}

/** Columns of successive buckets, one place a bucket. Nothing known: 0, of mean, min and max NaN. */
export interface SeriesColumns {
  /** Of the first place. */
  startMs: number;
  energy: Float64Array;
  reverse: Float64Array;
  estimated: Float64Array;
  covered: Float64Array;
  mean: Float64Array;
  min: Float64Array;
  max: Float64Array;
}

/** What a series says of a step. */
export type SeriesStep = Omit<Composed, "estimatedReverseKwh" | "count" | "last">;

/** The same sum as `compose` makes, bit for bit, of buckets that lie in columns. */
export function composeColumns(columns: SeriesColumns, { startMs, endMs }: Step): SeriesStep {
  const { energy, reverse, estimated, covered, mean: means, min: mins, max: maxs } = columns;
  const from = Math.floor((startMs - columns.startMs) / bucketMs);
  const to = Math.ceil((endMs - columns.startMs) / bucketMs);
  let [energyKwh, reverseKwh, estimatedKwh, coveredS] = [0, 0, 0, 0];
  let [weighted, weight] = [0, 0];
  let [min, max] = [Infinity, -Infinity];
  for (let i = from; i < to; i++) {
    energyKwh += energy[i]!;
    reverseKwh += reverse[i]!;
    estimatedKwh += estimated[i]!;
    coveredS += covered[i]!;
    if (Number.isNaN(means[i]!)) continue;
    weighted += means[i]! * covered[i]!;
    weight += covered[i]!;
    // As `compose` does it: of 0 and -0 the greater one is 0, whichever comes first.
    if (!Number.isNaN(mins[i]!)) min = Math.min(min, mins[i]!);
    if (!Number.isNaN(maxs[i]!)) max = Math.max(max, maxs[i]!);
  }
  const length = (endMs - startMs) / 1000;
  return {
    startMs,
    endMs,
    energyKwh,
    reverseKwh,
    estimatedKwh,
    coveredS,
    mean: weight > 0 ? weighted / weight : null,
    min: min === Infinity ? null : min,
    max: max === -Infinity ? null : max,
    completeness: length > 0 ? Math.min(1, coveredS / length) : 0,
  };
}
