import { offsetMs } from "./zone.ts";

/** The local quarter-hour of the week of an instant: 0 is Monday 00:00, 671 is Sunday 23:45. */
export function quarterOfWeek(timezone: string, ms: number): number {
  const quarters = Math.floor((ms + offsetMs(timezone, ms)) / 900_000);
  // 1970-01-01 was a Thursday: three days after Monday.
  return (((quarters + 3 * 96) % 672) + 672) % 672;
}
