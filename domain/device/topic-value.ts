/**
 * One number a message, on a topic of the user's own: `home/boiler/power` with the payload `1250.5`. Nothing says what it is, so
 * it keeps the topic as its name (`home.boiler.power`, unit unknown), unless the user's map has it
 * (config.map: {"home.boiler.power": "power:W"}). What is no number is not for this decoder.
 */
import { convert } from "../units.ts";
import type { Decoded, Decoder, Message } from "./device.ts";
import { mappingsOf } from "./mapping.ts";
import { numberOf, textOf } from "./payload.ts";

const longest = 40;

export const topicValue: Decoder = {
  format: "topic-value",
  priority: 0,
  match: ({ topic, payload }) =>
    topic !== undefined &&
    payload.length > 0 &&
    payload.length <= longest &&
    typeof numberOf(textOf(payload)) === "number",
  decode,
};

function decode({ topic = "", payload, config }: Message): Decoded {
  const value = numberOf(textOf(payload));
  if (typeof value !== "number") return { readings: [], error: "a number was expected" };
  const mappings = mappingsOf(config?.map);
  if (typeof mappings === "string") return { readings: [], error: mappings };
  const path = topic.split("/").filter(Boolean).join(".");
  if (path === "") return { readings: [], error: "the topic names nothing" };
  const about = { device: "@token", timeMs: null };
  const mapping = mappings?.find((known) => known.path === path);
  if (!mapping) return { readings: [{ ...about, metric: path, value, unit: null, kind: "gauge" }] };
  const { metric, kind, conversion } = mapping;
  if (kind === "delta")
    return { readings: [], error: `${path} is mapped to a delta, which needs the time of its interval` };
  if (kind === "state") return { readings: [{ ...about, metric, value: String(value), unit: null, kind }] };
  const canonical = conversion ? convert(value, conversion) : value;
  if (!Number.isFinite(canonical)) return { readings: [], error: `${path} is not a finite number` };
  return { readings: [{ ...about, metric, value: canonical, unit: conversion?.canonical ?? null, kind }] };
}
