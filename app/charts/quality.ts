import type { Step } from "../../domain/local-time/steps.ts";

/** How well a figure is known. Shares of its time, together 1; `toMs`: until when all of it is known, null: never. */
export interface Quality {
  measured: number;
  estimated: number;
  missing: number;
  toMs: number | null;
}

interface Given extends Step {
  /** Known part of the time, 0 to 1. */
  completeness: number;
  amount: number;
  /** The estimated part of the amount. */
  estimatedAmount: number;
  knownToMs: number | null;
  nowMs: number;
}

/** What came in this long ago is not missing: it is on its way through the roll-up. */
const onItsWayMs = 30 * 60_000;

/** Where a period is still running, its last moments are not rolled up yet, and are no reason to call it incomplete. */
export function qualityOf({ completeness, amount, estimatedAmount, knownToMs, nowMs, startMs, endMs }: Given): Quality {
  const isCurrent = knownToMs !== null && endMs >= nowMs && nowMs - knownToMs < onItsWayMs && knownToMs > startMs;
  const known = isCurrent ? Math.min(1, (completeness * (endMs - startMs)) / (knownToMs - startMs)) : completeness;
  const estimated = amount > 0 ? Math.min(1, estimatedAmount / amount) * known : 0;
  return { measured: known - estimated, estimated, missing: 1 - known, toMs: knownToMs };
}
