/**
 * Our own JSON: MQTT topic energy/<device>, HTTP POST /api/v1/readings. One object or an array of them, each either a row of
 * metrics, {"device"?, "time"?, "power": 1250, "energy.import": 48211.375}, or one reading, {"device","metric","value",
 * "unit","time","kind"}. Names of the vocabulary are in their canonical unit (or in the row's "unit", which is converted);
 * other names are channels of quantity custom. A bad row is refused with its reason, the good ones are kept.
 */
import { kinds } from "../channel.ts";
import type { Kind } from "../channel.ts";
import type { DecodedReading } from "../reading.ts";
import { conversionOf, convert } from "../units.ts";
import type { Decoded, Decoder, Message, Refusal } from "./device.ts";
import { describe, isObject, numberOf, parseJson, textOf, timeOf } from "./payload.ts";
import type { Json, JsonObject } from "./payload.ts";
import { vocabularyWord } from "./vocabulary.ts";

const topicPrefix = "energy/";

export const nativeJson: Decoder = {
  format: "native-json",
  priority: 100,
  match: ({ topic, path, method }) =>
    topic !== undefined ? topic.startsWith(topicPrefix) : path === "/api/v1/readings" && method === "POST",
  decode,
};

/** What a row says of all its readings. */
interface Row {
  device: string;
  timeMs: number | null;
  tags: Record<string, string> | undefined;
}

interface Gathering {
  /** The device that the topic names; rows may name another. */
  device: string;
  readings: DecodedReading[];
  refusals: Refusal[];
}

/** A fault of one value or row: a reason, without the row's number. */
class Refused extends Error {}

function decode({ topic, payload }: Message): Decoded {
  const parsed = parseJson(textOf(payload));
  if (!parsed.ok) return { readings: [], error: parsed.error };
  const device = (topic?.startsWith(topicPrefix) ? topic.slice(topicPrefix.length) : "") || "@token";
  const into: Gathering = { device, readings: [], refusals: [] };
  const rows = Array.isArray(parsed.value) ? parsed.value : [parsed.value];
  rows.forEach((row, index) => refusing(`row ${index + 1}`, into, () => takeRow(row, `row ${index + 1}`, into)));
  const { readings, refusals } = into;
  if (refusals.length === 0) return { readings };
  const more = refusals.length > 1 ? ` (and ${refusals.length - 1} more)` : "";
  return { readings, refusals, error: `${refusals[0]!.detail}: ${refusals[0]!.reason}${more}` };
}

/** Runs `take`; what it refuses is noted under its place, and the rest goes on. */
function refusing(place: string, into: Gathering, take: () => void): void {
  try {
    take();
  } catch (cause) {
    if (!(cause instanceof Refused)) throw cause;
    into.refusals.push({ reason: cause.message, detail: place });
  }
}

function takeRow(row: Json, place: string, into: Gathering): void {
  if (!isObject(row)) throw new Refused("an object of readings was expected");
  const about: Row = {
    device: deviceOf(row.device, into.device),
    timeMs: rowTime(row.time),
    tags: tagsOf(row.tags),
  };
  if (typeof row.metric === "string") return takeReading(row, row.metric, about, into);
  for (const metric in row) {
    if (metric === "device" || metric === "time" || metric === "tags") continue;
    refusing(`${place}, ${metric.slice(0, 100)}`, into, () => takeMetric(metric, row[metric]!, about, into));
  }
}

function deviceOf(device: Json | undefined, otherwise: string): string {
  if (device === undefined || device === null || device === "") return otherwise;
  if (typeof device === "number") return String(device);
  if (typeof device !== "string") throw new Refused("device must be a text");
  return device;
}

/** Absent or null: the time of arrival. A time without a zone could be any of forty instants, so it is refused. */
function rowTime(time: Json | undefined): number | null {
  if (time === undefined || time === null) return null;
  const ms = timeOf(time);
  if (ms === undefined) throw new Refused("time must be ISO 8601 with a zone, or unix seconds or milliseconds");
  if (ms === "local") throw new Refused(`time "${String(time)}" has no zone: add Z or an offset such as +01:00`);
  return ms;
}

function tagsOf(tags: Json | undefined): Record<string, string> | undefined {
  if (tags === undefined || tags === null) return undefined;
  const isPlain = isObject(tags) && Object.values(tags).every((value) => typeof value === "string");
  if (!isPlain) throw new Refused("tags must be an object of texts");
  return Object.keys(tags).length === 0 ? undefined : (tags as Record<string, string>);
}

/** One member of a row of metrics: canonical unit and kind by the vocabulary, else custom. */
function takeMetric(metric: string, raw: Json, about: Row, into: Gathering): void {
  if (metric === "") throw new Refused("a metric needs a name");
  const word = vocabularyWord(metric);
  if (isState(word?.kind, raw)) return putState(metric, raw, about, into);
  const value = numberIn(metric, raw);
  if (value !== null) put(into, about, { metric, value, unit: word?.unit ?? null, kind: word?.kind ?? "gauge" });
}

