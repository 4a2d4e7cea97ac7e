import type { DecodedReading } from "../domain/reading.ts";
import type { Drop } from "./drop.ts";

/** A device's clock may be this far ahead (rules of energy, section 6). */
export const futureToleranceMs = 5 * 60_000;
const longestName = 200;
const longestState = 2_000;

/**
 * Whether a decoded reading can be true and can be kept. Units were settled by the decoder.
 * @returns null when it is fine, else the reason.
 */
export function judge(reading: DecodedReading, receivedAtMs: number): Drop | null {
  const { value, timeMs } = reading;
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return { reason: "not-a-number", detail: `${reading.metric} is ${value}` };
  } else if (reading.kind !== "state") {
    return {
      reason: "not-a-number",
      detail: `${reading.metric} is ${JSON.stringify(value)}, a ${reading.kind} needs a number`,
    };
  } else if (typeof value === "string" && value.length > longestState) {
    return {
      reason: "payload-too-large",
      detail: `${reading.metric} has ${value.length} characters, at most ${longestState} are kept`,
    };
  }
  if (reading.metric.length > longestName || reading.device.length > longestName) {
    const name = reading.metric.length > longestName ? reading.metric : reading.device;
    return { reason: "name-too-long", detail: `${name.slice(0, 80)}… has ${name.length} characters` };
  }
  if (reading.tags && tagsTooLong(reading.tags))
    return { reason: "name-too-long", detail: `the tags of ${reading.metric}` };
  if (timeMs === null) {
    if (reading.kind !== "delta") return null;
    return { reason: "delta-without-time", detail: `${reading.metric} has no time` };
  }
  if (!(timeMs <= receivedAtMs + futureToleranceMs)) {
    return {
      reason: "time-in-future",
      detail: `${reading.metric} at ${describeTime(timeMs)}, received at ${describeTime(receivedAtMs)}`,
    };
  }
  if (timeMs < 0) return { reason: "time-too-old", detail: `${reading.metric} at ${describeTime(timeMs)}` };
  return null;
}

const checkedTags = new WeakMap<Record<string, string>, boolean>();

// Readings of one message share their tags object: looked at once.
function tagsTooLong(tags: Record<string, string>): boolean {
  const known = checkedTags.get(tags);
  if (known !== undefined) return known;
  const long = Object.entries(tags).some(([key, value]) => key.length > longestName || value.length > longestName);
  checkedTags.set(tags, long);
  return long;
}

function describeTime(ms: number): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : `${ms} ms`;
}
