/**
 * How often a channel sends: the median of the differences between successive readings.
 * Fewer than 3 differences say nothing yet.
 * Worked: readings at 0, 60, 120, 600 s differ by 60, 60 and 480 s: 60 s.
 */
const FEWEST_DIFFERENCES = 3;

/**
 * The learned interval of a channel.
 *
 * @param timesMs times of readings in epoch ms, ascending; a time that repeats is the same reading and counts once
 * @returns seconds, or null with fewer than 3 differences
 */
export function learnInterval(timesMs: readonly number[]): number | null {
  const differences: number[] = [];
  for (let i = 1; i < timesMs.length; i++) {
    const difference = timesMs[i]! - timesMs[i - 1]!;
    if (difference > 0) differences.push(difference);
  }
  if (differences.length < FEWEST_DIFFERENCES) return null;
  differences.sort((a, b) => a - b);
  const middle = differences.length >> 1;
  const median =
    differences.length % 2 === 1 ? differences[middle]! : (differences[middle - 1]! + differences[middle]!) / 2;
  return median / 1000;
}
