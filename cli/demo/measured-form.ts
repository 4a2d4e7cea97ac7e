/**
 * The form of a folder of measured series: manifest.json, and a CSV (gzipped or not) for each with `time` (ISO 8601 UTC, start
 * of the interval), `value` and perhaps `temperature`. What kind of channel a series is follows from its unit and kind.
 */
import { z } from "zod";
import type { Kind } from "../../domain/channel.ts";
import { conversionOf, convert } from "../../domain/units.ts";
import { SetupError } from "../../platform/env.ts";

const series = z.object({
  id: z.string().min(1).max(100),
  file: z.string().min(1),
  unit: z.string(),
  kind: z.enum(["gauge", "delta", "counter"]),
  timezone: z.string().min(1),
  /** "30min", "1h", "10s" */
  resolution: z.string(),
  notes: z.string().optional(),
});

export const manifest = z.object({ series: z.array(series).min(1) });

export type MeasuredSeries = z.infer<typeof series>;

/** How a series becomes readings of a channel. */
export interface SeriesChannel {
  metric: string;
  kind: Kind;
  unit: string | null;
  toCanonical: (value: number) => number;
  /** Gauges are means of their interval and deltas its amount, both stamped at its start; registers are read at an instant. */
  stamp: "start" | "instant";
  intervalS: number;
}

/** @throws SetupError naming the series whose resolution is not understood. */
export function channelOfSeries(series: MeasuredSeries): SeriesChannel {
  const { kind } = series;
  return {
    ...measureOf(series),
    kind,
    stamp: kind === "counter" ? "instant" : "start",
    intervalS: secondsOf(series),
  };
}

/** The temperature beside a series: means of the same intervals. */
export function temperatureChannel(series: MeasuredSeries): SeriesChannel {
  const same = (value: number) => value;
  return {
    metric: "temperature",
    kind: "gauge",
    unit: "degC",
    toCanonical: same,
    stamp: "start",
    intervalS: secondsOf(series),
  };
}

type Measure = Pick<SeriesChannel, "metric" | "unit" | "toCanonical">;

function measureOf(series: MeasuredSeries): Measure {
  const price = /^([A-Z]{3})\/([kM]?)Wh\b/.exec(series.unit);
  if (price) {
    const divide = { "": 0.001, k: 1, M: 1000 }[price[2]!]!;
    return { metric: "price", unit: "currency/kWh", toCanonical: (value) => value / divide };
  }
  const co2 = /^(k?)g(?:CO2(?:e|eq)?)?\/([kM])Wh\b/.exec(series.unit);
  if (co2) {
    const factor = (co2[1] === "k" ? 1000 : 1) / (co2[2] === "M" ? 1000 : 1);
    return { metric: "co2_intensity", unit: "g/kWh", toCanonical: (value) => value * factor };
  }
  return flowOf(series);
}

function flowOf({ id, kind, unit }: MeasuredSeries): Measure {
  // "MW (as published, column HUFL)": the first word is the unit.
  const conversion = conversionOf(unit.trim().split(/\s/)[0]!);
  if (!conversion) return { metric: "value", unit: unit.slice(0, 40), toCanonical: (value) => value };
  const toCanonical = (value: number) => convert(value, conversion);
  const words = id.toLowerCase().split(/[^a-z0-9]+/);
  const isSolar = words.some((word) => word === "pv" || word === "solar");
  const isGrid = words.includes("grid");
  if (conversion.canonical === "W")
    return { metric: isSolar ? "pv.power" : isGrid ? "grid.power" : "power", unit: "W", toCanonical };
  if (conversion.canonical === "kWh" && kind !== "gauge") {
    const metric = isSolar ? "energy.production" : isGrid ? "grid.energy.import" : "energy.import";
    return { metric, unit: "kWh", toCanonical };
  }
  if (conversion.canonical === "degC") return { metric: "temperature", unit: "degC", toCanonical };
  return { metric: "value", unit: conversion.canonical, toCanonical };
}

function secondsOf({ id, resolution }: MeasuredSeries): number {
  const match = /^(\d+) ?(s|sec|m|min|h|hour|d|day)$/.exec(resolution.trim());
  if (!match)
    throw new SetupError(`Series ${id} has the resolution "${resolution}": 10s, 30min, 1h or 1d is expected.`);
  const scale = { s: 1, m: 60, h: 3_600, d: 86_400 }[match[2]![0] as "s" | "m" | "h" | "d"];
  return Number(match[1]) * scale;
}
