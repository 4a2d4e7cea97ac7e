/**
 * The bucket: 15 minutes, aligned to UTC. Every zone's offset in use is a multiple of 15 minutes, so local hours, days, months
 * and years are exact unions of buckets. 09:26:53 lies in the bucket that starts at 09:15.
 */
export const bucketMs = 900_000;
export const bucketS = 900;

/** What one channel measured in one bucket. Energies are amounts in the channel's unit (kWh; m3 for gas and water), never negative. */
export interface Bucket {
  /** Epoch milliseconds, a multiple of 15 minutes. */
  startMs: number;
  /** Forward energy: measured and estimated together. */
  energyKwh: number;
  /** Reverse energy of a signed channel: measured and estimated together. */
  reverseKwh: number;
  /** The estimated part of energyKwh. */
  estimatedKwh: number;
  /** The estimated part of reverseKwh. */
  estimatedReverseKwh: number;
  /** Seconds whose energy (or value) is known, measured or estimated: 0 to 900. */
  coveredS: number;
  /** Weighted by time over the covered part; null for registers and where nothing is covered. */
  mean: number | null;
  min: number | null;
  max: number | null;
  /** Readings whose time lies in the bucket, and the value of the last of them. */
  count: number;
  last: number | null;
}

/** The start of the bucket that holds an instant (epoch milliseconds). */
export const bucketStart = (ms: number): number => Math.floor(ms / bucketMs) * bucketMs;

/** The end of the bucket that ends at or after an instant. */
export const bucketCeil = (ms: number): number => Math.ceil(ms / bucketMs) * bucketMs;
