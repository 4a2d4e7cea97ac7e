/**
 * JSON of the user's own making: an object, or an array of objects, over HTTP (/ingest/json) or any MQTT topic. The user may
 * say which path holds the device (config.device), the time (config.time), and what the values are
 * (config.map: {"meas.cnt.v": "energy.import:Wh:counter"}). Without a map every number is a gauge under its own path, unit
 * unknown. Worked: {"at":1741944413,"p":{"v":"1.25"}} with map {"p.v":"power:kW"} is power = 1250 W.
 */
import type { Kind } from "../channel.ts";
import type { DecodedReading } from "../reading.ts";
import { convert } from "../units.ts";
import type { UnitConversion } from "../units.ts";
import type { Decoded, Decoder, DeviceConfig, Message, Refusal } from "./device.ts";
import { instantOf } from "./local-clock.ts";
import { mappingsOf, type Mapping } from "./mapping.ts";
import { describe, isObject, numberOf, parseJson, textOf, walk } from "./payload.ts";
import type { Json, JsonObject } from "./payload.ts";

const paths = new Set(["/ingest/json", "/ingest/generic-json", "/ingest/generic"]);

/** No object needs more; a list of a million numbers is not a set of metrics. */
const mostMetrics = 2000;

export const genericJson: Decoder = {
  format: "generic-json",
  priority: 1,
  match({ transport, path, payload }) {
    return transport === "http" ? path !== undefined && paths.has(path) : startsLikeJson(payload);
  },
  decode,
};

/** "{" or "[" behind blanks: a topic alone says nothing. */
function startsLikeJson(payload: Uint8Array): boolean {
  for (const byte of payload) {
    if (byte === 32 || byte === 9 || byte === 10 || byte === 13) continue;
    return byte === 123 || byte === 91;
  }
  return false;
}

interface Gathering {
  config: DeviceConfig;
  mappings: Mapping[] | null;
  readings: DecodedReading[];
  refusals: Refusal[];
}

function decode(message: Message): Decoded {
  const parsed = parseJson(textOf(message.payload));
  if (!parsed.ok) return { readings: [], error: parsed.error };
  return readPoints(parsed.value, message.config ?? {});
}

/** The readings of JSON that is parsed already: an object, or a list of them. */
export function readPoints(json: Json, config: DeviceConfig): Decoded {
  const mappings = mappingsOf(config.map);
  if (typeof mappings === "string") return { readings: [], error: mappings };
  const points = Array.isArray(json) ? json : [json];
  const into: Gathering = { config, mappings, readings: [], refusals: [] };
  points.forEach((point, index) => {
    if (isObject(point)) takePoint(point, into);
    else into.refusals.push({ reason: "not an object", detail: `element ${index} is ${describe(point)}` });
  });
  return finished(into);
}

function finished({ readings, refusals }: Gathering): Decoded {
  // "NaN" as a text is a sensor that has no value: noted, but the message is in order.
  const serious = refusals.find(({ reason }) => reason !== notANumber);
  if (serious) return { readings, refusals, error: `${serious.detail}: ${serious.reason}` };
  return refusals.length > 0 ? { readings, refusals } : { readings };
}

const notANumber = "not a number";

function takePoint(point: JsonObject, into: Gathering): void {
  const time = timeAt(point, into.config);
  if (time === "unreadable") {
    into.refusals.push({
      reason: "expected unix seconds, milliseconds or ISO 8601",
      detail: `the time at "${String(into.config.time)}" is not a time`,
    });
    return;
  }
  const device = deviceAt(point, into.config.device);
  const skip = new Set<string>();
  if (typeof into.config.device === "string") skip.add(into.config.device);
  if (time.path !== null) skip.add(time.path);
  if (into.mappings) return takeMapped(point, into.mappings, device, time.ms, into);
  let left = mostMetrics;
  const isWhole = walk(point, (path, value) => {
    if (!skip.has(path)) takeValue({ device, metric: path, kind: "gauge", conversion: null }, value, time.ms, into);
    return --left > 0;
  });
  if (!isWhole) into.refusals.push({ reason: `only the first ${mostMetrics} were read`, detail: "too many values" });
}

function takeMapped(
  point: JsonObject,
  mappings: Mapping[],
  device: string,
  timeMs: number | null,
  into: Gathering,
): void {
  for (const { path, metric, kind, conversion } of mappings) {
    const value = lookup(point, path);
    if (value !== undefined) takeValue({ device, metric, kind, conversion }, value, timeMs, into);
  }
}

interface Target {
  device: string;
  metric: string;
  kind: Kind;
  conversion: UnitConversion | null;
}

function takeValue(target: Target, raw: Json, timeMs: number | null, into: Gathering): void {
  const { device, metric, kind, conversion } = target;
  if (kind === "state" || (typeof raw === "boolean" && !into.mappings)) {
    const value = typeof raw === "number" ? String(raw) : raw;
    if (typeof value === "boolean" || (typeof value === "string" && numberOf(value) !== "absent"))
      into.readings.push({ device, metric, value, unit: null, timeMs, kind: "state" });
    return;
  }
  const number = numberOf(raw);
  if (number === "nan") into.refusals.push({ reason: notANumber, detail: `${metric} is ${describe(raw)}` });
  if (number === "infinite") refuseInfinite(metric, into);
  // A text that is no number is a name or a unit beside the values: only a mapped one was meant to be a number.
  if (number === "other" && into.mappings)
    into.refusals.push({ reason: "expected a number", detail: `${metric} is ${describe(raw)}` });
  if (typeof number !== "number") return;
  if (kind === "delta" && timeMs === null) {
    into.refusals.push({ reason: "a delta needs the time of its interval", detail: metric });
    return;
  }
  const value = conversion ? convert(number, conversion) : number;
  if (!Number.isFinite(value)) return refuseInfinite(metric, into);
  into.readings.push({ device, metric, value, unit: conversion ? conversion.canonical : null, timeMs, kind });
}

function refuseInfinite(metric: string, into: Gathering): void {
  into.refusals.push({ reason: "not a finite number", detail: metric });
}

/** Names under which scripts send the time, tried where the user has not said one: taken only if it reads as a time. */
const usualTimeNames = ["time", "timestamp", "ts"];

function timeAt(
  point: JsonObject,
  { time: path, timezone }: DeviceConfig,
): { ms: number | null; path: string | null } | "unreadable" {
  if (typeof path === "string") {
    const value = lookup(point, path);
    const ms = value === undefined || numberOf(value) === "absent" ? null : instantOf(value, timezone);
    return ms === undefined ? "unreadable" : { ms, path };
  }
  for (const name of usualTimeNames) {
    const ms = Object.hasOwn(point, name) ? instantOf(point[name], timezone) : undefined;
    // 2001 to 2100: a small number under "time" is a duration or a clock that was never set.
    if (ms === null || (ms !== undefined && ms > 1e12 && ms < 4.1e12)) return { ms, path: name };
  }
  return { ms: null, path: null };
}

function deviceAt(point: JsonObject, path: unknown): string {
  const value = typeof path === "string" ? lookup(point, path) : undefined;
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value : "@token";
}

/** The value at a dotted path. Keys may contain dots themselves: the shortest matching key is followed first. */
function lookup(value: Json, path: string): Json | undefined {
  if (value === null || typeof value !== "object") return undefined;
  const object = value as JsonObject;
  if (Object.hasOwn(object, path)) return object[path];
  for (let dot = path.indexOf("."); dot >= 0; dot = path.indexOf(".", dot + 1)) {
    const key = path.slice(0, dot);
    if (!Object.hasOwn(object, key)) continue;
    const found = lookup(object[key]!, path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}
