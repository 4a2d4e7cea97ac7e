import type { Cell } from "../charts/csv.ts";
import type { StepName } from "../../domain/local-time/steps.ts";

/** A channel over a window, as its chart shows it. Times in epoch milliseconds, ascending; values in the channel's unit. */
export type Series = LineSeries | EnergySeries | StateSeries;

interface Span {
  fromMs: number;
  toMs: number;
}

export interface LineSeries extends Span {
  shape: "line";
  times: number[];
  /** null lifts the pen: nothing is known there. */
  values: (number | null)[];
  /** Of means: the lowest and highest reading in each step; null: the values are readings themselves. */
  low: (number | null)[] | null;
  high: (number | null)[] | null;
  /** Of means: where their steps begin, and where the last one ends; null: the values are readings. */
  edges: number[] | null;
  /** Readings further apart are not joined; null: the values are means. */
  maxGapMs: number | null;
  /** Readings behind the line. */
  count: number;
  /** There were more than could be read: the newest are missing. */
  isCut: boolean;
  extremes: { min: number; max: number } | null;
}

export interface EnergyBarFigure {
  startMs: number;
  endMs: number;
  /** kWh (m3 of gas or water). */
  amount: number;
  reverse: number;
  /** The estimated part of both. */
  estimated: number;
  completeness: number;
  isRunning: boolean;
}

export interface EnergySeries extends Span {
  shape: "bars";
  step: StepName;
  bars: EnergyBarFigure[];
}

export interface StateSeries extends Span {
  shape: "steps";
  times: number[];
  /** Indices of labels; each holds until the next. */
  values: number[];
  labels: string[];
  isCut: boolean;
}

/** Rows of what the chart shows, with a header. */
export function* seriesRows(
  series: Series,
  { metric, unit }: { metric: string; unit: string | null },
): Generator<Cell[]> {
  const name = unit && unit !== "1" ? `${metric} (${unit})` : metric;
  if (series.shape === "bars") {
    yield ["start", "end", name, "reverse", "estimated", "known_share"];
    for (const { startMs, endMs, amount, reverse, estimated, completeness } of series.bars) {
      yield [utc(startMs), utc(endMs), amount, reverse, estimated, completeness];
    }
    return;
  }
  if (series.shape === "steps") {
    yield ["time", name];
    for (const [i, timeMs] of series.times.entries()) yield [utc(timeMs), series.labels[series.values[i]!]!];
    return;
  }
  const hasBand = series.low !== null && series.high !== null;
  yield hasBand ? ["time", `mean ${name}`, "lowest", "highest"] : ["time", name];
  for (const [i, timeMs] of series.times.entries()) {
    const value = series.values[i]!;
    if (value === null && !hasBand) continue;
    yield hasBand ? [utc(timeMs), value, series.low![i]!, series.high![i]!] : [utc(timeMs), value];
  }
}

const utc = (ms: number) => new Date(Math.round(ms)).toISOString();

/** Readings that came since the series was loaded, put at its end; the window slides along. */
export function withLive(
  series: Series,
  live: readonly { timeMs: number; value: number | string }[],
  nowMs: number,
): Series {
  if (series.shape === "bars" || (series.shape === "line" && series.maxGapMs === null)) return series;
  const lengthMs = series.toMs - series.fromMs;
  const toMs = Math.max(series.toMs, nowMs);
  const fromMs = toMs - lengthMs;
  return series.shape === "steps"
    ? withLiveStates({ ...series, fromMs, toMs }, live)
    : withLiveReadings({ ...series, fromMs, toMs }, live);
}

function withLiveReadings(series: LineSeries, live: readonly { timeMs: number; value: number | string }[]): LineSeries {
  const { fromMs, maxGapMs } = series;
  const from = series.times.findIndex((timeMs) => timeMs >= fromMs);
  const times = from < 0 ? [] : series.times.slice(from);
  const values = from < 0 ? [] : series.values.slice(from);
  for (const { timeMs, value } of live) {
    const lastMs = times.at(-1);
    if (typeof value !== "number" || timeMs < fromMs || (lastMs !== undefined && timeMs <= lastMs)) continue;
    if (lastMs !== undefined && maxGapMs !== null && timeMs - lastMs > maxGapMs) {
      times.push(lastMs + 1);
      values.push(null);
    }
    times.push(timeMs);
    values.push(value);
  }
  const known = values.filter((value) => value !== null);
  return {
    ...series,
    times,
    values,
    extremes: known.length ? { min: Math.min(...known), max: Math.max(...known) } : null,
  };
}

function withLiveStates(series: StateSeries, live: readonly { timeMs: number; value: number | string }[]): StateSeries {
  const [times, values, labels] = [[...series.times], [...series.values], [...series.labels]];
  for (const { timeMs, value } of live) {
    const text = String(value);
    if (timeMs <= (times.at(-1) ?? -Infinity) || labels[values.at(-1) ?? -1] === text) continue;
    if (!labels.includes(text)) labels.push(text);
    times.push(timeMs);
    values.push(labels.indexOf(text));
  }
  // The state that held when the window began is its first.
  const held = times.findLastIndex((timeMs) => timeMs <= series.fromMs);
  if (held < 0) return { ...series, times, values, labels };
  return { ...series, times: [series.fromMs, ...times.slice(held + 1)], values: values.slice(held), labels };
}
