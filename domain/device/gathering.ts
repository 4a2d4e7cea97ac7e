/**
 * What table-driven decoders share: a field says what a name of the format means, `take` makes a reading of its value. What
 * says "no value" (null, "", "unavailable", nan) is passed over; what is no finite number is refused, the rest is kept.
 */
import type { DecodedReading } from "../reading.ts";
import { conversionOf, convert } from "../units.ts";
import type { Decoded, Refusal } from "./device.ts";
import { describe, isObject, numberOf } from "./payload.ts";

export interface Field {
  metric: string;
  /** The unit on the wire; null: the message does not say. */
  unit: string | null;
  kind: "gauge" | "counter";
  /** True where the sender's direction is the opposite of ours (evcc: battery + is discharging). */
  isNegated?: boolean;
  tags?: Record<string, string>;
}

export const gauge = (metric: string, unit: string | null): Field => ({ metric, unit, kind: "gauge" });
export const counter = (metric: string, unit: string | null): Field => ({ metric, unit, kind: "counter" });
export const negated = (field: Field): Field => ({ ...field, isNegated: true });
export const tagged = (field: Field, tags: Record<string, string>): Field => ({ ...field, tags });

/** What is being gathered from one message, and whose readings come next. */
export interface Gathering {
  device: string;
  timeMs: number | null;
  readings: DecodedReading[];
  refusals: Refusal[];
}

export function gatheringOf(device: string, timeMs: number | null = null): Gathering {
  return { device, timeMs, readings: [], refusals: [] };
}

/** The same gathering for another device or another time. */
export function about(into: Gathering, device: string, timeMs: number | null = into.timeMs): Gathering {
  return { ...into, device, timeMs };
}

/** Takes a value (number or numeric text) in the field's unit as a reading in the canonical one. `name` is for the refusal. */
export function take(into: Gathering, field: Field, raw: unknown, name: string): void {
  const number = numberOf(raw);
  if (number === "absent" || number === "nan") return;
  if (typeof number !== "number") return refuse(into, name, number === "infinite" ? notFinite : notNumber(raw));
  const conversion = field.unit === null ? undefined : conversionOf(field.unit);
  if (!conversion && field.unit !== null) return refuse(into, name, `in an unknown unit, ${describe(field.unit)}`);
  const value = conversion ? convert(number, conversion) : number;
  if (!Number.isFinite(value)) return refuse(into, name, notFinite);
  into.readings.push({
    device: into.device,
    metric: field.metric,
    // Minus zero is nobody's reading.
    value: field.isNegated && value !== 0 ? -value : value,
    unit: conversion?.canonical ?? null,
    timeMs: into.timeMs,
    kind: field.kind,
    ...(field.tags && { tags: field.tags }),
  });
}

/** Takes every member of `values` that the table knows. */
export function takeFields(into: Gathering, fields: ReadonlyMap<string, Field>, values: unknown): void {
  if (!isObject(values)) return;
  for (const name in values) {
    const field = fields.get(name);
    if (field) take(into, field, values[name], name);
  }
}

export function takeState(into: Gathering, metric: string, value: boolean | string): void {
  const { device, timeMs } = into;
  into.readings.push({ device, metric, value, unit: null, timeMs, kind: "state" });
}

export function refuse(into: Gathering, name: string, reason: string): void {
  into.refusals.push({ reason, detail: name });
}

const notFinite = "not a finite number";
const notNumber = (raw: unknown): string => `not a number but ${describe(raw)}`;

/** The decoder's answer: the readings, and what was refused with the first of it as the error. */
export function finished({ readings, refusals }: Gathering): Decoded {
  if (refusals.length === 0) return { readings };
  return { readings, refusals, error: `${refusals[0]!.detail} is ${refusals[0]!.reason}` };
}
