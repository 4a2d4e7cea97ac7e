import type { Reading } from "../reading.ts";
import type { Sums } from "../rollup/sums.ts";
import { intervalMs, type EnergyChannel, type Gap } from "./channel-config.ts";

/**
 * A delta: the amount of one interval, stamped at its end unless said otherwise, spread evenly over the buckets that it
 * covers. 0.6 kWh at 10:30 with an interval of 30 minutes is 0.3 in the bucket of 10:00 and 0.3 in that of 10:15. A negative amount is
 * reverse energy on a signed channel, and nothing otherwise. Where intervals overlap both amounts count, and the time they share
 * is covered once.
 */
export function foldDelta(
  channel: EnergyChannel,
  readings: readonly Reading[],
  gapOf: (timeMs: number) => Gap,
  sums: Sums,
): void {
  const signed = channel.direction === "both";
  let coveredToMs = -Infinity;
  for (const { timeMs, value } of readings) {
    sums.reading(timeMs, value);
    const length = intervalMs(gapOf(timeMs));
    const start = channel.stamp === "start" ? timeMs : timeMs - length;
    const freshMs = coveredToMs;
    sums.eachPiece(start, start + length, (at, from, to) => {
      const amount = value * ((to - from) / length);
      if (freshMs < to) sums.cover(at, (to - Math.max(from, freshMs)) / 1000);
      sums.energy(at, amount > 0 ? amount : 0, amount < 0 && signed ? -amount : 0, false);
    });
    coveredToMs = start + length;
  }
}
