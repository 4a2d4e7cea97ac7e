import { bucketMs, bucketS, type Bucket } from "../rollup/bucket.ts";
import { quarterOfWeek } from "../local-time/quarter-of-week.ts";

/**
 * A channel's own week: how much it usually takes in each quarter-hour, in the site's zone, from the fully measured buckets of the
 * four weeks before a gap. It lays an outage's energy where it most likely was: 10 kWh over a night and a morning fall mostly
 * into the morning of a household.
 */
export interface Profile {
  /** Energy per slot (7 x 96, Monday 00:00 first); NaN: the slot has none. */
  slots: Float64Array;
  /** For slots without any. */
  mean: number;
  timezone: string;
}

export const profileWeeksMs = 28 * 86_400_000;
const leastHistoryMs = 14 * 86_400_000;

/**
 * @param buckets ascending, of the four weeks before the gap at least.
 * @param outages stretches that were estimated, ascending: their buckets were not measured, even where they hold nothing.
 * @returns null: less than two weeks of history, or all zero; the gap is then laid linearly.
 */
export function learnProfile(
  buckets: readonly Bucket[],
  gapStartMs: number,
  timezone: string,
  outages: readonly Stretch[] = [],
): Profile | null {
  const from = firstAt(buckets.length, (i) => buckets[i]!.startMs >= gapStartMs - profileWeeksMs);
  const to = firstAt(buckets.length, (i) => buckets[i]!.startMs + bucketMs > gapStartMs);
  const isEstimated = stretchesHold(outages);
  const measured = buckets
    .slice(from, to)
    .filter((b) => b.coveredS >= bucketS && b.estimatedKwh === 0 && !isEstimated(b.startMs));
  const oldest = measured[0]?.startMs ?? gapStartMs;
  if (gapStartMs - oldest < leastHistoryMs) return null;
  const sums = new Float64Array(672);
  const counts = new Float64Array(672);
  let total = 0;
  for (const { startMs, energyKwh } of measured) {
    const slot = quarterOfWeek(timezone, startMs);
    sums[slot]! += energyKwh;
    counts[slot]!++;
    total += energyKwh;
  }
  if (total === 0) return null;
  return { slots: sums.map((sum, slot) => sum / counts[slot]!), mean: total / measured.length, timezone };
}

/** What the profile expects in a bucket. */
export function expected(profile: Profile, bucketStartMs: number): number {
  const own = profile.slots[quarterOfWeek(profile.timezone, bucketStartMs)]!;
  return Number.isNaN(own) ? profile.mean : own;
}

/** [startMs, endMs), epoch milliseconds. */
interface Stretch {
  startMs: number;
  endMs: number;
}

/** Whether a bucket touches one of some stretches (ascending, apart from each other); asked for ascending buckets. */
function stretchesHold(stretches: readonly Stretch[]): (bucketStartMs: number) => boolean {
  let at = -1;
  return (start) => {
    if (at < 0) at = firstAt(stretches.length, (i) => stretches[i]!.endMs > start);
    while (at < stretches.length && stretches[at]!.endMs <= start) at++;
    return at < stretches.length && stretches[at]!.startMs < start + bucketMs;
  };
}

/** The first index of an ordered list at which a condition holds (and holds from there on). */
function firstAt(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  for (let high = length; low < high;) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
