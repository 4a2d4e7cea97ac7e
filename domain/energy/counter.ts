import type { Reading } from "../reading.ts";
import { BUCKET_MS, bucketStart } from "../rollup/bucket.ts";
import type { EnergyChannel, Gap } from "./channel-config.ts";
import type { ProfileBefore, WeeklyProfile } from "./profile.ts";
import { profileKwh } from "./profile.ts";
import { cutRegister } from "./register.ts";
import type { Tally } from "./tally.ts";
import { firstAtOrAfter } from "./tally.ts";

/**
 * Energy of a counter: what the register turned between two readings, laid on the time between them. Linearly when they
 * are at most `max_gap` apart (measured); otherwise it is estimated, and laid by the channel's weekly profile, scaled to the
 * true total. Energy is never invented and never lost: the buckets add up to last minus first of each stretch.
 * Worked: 100 at 12:00 and 101.2 at 12:30 (`max_gap` 30 min): 0.6 kWh in each of two buckets, measured. 100 and, eight hours
 * later, 140: 40 kWh over 32 buckets, estimated; 1.25 kWh each where there is no profile.
 */
export function addRegister(
  tally: Tally,
  {
    channel,
    gap,
    readings,
    profile,
  }: { channel: EnergyChannel; gap: Gap; readings: readonly Reading[]; profile?: ProfileBefore | null },
): void {
  const maxGapMs = gap.maxGapS * 1000;
  const cut = cutRegister(channel, readings);
  const first = firstAtOrAfter(cut.readings, tally.fromMs);
  for (const stretch of cut.stretches) {
    for (let i = Math.max(stretch.from + 1, first); i < stretch.to; i++) {
      const before = cut.readings[i - 1]!;
      const after = cut.readings[i]!;
      if (before.timeMs >= tally.toMs) return;
      const turned = after.value - before.value;
      if (after.timeMs - before.timeMs <= maxGapMs) {
        layMeasured(tally, before.timeMs, after.timeMs, turned);
      } else {
        const known = turned > 0 && profile ? profile(before.timeMs) : null;
        layEstimated(tally, { startMs: before.timeMs, endMs: after.timeMs, turned, profile: known });
      }
    }
  }
}

function layMeasured(tally: Tally, startMs: number, endMs: number, turned: number): void {
  const { baseMs, fromMs, toMs } = tally;
  const lengthMs = endMs - startMs;
  const end = endMs < toMs ? endMs : toMs;
  let a = startMs > fromMs ? startMs : fromMs;
  let k = Math.floor((a - baseMs) / BUCKET_MS);
  while (a < end) {
    const edge = baseMs + (k + 1) * BUCKET_MS;
    const b = edge < end ? edge : end;
    const part = turned * ((b - a) / lengthMs);
    if (part >= 0) tally.forward[k]! += part;
    else tally.reverse[k]! -= part;
    tally.coveredMs[k]! += b - a;
    a = b;
    k += 1;
  }
}

interface EstimatedGap {
  startMs: number;
  endMs: number;
  turned: number;
  profile: WeeklyProfile | null;
}

function layEstimated(tally: Tally, gap: EstimatedGap): void {
  const { startMs, endMs, turned } = gap;
  // The weight of the whole gap, whatever part of it the window shows: the same bucket gets the same share in any window.
  const profileTotal = gap.profile ? weightOf(gap.profile, startMs, endMs) : 0;
  const profile = profileTotal > 0 ? gap.profile : null;
  const end = Math.min(endMs, tally.toMs);
  let a = Math.max(startMs, tally.fromMs);
  let k = Math.floor((a - tally.baseMs) / BUCKET_MS);
  while (a < end) {
    const b = Math.min(tally.baseMs + (k + 1) * BUCKET_MS, end);
    const share = profile
      ? (profileKwh(profile, tally.baseMs + k * BUCKET_MS) * ((b - a) / BUCKET_MS)) / profileTotal
      : (b - a) / (endMs - startMs);
    const part = turned * share;
    if (part >= 0) {
      tally.forward[k]! += part;
      tally.estimated[k]! += part;
    } else {
      tally.reverse[k]! -= part;
      tally.estimatedReverse[k]! -= part;
    }
    tally.coveredMs[k]! += b - a;
    a = b;
    k += 1;
  }
}

function weightOf(profile: WeeklyProfile, startMs: number, endMs: number): number {
  let weight = 0;
  for (let bucketMs = bucketStart(startMs); bucketMs < endMs; bucketMs += BUCKET_MS) {
    const a = Math.max(startMs, bucketMs);
    const b = Math.min(endMs, bucketMs + BUCKET_MS);
    weight += profileKwh(profile, bucketMs) * ((b - a) / BUCKET_MS);
  }
  return weight;
}

/**
 * The gaps of a register that are estimated: whoever folds it makes a profile for each (`profileFrom`) from the buckets of
 * the four weeks before.
 *
 * @returns ascending, `startMs` and `endMs` being the times of the readings on either side
 */
export function estimatedGaps(
  channel: EnergyChannel,
  gap: Gap,
  readings: readonly Reading[],
): { startMs: number; endMs: number }[] {
  const cut = cutRegister(channel, readings);
  const gaps: { startMs: number; endMs: number }[] = [];
  for (const stretch of cut.stretches) {
    for (let i = stretch.from + 1; i < stretch.to; i++) {
      const startMs = cut.readings[i - 1]!.timeMs;
      const endMs = cut.readings[i]!.timeMs;
      if (endMs - startMs > gap.maxGapS * 1000) gaps.push({ startMs, endMs });
    }
  }
  return gaps;
}
