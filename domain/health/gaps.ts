import { bucketMs, bucketS } from "../rollup/bucket.ts";

/** A stretch without data, epoch milliseconds. */
export interface Gap {
  fromMs: number;
  toMs: number;
}

/** Less than half of a quarter-hour covered is a gap: shorter holes are on the chart of the readings themselves. */
const leastCoveredS = bucketS / 2;

/**
 * The stretches in [fromMs, toMs) in which no channel of a device has data, quarter-hours joined, oldest first.
 * @param covered seconds covered by quarter-hour start, of each channel.
 */
export function gapsOf(covered: readonly { startMs: number; coveredS: number }[], fromMs: number, toMs: number): Gap[] {
  const best = new Map<number, number>();
  for (const { startMs, coveredS } of covered) best.set(startMs, Math.max(coveredS, best.get(startMs) ?? 0));
  const gaps: Gap[] = [];
  for (let startMs = Math.ceil(fromMs / bucketMs) * bucketMs; startMs + bucketMs <= toMs; startMs += bucketMs) {
    if ((best.get(startMs) ?? 0) >= leastCoveredS) continue;
    const last = gaps.at(-1);
    if (last?.toMs === startMs) last.toMs = startMs + bucketMs;
    else gaps.push({ fromMs: startMs, toMs: startMs + bucketMs });
  }
  return gaps;
}
