import type { Reporting } from "../../domain/channel.ts";

/** How long a value may be shown as if it were now. A plug that reports every 10 s is old after 50; nobody is before a minute. */
export interface Pace {
  reporting: Reporting;
  expectedIntervalS: number | null;
  maxGapS: number | null;
}

const shortestMs = 60_000;
const unknownMs = 10 * 60_000;
const onChangeMs = 6 * 3_600_000;
const bucketS = 900;

/** @param learnedS the pace of the readings themselves, where the channel says none. */
export function staleAfterMs({ reporting, expectedIntervalS, maxGapS }: Pace, learnedS: number | null): number {
  if (reporting === "on-change") return maxGapS === null ? onChangeMs : maxGapS * 1000;
  const intervalS = expectedIntervalS ?? learnedS;
  return intervalS === null ? unknownMs : Math.max(shortestMs, 5_000 * intervalS);
}

/**
 * Seconds between readings, as the recent buckets show it; null: fewer than two readings. Of each stretch of buckets the first
 * and the last are only partly filled, so they speak only where there is no other.
 */
export function paceOf(buckets: readonly { startMs: number; count: number }[]): number | null {
  const filled = buckets.filter((bucket) => bucket.count > 0);
  const inner = filled.length > 2 ? filled.slice(1, -1) : filled;
  const readings = inner.reduce((sum, bucket) => sum + bucket.count, 0);
  if (readings < 2) return null;
  const spanS = (inner.at(-1)!.startMs - inner[0]!.startMs) / 1000 + bucketS;
  return spanS / readings;
}
