import uPlot from "uplot";
import type { Formats } from "./formats.ts";

export interface DenseChartData {
  /** Epoch milliseconds, ascending. */
  times: number[];
  /** null: nothing is known. Of steps: indices of labels. */
  values: (number | null)[];
  /** The band around means; null: none. */
  low: (number | null)[] | null;
  high: (number | null)[] | null;
  shape: "line" | "steps";
  /** Names of the steps. */
  labels: string[] | null;
}

interface Ink {
  text: string;
  grid: string;
  line: string;
  fill: string;
  band: string;
}

/** Canvas knows no style sheets: the colours of the theme that holds now. */
function inkOf(root: HTMLElement): Ink {
  if (root.classList.contains("dark")) {
    return {
      text: "#94a3b8",
      grid: "#1e293b",
      line: "#34d399",
      fill: "rgba(52,211,153,0.14)",
      band: "rgba(52,211,153,0.25)",
    };
  }
  return {
    text: "#64748b",
    grid: "#f1f5f9",
    line: "#059669",
    fill: "rgba(5,150,105,0.10)",
    band: "rgba(5,150,105,0.22)",
  };
}

export interface PlotOptions {
  width: number;
  height: number;
  timezone: string;
  /** What is drawn now, and over which window (epoch milliseconds). */
  read: () => { data: DenseChartData; fromMs: number; toMs: number };
  unit: string | null;
  formats: Formats;
  /** The point under the pointer. */
  onPoint: (index: number | null) => void;
  /** A stretch was drawn; null: nothing can be drawn. */
  onRange: ((fromMs: number, toMs: number) => void) | null;
}

const font = "12px system-ui, sans-serif";

export function plotOptions({ width, height, timezone, read, unit, formats, ...on }: PlotOptions): uPlot.Options {
  const { onPoint, onRange } = on;
  const ink = inkOf(document.documentElement);
  const { shape } = read().data;
  const steps = shape === "steps" && uPlot.paths.stepped ? { paths: uPlot.paths.stepped({ align: 1 }) } : {};
  return {
    width,
    height,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), timezone),
    padding: [10, 10, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 8, fill: ink.line }, drag: { x: onRange !== null, y: false, setScale: false } },
    scales: {
      x: { time: true, range: () => [read().fromMs / 1000, read().toMs / 1000] },
      y: { range: () => rangeOf(read().data) },
    },
    axes: axesOf(ink, { read, unit, formats }),
    series: [
      {},
      {
        stroke: ink.line,
        width: 1.75,
        ...(shape === "line" ? { fill: ink.fill } : {}),
        spanGaps: false,
        points: { show: false },
        ...steps,
      },
    ],
    hooks: {
      setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)],
      setSelect: [(plot) => onRange && drawn(plot, onRange)],
    },
    plugins: [bandPlugin(() => read().data, ink.band)],
  };
}

/** A stretch of a few pixels was a click. */
export const leastDrawn = 6;

function drawn(plot: uPlot, onRange: (fromMs: number, toMs: number) => void): void {
  const { left, width } = plot.select;
  if (width < leastDrawn) return;
  onRange(plot.posToVal(left, "x") * 1000, plot.posToVal(left + width, "x") * 1000);
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
}

function axesOf(ink: Ink, { read, unit, formats }: Pick<PlotOptions, "read" | "unit" | "formats">): uPlot.Axis[] {
  const look: uPlot.Axis = { stroke: ink.text, font, grid: { stroke: ink.grid, width: 1 }, ticks: { show: false } };
  const { labels } = read().data;
  const time: uPlot.Axis = {
    ...look,
    space: 70,
    size: 28,
    values: (_plot, splits, _axis, _space, stepS) => splits.map((s) => tickText(s * 1000, stepS, formats)),
  };
  const value: uPlot.Axis = {
    ...look,
    size: (_plot, texts) => Math.max(48, 12 + 7.2 * Math.max(0, ...(texts ?? []).map((text) => text?.length ?? 0))),
    values: (_plot, splits) =>
      splits.map((split) => (labels ? (read().data.labels?.[split] ?? "") : formats.axis(split, unit))),
    ...(labels && { splits: () => (read().data.labels ?? []).map((_, i) => i) }),
  };
  return [time, value];
}

function rangeOf({ values, low, high, labels }: DenseChartData): [number, number] {
  if (labels) return [-0.5, Math.max(1, labels.length) - 0.5];
  const known = [...(low ?? values), ...(high ?? [])].filter((value) => value !== null);
  return known.length
    ? roomFor(
        known.reduce((a, b) => Math.min(a, b)),
        known.reduce((a, b) => Math.max(a, b)),
      )
    : [0, 1];
}

/** Zero belongs to what is near it; what is far from zero (230 V) fills the height. */
function roomFor(low: number, high: number): [number, number] {
  const span = high - low;
  if (span === 0 && low !== 0 && Math.abs(low) < 100) return low > 0 ? [0, low * 1.5] : [low * 1.5, 0];
  if (low >= 0 && low < high * 0.6) return [0, high > 0 ? high * 1.08 : 1];
  if (high <= 0 && high > low * 0.6) return [low * 1.08, 0];
  const room = span > 0 ? span * 0.1 : Math.abs(high) * 0.1 || 1;
  return [low - room, high + room];
}

/** Months where the ticks are months apart, days where they are days apart or a day begins, else the time of day. */
function tickText(ms: number, stepS: number, formats: Formats): string {
  if (stepS >= 28 * 86_400) return formats.month(ms);
  const isMidnight = formats.isoDate(ms) !== formats.isoDate(ms - 1);
  return stepS >= 86_400 || isMidnight ? formats.day(ms) : formats.time(ms);
}

/** Fills from the lowest to the highest reading of each step, behind the line of means. */
function bandPlugin(read: () => DenseChartData, color: string): uPlot.Plugin {
  return {
    hooks: {
      drawSeries: [
        (plot) => {
          const { times, low, high } = read();
          if (!low || !high) return;
          const { ctx } = plot;
          ctx.save();
          ctx.beginPath();
          ctx.rect(plot.bbox.left, plot.bbox.top, plot.bbox.width, plot.bbox.height);
          ctx.clip();
          ctx.fillStyle = color;
          for (const [from, to] of runs(low)) {
            ctx.beginPath();
            for (let i = from; i < to; i++)
              ctx.lineTo(plot.valToPos(times[i]! / 1000, "x", true), plot.valToPos(high[i]!, "y", true));
            for (let i = to - 1; i >= from; i--)
              ctx.lineTo(plot.valToPos(times[i]! / 1000, "x", true), plot.valToPos(low[i]!, "y", true));
            ctx.fill();
          }
          ctx.restore();
        },
      ],
    },
  };
}

/** Stretches [from, to) without a null. */
function runs(values: (number | null)[]): [number, number][] {
  const found: [number, number][] = [];
  let from: number | null = null;
  for (let i = 0; i <= values.length; i++) {
    const isKnown = i < values.length && values[i] !== null;
    if (isKnown && from === null) from = i;
    if (!isKnown && from !== null) {
      found.push([from, i]);
      from = null;
    }
  }
  return found;
}
