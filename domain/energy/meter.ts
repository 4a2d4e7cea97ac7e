import { intervalMs, isInterval, resolveGap, type EnergyChannel, type Gap } from "./channel-config.ts";
import { learnInterval } from "./cadence.ts";
import { estimatedGaps, type Outage } from "./counter.ts";
import type { MeterEvent } from "./event.ts";
import type { Judgements } from "./judgement.ts";
import { learnPace, resolveLimit } from "./pace.ts";
import { learnProfile } from "./profile.ts";
import { readRegister } from "./register.ts";
import { shapeOfProfile, type Shape } from "./shape.ts";
import type { Step } from "./step.ts";
import type { Reading } from "../reading.ts";
import { bucketCeil, bucketStart, type Bucket } from "../rollup/bucket.ts";
import { fold } from "../rollup/fold.ts";

/**
 * The rules of energy over the whole history of one channel, without anything else: what `energy meter` answers, and what the
 * roll-up must come to, whatever order its readings came in. 100, 100.5, 0, 0.5, 1 is 1.5 kWh and a reset.
 */
export interface MeterInput {
  channel: EnergyChannel;
  /** As they arrived: any order; the same time again is the same reading, and the later one is it. */
  arrivals: readonly Reading[];
  timezone: string;
  /** The window [fromMs, toMs); absent: from the first reading, to the last one or the last interval's end. */
  fromMs?: number | undefined;
  toMs?: number | undefined;
  judgements?: Judgements | undefined;
  /** What a power gauge of the same flow shows over an outage. */
  gaugeShapeOf?: ((gap: Outage) => Shape | null) | undefined;
}

export interface Metered {
  fromMs: number;
  toMs: number;
  buckets: Bucket[];
  events: MeterEvent[];
}

export function meter(input: MeterInput): Metered {
  const { channel, timezone, judgements } = input;
  const readings = arrange(input.arrivals);
  const gap = resolveGap(channel, learnInterval(readings.map((r) => r.timeMs)));
  const { fromMs, toMs } = windowOf(input, readings, gap);
  const base = { channel, gapOf: () => gap, readings };
  if (channel.kind !== "counter") return { fromMs, toMs, buckets: fold({ ...base, fromMs, toMs }), events: [] };
  const perHour = resolveLimit(channel, learnPace(readings));
  const { steps, events } = readRegister({ channel, readings, limitOf: () => perHour, judgements });
  const own = ownShapes({ ...base, steps, timezone });
  const shapeOf = (outage: Outage) => input.gaugeShapeOf?.(outage) ?? own(outage);
  // Without an end asked for, what the last reading is belongs to it.
  const isInside = ({ timeMs }: MeterEvent) => timeMs >= fromMs && (timeMs < toMs || input.toMs === undefined);
  return { fromMs, toMs, buckets: fold({ ...base, steps, shapeOf, fromMs, toMs }), events: events.filter(isInside) };
}

/** Ascending, each time once: the later arrival is the reading. */
export function arrange(arrivals: readonly Reading[]): Reading[] {
  const byTime = new Map(arrivals.map((reading) => [reading.timeMs, reading]));
  return [...byTime.values()].sort((a, b) => a.timeMs - b.timeMs);
}

function windowOf(input: MeterInput, readings: readonly Reading[], gap: Gap): { fromMs: number; toMs: number } {
  const fromMs = input.fromMs ?? readings[0]?.timeMs ?? input.toMs ?? 0;
  const last = readings.at(-1)?.timeMs;
  if (last === undefined) return { fromMs, toMs: input.toMs ?? fromMs };
  const length = isInterval(input.channel) && input.channel.stamp === "start" ? intervalMs(gap) : 0;
  return { fromMs, toMs: input.toMs ?? Math.max(fromMs, last + length) };
}

interface OwnHistory {
  channel: EnergyChannel;
  gapOf: () => Gap;
  readings: readonly Reading[];
  steps: readonly Step[];
  timezone: string;
}

/** The channel's own profile before each outage. Measured buckets do not depend on any profile: one fold shows them all. */
function ownShapes({ timezone, ...history }: OwnHistory): (outage: Outage) => Shape | null {
  const outages = estimatedGaps(history.steps, history.gapOf);
  const last = outages.at(-1);
  if (!last) return () => null;
  const fromMs = bucketStart(history.readings[0]!.timeMs);
  const buckets = fold({ ...history, fromMs, toMs: bucketCeil(last.startMs) });
  return ({ startMs }) => {
    const profile = learnProfile(buckets, startMs, timezone, outages);
    return profile && shapeOfProfile(profile);
  };
}
