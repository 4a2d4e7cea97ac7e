/**
 * Fields by the unit on the wire: for formats whose fields come in kW here and W there, or print their unit in the message.
 * `take` makes a canonical reading of a value. What says "no value" (null, "", "unavailable", nan) is passed over; what is no
 * finite number is refused, and the rest is kept.
 */
import { conversionOf, convert } from "../units.ts";
import type { Gathering } from "./gathering.ts";
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

export function refuse(into: Gathering, name: string, reason: string): void {
  into.refusals.push({ reason, detail: name });
}

const notFinite = "not a finite number";
const notNumber = (raw: unknown): string => `${describe(raw)}, a number was expected`;
