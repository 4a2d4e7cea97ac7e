/**
 * ThingsBoard's device API: telemetry over MQTT (v1/devices/me/telemetry, v2/t, a gateway's v1/gateway/telemetry) and HTTP
 * (/api/v1/<token>/telemetry). {k: v}, {ts: ms, values: {k: v}}, or a list of either; `ts` is a time only beside `values`.
 * Names and units are the sender's own. Attributes describe a device and hold no readings: taken, and not kept.
 * Worked: {"ts":1741944413589,"values":{"power":"-402"}} is power = -402 at 09:26:53.589Z.
 * Sources: thingsboard JsonConverter.java, MqttTopics.java, DeviceApiController.java, AbstractGatewaySessionHandler.java.
 */
import type { DecodedReading } from "../reading.ts";
import type { Decoded, Decoder, HttpAnswer, Message, Refusal } from "./device.ts";
import { describe, isObject, numberOf, parseJson, textOf, timeOf } from "./payload.ts";
import type { Json, JsonObject } from "./payload.ts";

const httpPath = /^\/api\/v1\/[^/]+\/(telemetry|attributes)$/;
const topics: ReadonlyMap<string, (payload: Json) => Decoded> = new Map([
  ["v1/devices/me/telemetry", ofDevice],
  ["v2/t", ofDevice],
  ["v2/t/j", ofDevice],
  ["v1/gateway/telemetry", ofGateway],
  ["v1/gateway/connect", (payload: Json) => connection(payload, true)],
  ["v1/gateway/disconnect", (payload: Json) => connection(payload, false)],
]);
const otherTopic = /^v1\/(devices\/me|gateway)\/(attributes|rpc|claim)(\/|$)|^v2\/(a|r)(\/|$)/;

export const thingsboard: Decoder = {
  format: "thingsboard",
  priority: 100,
  match: ({ transport, topic, path }) =>
    transport === "http" ? httpPath.test(path ?? "") : topics.has(topic ?? "") || otherTopic.test(topic ?? ""),
  decode: (message) => (message.transport === "http" ? decodeHttp(message) : decodeMqtt(message)),
  unauthorized: () => ({ status: 401, body: "" }),
};

function decodeMqtt({ topic = "", payload }: Message): Decoded {
  if (otherTopic.test(topic)) return { readings: [] };
  const parsed = parseJson(textOf(payload));
  return parsed.ok ? (topics.get(topic) ?? ofDevice)(parsed.value) : { readings: [], error: parsed.error };
}

const done: HttpAnswer = { status: 200, body: "" };

function decodeHttp({ method = "POST", path = "", payload }: Message): Decoded {
  const isAttributes = httpPath.exec(path)?.[1] === "attributes";
  if (isAttributes && method === "GET")
    return { readings: [], response: { ...done, headers: { "content-type": "application/json" }, body: "{}" } };
  if (isAttributes) return { readings: [], response: done };
  const parsed = parseJson(textOf(payload));
  if (!parsed.ok) return { readings: [], error: parsed.error };
  const decoded = ofDevice(parsed.value);
  return decoded.error === undefined ? { ...decoded, response: done } : decoded;
}

interface Gathering {
  readings: DecodedReading[];
  refusals: Refusal[];
}

function finished({ readings, refusals }: Gathering): Decoded {
  return refusals.length > 0 ? { readings, refusals } : { readings };
}

/** One fault refuses the message, as ThingsBoard does. */
function ofDevice(payload: Json): Decoded {
  const into: Gathering = { readings: [], refusals: [] };
  const error = takePoints(payload, "@token", into);
  return error === undefined ? finished(into) : { readings: [], error };
}

/** Devices by name, each with a list; whose value is anything else is left out. */
function ofGateway(payload: Json): Decoded {
  if (!isObject(payload)) return { readings: [], error: cannotParse(payload) };
  const into: Gathering = { readings: [], refusals: [] };
  for (const [device, points] of Object.entries(payload)) {
    const ofThis: Gathering = { readings: [], refusals: [] };
    const fault = Array.isArray(points) ? takePoints(points, device || "@token", ofThis) : cannotParse(points);
    for (const refusal of ofThis.refusals) into.refusals.push(refusal);
    if (fault !== undefined)
      into.refusals.push({ reason: `device ${describe(device)} must have a list`, detail: fault });
    else for (const reading of ofThis.readings) into.readings.push(reading);
  }
  return finished(into);
}

function connection(payload: Json, value: boolean): Decoded {
  const device = isObject(payload) ? payload.device : undefined;
  if (typeof device !== "string" || device === "")
    return { readings: [], error: 'an object such as {"device":"Meter A"} is expected' };
  return { readings: [{ device, metric: "online", value, unit: null, timeMs: null, kind: "state" }] };
}

const cannotParse = (value: Json) => `Can't parse value: ${describe(value)}`;

/** @returns what is wrong with a point; undefined: nothing. */
function takePoints(payload: Json, device: string, into: Gathering): string | undefined {
  for (const point of Array.isArray(payload) ? payload : [payload]) {
    if (!isObject(point)) return cannotParse(point);
    const isTimed = Object.hasOwn(point, "ts") && Object.hasOwn(point, "values");
    if (!isTimed) takeValues(point, device, null, into);
    else {
      const timeMs = timeOf(point.ts);
      if (typeof timeMs !== "number") return `${cannotParse(point.ts!)}, ts must be epoch milliseconds`;
      if (!isObject(point.values)) return cannotParse(point.values!);
      takeValues(point.values, device, timeMs, into);
    }
  }
  return undefined;
}

function takeValues(values: JsonObject, device: string, timeMs: number | null, into: Gathering): void {
  for (const [metric, raw] of Object.entries(values)) {
    const value = valueOf(raw);
    if (value === undefined) continue;
    if (metric === "") into.refusals.push({ reason: "a key needs a name", detail: describe(raw) });
    else if (value === null)
      into.refusals.push({ reason: "not a finite number", detail: `${metric} is ${describe(raw)}` });
    else
      into.readings.push({
        device,
        metric,
        value,
        unit: null,
        timeMs,
        kind: typeof value === "number" ? "gauge" : "state",
      });
  }
}

/** Apache Commons' isParsable: no sign but "-", no exponent, no blanks, no point at the end. */
const parsable = /^-?(\d+(\.\d+)?|\.\d+)$/;

/** A number, a truth, a text; objects are their JSON. undefined: no value; null: no finite number. */
function valueOf(raw: Json): number | boolean | string | undefined | null {
  if (typeof raw === "boolean") return raw;
  if (raw !== null && typeof raw === "object") return jsonText(raw);
  const number = numberOf(raw);
  if (number === "absent" || number === "nan") return undefined;
  if (number === "infinite") return null;
  return typeof raw === "string" && !parsable.test(raw) ? raw : typeof number === "number" ? number : String(raw);
}

function jsonText(value: Json): string | null {
  try {
    return JSON.stringify(value);
  } catch {
    // Nested deeper than the stack reaches.
    return null;
  }
}
