/**
 * IoTaWatt's query API, whose answers scripts forward to /ingest/iotawatt-query: {"labels":[…],"data":[[time, value, …], …]},
 * rows stamped at the START of their group. What the columns are is in the query (config.query, or the URL's own):
 * select=[time.utc.unix,mains.wh]&group=1h. `wh` is the energy of one row; without a unit inputs are in W, but nothing is
 * assumed. Times are local (config.timezone) unless the query says utc; local unix time is the local clock read as if it were UTC.
 * Its uploaders speak emoncms (emoncms-http.ts) and InfluxDB (influx-write.ts).
 * Worked: select=[time.utc.unix,mains.wh], row [1741939200, 512.4] is mains = 0.5124 kWh from 08:00Z on.
 * Sources: boblemaire/IoTaWatt Docs/query.rst.
 */
import type { Kind } from "../channel.ts";
import type { DecodedReading } from "../reading.ts";
import { conversionOf, convert } from "../units.ts";
import type { UnitConversion } from "../units.ts";
import type { Decoded, Decoder, Message, Refusal } from "./device.ts";
import { instantOf } from "./local-clock.ts";
import { describe, isObject, numberOf, parseJson, textOf } from "./payload.ts";
import type { Json } from "./payload.ts";

const paths = new Set(["/ingest/iotawatt-query", "/ingest/iotawatt"]);

export const iotawatt: Decoder = {
  format: "iotawatt",
  priority: 100,
  match: ({ path }) => path !== undefined && paths.has(path),
  decode,
};

interface Column {
  metric: string;
  kind: Kind;
  conversion: UnitConversion | null;
}

/** The query's words for units; energy is that of the row's interval. */
const units: Readonly<Record<string, string>> = {
  ...{ watts: "W", volts: "V", amps: "A", hz: "Hz", va: "VA", var: "var", pf: "1", wh: "Wh", kwh: "kWh", varh: "varh" },
};
const energies = new Set(["wh", "kwh", "varh"]);

/** What the query says. */
interface Query {
  /** "mains.wh.d1", as in select=[…]; null: not known. */
  select: string[] | null;
  groupS: number | null;
}

const groupSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Days and longer have no fixed length: there the next row, or the end of the range, says how long one is. */
function queryOf({ config, query }: Message): Query {
  const text = typeof config?.query === "string" ? config.query : (query ?? "");
  const parameters = new URLSearchParams(text.replace(/^.*\?/, ""));
  const select = /^\[(.*)\]$/.exec((parameters.get("select") ?? "").trim())?.[1];
  const [, count, unit] = /^(\d*)([smh])$/.exec(parameters.get("group") ?? "") ?? [];
  const groupS = unit === undefined ? null : Number(count || 1) * groupSeconds[unit]!;
  return { select: select === undefined ? null : select.split(",").map((series) => series.trim()), groupS };
}

function decode(message: Message): Decoded {
  const parsed = parseJson(textOf(message.payload));
  if (!parsed.ok) return { readings: [], error: parsed.error };
  const table = isObject(parsed.value) ? parsed.value : { data: parsed.value };
  if (typeof table.error === "string") return { readings: [], error: `IoTaWatt says: ${table.error}` };
  if (!Array.isArray(table.data)) return { readings: [], error: 'a table {"labels":[…],"data":[[…],…]} is expected' };
  const query = queryOf(message);
  const names = Array.isArray(table.labels)
    ? table.labels.map((label) => (typeof label === "string" ? label : ""))
    : query.select?.map((series) => series.split(".")[0]!);
  if (!names)
    return { readings: [], error: 'no names for the columns: send "labels" (header=yes), or set config.query' };
  const timeAt = names.findIndex((name) => name.toLowerCase() === "time");
  if (timeAt < 0) return { readings: [], error: "a column of times is expected: select=[time.utc.unix,…]" };
  const rows = table.data.filter((row) => Array.isArray(row));
  const end = Array.isArray(table.range) ? table.range[1] : undefined;
  const times = [...rows.map((row) => row[timeAt]), end].map((time, index) =>
    // The range is always in real unix time.
    timeOfRow(time, index < rows.length ? (query.select?.[timeAt] ?? "") : "time.utc.unix", message.config?.timezone),
  );
  return readingsOf(rows, columnsOf(names, timeAt, query), times, query.groupS);
}

function columnsOf(names: string[], timeAt: number, { select }: Query): (Column | null)[] {
  const seen = new Set<string>();
  return names.map((name, index) => {
    // A column without a name could be anything.
    if (index === timeAt || name === "") return null;
    const unit = select?.[index]
      ?.toLowerCase()
      .split(".")
      .slice(1)
      .find((part) => Object.hasOwn(units, part));
    const metric = seen.has(name) && unit !== undefined ? `${name}.${unit}` : name;
    seen.add(metric);
    if (unit === undefined) return { metric, kind: "gauge", conversion: null };
    return { metric, kind: energies.has(unit) ? "delta" : "gauge", conversion: conversionOf(units[unit]!) ?? null };
  });
}

/** Null where only the time zone, which is not set, could place it. */
function timeOfRow(time: Json | undefined, series: string, timezone: unknown): number | null {
  if (/\.utc\b/.test(series)) return instantOf(time, "UTC") ?? null;
  if (typeof time !== "number" || !/\.(local|unix)\b/.test(series)) return instantOf(time, timezone) ?? null;
  const wall = Math.abs(time) < 1e11 ? new Date(time * 1000).toISOString().slice(0, -1) : null;
  return instantOf(wall, timezone) ?? null;
}

function readingsOf(
  rows: Json[][],
  columns: (Column | null)[],
  times: (number | null)[],
  groupS: number | null,
): Decoded {
  const readings: DecodedReading[] = [];
  const refusals: Refusal[] = [];
  rows.forEach((row, index) => {
    const timeMs = times[index]!;
    // Rows are history: the time of arrival would be wrong for all but the last.
    if (timeMs === null) {
      refusals.push({ reason: "the time of a row cannot be placed, set the time zone", detail: `row ${index}` });
      return;
    }
    const next = times[index + 1];
    const durationS = groupS ?? (typeof next === "number" && next > timeMs ? (next - timeMs) / 1000 : undefined);
    columns.forEach((column, at) => {
      if (column) take(column, row[at], { timeMs, durationS }, readings, refusals);
    });
  });
  if (readings.length === 0 && refusals.length > 0) return { readings, refusals, error: refusals[0]!.reason };
  return refusals.length > 0 ? { readings, refusals } : { readings };
}

function take(
  { metric, kind, conversion }: Column,
  raw: Json | undefined,
  { timeMs, durationS }: { timeMs: number; durationS: number | undefined },
  readings: DecodedReading[],
  refusals: Refusal[],
): void {
  const number = numberOf(raw);
  if (number === "absent" || number === "nan") return;
  const value = typeof number === "number" && conversion ? convert(number, conversion) : number;
  if (typeof value !== "number" || !Number.isFinite(value)) {
    refusals.push({ reason: "expected a finite number", detail: `${metric} is ${describe(raw)}` });
    return;
  }
  const unit = conversion?.canonical ?? null;
  const duration = kind === "delta" && durationS !== undefined ? { durationS } : {};
  readings.push({ device: "@token", metric, value, unit, timeMs, kind, ...duration });
}
