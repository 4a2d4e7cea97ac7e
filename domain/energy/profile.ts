import { offsetMs } from "../local-time/offset.ts";
import type { Bucket } from "../rollup/bucket.ts";
import { BUCKET_MS } from "../rollup/bucket.ts";

/**
 * How a channel's energy usually lies in the week: the mean of each quarter-hour of the week, on the site's clock, over the
 * fully measured buckets of the 4 weeks before a gap. A slot without any takes the mean of all. There is no profile (the gap
 * is laid linearly) with less than 2 weeks of history or where all is zero.
 * Worked: Mondays 12:00-12:15 brought 0.1, 0.2, 0.3 and 0.2 kWh in the 4 weeks: the slot is 0.2 kWh.
 */
export interface WeeklyProfile {
  /** IANA zone whose week it is. */
  zone: string;
  /** 672 mean energies (kWh), from Monday 00:00. */
  slots: Float64Array;
}

/** The profile for the gap that starts at this time (epoch ms), or null: lay it linearly. */
export type ProfileBefore = (gapStartMs: number) => WeeklyProfile | null;

/** How far before a gap its profile looks; so far after a bucket may an estimated gap depend on it. */
export const PROFILE_REACH_MS = 28 * 86_400_000;

const LEAST_HISTORY_MS = 14 * 86_400_000;
const SLOTS = 672;
/** 1970-01-01 was a Thursday. */
const MONDAY_SHIFT = 3 * 96;

/** The quarter-hour of the local week that a bucket is: 0 is Monday 00:00, 671 is Sunday 23:45. */
export function slotOf(zone: string, bucketStartMs: number): number {
  const quarter = Math.floor((bucketStartMs + offsetMs(zone, bucketStartMs)) / BUCKET_MS) + MONDAY_SHIFT;
  return ((quarter % SLOTS) + SLOTS) % SLOTS;
}

/** What the profile expects of a bucket, in kWh. */
export function profileKwh(profile: WeeklyProfile, bucketStartMs: number): number {
  return profile.slots[slotOf(profile.zone, bucketStartMs)]!;
}

/**
 * The profile for a gap, from the channel's buckets before it.
 *
 * @param buckets ascending; those outside the 4 weeks before the gap are left aside
 * @param gapStartMs epoch ms of the last reading before the gap
 * @returns null with less than 2 weeks of history, or when all of it is zero
 */
export function profileFrom(buckets: readonly Bucket[], gapStartMs: number, zone: string): WeeklyProfile | null {
  const sums = new Float64Array(SLOTS);
  const counts = new Uint32Array(SLOTS);
  let historyFromMs = Infinity;
  let total = 0;
  let measured = 0;
  for (const bucket of buckets) {
    const endMs = bucket.startMs + BUCKET_MS;
    if (bucket.startMs < gapStartMs - PROFILE_REACH_MS || endMs > gapStartMs) continue;
    if (bucket.coveredS <= 0) continue;
    // History may begin inside of a bucket, which then is covered from there to its end.
    historyFromMs = Math.min(historyFromMs, endMs - bucket.coveredS * 1000);
    if (bucket.coveredS * 1000 < BUCKET_MS || bucket.estimatedKwh > 0 || bucket.estimatedReverseKwh > 0) continue;
    const slot = slotOf(zone, bucket.startMs);
    sums[slot]! += bucket.energyKwh;
    counts[slot]! += 1;
    total += bucket.energyKwh;
    measured += 1;
  }
  if (gapStartMs - historyFromMs < LEAST_HISTORY_MS || total <= 0) return null;
  const slots = sums.map((sum, slot) => (counts[slot]! > 0 ? sum / counts[slot]! : total / measured));
  return { zone, slots };
}
