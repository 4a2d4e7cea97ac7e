/**
 * When a delivery that failed is tried again: the schedule of Standard Webhooks 1.0. Counted from the first try, the last of ten is
 * after 75 h 35 min 5 s; then it is given up.
 */
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const pausesMs = [5 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour];

export const mostTries = pausesMs.length + 1;

/** Pauses are up to a tenth longer, so that what failed together is not tried together. */
const jitter = 0.1;

/** A receiver may ask for a longer pause, but not for longer than this. */
const longestAskedMs = 24 * hour;

/**
 * The instant of the next try, epoch milliseconds; null: it was the last one.
 * @param tries how often it was tried. @param askedS the receiver's Retry-After in seconds. @param chance from 0 to 1
 */
export function nextTryMs(
  { tries, askedS, nowMs }: { tries: number; askedS: number | null; nowMs: number },
  chance: number,
): number | null {
  const pause = pausesMs[tries - 1];
  if (pause === undefined) return null;
  const asked = Math.min((askedS ?? 0) * second, longestAskedMs);
  return Math.round(nowMs + Math.max(pause * (1 + jitter * chance), asked));
}

/** A webhook by which nothing came through for so long is switched off. */
export const failingForMs = 72 * hour;

/** Why a webhook is to be switched off after a try that failed, or null. `failingSinceMs`: the first failure since the last success. */
export function offReasonOf({
  status,
  failingSinceMs,
  nowMs,
}: {
  /** The receiver's; null: none came. */
  status: number | null;
  failingSinceMs: number;
  nowMs: number;
}): "gone" | "failing" | null {
  // 410 Gone: the receiver says that it wants nothing more.
  if (status === 410) return "gone";
  return nowMs - failingSinceMs >= failingForMs ? "failing" : null;
}
