import type { DayNumber } from "./civil-day.ts";
import { offsetMs } from "./zone.ts";

/**
 * A run of 15-minute buckets on a zone's wall clock: for each, its local day and its quarter-hour of that day (0 is 00:00, 95 is
 * 23:45). A day of 25 hours has four quarters twice, a day of 23 hours lacks four.
 */
export interface QuarterHours {
  day: Int32Array;
  quarter: Uint8Array;
}

const quarterMs = 900_000;
const dayMs = 86_400_000;
/** Looked at together: a zone's offset changes at most once in them, so equal offsets at both ends are one offset. */
const together = 96;

export function quarterHours(timezone: string, startMs: number, length: number): QuarterHours {
  const day = new Int32Array(length);
  const quarter = new Uint8Array(length);
  for (let from = 0; from < length; from += together) {
    const to = Math.min(length, from + together);
    const first = offsetMs(timezone, startMs + from * quarterMs);
    const steady = first === offsetMs(timezone, startMs + (to - 1) * quarterMs);
    for (let i = from; i < to; i++) {
      const ms = startMs + i * quarterMs;
      const local = ms + (steady ? first : offsetMs(timezone, ms));
      const d = Math.floor(local / dayMs) as DayNumber;
      day[i] = d;
      quarter[i] = (local - d * dayMs) / quarterMs;
    }
  }
  return { day, quarter };
}
