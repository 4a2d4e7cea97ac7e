/** How long an organization keeps raw readings: whole days, from 35 on, so that a month's bill can still be explained. */
export const shortestRetentionDays = 35;
export const longestRetentionDays = 36_500;

const dayMs = 86_400_000;

/**
 * From when on raw readings are kept: a UTC midnight, epoch milliseconds. With 90 days, at noon of 2026-06-30: 2026-04-01T00:00Z.
 * What is older is refused when it arrives, and removed in time.
 */
export const rawKeptFrom = (nowMs: number, days: number): number => (Math.floor(nowMs / dayMs) - days) * dayMs;
