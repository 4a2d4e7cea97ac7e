import { foldCounter, type Outage } from "../energy/counter.ts";
import type { EnergyChannel, Gap } from "../energy/channel-config.ts";
import { foldDelta } from "../energy/delta.ts";
import { foldGauge } from "../energy/gauge.ts";
import { learnPace, resolveLimit } from "../energy/pace.ts";
import { readRegister } from "../energy/register.ts";
import type { Shape } from "../energy/shape.ts";
import type { Step } from "../energy/step.ts";
import type { Reading } from "../reading.ts";
import type { Bucket } from "./bucket.ts";
import { Sums } from "./sums.ts";

export interface FoldInput {
  channel: EnergyChannel;
  /** The rule in force for a pair (or an interval) that ends at an instant: learned versions are dated. */
  gapOf: (timeMs: number) => Gap;
  /** By what a counter's energy over an outage is laid; absent or null: linearly. */
  shapeOf?: (gap: Outage) => Shape | null;
  /** A counter's steps in the window, where its register was read already; absent: it is read from these readings alone. */
  steps?: readonly Step[];
  /** When the device of a channel that reports on change went offline, ascending; absent: never. */
  offlineMs?: readonly number[] | undefined;
  /** Ascending, no time twice, in the canonical unit: all of the window and its neighbours (see affected.ts). */
  readings: readonly Reading[];
  /** The window [fromMs, toMs): whole buckets when they are to be stored; an edge inside a bucket leaves the part inside. */
  fromMs: number;
  toMs: number;
}

/**
 * Every bucket of the window. A bucket does not depend on the window it is asked in, nor on how many more readings than
 * needed are given, so recomputing what is dirty gives what recomputing everything gives, bit for bit.
 */
export function fold({ channel, gapOf, shapeOf = () => null, readings, steps, ...input }: FoldInput): Bucket[] {
  const { fromMs, toMs, offlineMs } = input;
  const sums = new Sums(fromMs, toMs);
  switch (channel.kind) {
    case "gauge":
      foldGauge(channel, readings, gapOf, sums, offlineMs);
      break;
    case "counter":
      foldCounter(readings, steps ?? stepsOf(channel, readings), { gapOf, shapeOf }, sums);
      break;
    case "delta":
      foldDelta(channel, readings, gapOf, sums);
      break;
    case "state":
      break;
    default:
      channel.kind satisfies never;
  }
  return sums.buckets();
}

function stepsOf(channel: EnergyChannel, readings: readonly Reading[]): Step[] {
  const perHour = resolveLimit(channel, learnPace(readings));
  return readRegister({ channel, readings, limitOf: () => perHour }).steps;
}
