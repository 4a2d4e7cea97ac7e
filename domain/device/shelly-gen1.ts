/**
 * Shelly Gen1: shellies/<id>/... with one plain value a message, and shellies/<id>/info with all of them as JSON. No times.
 * Traps: energy under relay, roller and light is in WATT-MINUTES and restarts with the device; total and total_returned
 * under emeter are Wh and stay. emeter's own energy and returned_energy are a second, forgetful count of the same flow: left
 * out. Negative power is export. Worked: relay/0/energy 7342 is energy.import.ch0 = 0.12237 kWh.
 * Sources: Shelly Gen1 API (MQTT); ioBroker.shelly src/lib/devices/gen1; evcc meter/shelly/gen1.go.
 */
import type { Decoded, Decoder, Message } from "./device.ts";
import { counter, finished, fromWh, gather, gauge, switchState, takeNumber, takeState } from "./gathering.ts";
import type { Field, Gathering } from "./gathering.ts";
import { isObject, parseJson, textOf } from "./payload.ts";
import type { JsonObject } from "./payload.ts";

const deviceTopic = /(?:^|\/)shellies\/([^/]+)\/(.+)$/;
/** Gen2 devices may be given the prefix shellies/<id>; these are their messages. */
const gen2Name = /^(?:events\/)?rpc$|^status\/[a-z0-9_]+(?::\d+)?$/;

export const shellyGen1: Decoder = {
  format: "shelly-gen1",
  priority: 90,
  match({ topic }) {
    if (topic === undefined) return false;
    if (topic === "shellies/announce" || topic === "shellies/command") return true;
    const name = deviceTopic.exec(topic)?.[2];
    return name !== undefined && !gen2Name.test(name);
  },
  decode,
};

const fromWattMinutes = (wattMinutes: number): number => wattMinutes / 60_000;

const power = gauge("power", "W");
const temperature = gauge("temperature", "degC");
const consumed = counter("energy.import", "kWh", fromWattMinutes);

/** Under relay/<n>, roller/<n>, light/<n> …, and under the meters of `info`. */
const outputFields: ReadonlyMap<string, Field> = new Map([
  ["power", power],
  ["energy", consumed],
]);

const emeterFields: ReadonlyMap<string, Field> = new Map([
  ["power", power],
  ["reactive_power", gauge("reactive_power", "var")],
  ["reactive", gauge("reactive_power", "var")],
  ["voltage", gauge("voltage", "V")],
  ["current", gauge("current", "A")],
  ["pf", gauge("power_factor", "1")],
  ["total", counter("energy.import", "kWh", fromWh)],
  ["total_returned", counter("energy.export", "kWh", fromWh)],
]);

const deviceFields: ReadonlyMap<string, Field> = new Map([
  ["temperature", temperature],
  ["voltage", gauge("voltage", "V")],
  ["emeter_n/current", gauge("current.n", "A")],
  ["sensor/temperature", temperature],
  ["sensor/humidity", gauge("humidity", "%")],
  ["sensor/battery", gauge("battery", "%")],
  ["sensor/lux", gauge("lux", null)],
  ["sensor/concentration", gauge("concentration", null)],
]);

const deviceStates = new Set(["overtemperature", "sensor/flood", "sensor/motion", "sensor/vibration"]);

const indexed =
  /^(relay|roller|light|color|white|emeter|ext_temperature|ext_humidity|adc)\/(?:(\d+)(?:\/)?)?([a-z_]*)$/;

function decode(message: Message): Decoded {
  const match = deviceTopic.exec(message.topic ?? "");
  if (!match) return { readings: [] };
  const name = match[2]!;
  const text = textOf(message.payload).trim();
  const into = gather(match[1]!);
  if (name === "info") return info(into, text);
  const parts = indexed.exec(name);
  if (parts) takeIndexed(into, parts[1]!, parts[2], parts[3]!, text);
  else takeDevice(into, name, text);
  return finished(into);
}

/** What belongs to the device as a whole: its will, its temperature, what its sensors say. */
function takeDevice(into: Gathering, name: string, text: string): void {
  if (name === "online" && (text === "true" || text === "false")) return takeState(into, "online", text === "true");
  if (deviceStates.has(name) && /^(0|1|true|false)$/.test(text))
    return takeState(into, name.replace("sensor/", ""), text === "1" || text === "true");
  const field = deviceFields.get(name);
  if (field && !(field === temperature && isSensorError(text))) takeNumber(into, field, text);
}

/** relay/0 on, relay/0/power 62.37, emeter/1/total 5.2; Shelly 2 has one meter for both relays: relay/power. */
function takeIndexed(into: Gathering, part: string, index: string | undefined, name: string, text: string): void {
  const channel = index === undefined ? "" : `.ch${index}`;
  if (part === "emeter") return takeFrom(emeterFields, into, name, text, channel);
  if (name !== "") return takeFrom(outputFields, into, name, text, channel);
  if (part === "relay" || part === "light" || part === "color" || part === "white")
    return takeRelay(into, text === "overpower" ? false : switchState(text), channel);
  if (part === "adc") takeNumber(into, gauge("voltage", "V"), text, channel);
  if (part === "ext_humidity") takeNumber(into, gauge("humidity", "%"), text, channel);
  if (part === "ext_temperature" && !isSensorError(text)) takeNumber(into, temperature, text, channel);
}

function takeFrom(fields: ReadonlyMap<string, Field>, into: Gathering, name: string, raw: unknown, channel: string) {
  const field = fields.get(name);
  if (field) takeNumber(into, field, raw, channel);
}

function takeRelay(into: Gathering, isOn: boolean | undefined, channel: string): void {
  if (isOn !== undefined) takeState(into, `relay${channel}`, isOn);
}

/** A broken or missing sensor is 999 (or -999) degrees. */
function isSensorError(text: string): boolean {
  return /^-?999(\.0*)?$/.test(text);
}

/** The answer of the device's /status page: lists of relays, meters and emeters in the order of their channels. */
function info(into: Gathering, text: string): Decoded {
  if (text === "") return { readings: [] };
  const parsed = parseJson(text);
  if (!parsed.ok) return { readings: [], error: parsed.error };
  if (!isObject(parsed.value)) return { readings: [], error: "info must be a JSON object" };
  const { relays, meters, emeters, wifi_sta: wifi, tmp, bat } = parsed.value;
  eachOf(relays, (relay, channel) => takeRelay(into, switchState(relay.ison), channel));
  eachOf(meters, (meter, channel) => {
    takeNumber(into, power, meter.power, channel);
    takeNumber(into, consumed, meter.total, channel);
  });
  eachOf(emeters, (emeter, channel) => {
    for (const name in emeter) takeFrom(emeterFields, into, name, emeter[name], channel);
  });
  if (isObject(tmp) && tmp.is_valid !== false) takeNumber(into, temperature, tmp.tC);
  if (isObject(bat)) takeNumber(into, gauge("battery", "%"), bat.value);
  // 0 dBm is a radio that is not connected.
  if (isObject(wifi) && wifi.rssi !== 0) takeNumber(into, gauge("signal_strength", "dBm"), wifi.rssi);
  return finished(into);
}

/** Each part of a list that does not say itself that its values are not valid, with its channel (".ch0"). */
function eachOf(list: unknown, take: (part: JsonObject, channel: string) => void): void {
  if (!Array.isArray(list)) return;
  list.slice(0, 16).forEach((part: unknown, index) => {
    if (isObject(part) && part.is_valid !== false) take(part, `.ch${index}`);
  });
}
