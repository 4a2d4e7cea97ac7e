/**
 * The components of a Shelly Gen2+ device and what they measure. `switch:3` is channel ch3; `em:0` is a whole three-phase
 * meter, its a_, b_, c_ values are l1, l2, l3. Null is an input without a clamp or a value in error: no reading.
 */
import type { DecodedReading } from "../reading.ts";
import type { Refusal } from "./device.ts";
import { numberOf, isObject } from "./payload.ts";
import type { Json, JsonObject } from "./payload.ts";

/** Returned Wh per "device component", and the device's own name by its topic prefix. Never mutated: copied on change. */
export interface ShellyState {
  returnedWh: Record<string, number>;
  names: Record<string, string>;
}

/** What is being gathered from one message. */
export interface ShellyGathering {
  device: string;
  timeMs: number | null;
  /** True where a component is given in full, so that a missing key is not there at all. */
  isFull: boolean;
  state: ShellyState;
  readings: DecodedReading[];
  refusals: Refusal[];
}

interface Measured {
  metric: string;
  unit: string;
}

/** Energy registers are Wh on the wire. */
const whPerKwh = 1000;
const mostKeys = 1000;
const longestKey = 300;

const singlePhase: ReadonlyMap<string, Measured> = new Map([
  ["apower", { metric: "power", unit: "W" }],
  ["act_power", { metric: "power", unit: "W" }],
  ["aprt_power", { metric: "apparent_power", unit: "VA" }],
  ["aprtpower", { metric: "apparent_power", unit: "VA" }],
  ["voltage", { metric: "voltage", unit: "V" }],
  ["current", { metric: "current", unit: "A" }],
  ["freq", { metric: "frequency", unit: "Hz" }],
  ["pf", { metric: "power_factor", unit: "1" }],
]);

const phases: Readonly<Record<string, string>> = { a: ".l1", b: ".l2", c: ".l3", n: ".n", total: "" };

/** Reads one component ("switch:0", "em1data:1") into the gathering; those that measure nothing are passed over. */
export function takeComponent(component: string, values: JsonObject, into: ShellyGathering): void {
  // 0 dBm is a radio that is not connected.
  if (component === "wifi" && values.rssi !== 0) return put(into, "signal_strength", values.rssi, "dBm");
  const colon = component.indexOf(":");
  if (colon < 0) return;
  const id = component.slice(colon + 1);
  const channel = `.ch${id}`;
  switch (component.slice(0, colon)) {
    case "switch":
    case "light":
    case "rgb":
    case "rgbw":
    case "cct":
    case "rgbcct":
    case "cover":
    case "pm1":
      return takeOutput(component, values, channel, into);
    case "em":
      return takeThreePhases(values, id === "0" ? "" : channel, into);
    case "emdata":
      return takeThreePhaseEnergy(values, id === "0" ? "" : channel, into);
    case "em1":
      return takeSinglePhase(values, channel, into);
    case "em1data":
      put(into, `energy.import${channel}`, values.total_act_energy, "kWh");
      return put(into, `energy.export${channel}`, values.total_act_ret_energy, "kWh");
    case "voltmeter":
      return put(into, `voltage${channel}`, values.voltage, "V");
    case "temperature":
      return put(into, `temperature${channel}`, values.tC, "degC", component);
    case "humidity":
      return put(into, `humidity${channel}`, values.rh, "%", component);
    case "devicepower":
      // Its own batteries; null where it runs on a supply.
      return isObject(values.battery) ? put(into, "battery", values.battery.percent, "%") : undefined;
    default:
      return;
  }
}

function takeOutput(component: string, values: JsonObject, channel: string, into: ShellyGathering): void {
  takeSinglePhase(values, channel, into);
  takeRegisters(component, values, channel, into);
  if (isObject(values.temperature)) put(into, `temperature${channel}`, values.temperature.tC, "degC");
  if (typeof values.output === "boolean") {
    const { device, timeMs } = into;
    const metric = `relay${channel}`;
    into.readings.push({ device, metric, value: values.output, unit: null, timeMs, kind: "state" });
  }
}

function takeSinglePhase(values: JsonObject, channel: string, into: ShellyGathering): void {
  const errors = errorsOf(values.errors);
  for (const key in values) {
    const measured = singlePhase.get(key);
    if (measured && !isInError(errors, key)) put(into, measured.metric + channel, values[key], measured.unit);
  }
}

/**
 * aenergy counts what was returned as well. A message with aenergy gives the import; one with ret_aenergy alone gives the
 * export only, for the aenergy that belongs to it is not known yet.
 */
