import { median } from "./median.ts";

/**
 * The expected interval where nobody gave it: the median of the differences between successive readings.
 * Readings at 0, 10, 20, 30 and 95 s: differences 10, 10, 10, 65 s, median 10 s.
 */
export interface Interval {
  /** Seconds; null: no two readings are known. */
  intervalS: number | null;
  /** How many differences it is the median of: fewer than three say nothing of how long a silence may last. */
  differences: number;
}

/** @param timesMs ascending, epoch milliseconds. */
export function learnInterval(timesMs: readonly number[]): Interval {
  const differences: number[] = [];
  for (let i = 1; i < timesMs.length; i++) {
    const difference = timesMs[i]! - timesMs[i - 1]!;
    if (difference > 0) differences.push(difference);
  }
  return { intervalS: differences.length ? median(differences) / 1000 : null, differences: differences.length };
}
