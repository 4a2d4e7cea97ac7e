import { Temporal } from "temporal-polyfill";

/** Offsets change on whole quarter-hours only, so one look-up serves a quarter-hour of a zone. */
const quarterMs = 900_000;
const mostRemembered = 100_000;
const remembered = new Map<string, Map<number, number>>();

/** What a zone's wall clock is ahead of UTC at an instant, in milliseconds: Europe/Berlin in summer 7,200,000. */
export function offsetMs(timezone: string, ms: number): number {
  let offsets = remembered.get(timezone);
  if (!offsets || offsets.size > mostRemembered) remembered.set(timezone, (offsets = new Map()));
  const quarter = Math.floor(ms / quarterMs);
  let offset = offsets.get(quarter);
  if (offset === undefined) {
    offset = zoned(timezone, quarter * quarterMs).offsetNanoseconds / 1e6;
    offsets.set(quarter, offset);
  }
  return offset;
}

/** An instant on a zone's wall clock and calendar. */
export function zoned(timezone: string, ms: number): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(ms)).toZonedDateTimeISO(timezone);
}

/** Whether a name is a time zone of the IANA database ("Europe/Berlin", "UTC"); offsets such as "+02:00" are not. */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(name)) return false;
  try {
    zoned(name, 0);
    return true;
  } catch {
    return false;
  }
}
