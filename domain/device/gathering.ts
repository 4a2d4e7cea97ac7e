/**
 * What is gathered from one message of a format that has a table of fields: each raw value becomes a reading, is no value
 * (null, "n/a", nan: nothing comes out, never 0), or is refused with the reason.
 */
import type { DecodedReading } from "../reading.ts";
import type { Decoded, DeviceConfig, Refusal } from "./device.ts";
import { describe, numberOf } from "./payload.ts";

/** A field of a message. `unit` is the canonical one; `read` brings the number on the wire there (absent: it is there). */
export interface Field {
  metric: string;
  unit: string | null;
  kind: "gauge" | "counter";
  read?: (onWire: number) => number;
}

export interface Gathering {
  device: string;
  timeMs: number | null;
  readings: DecodedReading[];
  refusals: Refusal[];
}

export function gauge(metric: string, unit: string | null, read?: Field["read"]): Field {
  return { metric, unit, kind: "gauge", ...(read && { read }) };
}

export function counter(metric: string, unit: string, read?: Field["read"]): Field {
  return { metric, unit, kind: "counter", ...(read && { read }) };
}

/** Wh on the wire, kWh here. */
export const fromWh = (wh: number): number => wh / 1000;

/** The power factor is 0..1, but documents and old firmware say percent: 95.8 is 0.958. Rounding may give 1.002. */
export const powerFactor = (factor: number): number => (Math.abs(factor) > 1.01 ? factor / 100 : factor);

export function gather(device: string, timeMs: number | null = null): Gathering {
  return { device, timeMs, readings: [], refusals: [] };
}

/** Takes a number (or the text of one); `suffix` says which of several: ".l2", ".ch0", ".dc1". */
export function takeNumber(into: Gathering, field: Field, raw: unknown, suffix = ""): void {
  const number = numberOf(raw);
  const metric = field.metric + suffix;
  if (number === "infinite") into.refusals.push({ reason: "not a finite number", detail: metric });
  if (number === "other") into.refusals.push({ reason: `${describe(raw)}, a number was expected`, detail: metric });
  if (typeof number !== "number") return;
  const { device, timeMs } = into;
  const value = field.read ? field.read(number) : number;
  into.readings.push({ device, metric, value, unit: field.unit, timeMs, kind: field.kind });
}

/** Takes a truth or a word; "unavailable", "null" and the like are no state that anything is in. */
export function takeState(into: Gathering, metric: string, value: boolean | string): void {
  const word = typeof value === "string" ? numberOf(value) : value;
  if (word === "absent" || word === "nan") return;
  const { device, timeMs } = into;
  into.readings.push({ device, metric, value, unit: null, timeMs, kind: "state" });
}

/** The message as decoded: with refusals, the first of them is its error. */
export function finished({ readings, refusals }: Gathering): Decoded {
  if (refusals.length === 0) return { readings };
  return { readings, refusals, error: `${refusals[0]!.detail} is ${refusals[0]!.reason}` };
}

/** Text that says on or off, in any case; undefined: it says something else. */
export function switchState(text: unknown): boolean | undefined {
  if (typeof text === "boolean") return text;
  const word = typeof text === "string" ? text.trim().toLowerCase() : "";
  return word === "on" ? true : word === "off" ? false : undefined;
}

/** The base that the user's gateway puts before all of its topics (config.base_topic), without its last slash. */
export function baseTopicOf(config: DeviceConfig | undefined): string | undefined {
  const base = config?.base_topic ?? config?.baseTopic;
  if (typeof base !== "string") return undefined;
  const trimmed = base.replace(/\/+$/, "");
  return trimmed === "" ? undefined : trimmed;
}
