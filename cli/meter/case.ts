import { z } from "zod";
import { directions, reportings, stamps } from "../../domain/channel.ts";
import type { EnergyChannel } from "../../domain/energy/channel-config.ts";
import type { MeterInput } from "../../domain/energy/meter.ts";
import { isZone } from "../../domain/local-time/zone.ts";
import type { Reading } from "../../domain/reading.ts";
import { conversionOf, convert, type UnitConversion } from "../../domain/units.ts";

/** A case of `energy meter`, as a line of JSON, to what the rules take; or what is wrong with it and what is expected. */
const kinds = ["gauge", "counter", "delta"] as const;
/** Of a window: more are refused before they are laid out in memory. */
const mostBuckets = 4_000_000;
const bucketMs = 900_000;

const time = z
  .string()
  .regex(
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/,
    "expected a time such as 2026-03-01T00:00:00Z",
  )
  .transform((text, context) => {
    const ms = Date.parse(text);
    if (Number.isNaN(ms)) context.addIssue(`there is no such time: ${text}`);
    return ms;
  });

const positive = z.number().positive().nullish();

const channel = z.object({
  kind: z.enum(kinds),
  unit: z
    .string()
    .refine((unit) => conversionOf(unit) !== undefined, "not a known unit; expected one such as kWh, Wh, W or m3"),
  direction: z.enum(directions).nullish(),
  stamp: z.enum(stamps).nullish(),
  reporting: z.enum(reportings).nullish(),
  maxPowerW: positive,
  registerMax: positive,
  expectedIntervalSeconds: positive,
  maxGapSeconds: positive,
  restartsDaily: z.boolean().nullish(),
  timezone: z.string().refine(isZone, "not a time zone; expected one such as Europe/Berlin").nullish(),
});

const line = z.object({
  channel,
  readings: z.array(z.tuple([time, z.number()], 'expected [time, value], such as ["2026-03-01T00:00:00Z",100]')),
  from: time.nullish(),
  to: time.nullish(),
});

export function readCase(text: string): MeterInput | { error: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    return { error: `this line is not JSON: ${(cause as Error).message}` };
  }
  const parsed = line.safeParse(json);
  if (!parsed.success) return { error: wording(parsed.error) };
  const { from, to, readings } = parsed.data;
  const conversion = conversionOf(parsed.data.channel.unit)!;
  const arrivals = readings.map(([timeMs, value]): Reading => ({ timeMs, value: convert(value, conversion) }));
  const input = {
    channel: energyChannel(parsed.data.channel, conversion),
    arrivals,
    timezone: parsed.data.channel.timezone ?? "UTC",
    fromMs: from ?? undefined,
    toMs: to ?? undefined,
  };
  const fault = windowFault(input);
  return fault ? { error: fault } : input;
}

function wording(error: z.ZodError): string {
  const { path, message } = error.issues[0]!;
  const where = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  const more = error.issues.length > 1 ? ` (and ${error.issues.length - 1} more)` : "";
  return `${where.slice(1) || "the line"}: ${message}${more}`;
}

function energyChannel(given: z.infer<typeof channel>, conversion: UnitConversion): EnergyChannel {
  const isPower = conversion.canonical === "W";
  return {
    kind: given.kind,
    quantity: isPower ? "power" : given.kind === "gauge" ? "custom" : "energy",
    unit: conversion.canonical,
    direction: given.direction ?? null,
    stamp: given.stamp ?? (given.kind === "delta" ? "end" : "instant"),
    reporting: given.reporting ?? "periodic",
    expectedIntervalS: given.expectedIntervalSeconds ?? null,
    maxGapS: given.maxGapSeconds ?? null,
    maxPowerW: given.maxPowerW ?? null,
    registerMax: typeof given.registerMax === "number" ? convert(given.registerMax, conversion) : null,
    restartsDaily: given.restartsDaily ?? false,
    scale: conversion.multiply / conversion.divide,
    shift: conversion.add,
  };
}

function windowFault({ arrivals, fromMs, toMs }: MeterInput): string | null {
  if (fromMs !== undefined && toMs !== undefined && toMs < fromMs) return "to: expected a time that is not before from";
  const [first, last] = [fromMs ?? least(arrivals), toMs ?? -least(arrivals, -1)];
  if ((last - first) / bucketMs <= mostBuckets || !Number.isFinite(last - first)) return null;
  return `the window: expected at most ${mostBuckets} quarter-hours (about 114 years)`;
}

function least(readings: readonly Reading[], sign = 1): number {
  return readings.reduce((found, { timeMs }) => Math.min(found, sign * timeMs), Infinity);
}