function takeRegisters(component: string, values: JsonObject, channel: string, into: ShellyGathering): void {
  const total = registerOf(values.aenergy, `${component} aenergy.total`, into);
  const returned = registerOf(values.ret_aenergy, `${component} ret_aenergy.total`, into);
  if (returned !== undefined) putRegister(into, `energy.export${channel}`, returned);
  const known = returnedWh(`${into.device} ${component}`, returned, isObject(values.ret_aenergy), into);
  // Less in all than what was returned: one of the two was reset before the other, the difference says nothing yet.
  if (total === undefined || total < known) return;
  // The registers are printed with three decimals: a fourth in their difference is binary noise.
  const rounded = Math.round((total - known) * 1e4) / 1e4;
  putRegister(into, `energy.import${channel}`, Number.isFinite(rounded) ? rounded : total - known);
}

/** The returned Wh that go with this message: its own, else the remembered ones, else none. Remembers what is new. */
function returnedWh(key: string, returned: number | undefined, isGiven: boolean, into: ShellyGathering): number {
  const { returnedWh: memory } = into.state;
  const remembered = Object.hasOwn(memory, key) ? memory[key]! : undefined;
  if (returned !== undefined) {
    if (returned !== remembered && hasRoom(memory, key))
      into.state = { ...into.state, returnedWh: { ...memory, [key]: returned } };
    return returned;
  }
  if (remembered === undefined || !into.isFull || isGiven) return remembered ?? 0;
  // A full status without the register: this component does not have it (any more).
  const { [key]: _gone, ...rest } = memory;
  into.state = { ...into.state, returnedWh: rest };
  return 0;
}

/** Whether a key may be remembered: a thousand devices are nobody's, and the state is written whenever it changes. */
export function hasRoom(memory: Record<string, unknown>, key: string): boolean {
  return key.length <= longestKey && (Object.hasOwn(memory, key) || Object.keys(memory).length < mostKeys);
}

function registerOf(value: Json | undefined, name: string, into: ShellyGathering): number | undefined {
  if (!isObject(value)) return undefined;
  const total = numberOf(value.total);
  if (total === "infinite") into.refusals.push({ reason: "not a finite number", detail: name });
  return typeof total === "number" ? total : undefined;
}

function putRegister({ device, timeMs, readings }: ShellyGathering, metric: string, wh: number): void {
  readings.push({ device, metric, value: wh / whPerKwh, unit: "kWh", timeMs, kind: "counter" });
}

function takeThreePhases(values: JsonObject, channel: string, into: ShellyGathering): void {
  for (const key in values) {
    const line = key.indexOf("_");
    const phase = phases[key.slice(0, line)];
    const measured = line < 0 ? undefined : singlePhase.get(key.slice(line + 1));
    if (phase === undefined || measured === undefined) continue;
    const errors = errorsOf(values[`${key.slice(0, line)}_errors`]);
    if (!isInError(errors, key.slice(line + 1)))
      put(into, measured.metric + phase + channel, values[key], measured.unit);
  }
}

const threePhaseEnergy = /^(?:([abc])_)?total_act(_ret)?(?:_energy)?$/;

function takeThreePhaseEnergy(values: JsonObject, channel: string, into: ShellyGathering): void {
  for (const key in values) {
    const match = threePhaseEnergy.exec(key);
    if (!match) continue;
    const metric = match[2] === undefined ? "energy.import" : "energy.export";
    put(into, metric + (match[1] === undefined ? "" : phases[match[1]]!) + channel, values[key], "kWh");
  }
}

function errorsOf(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((error) => typeof error === "string") : [];
}

/** The device itself says that it cannot trust a value: "power_meter_failure" (all), "out_of_range:act_power" (one). */
function isInError(errors: string[], key: string): boolean {
  if (errors.length === 0) return false;
  const field = key === "apower" ? "act_power" : key;
  return errors.includes("power_meter_failure") || errors.includes(`out_of_range:${field}`);
}

function put(into: ShellyGathering, metric: string, raw: Json | undefined, unit: string, sensor?: string): void {
  const number = numberOf(raw);
  if (number === "infinite") into.refusals.push({ reason: "not a finite number", detail: metric });
  if (typeof number !== "number") return;
  const { device, timeMs, readings } = into;
  if (unit === "kWh") return putRegister(into, metric, number);
  if (sensor === undefined) readings.push({ device, metric, value: number, unit, timeMs, kind: "gauge" });
  else readings.push({ device, metric, value: number, unit, timeMs, kind: "gauge", tags: { sensor } });
}
