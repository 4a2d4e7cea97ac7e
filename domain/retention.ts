/** How long an organization keeps raw readings: whole days, from 35 on, so that a month's bill can still be explained. */
export const shortestRetentionDays = 35;
export const longestRetentionDays = 36_500;

const dayMs = 86_400_000;
/** A choice holds from so long after it on: it can be taken back, and all that was accepted before it is stored and counted. */
export const retentionGraceMs = dayMs;

/**
 * From when on raw readings are kept: a UTC midnight, epoch milliseconds. With 90 days, at noon of 2026-06-30: 2026-04-01T00:00Z.
 * What is older is refused when it arrives, and removed in time.
 */
export const rawKeptFrom = (nowMs: number, days: number): number => (Math.floor(nowMs / dayMs) - days) * dayMs;

/** What becomes of frozen time where a channel is corrected: it cannot be computed anew, for its raw readings are gone. */
export type FrozenEffect =
  /** The stored amounts would be read in a unit that they are not in. */
  | "refused"
  /** They stay as they were computed, and what comes after is computed anew. */
  | "stays";

/** @param changed the fields whose change makes something else of stored readings. */
export const frozenEffect = (changed: readonly string[]): FrozenEffect =>
  changed.includes("unit") || changed.includes("quantity") ? "refused" : "stays";
