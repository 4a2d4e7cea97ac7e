/**
 * Tasmota: SENSOR, STATE, LWT and polled STATUS8/STATUS10 (inside StatusSNS). Negative power is export. Registers are
 * kWh; Yesterday is history and Period the Wh since the last message: neither is a register, both are left out.
 * Worked: {"ENERGY":{"Total":[41.2,3.7],"Voltage":229}} is energy.import.1 = 41.2, energy.import.2 = 3.7, voltage = 229.
 * Sources: arendst/Tasmota xdrv_03_energy.ino (EnergyShow); tasmota/docs MQTT.md, Commands.md; hatasmota sensor.py.
 */
import type { DecodedReading } from "../reading.ts";
import type { Decoded, Decoder, Message, Refusal } from "./device.ts";
import { instantOf } from "./local-clock.ts";
import { describe, isObject, numberOf, parseJson, textOf } from "./payload.ts";
import type { Json, JsonObject, Parsed } from "./payload.ts";
import { tasmotaTopic } from "./tasmota-topic.ts";
import type { TasmotaTopic } from "./tasmota-topic.ts";

interface Field {
  metric: string;
  unit: string | null;
  kind: "gauge" | "counter";
  /** Lists of tariff registers are .t1 .t2, all other lists .1 .2 (a phase or a channel: the message does not say). */
  list: ".t" | ".";
}

const notFinite = "not a finite number";

const gauge = (metric: string, unit: string): Field => ({ metric, unit, kind: "gauge", list: "." });
const counter = (metric: string, unit: string, list: ".t" | "." = "."): Field => ({
  metric,
  unit,
  kind: "counter",
  list,
});

const energyFields: ReadonlyMap<string, Field> = new Map([
  ["Power", gauge("power", "W")],
  ["ApparentPower", gauge("apparent_power", "VA")],
  ["ReactivePower", gauge("reactive_power", "var")],
  ["Factor", gauge("power_factor", "1")],
  ["Frequency", gauge("frequency", "Hz")],
  ["Voltage", gauge("voltage", "V")],
  ["Current", gauge("current", "A")],
  ["CurrentNeutral", gauge("current.n", "A")],
  ["Total", counter("energy.import", "kWh")],
  ["TotalTariff", counter("energy.import", "kWh", ".t")],
  ["ExportActive", counter("energy.export", "kWh")],
  ["ExportTariff", counter("energy.export", "kWh", ".t")],
  ["Today", counter("energy.today", "kWh")],
  ["TodaySumImport", counter("energy.today.import", "kWh")],
  ["TodaySumExport", counter("energy.today.export", "kWh")],
  ["ImportReactive", counter("energy_reactive.import", "kvarh")],
  ["ExportReactive", counter("energy_reactive.export", "kvarh")],
]);

/** What is being gathered from one message. */
interface Gathering {
  device: string;
  timeMs: number | null;
  readings: DecodedReading[];
  refusals: Refusal[];
}

export const tasmota: Decoder = {
  format: "tasmota",
  priority: 80,
  match: (message) => message.topic !== undefined && tasmotaTopic(message.topic, message.config) !== undefined,
  decode,
};

function decode(message: Message): Decoded {
  const topic = tasmotaTopic(message.topic ?? "", message.config);
  // Commands to the device are not its words; what other names carry is no measurement.
  if (!topic || topic.prefix === "cmnd") return { readings: [] };
  const { name } = topic;
  if (name === "LWT") return lastWill(topic, textOf(message.payload));
  if (name.startsWith("POWER")) return relayTopic(topic, textOf(message.payload));
  if (name !== "SENSOR" && name !== "STATE" && name !== "RESULT" && !name.startsWith("STATUS")) return { readings: [] };
  // An empty retained message (SensorRetain) only clears the topic.
  if (message.payload.length === 0) return { readings: [] };
  return telemetry(topic, textOf(message.payload), message.config?.timezone);
}

function lastWill(topic: TasmotaTopic, text: string): Decoded {
  if (text !== "Online" && text !== "Offline") return { readings: [] };
  return { readings: [state(topic.device, "online", text === "Online", null)] };
}

function relayTopic({ device, name }: TasmotaTopic, text: string): Decoded {
  const relay = relayState(name, text);
  return { readings: relay ? [state(device, relay.metric, relay.value, null)] : [] };
}

function telemetry({ device, name }: TasmotaTopic, text: string, timezone: unknown): Decoded {
  const parsed = telemetryBody(name, text);
  if (!parsed.ok) return { readings: [], error: parsed.error };
  const body = parsed.value;
  const into: Gathering = { device, timeMs: timeIn(body, timezone), readings: [], refusals: [] };
  for (const key in body) {
    const value = body[key]!;
    if (typeof value === "object") {
      if (key === "ENERGY") takeEnergy(value, into, body.TempUnit === "F");
      else if (isObject(value)) takeClimate(key, value, into, body.TempUnit === "F");
    } else if (key.charCodeAt(0) === 80 /* P */) takeRelay(key, value, into);
  }
  return finished(into);
}

