import type { DecodedReading } from "../domain/reading.ts";
import { rawKeptFrom } from "../domain/retention.ts";
import type { Drop } from "./drop.ts";

/** A device's clock may be this far ahead (rules of energy, section 6). */
export const futureToleranceMs = 5 * 60_000;
const longestName = 200;
/** A channel's metric and tags together: they are its key, and an index entry holds at most 2,700 bytes of it. */
const longestKey = 800;
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
  if (reading.tags && lengthOf(reading.tags) + reading.metric.length > longestKey) {
    return {
      reason: "name-too-long",
      detail: `${reading.metric} and its tags together, at most ${longestKey} characters`,
    };
  }
  if (!isStorable(reading))
    return {
      reason: "malformed",
      detail: `a name or value at ${describeName(reading)} holds characters that are no text`,
    };
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

/** A reading before the ones that its organization keeps: what came of them is frozen. @param days null: kept for ever. */
export function tooOldToKeep({ metric, timeMs }: DecodedReading, days: number | null, nowMs: number): Drop | null {
  if (days === null || timeMs === null || timeMs >= rawKeptFrom(nowMs, days)) return null;
  return {
    reason: "before-retention",
    detail: `${metric} at ${describeTime(timeMs)}, the organization keeps raw readings for ${days} days`,
  };
}

/** A stored value outside the limits that a person gave its channel. */
export function outsideLimits(
  { metric }: DecodedReading,
  value: number | string,
  { min, max }: { min: number | null; max: number | null },
): Drop | null {
  if (typeof value !== "number" || ((min === null || value >= min) && (max === null || value <= max))) return null;
  const limits = `${min === null ? "no limit" : min} to ${max === null ? "no limit" : max}`;
  return { reason: "outside-limits", detail: `${metric} is ${value}, its channel takes ${limits}` };
}

const measuredTags = new WeakMap<Record<string, string>, number>();

/** Readings of one message share their tags object: measured once. Infinite when one of them is too long by itself. */
function lengthOf(tags: Record<string, string>): number {
  const known = measuredTags.get(tags);
  if (known !== undefined) return known;
  let length = 0;
  for (const [key, value] of Object.entries(tags)) {
    length += key.length > longestName || value.length > longestName ? Infinity : key.length + value.length + 2;
  }
  measuredTags.set(tags, length);
  return length;
}

/** NUL and halves of a surrogate pair: JSON can spell them, Postgres cannot keep them. */
const noText = /[\0\p{Surrogate}]/u;
const checkedTags = new WeakMap<Record<string, string>, boolean>();

function isStorable({ device, metric, value, tags }: DecodedReading): boolean {
  if (noText.test(metric) || noText.test(device)) return false;
  if (typeof value === "string" && noText.test(value)) return false;
  if (!tags) return true;
  const known = checkedTags.get(tags);
  if (known !== undefined) return known;
  const isGood = !Object.entries(tags).some(([key, text]) => noText.test(key) || noText.test(text));
  checkedTags.set(tags, isGood);
  return isGood;
}

const describeName = ({ metric }: DecodedReading) => JSON.stringify(metric.slice(0, 80));

function describeTime(ms: number): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : `${ms} ms`;
}