/** A state by the vocabulary, or a boolean under a name of the sender's own: `"power": true` is a mistake. */
function isState(usual: Kind | undefined, raw: Json): boolean {
  return usual === undefined ? typeof raw === "boolean" : usual === "state";
}

/** A row that is one reading: {"metric","value","unit"?,"kind"?,"duration_s"?}. */
function takeReading(row: JsonObject, metric: string, about: Row, into: Gathering): void {
  if (metric === "") throw new Refused("metric must not be empty");
  if (!Object.hasOwn(row, "value")) throw new Refused(`${metric} has no value`);
  const word = vocabularyWord(metric);
  const kind = kindOf(row.kind, word?.kind);
  if (kind === "state" || isState(word?.kind, row.value!)) return putState(metric, row.value!, about, into);
  const number = numberIn(metric, row.value!);
  if (number === null) return;
  const { value, unit } = inCanonicalUnit(metric, number, row.unit);
  if (kind === "delta" && about.timeMs === null)
    throw new Refused(`${metric} is a delta: without the time of its interval a repeated delivery would count twice`);
  const durationS = durationOf(row.duration_s);
  put(into, about, { metric, value, unit, kind, ...(durationS === undefined ? {} : { durationS }) });
}

function kindOf(given: Json | undefined, usual: Kind | undefined): Kind {
  if (given === undefined || given === null) return usual ?? "gauge";
  if (!(kinds as readonly unknown[]).includes(given)) throw new Refused(`kind must be one of ${kinds.join(", ")}`);
  if (usual === "state" && given !== "state") throw new Refused(`this metric is a state, not a ${String(given)}`);
  // A register stays one: energy.import as a "gauge" is what the vocabulary calls a counter.
  return usual === "counter" && given === "gauge" ? "counter" : (given as Kind);
}

function inCanonicalUnit(
  metric: string,
  number: number,
  given: Json | undefined,
): { value: number; unit: string | null } {
  const word = vocabularyWord(metric);
  if (given === undefined || given === null || given === "") return { value: number, unit: word?.unit ?? null };
  if (typeof given !== "string") throw new Refused("unit must be a text");
  const conversion = conversionOf(given);
  if (word && conversion?.canonical !== word.unit)
    throw new Refused(`${metric} is measured in ${word.unit ?? "no unit"}: "${given}" cannot be converted to it`);
  // A custom channel may have any unit; those that we know become canonical.
  if (!conversion) return { value: number, unit: given.slice(0, 40) };
  const value = convert(number, conversion);
  if (!Number.isFinite(value)) throw new Refused(`${metric} is too large a number`);
  return { value, unit: conversion.canonical };
}

function durationOf(given: Json | undefined): number | undefined {
  if (given === undefined || given === null) return undefined;
  const seconds = numberOf(given);
  if (typeof seconds !== "number" || seconds <= 0) throw new Refused("duration_s must be a number of seconds above 0");
  return seconds;
}

/** A finite number, or null where the sender has no value. */
function numberIn(metric: string, raw: Json): number | null {
  const number = numberOf(raw);
  if (number === "absent") return null;
  if (typeof number === "number") return number;
  if (number === "infinite") throw new Refused(`${metric} is not a finite number`);
  throw new Refused(`${metric} must be a number, not ${describe(raw)}`);
}

const onWords = new Set(["on", "true", "online"]);
const offWords = new Set(["off", "false", "offline"]);

/** A state: a boolean, the words for one where the vocabulary knows it as one, or any text. */
function putState(metric: string, raw: Json, about: Row, into: Gathering): void {
  if (raw === null || raw === "") return;
  if (typeof raw === "object") throw new Refused(`${metric} must be true, false or a text`);
  let value: boolean | string = typeof raw === "number" ? String(raw) : raw;
  if (vocabularyWord(metric)?.kind === "state") {
    const word = String(raw).toLowerCase();
    if (onWords.has(word) || raw === 1) value = true;
    else if (offWords.has(word) || raw === 0) value = false;
    else if (numberOf(raw) === "absent") return;
  }
  put(into, about, { metric, value, unit: null, kind: "state" });
}

function put(
  { readings }: Gathering,
  { device, timeMs, tags }: Row,
  reading: { metric: string; value: number | boolean | string; unit: string | null; kind: Kind; durationS?: number },
): void {
  const { metric, value, unit, kind, durationS } = reading;
  readings.push({
    device,
    metric,
    value,
    unit,
    timeMs,
    kind,
    ...(tags === undefined ? {} : { tags }),
    ...(durationS === undefined ? {} : { durationS }),
  });
}