/** The object with the values of a telemetry message, out of the wrapper of a polled status. */
export function telemetryBody(name: string, text: string): Parsed<JsonObject> {
  let parsed = parseJson(text);
  if (!parsed.ok) parsed = parseJson(withoutNaN(text));
  if (!parsed.ok) return parsed;
  if (!isObject(parsed.value))
    return { ok: false, error: `${name} must be a JSON object, not ${describe(parsed.value)}` };
  const root = parsed.value;
  // STATUS 0 has both: what the sensors say and the relays.
  const wrapped = [root.StatusSTS, root.StatusSNS].filter(isObject);
  return { ok: true, value: wrapped.length > 0 ? Object.assign({}, ...wrapped) : root };
}

function finished({ readings, refusals }: Gathering): Decoded {
  if (refusals.length === 0) return { readings };
  return { readings, refusals, error: `${refusals[0]!.detail} is ${refusals[0]!.reason}` };
}

/** Old firmware and scripts print `nan` where a driver has no value; the rest of the message is good. */
function withoutNaN(text: string): string {
  return text.replace(/([:[,]\s*)[+-]?nan(?=\s*[,\]}])/gi, "$1null");
}

function takeEnergy(energy: Json, into: Gathering, isFahrenheit: boolean): void {
  if (!isObject(energy)) return;
  for (const key in energy) {
    const value = energy[key]!;
    const field = energyFields.get(key);
    if (field === undefined) {
      // A driver's own object (BL09XX) with the temperature of the chip.
      if (isObject(value)) takeClimate(key, value, into, isFahrenheit);
    } else if (typeof value === "number") {
      put(into, field.metric, value, field.unit, field.kind, key);
    } else if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++)
        put(into, `${field.metric}${field.list}${i + 1}`, value[i], field.unit, field.kind, key);
    } else put(into, field.metric, value, field.unit, field.kind, key);
  }
}

/** AM2301, DS18B20, ESP32 …: only what the vocabulary has words for, with the sensor's name as its tag. */
function takeClimate(sensor: string, values: JsonObject, into: Gathering, isFahrenheit: boolean): void {
  for (const key in values) {
    const match = /^(Temperature|Humidity)(\d*)$/.exec(key);
    if (!match) continue;
    const metric = match[1]!.toLowerCase() + (match[2] === "" ? "" : `.${match[2]}`);
    const number = numberOf(values[key]);
    const isTemperature = match[1] === "Temperature";
    const value = isTemperature && isFahrenheit && typeof number === "number" ? (number - 32) / 1.8 : values[key];
    put(into, metric, value, isTemperature ? "degC" : "%", "gauge", key, { sensor });
  }
}

function takeRelay(key: string, value: Json, into: Gathering): void {
  const relay = relayState(key, value);
  if (relay) into.readings.push(state(into.device, relay.metric, relay.value, into.timeMs));
}

/** POWER of a device with one relay, POWER1, POWER2 … of one with more. Not to be taken for ENERGY.Power. */
function relayState(name: string, value: unknown): { metric: string; value: boolean } | undefined {
  const match = /^POWER(\d*)$/.exec(name);
  if (!match) return undefined;
  const word = typeof value === "string" ? value.toUpperCase() : "";
  if (word !== "ON" && word !== "OFF") return undefined;
  return { metric: match[1] === "" ? "relay" : `relay.${match[1]}`, value: word === "ON" };
}

function state(device: string, metric: string, value: boolean, timeMs: number | null): DecodedReading {
  return { device, metric, value, unit: null, timeMs, kind: "state" };
}

function put(
  into: Gathering,
  metric: string,
  raw: unknown,
  unit: string | null,
  kind: "gauge" | "counter",
  key: string,
  tags?: Record<string, string>,
): void {
  const value = numberOf(raw);
  if (typeof value === "number") {
    const { device, timeMs } = into;
    into.readings.push(
      tags ? { device, metric, value, unit, timeMs, kind, tags } : { device, metric, value, unit, timeMs, kind },
    );
  } else if (value === "infinite") into.refusals.push({ reason: notFinite, detail: `${key} of ${metric}` });
}

/** Tasmota's first valid clock value, 2016-01-01: before, the device has not heard of the time yet. */
const firstValidMs = 1_451_606_400_000;

/**
 * The time of a message: Epoch, a numeric Time, or an ISO time with a zone (SetOption52). Without a zone it is the
 * device's local clock: the user's zone places it, else only the server's time can replace it (null).
 */
export function timeIn(body: JsonObject, timezone: unknown): number | null {
  const { Time: time, Epoch: epoch } = body;
  // The usual local time, 2025-03-14T09:25:00, is 19 characters long: known without parsing it.
  if (epoch === undefined && timezone === undefined && typeof time === "string" && time.length === 19) return null;
  const ms = instantOf(typeof epoch === "number" ? epoch : time, timezone);
  return typeof ms === "number" && ms >= firstValidMs ? ms : null;
}
