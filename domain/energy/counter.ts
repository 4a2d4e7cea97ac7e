import type { Reading } from "../reading.ts";
import { bucketMs, bucketStart } from "../rollup/bucket.ts";
import type { Sums } from "../rollup/sums.ts";
import type { Gap } from "./channel-config.ts";
import { shareTotal, type Shape } from "./shape.ts";
import type { Step } from "./step.ts";

/**
 * A counter: the difference of the register between two readings, laid on the time between them. 100 at 10:00 and 101 at 10:10 is
 * 1 kWh, linearly: 0.1 kWh a minute, measured. Further apart than max_gap it is estimated and laid by a shape (the device's power
 * gauge, else the channel's own profile), scaled to the true total. What the buckets hold adds up to what the register turned.
 */
export interface CounterRules {
  gapOf: (timeMs: number) => Gap;
  /** By what the energy of an outage is laid; null: linearly. */
  shapeOf: (gap: Outage) => Shape | null;
}

/** A stretch between two good readings that are further apart than max_gap: [startMs, endMs). */
export interface Outage {
  startMs: number;
  endMs: number;
}

export function foldCounter(
  readings: readonly Reading[],
  steps: readonly Step[],
  { gapOf, shapeOf }: CounterRules,
  sums: Sums,
): void {
  for (const { timeMs, value } of readings) sums.reading(timeMs, value);
  for (const step of steps) {
    const { fromMs, toMs } = step;
    if (toMs <= sums.fromMs || fromMs >= sums.toMs) continue;
    if (isMeasured(step, gapOf)) layLinearly(sums, step, false);
    else layByShape(sums, step, step.turned === 0 ? null : shapeOf({ startMs: fromMs, endMs: toMs }));
  }
}

function isMeasured({ fromMs, toMs }: Step, gapOf: (timeMs: number) => Gap): boolean {
  return toMs - fromMs <= gapOf(toMs).maxGapS * 1000;
}

/** The stretches that are estimated, ascending. What turned there may be nothing: that was not measured either. */
export function estimatedGaps(steps: readonly Step[], gapOf: (timeMs: number) => Gap): Outage[] {
  const isEstimated = (step: Step) => (step.isCovered || step.turned !== 0) && !isMeasured(step, gapOf);
  return steps.filter(isEstimated).map(({ fromMs, toMs }) => ({ startMs: fromMs, endMs: toMs }));
}

function layLinearly(sums: Sums, { fromMs, toMs, turned, isCovered }: Step, isEstimated: boolean): void {
  sums.eachPiece(fromMs, toMs, (at, from, to) => {
    if (isCovered) sums.cover(at, (to - from) / 1000);
    add(sums, at, turned * ((to - from) / (toMs - fromMs)), isEstimated);
  });
}

function layByShape(sums: Sums, step: Step, shape: Shape | null): void {
  const { fromMs, toMs, turned, isCovered } = step;
  const total = shape && shareTotal(shape, fromMs, toMs);
  if (!total) return layLinearly(sums, step, true);
  const scale = turned / total;
  sums.eachPiece(fromMs, toMs, (at, from, to) => {
    if (isCovered) sums.cover(at, (to - from) / 1000);
    add(sums, at, shape(bucketStart(from)) * ((to - from) / bucketMs) * scale, true);
  });
}

function add(sums: Sums, at: number, amount: number, isEstimated: boolean): void {
  sums.energy(at, amount > 0 ? amount : 0, amount < 0 ? -amount : 0, isEstimated);
}
