import type { Step } from "../local-time/steps.ts";
import type { Bucket } from "./bucket.ts";
import { BUCKET_MS } from "./bucket.ts";

/**
 * Buckets added up to steps: hours, local days, months, years.
 * Worked: four buckets of 0.1, 0.2, 0.3 and 0.4 kWh, the last covered for 450 s, are an hour of 1.0 kWh, 87.5 % complete.
 */
export interface ComposedStep extends Step {
  /** Forward and reverse energy, their estimated parts included; kWh (m3 on a channel of volume). */
  energyKwh: number;
  reverseKwh: number;
  estimatedKwh: number;
  estimatedReverseKwh: number;
  /** Weighted by covered time; null where nothing is known. */
  mean: number | null;
  min: number | null;
  max: number | null;
  coveredS: number;
  /** Covered part of the step's own length, 0 to 1. */
  completeness: number;
}

/**
 * The steps with what their buckets hold.
 *
 * A bucket belongs to the step in which it starts; one that starts before the first step and ends in it belongs to that
 * one. So whoever asks for a window that is not aligned to 15 minutes passes edge buckets that were folded with that window
 * (`fold` cuts them exactly); nothing is divided by guess here.
 *
 * @param buckets ascending; buckets that are missing count as empty
 * @param steps ascending and not overlapping, as `localSteps` gives them
 */
export function compose(buckets: readonly Bucket[], steps: readonly Step[]): ComposedStep[] {
  const composed: ComposedStep[] = [];
  let next = 0;
  for (const step of steps) {
    while (next < buckets.length && buckets[next]!.startMs + BUCKET_MS <= step.startMs) next += 1;
    const first = next;
    while (next < buckets.length && buckets[next]!.startMs < step.endMs) next += 1;
    composed.push(sum(buckets, { first, end: next, step }));
  }
  return composed;
}

function sum(buckets: readonly Bucket[], { first, end, step }: { first: number; end: number; step: Step }): ComposedStep {
  const total: ComposedStep = {
    startMs: step.startMs,
    endMs: step.endMs,
    energyKwh: 0,
    reverseKwh: 0,
    estimatedKwh: 0,
    estimatedReverseKwh: 0,
    mean: null,
    min: null,
    max: null,
    coveredS: 0,
    completeness: 0,
  };
  let weighted = 0;
  let weightS = 0;
  for (let i = first; i < end; i++) {
    const bucket = buckets[i]!;
    total.energyKwh += bucket.energyKwh;
    total.reverseKwh += bucket.reverseKwh;
    total.estimatedKwh += bucket.estimatedKwh;
    total.estimatedReverseKwh += bucket.estimatedReverseKwh;
    total.coveredS += bucket.coveredS;
    if (bucket.mean !== null) {
      weighted += bucket.mean * bucket.coveredS;
      weightS += bucket.coveredS;
    }
    if (bucket.min !== null && (total.min === null || bucket.min < total.min)) total.min = bucket.min;
    if (bucket.max !== null && (total.max === null || bucket.max > total.max)) total.max = bucket.max;
  }
  if (weightS > 0) total.mean = within(weighted / weightS, total);
  const lengthS = (step.endMs - step.startMs) / 1000;
  total.completeness = lengthS > 0 ? Math.min(1, total.coveredS / lengthS) : 0;
  return total;
}

/** Rounding may put the mean of equal values a hair outside of them. */
function within(mean: number, { min, max }: { min: number | null; max: number | null }): number {
  return Math.min(max ?? mean, Math.max(min ?? mean, mean));
}
