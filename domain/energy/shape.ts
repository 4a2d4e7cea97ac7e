import { bucketMs, bucketS, bucketStart, type Bucket } from "../rollup/bucket.ts";
import { expected, type Profile } from "./profile.ts";

/** By what an outage's energy is laid: how much is expected in a bucket, as a share of the whole (its scale says nothing). */
export type Shape = (bucketStartMs: number) => number;

export const shapeOfProfile =
  (profile: Profile): Shape =>
  (bucketStartMs) =>
    expected(profile, bucketStartMs);

/** Over a whole stretch, whatever window is asked for: the scale must not depend on the window. */
export function shareTotal(shape: Shape, startMs: number, endMs: number): number {
  let total = 0;
  for (let start = bucketStart(startMs); start < endMs; start += bucketMs) {
    const share = (Math.min(endMs, start + bucketMs) - Math.max(startMs, start)) / bucketMs;
    total += shape(start) * share;
  }
  return total;
}

/**
 * The shape that a power gauge of the same flow shows, where it covers the whole stretch; null where it does not, or was all zero.
 * @param buckets of the gauge, ascending, at least those that the stretch touches. @param flow which of its two energies it is.
 */
export function shapeOfGauge(
  buckets: readonly Bucket[],
  flow: "energyKwh" | "reverseKwh",
  { startMs, endMs }: { startMs: number; endMs: number },
): Shape | null {
  const pace = new Map<number, number>();
  let hasAny = false;
  for (const bucket of buckets) {
    const needed = Math.min(endMs, bucket.startMs + bucketMs) - Math.max(startMs, bucket.startMs);
    if (needed <= 0) continue;
    if (bucket.coveredS * 1000 < needed - 1) return null;
    // At the edges of the stretch the gauge may have begun, or ended, within the bucket: its mean counts.
    pace.set(bucket.startMs, (bucket[flow] * bucketS) / bucket.coveredS);
    hasAny ||= bucket[flow] > 0;
  }
  const all = Math.ceil(endMs / bucketMs) - Math.floor(startMs / bucketMs);
  return hasAny && pace.size === all ? (bucketStartMs) => pace.get(bucketStartMs) ?? 0 : null;
}
