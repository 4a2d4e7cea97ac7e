import { meter, type MeterInput } from "../../domain/energy/meter.ts";
import type { Bucket } from "../../domain/rollup/bucket.ts";

/** What `energy meter` writes of a case: the forward part, and `reverseKwh` beside it on a signed channel. */
export function answerCase(input: MeterInput): object {
  const { buckets, events } = meter(input);
  const isSigned = input.channel.direction === "both";
  const energyKwh = sum(buckets, "energyKwh");
  const estimatedKwh = sum(buckets, "estimatedKwh");
  return {
    energyKwh,
    ...(isSigned ? { reverseKwh: sum(buckets, "reverseKwh") } : {}),
    measuredKwh: energyKwh - estimatedKwh,
    estimatedKwh,
    events: events.map(({ type, timeMs }) => ({ type, time: isoTime(timeMs) })),
    buckets: buckets.map((bucket) => ({
      start: isoTime(bucket.startMs),
      energyKwh: bucket.energyKwh,
      ...(isSigned ? { reverseKwh: bucket.reverseKwh } : {}),
      estimatedKwh: bucket.estimatedKwh,
      coveredSeconds: bucket.coveredS,
    })),
  };
}

const sum = (buckets: readonly Bucket[], key: "energyKwh" | "reverseKwh" | "estimatedKwh"): number =>
  buckets.reduce((total, bucket) => total + bucket[key], 0);

/** Without milliseconds where there are none: 2026-03-01T00:00:00Z. */
const isoTime = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "Z");
