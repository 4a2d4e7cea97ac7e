/** /input/bulk: rows [t, node, value, value, …], where t counts from a base that the sender names in one of four ways. */
import type { DecodedReading } from "../reading.ts";
import type { Decoded, Message, Refusal } from "./device.ts";
import type { Parameters } from "./emoncms-request.ts";
import { nodeName, readingsOf } from "./emoncms-post.ts";
import { instantOfSeconds, intOf } from "./emoncms-values.ts";
import { describe, isObject, parseJson } from "./payload.ts";
import type { Json } from "./payload.ts";

export function readBulk(parameters: Parameters, { receivedAtMs }: Message): Decoded | string {
  const rows = rowsOf(parameters);
  if (typeof rows === "string") return rows;
  const last = rows.at(-1);
  if (!Array.isArray(last) || last[0] === undefined || last[0] === null)
    return "Format error, last item in bulk data does not contain any data";
  const readings: DecodedReading[] = [];
  const refusals: Refusal[] = [];
  const base = baseSeconds(parameters, Math.floor(receivedAtMs / 1000), last[0]);
  for (const row of rows) {
    if (!Array.isArray(row) || row.length < 3) continue;
    const [given, node = null, ...cells] = row;
    if (node !== null && typeof node === "object") return "Format error, node must not be an object";
    const offset = intOf(given);
    const timeMs = offset === undefined ? undefined : instantOfSeconds(base + offset);
    if (timeMs === undefined) {
      refusals.push({ reason: "expected a number of seconds", detail: `the time of a row is ${describe(given)}` });
      continue;
    }
    // PHP prints false as nothing.
    const taken = readingsOf(nodeName(node === null || node === false ? "" : String(node)), valuesOf(cells), timeMs);
    for (const reading of taken.readings) readings.push(reading);
    for (const refusal of taken.refusals ?? []) refusals.push(refusal);
  }
  return refusals.length > 0 ? { readings, refusals } : { readings };
}

/** Where `c` is still there, the hex in `data` could not be inflated (ingest/ takes it away when it could). */
function rowsOf(parameters: Parameters): Json[] | string {
  const data = parameters.get("data") ?? "";
  if (parameters.has("c") && !/^([0-9a-f]{2})+$/i.test(data)) return "Format error, compressed hex not valid";
  const parsed = parseJson(data);
  if (!parsed.ok || !Array.isArray(parsed.value) || parsed.value.length === 0)
    return "Format error, json string supplied is not valid";
  return parsed.value;
}

/** sentat: the sender's clock at sending; offset: likewise, negative; time: the base itself; none: the last row is now. */
function baseSeconds(parameters: Parameters, now: number, last: Json): number {
  const clock = parameters.get("sentat") ?? parameters.get("offset");
  if (clock !== undefined) return now - (intOf(clock) ?? 0);
  const time = parameters.get("time");
  return time === undefined ? now - (intOf(last) ?? 0) : (intOf(time) ?? 0);
}

/** Values count from 1, also over null and ""; an object names its own and does not count. */
function valuesOf(cells: readonly Json[]): Map<string, Json> {
  const values = new Map<string, Json>();
  let name = 1;
  for (const cell of cells) {
    if (isObject(cell)) for (const [key, value] of Object.entries(cell)) values.set(key, value);
    else values.set(String(name++), cell);
  }
  return values;
}
