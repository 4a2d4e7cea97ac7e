/**
 * Smart meters read by a Tasmota script (SML, OBIS): tele/<topic>/SENSOR like Tasmota's own, but the meter's key and all names
 * come from the user's script. config.map says what they are; without it the usual names are guessed (sml-names.ts): kWh and
 * W by custom, a negative Power_curr is feed-in. Right after boot, before the meter was heard, everything is 0: no readings.
 * Worked: {"SML":{"Total_in":34507.4761,"Power_curr":-894}} is energy.import = 34,507.4761 kWh and power = -894 W.
 * Sources: tasmota/docs Smart-Meter-Interface.md; the scripts that evcc and its users publish.
 */
import type { DecodedReading } from "../reading.ts";
import type { Decoded, Decoder, Message } from "./device.ts";
import { finished, gather } from "./gathering.ts";
import type { Gathering } from "./gathering.ts";
import { genericJson } from "./generic-json.ts";
import { isObject, textOf } from "./payload.ts";
import type { JsonObject } from "./payload.ts";
import { smlField } from "./sml-names.ts";
import { tasmota, telemetryBody, timeIn } from "./tasmota.ts";
import { tasmotaTopic } from "./tasmota-topic.ts";
import { tagged, take } from "./wire-field.ts";

export const smlTasmota: Decoder = {
  format: "sml-tasmota",
  // Before tasmota, whose topics these are: what has no meter of a script is left to it.
  priority: 85,
  match(message) {
    const body = bodyOf(message);
    return body !== undefined && (isObject(message.config?.map) || metersIn(body).length > 0);
  },
  decode,
};

/** The values of a SENSOR message (or a polled status) without an ENERGY of Tasmota's own; undefined: it is none. */
function bodyOf({ topic, config, payload }: Message): JsonObject | undefined {
  const parts = topic === undefined ? undefined : tasmotaTopic(topic, config);
  if (!parts || parts.prefix === "cmnd" || !/^(SENSOR|STATUS8|STATUS10)$/.test(parts.name)) return undefined;
  const text = textOf(payload);
  if (text.includes('"ENERGY"')) return undefined;
  const parsed = telemetryBody(parts.name, text);
  return parsed.ok ? parsed.value : undefined;
}

/** Drivers whose values have the names of a meter's and are none. */
const drivers = /^(INA|ADS|AS3935|VEML|ANALOG|COUNTER|ESP32|BL09|Zb)/;

interface Meter {
  key: string;
  values: JsonObject;
}

function metersIn(body: JsonObject): Meter[] {
  const meters: Meter[] = [];
  for (const key in body) {
    const values = body[key];
    if (!isObject(values) || drivers.test(key)) continue;
    if (Object.keys(values).some((name) => smlField(key, name) !== undefined)) meters.push({ key, values });
  }
  return meters;
}

function decode(message: Message): Decoded {
  // The sensors and relays beside the meter are Tasmota's.
  const others = tasmota.decode(message, undefined);
  const body = bodyOf(message);
  if (!body) return others;
  const { topic, config } = message;
  const device = tasmotaTopic(topic!, config)!.device;
  const into: Gathering = { ...gather(device, timeIn(body, config?.timezone)), readings: others.readings };
  if (isObject(config?.map)) return mapped(message, body, into);
  for (const meter of metersIn(body)) takeMeter(meter, into);
  return finished(into);
}

function takeMeter({ key, values }: Meter, into: Gathering): void {
  const own: Gathering = { ...into, readings: [] };
  for (const name in values) {
    const field = smlField(key, name);
    // Two names that read the same: the second is something else (an older season, the sum of both directions).
    if (own.readings.some(({ metric }) => metric === field?.metric)) continue;
    // The usual key needs no tag; others may stand beside one another.
    if (field) take(own, key === "SML" || key === "" ? field : tagged(field, { meter: key }), values[name], name);
  }
  if (!isUnheard(own.readings)) into.readings.push(...own.readings);
}

/** Registers and everything beside them at exactly 0: the meter has not been heard since boot. */
function isUnheard(readings: DecodedReading[]): boolean {
  return readings.some(({ kind }) => kind === "counter") && readings.every(({ value }) => value === 0);
}

/** The user's map, as for any JSON; who and when are Tasmota's. */
function mapped({ config, ...message }: Message, body: JsonObject, into: Gathering): Decoded {
  const payload = new TextEncoder().encode(JSON.stringify(body));
  const decoded = genericJson.decode({ ...message, payload, config: { map: config!.map } }, undefined);
  const own = decoded.readings.map((reading) => ({ ...reading, device: into.device, timeMs: into.timeMs }));
  return { ...decoded, readings: isUnheard(own) ? into.readings : [...into.readings, ...own] };
}
