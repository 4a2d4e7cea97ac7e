import type { Step } from "../local-time/steps.ts";
import { bucketMs, type Bucket } from "./bucket.ts";

const dayMs = 86_400_000;

/** Columns of successive buckets, one place a bucket. */
export interface EnergyColumns {
  energy: Float64Array;
  reverse: Float64Array;
  estimated: Float64Array;
  estimatedReverse: Float64Array;
  covered: Float64Array;
}

/**
 * The energy and covered time of steps, of each UTC day that a step touches as one bucket; a day without any is left out. Each is
 * added up in the order of time, so that it does not depend on the other steps.
 * @param startMs of the first place; steps begin and end on bucket edges.
 */
export function daySums(columns: EnergyColumns, startMs: number, steps: readonly Step[]): Bucket[] {
  const sums: Bucket[] = [];
  for (const step of steps) {
    for (let fromMs = step.startMs; fromMs < step.endMs;) {
      const toMs = Math.min(step.endMs, (Math.floor(fromMs / dayMs) + 1) * dayMs);
      const sum = sumOf(
        columns,
        fromMs,
        Math.floor((fromMs - startMs) / bucketMs),
        Math.ceil((toMs - startMs) / bucketMs),
      );
      if (sum.coveredS > 0 || sum.energyKwh > 0 || sum.reverseKwh > 0) sums.push(sum);
      fromMs = toMs;
    }
  }
  return sums;
}

function sumOf(columns: EnergyColumns, startMs: number, from: number, to: number): Bucket {
  const { energy, reverse, estimated, estimatedReverse, covered } = columns;
  let [energyKwh, reverseKwh, estimatedKwh, estimatedReverseKwh, coveredS] = [0, 0, 0, 0, 0];
  for (let i = from; i < to; i++) {
    energyKwh += energy[i]!;
    reverseKwh += reverse[i]!;
    estimatedKwh += estimated[i]!;
    estimatedReverseKwh += estimatedReverse[i]!;
    coveredS += covered[i]!;
  }
  const energies = { energyKwh, reverseKwh, estimatedKwh, estimatedReverseKwh };
  return { startMs, ...energies, coveredS, mean: null, min: null, max: null, count: 0, last: null };
}
