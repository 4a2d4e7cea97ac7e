/** /input/post: the values of one node at one instant. Answers emoncms' own error sentence where it refuses the message. */
import type { DecodedReading } from "../reading.ts";
import type { Decoded, Message, Refusal } from "./device.ts";
import type { Parameters } from "./emoncms-request.ts";
import { cleanName, instantOfSeconds, numericOf, strtotime } from "./emoncms-values.ts";
import { describe, parseJson, timeOf } from "./payload.ts";
import type { Json } from "./payload.ts";

/** Null: the sender has no value now. */
type Values = Map<string, Json>;

export function readPost(parameters: Parameters, message: Message, pathNode: string | undefined): Decoded | string {
  const source = ["json", "fulljson", "csv", "data"].find((name) => parameters.has(name));
  const data = source === undefined ? "" : parameters.get(source)!;
  if (data === "") return "Request contains no data via csv, json or data tag";
  const values = parameters.has("fulljson") ? strictValues(data) : lenientValues(data);
  if (typeof values === "string") return values;
  const timeMs = timeOfPost(parameters, values, message);
  // emoncms takes the node "0" of a path for none.
  const node = pathNode && pathNode !== "0" ? pathNode : (parameters.get("node") ?? "");
  return readingsOf(nodeName(node), values, timeMs);
}

/** An empty name is node 0. */
export const nodeName = (node: string) => cleanName(node) || "0";

/** JSON that is not deeper than its own members; also a list, whose values are named 0, 1, 2. */
function strictValues(data: string): Values | string {
  const fault = "Input in not a valid JSON object";
  const parsed = parseJson(data);
  if (!parsed.ok || parsed.value === null || typeof parsed.value !== "object") return fault;
  const values: Values = new Map(Object.entries(parsed.value));
  for (const value of values.values()) if (value !== null && typeof value === "object") return fault;
  return values;
}

/** `{power1:100,"power2":200}`, `power1:100,7` and `100,200` alike: what has no name is counted from 1. */
function lenientValues(data: string): Values | string {
  const values: Values = new Map();
  let index = 0;
  for (const pair of data.replace(/[^\p{N}\p{L}_\s\-.:,]/gu, "").split(",")) {
    const [first = "", second] = pair.split(":");
    if (second !== undefined && first === "") return "Format error, json key missing or invalid character";
    const text = second ?? first;
    const number = text === "null" ? null : numericOf(text);
    if (number === undefined)
      return second === undefined
        ? "Format error: csv value is not numeric"
        : "Format error, json value is not numeric";
    values.set(second === undefined ? String(++index) : first, number);
  }
  return values;
}

/** The `time` parameter, else a `time` inside fulljson (which is no value then); null: none that can be read, use arrival. */
function timeOfPost(parameters: Parameters, values: Values, { receivedAtMs, config }: Message): number | null {
  let given: Json | undefined;
  if (parameters.has("fulljson")) {
    const key = [...values.keys()].find((name) => name.toLowerCase() === "time");
    if (key !== undefined) {
      given = values.get(key);
      values.delete(key);
    }
  }
  return timeOfInput(parameters.get("time") ?? given, receivedAtMs, config?.timezone);
}

/** Unix seconds (milliseconds are told by their size) without their fraction, or a text as strtotime reads it. */
function timeOfInput(given: unknown, nowMs: number, timezone: unknown): number | null {
  const number = typeof given === "string" ? numericOf(given) : given;
  if (typeof number !== "number") return typeof given === "string" ? strtotime(given, nowMs, timezone) : null;
  if (Math.abs(number) < 1e11) return instantOfSeconds(Math.trunc(number)) ?? null;
  const ms = timeOf(number);
  return typeof ms === "number" ? ms : null;
}

/** The readings of one node; what is no number is refused, but does not hold up the rest. */
export function readingsOf(device: string, values: ReadonlyMap<string, Json>, timeMs: number | null): Decoded {
  const readings: DecodedReading[] = [];
  const refusals: Refusal[] = [];
  for (const [name, value] of values) {
    const metric = cleanName(name);
    const number = typeof value === "string" ? numericOf(value) : value;
    if (number === null || value === "") continue;
    if (metric === "") refusals.push({ reason: "the input has no name", detail: describe(name) });
    else if (typeof number === "boolean")
      readings.push({ device, metric, value: number, unit: null, timeMs, kind: "state" });
    else if (typeof number === "number" && Number.isFinite(number))
      readings.push({ device, metric, value: number, unit: null, timeMs, kind: "gauge" });
    else
      refusals.push({
        reason: "expected a finite number",
        detail: `${metric} of node ${device} is ${describe(value)}`,
      });
  }
  return refusals.length > 0 ? { readings, refusals } : { readings };
}
