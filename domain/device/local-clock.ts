/**
 * Times of devices that do not say their zone. Where the user has set one (config.timezone), 10:25 in Europe/Berlin in March
 * is 09:25Z; in the hour that the clock shows twice, or never, and without a zone, only the time of arrival is sure.
 */
import { isZone, offsetMs } from "../local-time/zone.ts";
import { timeOf, wallMs } from "./payload.ts";

const dayMs = 86_400_000;

/** Asking for a zone is slow, and the zones of an installation are few. */
const known = new Map<string, boolean>();

/**
 * A sender's time in epoch milliseconds; null: a local time that cannot be placed, use the arrival; undefined: not a time.
 */
export function instantOf(value: unknown, timezone: unknown): number | null | undefined {
  const ms = timeOf(value);
  if (ms !== "local") return ms;
  if (typeof timezone !== "string" || typeof value !== "string" || !isKnownZone(timezone)) return null;
  const wall = wallMs(value);
  return wall === undefined ? null : placed(wall, timezone);
}

function isKnownZone(timezone: string): boolean {
  let is = known.get(timezone);
  if (is === undefined) {
    if (known.size >= 1000) known.clear();
    is = isZone(timezone);
    known.set(timezone, is);
  }
  return is;
}

/** The one instant at which the zone's clock shows this; null when there are two or none. */
function placed(wall: number, timezone: string): number | null {
  const before = offsetMs(timezone, wall - dayMs);
  const after = offsetMs(timezone, wall + dayMs);
  if (before === after) return wall - before;
  const isBefore = offsetMs(timezone, wall - before) === before;
  const isAfter = offsetMs(timezone, wall - after) === after;
  if (isBefore === isAfter) return null;
  return wall - (isBefore ? before : after);
}
