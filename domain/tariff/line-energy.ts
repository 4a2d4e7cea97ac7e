import { localSteps, type Step, type StepName } from "../local-time/steps.ts";
import { bucketMs } from "../rollup/bucket.ts";
import { perUnit } from "./exact-sum.ts";
import type { Line } from "./line.ts";
import { indexAt, type Usage } from "./usage.ts";

/** The energy behind a line of a bill, step by step, and what of it was not simply measured: the answer to "why this amount?". */
export interface LineStep extends Step {
  /** In the meter's unit, of the line's own quarter-hours in this step. */
  energy: number;
  estimated: number;
}

export interface Stretch extends Step {
  energy: number;
}

export interface LineEnergy {
  step: StepName;
  steps: LineStep[];
  /** Stretches whose energy was estimated, or that have no data: the longest first, at most `most` of each. */
  estimated: Stretch[];
  missing: Step[];
}

const hourMs = 3_600_000;
const most = 12;

/** Quarter-hours for a day, hours for three, days for a quarter of a year, months beyond. */
function stepFor({ fromMs, toMs }: Line["period"]): StepName {
  const hours = (toMs - fromMs) / hourMs;
  return hours <= 25 ? "15m" : hours <= 73 ? "hour" : hours <= 93 * 24 ? "day" : "month";
}

/** @param line of a bill, or lines of the same thing: their ranges ascending, and the period of all. */
export function lineEnergy(
  { type, period, ranges }: Pick<Line, "type" | "period" | "ranges">,
  usage: Usage,
  timezone: string,
): LineEnergy {
  const column = type === "feed-in" ? usage.exported : usage.imported;
  const estimates = type === "feed-in" ? null : usage.estimated;
  // A peak is its own few minutes, not the month that it was sought in.
  const step = type === "demand" ? "15m" : stepFor(period);
  const spans =
    type === "demand"
      ? ranges.map(([startMs, endMs]) => ({ startMs, endMs }))
      : localSteps(timezone, step, period.fromMs, period.toMs);
  const steps: LineStep[] = spans.map((span) => ({ ...span, energy: 0, estimated: 0 }));
  const estimated: Stretch[] = [];
  const missing: Step[] = [];
  let at = 0;
  for (const [fromMs, toMs] of ranges) {
    for (let i = indexAt(usage, fromMs); i < indexAt(usage, toMs); i++) {
      const startMs = usage.startMs + i * bucketMs;
      while (at < steps.length - 1 && steps[at]!.endMs <= startMs) at++;
      const [energy, guessed] = [column[i]!, estimates?.[i] ?? 0];
      const within = steps[at];
      if (within && startMs >= within.startMs) {
        within.energy += energy;
        within.estimated += guessed;
      }
      if (guessed > 0) join(estimated, { startMs, endMs: startMs + bucketMs, energy: guessed });
      if (usage.coveredS[i]! < bucketMs / 1000) join(missing, { startMs, endMs: startMs + bucketMs });
    }
  }
  return { step, steps: steps.map(inUnits), estimated: longest(estimated).map(inUnits), missing: longest(missing) };
}

/** Added up in whole billionths, which add exactly. */
function inUnits<T extends { energy: number; estimated?: number }>(one: T): T {
  const { energy, estimated } = one;
  return { ...one, energy: energy / perUnit, ...(estimated !== undefined && { estimated: estimated / perUnit }) };
}

function join<T extends Step & { energy?: number }>(stretches: T[], next: T): void {
  const last = stretches.at(-1);
  if (last?.endMs !== next.startMs) {
    stretches.push(next);
    return;
  }
  last.endMs = next.endMs;
  if (last.energy !== undefined) last.energy += next.energy!;
}

const longest = <T extends Step>(stretches: T[]): T[] =>
  stretches
    .sort((a, b) => b.endMs - b.startMs - (a.endMs - a.startMs) || a.startMs - b.startMs)
    .slice(0, most)
    .sort((a, b) => a.startMs - b.startMs);
