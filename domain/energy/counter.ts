import type { Reading } from "../reading.ts";
import { bucketMs, bucketStart } from "../rollup/bucket.ts";
import type { Sums } from "../rollup/sums.ts";
import type { EnergyChannel, Gap } from "./channel-config.ts";
import { expected, type Profile } from "./profile.ts";
import { registerSteps, type Step } from "./register.ts";

/**
 * A counter: the difference of the register between two readings, laid on the time between them. 100 at 10:00 and 101 at 10:10 is
 * 1 kWh, linearly: 0.1 kWh a minute, measured. Further apart than max_gap it is estimated and laid by the channel's own
 * profile, scaled to the true total. What the buckets hold adds up to what the register turned.
 */
export interface CounterRules {
  gapOf: (timeMs: number) => Gap;
  /** The profile for a gap that begins at an instant; null: linear. */
  profileOf: (gapStartMs: number) => Profile | null;
}

export function foldCounter(
  channel: EnergyChannel,
  readings: readonly Reading[],
  { gapOf, profileOf }: CounterRules,
  sums: Sums,
): void {
  const first = readings[0];
  if (first) sums.reading(first.timeMs, first.value);
  for (const step of registerSteps(channel, readings)) {
    sums.reading(step.to.timeMs, step.to.value);
    if (step.turned === null) continue;
    const { from, to } = step;
    if (isMeasured(step, gapOf)) layLinearly(sums, from.timeMs, to.timeMs, step.turned, false);
    else layByProfile(sums, from.timeMs, to.timeMs, step.turned, profileOf(from.timeMs));
  }
}

function isMeasured({ from, to }: Step, gapOf: (timeMs: number) => Gap): boolean {
  return to.timeMs - from.timeMs <= gapOf(to.timeMs).maxGapS * 1000;
}

/** The gaps that will be estimated, so that their profiles can be fetched before folding. */
export function estimatedGaps(
  channel: EnergyChannel,
  readings: readonly Reading[],
  gapOf: (timeMs: number) => Gap,
): { startMs: number; endMs: number }[] {
  const gaps: { startMs: number; endMs: number }[] = [];
  for (const step of registerSteps(channel, readings)) {
    if (step.turned && !isMeasured(step, gapOf)) gaps.push({ startMs: step.from.timeMs, endMs: step.to.timeMs });
  }
  return gaps;
}

function layLinearly(sums: Sums, startMs: number, endMs: number, turned: number, estimated: boolean): void {
  const perMs = turned / (endMs - startMs);
  sums.eachPiece(startMs, endMs, (at, from, to) => {
    add(sums, at, (to - from) / 1000, perMs * (to - from), estimated);
  });
}

function layByProfile(sums: Sums, startMs: number, endMs: number, turned: number, profile: Profile | null): void {
  const total = profile && expectedTotal(profile, startMs, endMs);
  if (!total) return layLinearly(sums, startMs, endMs, turned, true);
  const scale = turned / total;
  sums.eachPiece(startMs, endMs, (at, from, to) => {
    const share = expected(profile, bucketStart(from)) * ((to - from) / bucketMs);
    add(sums, at, (to - from) / 1000, share * scale, true);
  });
}

/** Over the whole gap, whatever window is asked for: the scale must not depend on the window. */
function expectedTotal(profile: Profile, startMs: number, endMs: number): number {
  let total = 0;
  for (let start = bucketStart(startMs); start < endMs; start += bucketMs) {
    const share = (Math.min(endMs, start + bucketMs) - Math.max(startMs, start)) / bucketMs;
    total += expected(profile, start) * share;
  }
  return total;
}

function add(sums: Sums, at: number, seconds: number, amount: number, estimated: boolean): void {
  sums.cover(at, seconds);
  sums.energy(at, amount > 0 ? amount : 0, amount < 0 ? -amount : 0, estimated);
}
