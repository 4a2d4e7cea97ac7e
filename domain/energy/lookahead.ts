import type { Reading } from "../reading.ts";

/**
 * The readings after a first wrong one that decide what it was: the next three, and all up to 15 minutes after it. They end where
 * a person said that another meter begins.
 */
export interface Lookahead {
  /** Of the readings: from the one after the wrong one to `end` (exclusive). */
  end: number;
  /** A reading that comes after this instant cannot be one of them; Infinity: fewer than three are there. */
  closedMs: number;
}

const windowReadings = 3;
export const windowMs = 15 * 60_000;

/**
 * @param end of the readings that may be looked at: all, or those before the next meter (at `endMs`; Infinity: there is none).
 * @param isWhole whether that end is known to be the end, and not just how far readings were loaded. @returns null: too few are.
 */
export function lookahead(
  readings: readonly Reading[],
  at: number,
  { end, endMs, isWhole }: { end: number; endMs: number; isWhole: boolean },
): Lookahead | null {
  const untilMs = readings[at]!.timeMs + windowMs;
  let next = at + 1;
  while (next < end && (next <= at + windowReadings || readings[next]!.timeMs <= untilMs)) next++;
  if (next === end && !isWhole) return null;
  const third = at + windowReadings < end ? readings[at + windowReadings]!.timeMs : Infinity;
  return { end: next, closedMs: Math.min(endMs, Math.max(untilMs, third)) };
}
