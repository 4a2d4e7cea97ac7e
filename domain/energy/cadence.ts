/**
 * The expected interval where nobody gave it: the median of the differences between successive readings.
 * Readings at 0, 10, 20, 30 and 95 s: differences 10, 10, 10, 65 s, median 10 s. Fewer than three differences say nothing.
 */
const enoughDifferences = 3;

/** @param timesMs ascending, epoch milliseconds. @returns seconds, or null when too little is known. */
export function learnInterval(timesMs: readonly number[]): number | null {
  const differences: number[] = [];
  for (let i = 1; i < timesMs.length; i++) {
    const difference = timesMs[i]! - timesMs[i - 1]!;
    if (difference > 0) differences.push(difference);
  }
  if (differences.length < enoughDifferences) return null;
  differences.sort((a, b) => a - b);
  const middle = differences.length >> 1;
  const median = differences.length % 2 ? differences[middle]! : (differences[middle - 1]! + differences[middle]!) / 2;
  return median / 1000;
}
