import { bucketMs, type Bucket } from "../rollup/bucket.ts";

/** The energies of one meter in successive 15-minute buckets: one array a quantity, one place a bucket. */
export interface Quarters {
  /** Forward amounts, measured and estimated together; kWh or m3, never negative. */
  energy: Float64Array;
  reverse: Float64Array;
  /** The estimated parts of the two. */
  estimated: Float64Array;
  estimatedReverse: Float64Array;
  /** Seconds known, 0 to 900. */
  covered: Float64Array;
  /** When the meter's history begins, which may be long before; null: nothing is known of it at all. */
  beganMs: number | null;
}

/** A stretch of buckets: `count` of them from `startMs` on, which is a bucket's edge. */
export interface Stretch {
  startMs: number;
  count: number;
}

export function noQuarters(count: number, beganMs: number | null = null): Quarters {
  const empty = () => new Float64Array(count);
  return {
    energy: empty(),
    reverse: empty(),
    estimated: empty(),
    estimatedReverse: empty(),
    covered: empty(),
    beganMs,
  };
}

/** Puts a bucket into its place; one outside the stretch is left out. */
export function placeBucket(
  quarters: Quarters,
  startMs: number,
  bucket: Pick<Bucket, "startMs" | "energyKwh" | "reverseKwh" | "estimatedKwh" | "estimatedReverseKwh" | "coveredS">,
): void {
  const at = Math.round((bucket.startMs - startMs) / bucketMs);
  if (at < 0 || at >= quarters.energy.length) return;
  quarters.energy[at] = bucket.energyKwh;
  quarters.reverse[at] = bucket.reverseKwh;
  quarters.estimated[at] = bucket.estimatedKwh;
  quarters.estimatedReverse[at] = bucket.estimatedReverseKwh;
  quarters.covered[at] = bucket.coveredS;
}
