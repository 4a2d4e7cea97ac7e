import type { Reading } from "../reading.ts";
import { BUCKET_MS } from "../rollup/bucket.ts";
import type { EnergyChannel, Gap } from "./channel-config.ts";
import { intervalMs } from "./channel-config.ts";
import type { Tally } from "./tally.ts";
import { firstAtOrAfter } from "./tally.ts";

/**
 * Energy of a gauge of power, and the mean of any gauge.
 *
 * - Momentary values are joined by straight lines (the trapezoid); a pair further apart than `max_gap` is a hole. A line is
 *   split at the edges of buckets, and where it crosses zero: what is above is forward, what is below is reverse.
 * - A value stamped `start` or `end` is the mean of its interval: held over it, and cut at its neighbour.
 * - A channel that reports on change holds its value until the next one, at most for `max_gap`.
 * Worked: 1000 W at 12:00 and 2000 W at 12:06 are 1500 W for 0.1 h: 0.15 kWh. From +600 W to -600 W in 6 min: 0.015 kWh
 * forward and 0.015 kWh reverse.
 */

/**
 * Adds straight lines between momentary readings to the sums.
 *
 * @param readings ascending, each time once; the last one before and the first one after the window belong to them
 */
export function addLines(tally: Tally, gap: Gap, readings: readonly Reading[]): void {
  const { fromMs, toMs, baseMs } = tally;
  const maxGapMs = gap.maxGapS * 1000;
  for (let i = Math.max(1, firstAtOrAfter(readings, fromMs)); i < readings.length; i++) {
    const before = readings[i - 1]!;
    const after = readings[i]!;
    const t0 = before.timeMs;
    const t1 = after.timeMs;
    if (t0 >= toMs) return;
    if (t1 - t0 > maxGapMs) continue;
    const v0 = before.value;
    const v1 = after.value;
    const slope = (v1 - v0) / (t1 - t0);
    const end = t1 < toMs ? t1 : toMs;
    let a = t0 > fromMs ? t0 : fromMs;
    let va = a === t0 ? v0 : v0 + slope * (a - t0);
    let k = Math.floor((a - baseMs) / BUCKET_MS);
    while (a < end) {
      const edge = baseMs + (k + 1) * BUCKET_MS;
      const b = edge < end ? edge : end;
      const vb = b === t1 ? v1 : v0 + slope * (b - t0);
      addLine(tally, k, b - a, va, vb);
      a = b;
      va = vb;
      k += 1;
    }
  }
}

function addLine(tally: Tally, k: number, ms: number, va: number, vb: number): void {
  const { forward, reverse, min, max } = tally;
  tally.coveredMs[k]! += ms;
  if (va < min[k]!) min[k] = va;
  if (va > max[k]!) max[k] = va;
  if (vb < min[k]!) min[k] = vb;
  if (vb > max[k]!) max[k] = vb;
  if (va >= 0 && vb >= 0) {
    forward[k]! += ((va + vb) / 2) * ms;
  } else if (va <= 0 && vb <= 0) {
    reverse[k]! -= ((va + vb) / 2) * ms;
  } else {
    // Two triangles that meet where the line crosses zero.
    const first = (va / (va - vb)) * ms;
    if (va > 0) {
      forward[k]! += (va / 2) * first;
      reverse[k]! -= (vb / 2) * (ms - first);
    } else {
      reverse[k]! -= (va / 2) * first;
      forward[k]! += (vb / 2) * (ms - first);
    }
  }
}

/**
 * Adds values that are held over the interval they are the mean of.
 *
 * @param channel its stamp says on which side of its time a reading's interval lies
 * @param gap an unknown interval is 15 minutes
 */
export function addHeld(
  tally: Tally,
  { channel, gap, readings }: { channel: EnergyChannel; gap: Gap; readings: readonly Reading[] },
): void {
  const lengthMs = intervalMs(gap);
  const atStart = channel.stamp === "start";
  const first = firstAtOrAfter(readings, atStart ? tally.fromMs - lengthMs : tally.fromMs);
  for (let i = first; i < readings.length; i++) {
    const { timeMs, value } = readings[i]!;
    if (atStart) {
      if (timeMs >= tally.toMs) return;
      const next = readings[i + 1];
      const end = timeMs + lengthMs;
      hold(tally, timeMs, next && next.timeMs < end ? next.timeMs : end, value);
    } else {
      if (timeMs - lengthMs >= tally.toMs) return;
      const previous = readings[i - 1];
      const start = timeMs - lengthMs;
      hold(tally, previous && previous.timeMs > start ? previous.timeMs : start, timeMs, value);
    }
  }
}

/**
 * Adds values that hold until the next one, until the device goes offline, or for `max_gap`.
 *
 * @param offlineMs times (epoch ms, ascending) at which the device went offline
 */
export function addSteps(
  tally: Tally,
  { gap, readings, offlineMs = [] }: { gap: Gap; readings: readonly Reading[]; offlineMs?: readonly number[] },
): void {
  const maxGapMs = gap.maxGapS * 1000;
  let offline = 0;
  for (let i = Math.max(0, firstAtOrAfter(readings, tally.fromMs) - 1); i < readings.length; i++) {
    const { timeMs, value } = readings[i]!;
    if (timeMs >= tally.toMs) return;
    while (offline < offlineMs.length && offlineMs[offline]! < timeMs) offline += 1;
    const next = readings[i + 1]?.timeMs ?? Infinity;
    hold(tally, timeMs, Math.min(next, timeMs + maxGapMs, offlineMs[offline] ?? Infinity), value);
  }
}

function hold(tally: Tally, startMs: number, endMs: number, value: number): void {
  const { baseMs, min, max } = tally;
  const end = Math.min(endMs, tally.toMs);
  let a = Math.max(startMs, tally.fromMs);
  let k = Math.floor((a - baseMs) / BUCKET_MS);
  while (a < end) {
    const b = Math.min(baseMs + (k + 1) * BUCKET_MS, end);
    tally.coveredMs[k]! += b - a;
    if (value >= 0) tally.forward[k]! += value * (b - a);
    else tally.reverse[k]! -= value * (b - a);
    if (value < min[k]!) min[k] = value;
    if (value > max[k]!) max[k] = value;
    a = b;
    k += 1;
  }
}
