import { Temporal } from "temporal-polyfill";

/**
 * The offset of a zone from UTC at an instant, quickly.
 * A zone's offset changes a few times a year; between two changes the answer is looked up, not computed.
 * Worked: Europe/Berlin on 2026-07-01 is 7 200 000 ms ahead; the same answer holds from 29 March to 25 October.
 */
interface Stretch {
  /** First instant (epoch ms) with this offset, -Infinity where it never changed before. */
  fromMs: number;
  /** First instant with another offset, Infinity where none is known. */
  toMs: number;
  offsetMs: number;
}

/** Stretches found so far, ascending. Facts of the calendar: keeping them changes no result, only its speed. */
const known = new Map<string, Stretch[]>();

/**
 * Offset of the zone at an instant: local wall clock minus UTC, in ms.
 *
 * @throws RangeError for a name that is no zone (`isZone` tells before)
 */
export function offsetMs(zone: string, ms: number): number {
  return stretchAt(zone, ms).offsetMs;
}

/** The first instant after `ms` at which the zone's offset changes; Infinity where none is known. */
export function nextOffsetChange(zone: string, ms: number): number {
  return stretchAt(zone, ms).toMs;
}

function stretchAt(zone: string, ms: number): Stretch {
  let stretches = known.get(zone);
  if (!stretches) known.set(zone, (stretches = []));
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stretches[middle]!.toMs <= ms) low = middle + 1;
    else high = middle;
  }
  const found = stretches[low];
  if (found && found.fromMs <= ms) return found;
  const fresh = findStretch(zone, ms);
  stretches.splice(low, 0, fresh);
  return fresh;
}

function findStretch(zone: string, ms: number): Stretch {
  const wholeMs = Math.floor(ms);
  const here = Temporal.Instant.fromEpochMilliseconds(wholeMs).toZonedDateTimeISO(zone);
  // "previous" means strictly before, and a change at this very instant already counts.
  const justAfter = Temporal.Instant.fromEpochMilliseconds(wholeMs + 1).toZonedDateTimeISO(zone);
  return {
    fromMs: justAfter.getTimeZoneTransition("previous")?.epochMilliseconds ?? -Infinity,
    toMs: here.getTimeZoneTransition("next")?.epochMilliseconds ?? Infinity,
    offsetMs: here.offsetNanoseconds / 1e6,
  };
}
