import type { Reading } from "../reading.ts";
import { BUCKET_MS } from "../rollup/bucket.ts";
import type { EnergyChannel, Gap } from "./channel-config.ts";
import { intervalMs } from "./channel-config.ts";
import type { Tally } from "./tally.ts";
import { firstAtOrAfter } from "./tally.ts";

/**
 * Energy of a delta: each reading is the amount of one interval, `expected_interval` long (15 minutes where nothing is
 * known), which ends at the reading's time unless the channel is stamped `start`. The amount is spread evenly over the
 * interval. A negative amount is reverse energy on `both` and nothing otherwise.
 * Worked: 0.3 kWh at 12:30 with an interval of 30 min: 0.15 kWh in the bucket of 12:00 and 0.15 kWh in that of 12:15.
 *
 * Where intervals overlap (a meter that sent early) both amounts count in full, and the common time is covered once.
 */
export function addAmounts(
  tally: Tally,
  { channel, gap, readings }: { channel: EnergyChannel; gap: Gap; readings: readonly Reading[] },
): void {
  const lengthMs = intervalMs(gap);
  /** From a reading's time to the start of its interval. */
  const shiftMs = channel.stamp === "start" ? 0 : -lengthMs;
  const signed = channel.direction === "both";
  for (let i = firstAtOrAfter(readings, tally.fromMs - shiftMs - lengthMs); i < readings.length; i++) {
    const { timeMs, value } = readings[i]!;
    const startMs = timeMs + shiftMs;
    if (startMs >= tally.toMs) return;
    const previous = readings[i - 1];
    const knownToMs = previous ? previous.timeMs + shiftMs + lengthMs : -Infinity;
    spread(tally, { startMs, lengthMs, knownToMs, value: signed || value > 0 ? value : 0 });
  }
}

function spread(
  tally: Tally,
  { startMs, lengthMs, knownToMs, value }: { startMs: number; lengthMs: number; knownToMs: number; value: number },
): void {
  const end = Math.min(startMs + lengthMs, tally.toMs);
  let a = Math.max(startMs, tally.fromMs);
  let k = Math.floor((a - tally.baseMs) / BUCKET_MS);
  while (a < end) {
    const b = Math.min(tally.baseMs + (k + 1) * BUCKET_MS, end);
    const part = value * ((b - a) / lengthMs);
    if (part > 0) tally.forward[k]! += part;
    else tally.reverse[k]! -= part;
    const freshFrom = Math.max(a, knownToMs);
    if (freshFrom < b) tally.coveredMs[k]! += b - freshFrom;
    a = b;
    k += 1;
  }
}
