import type { EnergyChannel, Gap } from "../energy/channel-config.ts";
import { intervalMs, shapeOf } from "../energy/channel-config.ts";
import { BUCKET_MS, bucketCeiling, bucketStart } from "./bucket.ts";

/**
 * Which buckets can change when readings change.
 * A line or a register's difference reaches from the neighbour before to the neighbour after; a held value one interval;
 * a step until the next reading or the longest gap.
 * Worked: a gauge with readings at 12:00, 12:10 and 12:20; a new one at 12:12 can change 12:10 to 12:20: the buckets of
 * 12:00 and 12:15.
 *
 * Not in the window: estimated gaps of the next 28 days whose profile was made from these buckets.
 */
export interface Change {
  channel: Pick<EnergyChannel, "kind" | "stamp" | "reporting">;
  gap: Gap;
  /** First and last time (epoch ms, both inclusive) of the readings that were added, replaced or removed. */
  changedFromMs: number;
  changedToMs: number;
  /** The nearest readings outside the changed range; null: there is none. */
  previousMs: number | null;
  nextMs: number | null;
}

/**
 * The buckets to compute again.
 *
 * @returns bucket-aligned window `[fromMs, toMs)`, never empty
 */
export function affectedWindow(change: Change): { fromMs: number; toMs: number } {
  const { fromMs, toMs } = reachOfChange(change);
  return {
    fromMs: bucketStart(Math.min(fromMs, change.changedFromMs)),
    // The bucket of the last changed reading itself: its count and its last value.
    toMs: Math.max(bucketCeiling(toMs), bucketStart(change.changedToMs) + BUCKET_MS),
  };
}

function reachOfChange(change: Change): { fromMs: number; toMs: number } {
  const { channel, gap, changedFromMs, changedToMs, previousMs, nextMs } = change;
  const shape = shapeOf(channel);
  const maxGapMs = gap.maxGapS * 1000;
  switch (shape) {
    case "register":
      return { fromMs: previousMs ?? changedFromMs, toMs: nextMs ?? changedToMs };
    case "line":
      // A neighbour beyond the longest gap was joined to nothing, before the change and after it.
      return {
        fromMs: previousMs !== null && changedFromMs - previousMs <= maxGapMs ? previousMs : changedFromMs,
        toMs: nextMs !== null && nextMs - changedToMs <= maxGapMs ? nextMs : changedToMs,
      };
    case "step":
      return { fromMs: changedFromMs, toMs: Math.min(nextMs ?? Infinity, changedToMs + maxGapMs) };
    case "held":
    case "amount":
      return channel.stamp === "start"
        ? { fromMs: changedFromMs, toMs: changedToMs + intervalMs(gap) }
        : { fromMs: changedFromMs - intervalMs(gap), toMs: changedToMs };
    default:
      return shape satisfies never;
  }
}

/**
 * How far outside a window (ms, on both sides) `fold` needs readings besides the nearest one on each side.
 * Stamped gauges and deltas stand for an interval, which may reach into the window.
 */
export function reachMs(channel: Pick<EnergyChannel, "kind" | "stamp" | "reporting">, gap: Gap): number {
  const shape = shapeOf(channel);
  return shape === "held" || shape === "amount" ? intervalMs(gap) : 0;
}
