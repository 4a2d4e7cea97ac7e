import { intervalMs, isInterval, type EnergyChannel, type Gap } from "../energy/channel-config.ts";
import { bucketCeil, bucketMs, bucketStart } from "./bucket.ts";

export interface Change {
  channel: EnergyChannel;
  gap: Gap;
  /** Readings between these two instants (inclusive) came, changed or went. */
  changedFromMs: number;
  changedToMs: number;
  /** The nearest untouched readings around them; null: there is none. */
  previousMs: number | null;
  nextMs: number | null;
}

/** The buckets that a change can have changed: [fromMs, toMs), whole buckets. */
export function affectedWindow(change: Change): { fromMs: number; toMs: number } {
  const { changedFromMs, changedToMs } = change;
  const [low, high] = reachOfChange(change);
  return {
    fromMs: bucketStart(Math.min(low, changedFromMs)),
    // A reading on an edge lies in the bucket that begins there.
    toMs: Math.max(bucketCeil(high), bucketStart(changedToMs) + bucketMs),
  };
}

function reachOfChange({ channel, gap, changedFromMs, changedToMs, previousMs, nextMs }: Change): [number, number] {
  if (isInterval(channel)) return [changedFromMs - intervalMs(gap), changedToMs + intervalMs(gap)];
  if (channel.kind === "counter") return [previousMs ?? changedFromMs, nextMs ?? changedToMs];
  const maxGapMs = gap.maxGapS * 1000;
  // What was held before the change was only held up to the present of then.
  if (channel.reporting === "on-change")
    return [previousMs ?? changedFromMs, Math.min(nextMs ?? Infinity, changedToMs + maxGapMs)];
  // A pair further apart than max_gap is a hole with or without the change.
  const near = (ms: number | null, from: number) => (ms !== null && Math.abs(ms - from) <= maxGapMs ? ms : from);
  return [near(previousMs, changedFromMs), near(nextMs, changedToMs)];
}

/** How far outside a window readings are needed, besides the nearest one on each side. Milliseconds. */
export const reachMs = (channel: EnergyChannel, gap: Gap): number => (isInterval(channel) ? intervalMs(gap) : 0);
