/**
 * A bucket: 15 minutes of one channel, aligned to UTC. Every zone's offset in use is a multiple of 15 minutes, so local
 * hours, days, months and years are exact unions of buckets.
 * Worked: 12:07:30 UTC lies in the bucket that starts at 12:00.
 */
export const BUCKET_MS = 900_000;

/** What a channel's readings say of 15 minutes. Energies are kWh (m3 on a channel of volume) and never negative. */
export interface Bucket {
  /** Epoch ms, a multiple of 15 minutes, also where the window cut the bucket. */
  startMs: number;
  /** Forward energy, the estimated part included. */
  energyKwh: number;
  /** Reverse energy, never netted with the forward one; 0 unless the direction is `both`. */
  reverseKwh: number;
  estimatedKwh: number;
  estimatedReverseKwh: number;
  /** Seconds whose energy (or value) is known, measured or estimated. */
  coveredS: number;
  /** Gauges: weighted by time over the covered part; null where nothing is covered, and on counters and deltas. */
  mean: number | null;
  min: number | null;
  max: number | null;
  /** Readings whose time lies in the bucket. */
  count: number;
  /** The last of them, as sent. */
  last: number | null;
}

/** Start of the bucket that holds an instant (epoch ms). */
export function bucketStart(ms: number): number {
  return Math.floor(ms / BUCKET_MS) * BUCKET_MS;
}

/** The first bucket edge at or after an instant (epoch ms). */
export function bucketCeiling(ms: number): number {
  return Math.ceil(ms / BUCKET_MS) * BUCKET_MS;
}

/** A bucket that knows nothing. */
export function emptyBucket(startMs: number): Bucket {
  return {
    startMs,
    energyKwh: 0,
    reverseKwh: 0,
    estimatedKwh: 0,
    estimatedReverseKwh: 0,
    coveredS: 0,
    mean: null,
    min: null,
    max: null,
    count: 0,
    last: null,
  };
}
