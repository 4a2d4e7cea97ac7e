import type { Step } from "../local-time/steps.ts";
import { bucketMs, type Bucket } from "./bucket.ts";

/** The sum of a step's buckets. */
export interface Composed extends Step {
  energyKwh: number;
  reverseKwh: number;
  estimatedKwh: number;
  estimatedReverseKwh: number;
  mean: number | null;
  min: number | null;
  max: number | null;
  coveredS: number;
  /** Covered time through the step's length: 0 to 1. */
  completeness: number;
  count: number;
  last: number | null;
}

/**
 * Buckets (ascending; empty ones may be missing) summed over steps (ascending, apart from each other). A bucket belongs to the step
 * that holds its start; steps begin and end on bucket edges, so that nothing is cut.
 */
export function compose(buckets: readonly Bucket[], steps: readonly Step[]): Composed[] {
  let at = 0;
  return steps.map((step) => {
    while (at < buckets.length && buckets[at]!.startMs + bucketMs <= step.startMs) at++;
    const from = at;
    while (at < buckets.length && buckets[at]!.startMs < step.endMs) at++;
    return sum(step, buckets, from, at);
  });
}

function sum(step: Step, buckets: readonly Bucket[], from: number, to: number): Composed {
  const total: Composed = { ...step, ...nothing };
  let weighted = 0;
  let weight = 0;
  for (let i = from; i < to; i++) {
    const b = buckets[i]!;
    total.energyKwh += b.energyKwh;
    total.reverseKwh += b.reverseKwh;
    total.estimatedKwh += b.estimatedKwh;
    total.estimatedReverseKwh += b.estimatedReverseKwh;
    total.coveredS += b.coveredS;
    total.count += b.count;
    if (b.last !== null) total.last = b.last;
    if (b.mean === null) continue;
    weighted += b.mean * b.coveredS;
    weight += b.coveredS;
    if (b.min !== null) total.min = total.min === null ? b.min : Math.min(total.min, b.min);
    if (b.max !== null) total.max = total.max === null ? b.max : Math.max(total.max, b.max);
  }
  if (weight > 0) total.mean = weighted / weight;
  const length = (step.endMs - step.startMs) / 1000;
  total.completeness = length > 0 ? Math.min(1, total.coveredS / length) : 0;
  return total;
}

const nothing = {
  energyKwh: 0,
  reverseKwh: 0,
  estimatedKwh: 0,
  estimatedReverseKwh: 0,
  mean: null,
  min: null,
  max: null,
  coveredS: 0,
  completeness: 0,
  count: 0,
  last: null,
};
