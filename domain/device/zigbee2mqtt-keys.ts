/**
 * The keys of a Zigbee device's state and what they measure: `power_phase_b` is power.l2, `energy_l1` energy.import.l1,
 * `produced_energy` energy.export. Which key belongs to phase A, whether a voltage is in mV and which sign a power has is only
 * told by the other keys of the device, its context.
 * Sources: zigbee-herdsman-converters src/lib/exposes.ts, modernExtend.ts (electricityMeter), devices/tuya.ts; the pages of
 * PJ-1203A (power_a, energy_flow_a, power factor in percent) and SPM02 (power_X) on zigbee2mqtt.io.
 */
import { counter, gauge, powerFactor, takeNumber } from "./gathering.ts";
import type { Field, Gathering } from "./gathering.ts";
import type { Json, JsonObject } from "./payload.ts";

const imported = counter("energy.import", "kWh");
const exported = counter("energy.export", "kWh");
const apparent = gauge("apparent_power", "VA");
const reactive = gauge("reactive_power", "var");
const fields: ReadonlyMap<string, Field> = new Map([
  ["power", gauge("power", "W")],
  ["voltage", gauge("voltage", "V")],
  ["current", gauge("current", "A")],
  ["energy", imported],
  ["consumed_energy", imported],
  ["energy_consumed", imported],
  ["produced_energy", exported],
  ["energy_produced", exported],
  ["energy_today", counter("energy.today", "kWh")],
  ["energy_month", counter("energy.month", "kWh")],
  ["power_factor", gauge("power_factor", "1", powerFactor)],
  ["ac_frequency", gauge("frequency", "Hz")],
  ["power_apparent", apparent],
  ["apparent_power", apparent],
  ["power_reactive", reactive],
  ["reactive_power", reactive],
  ["battery", gauge("battery", "%")],
  ["linkquality", gauge("link_quality", null)],
  ["temperature", gauge("temperature", "degC")],
  ["device_temperature", gauge("device_temperature", "degC")],
  ["local_temperature", gauge("local_temperature", "degC")],
  ["humidity", gauge("humidity", "%")],
  ["soil_moisture", gauge("soil_moisture", "%")],
  ["water_consumed", counter("water", "m3")],
  ["pressure", gauge("pressure", null)],
  ["illuminance", gauge("illuminance", null)],
  ["co2", gauge("co2", null)],
  ["voc", gauge("voc", null)],
  ["pm25", gauge("pm25", null)],
]);

/** Keys that are true or false and of interest to a home. */
export const stateKeys: ReadonlySet<string> = new Set(
  "contact occupancy presence water_leak smoke tamper vibration battery_low".split(" "),
);

/** Phases (b, phase_b, Y), endpoints (l1, left, 1), tariffs, the neutral, and the sum of a and b. */
const suffixed =
  /^(.+?)_(phase_[abc]|[abcxyz]|ab|abc|l\d{1,2}|ep\d{1,2}|\d{1,2}|neutral|tier_\d|t\d|(?:top|bottom|center)(?:_(?:left|right))?|left|right|main|usb)$/i;

interface KeyField {
  field: Field;
  suffix: string;
}

/** What a key measures on this device, or undefined where it measures nothing that we know. */
export function fieldOf(key: string, context: JsonObject): KeyField | undefined {
  const whole = fields.get(key);
  if (whole) return { field: withContext(whole, key, "", context), suffix: isPhaseA(whole, key, context) ? ".l1" : "" };
  const match = suffixed.exec(key);
  const part = match && fields.get(match[1]!);
  if (!part) return undefined;
  const suffix = suffixOf(match[2]!.toLowerCase());
  // The sum of two clamps; where the device gives a total beside it, that one is taken.
  if (suffix === "" && Object.hasOwn(context, match[1]!)) return undefined;
  return { field: withContext(part, key, `_${match[2]!}`, context), suffix };
}

export function takeField(into: Gathering, { field, suffix }: KeyField, value: Json): void {
  takeNumber(into, field, value, suffix);
}

/** `power` beside `power_phase_b` is phase A, unless that has its own key: then it is the total. Registers are totals. */
function isPhaseA({ kind }: Field, key: string, context: JsonObject): boolean {
  const has = (phase: string) => Object.hasOwn(context, `${key}_phase_${phase}`);
  return kind === "gauge" && (has("b") || has("c")) && !has("a");
}

function suffixOf(name: string): string {
  const phase = /^(?:phase_)?([abc])$/.exec(name)?.[1] ?? { x: "a", y: "b", z: "c" }[name];
  if (phase !== undefined) return `.l${"abc".indexOf(phase) + 1}`;
  if (name === "ab" || name === "abc") return "";
  if (name === "neutral") return ".n";
  return `.${name.replace("tier_", "t")}`;
}

function withContext(field: Field, key: string, suffix: string, context: JsonObject): Field {
  if (field.metric === "voltage") return { ...field, read: voltageOn(Object.hasOwn(context, "battery")) };
  if (field.metric !== "power") return field;
  const flow = context[`energy_flow${suffix}`] ?? context.energy_flow;
  return flow === "producing" ? { ...field, read: (power) => -Math.abs(power) } : field;
}

/** Battery devices give mV: 3005 is 3.005 V. No mains voltage is above 1000 V, and no battery device lives at 0.4 V. */
function voltageOn(isBattery: boolean): (value: number) => number {
  return (value) => (value > (isBattery ? 400 : 1000) ? value / 1000 : value);
}

/** True for keys that others are read by: they are remembered where each key comes alone. */
export function isContext(key: string): boolean {
  return key === "battery" || key.startsWith("energy_flow") || /_phase_[abc]$/.test(key);
}
