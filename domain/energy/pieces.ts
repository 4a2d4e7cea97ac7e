import type { Reading } from "../reading.ts";
import { fold } from "../rollup/fold.ts";
import { heldUntil } from "./gauge.ts";
import { intervalMs, isInterval, type EnergyChannel, type Gap } from "./channel-config.ts";
import type { Outage } from "./counter.ts";
import type { Shape } from "./shape.ts";
import type { Step } from "./step.ts";

/**
 * What a figure is made of: its energy cut at the readings that say it. 100 at 10:00 and 101 at 10:10 are one piece of 1 kWh; of a
 * window that begins at 10:05 half of it is inside. The pieces of a window add up to its energy.
 */
export interface Piece {
  /** The stretch that it speaks of, which may reach out of the window. */
  fromMs: number;
  toMs: number;
  /** The readings at its two ends; of an amount or a mean of an interval only the one that says it. null: there is none. */
  from: Reading | null;
  to: Reading | null;
  /** How the energy follows: the difference of a register, the area under a line or a held value, an amount that was sent. */
  how: "register" | "line" | "held" | "amount";
  /** All that the stretch turned, in and out of the window; null: not a register. */
  turned: number | null;
  /** false: what the stretch held is not known (a hole, the time before a new meter). */
  isCovered: boolean;
  /** Inside the window, in the channel's unit. */
  energyKwh: number;
  reverseKwh: number;
  estimatedKwh: number;
}

export interface PiecesInput {
  channel: EnergyChannel;
  gapOf: (timeMs: number) => Gap;
  shapeOf?: ((gap: Outage) => Shape | null) | undefined;
  /** A counter's. */
  steps?: readonly Step[] | undefined;
  /** When the device of a channel that reports on change went offline, ascending. */
  offlineMs?: readonly number[] | undefined;
  /** Ascending, with the neighbours of the window. */
  readings: readonly Reading[];
  fromMs: number;
  toMs: number;
}

/** The pieces that reach into a window [fromMs, toMs), ascending. */
export function piecesOf(input: PiecesInput): Piece[] {
  const { fromMs, toMs } = input;
  const all = input.channel.kind === "counter" ? registerPieces(input) : readingPieces(input);
  return all.filter((piece) => piece.toMs > fromMs && piece.fromMs < toMs && piece.toMs > piece.fromMs);
}

function registerPieces({ readings, steps = [], ...input }: PiecesInput): Piece[] {
  const at = new Map(readings.map((reading) => [reading.timeMs, reading]));
  return steps.map((step) => ({
    fromMs: step.fromMs,
    toMs: step.toMs,
    from: at.get(step.fromMs) ?? null,
    to: at.get(step.toMs) ?? null,
    how: "register",
    turned: step.turned,
    isCovered: step.isCovered,
    ...energyOf({ ...input, readings: [], steps: [step] }, step),
  }));
}

function readingPieces(input: PiecesInput): Piece[] {
  const { channel, readings, gapOf } = input;
  return readings.flatMap((reading, i): Piece[] => {
    const [previous, next] = [readings[i - 1], readings[i + 1]];
    if (!isInterval(channel) && channel.reporting !== "on-change") {
      if (!previous) return [];
      const span = { fromMs: previous.timeMs, toMs: reading.timeMs };
      const isCovered = span.toMs - span.fromMs <= gapOf(span.toMs).maxGapS * 1000;
      const pair = { ...input, readings: [previous, reading] };
      return [{ ...span, from: previous, to: reading, how: "line", turned: null, isCovered, ...energyOf(pair, span) }];
    }
    const span = heldSpan(input, reading, previous, next);
    const around = channel.kind === "delta" ? [reading] : [previous, reading, next].filter((r) => r !== undefined);
    const how = channel.kind === "delta" ? "amount" : "held";
    const energy = energyOf({ ...input, readings: around }, span);
    return [{ ...span, from: reading, to: null, how, turned: null, isCovered: true, ...energy }];
  });
}

/** The stretch that a reading speaks of by itself. */
function heldSpan(
  { channel, gapOf, toMs, offlineMs }: PiecesInput,
  { timeMs }: Reading,
  previous: Reading | undefined,
  next: Reading | undefined,
): { fromMs: number; toMs: number } {
  if (!isInterval(channel))
    return { fromMs: timeMs, toMs: heldUntil(timeMs, next?.timeMs ?? toMs, { gapOf, offlineMs }) };
  const length = intervalMs(gapOf(timeMs));
  const isMean = channel.kind === "gauge";
  if (channel.stamp === "start")
    return { fromMs: timeMs, toMs: Math.min(timeMs + length, isMean ? (next?.timeMs ?? Infinity) : Infinity) };
  return { fromMs: Math.max(timeMs - length, isMean ? (previous?.timeMs ?? -Infinity) : -Infinity), toMs: timeMs };
}

function energyOf(input: PiecesInput, span: { fromMs: number; toMs: number }) {
  const sum = { energyKwh: 0, reverseKwh: 0, estimatedKwh: 0 };
  const fromMs = Math.max(span.fromMs, input.fromMs);
  const toMs = Math.min(span.toMs, input.toMs);
  if (fromMs >= toMs) return sum;
  for (const bucket of fold({ ...input, shapeOf: input.shapeOf ?? (() => null), fromMs, toMs })) {
    sum.energyKwh += bucket.energyKwh;
    sum.reverseKwh += bucket.reverseKwh;
    sum.estimatedKwh += bucket.estimatedKwh + bucket.estimatedReverseKwh;
  }
  return sum;
}
