import type { Bucket } from "../domain/rollup/bucket.ts";

/** A packed day of a channel: arrays of 96 slots. A column that says nothing (all zero, or all unknown) is null. */
export interface DayRow {
  dayMs: number;
  energyKwh: number[];
  reverseKwh: number[] | null;
  estimatedKwh: number[] | null;
  estimatedReverseKwh: number[] | null;
  coveredS: number[];
  mean: (number | null)[] | null;
  min: (number | null)[] | null;
  max: (number | null)[] | null;
  count: number[];
  last: (number | null)[] | null;
}

const bucketMs = 900_000;
const slots = 96;

/** Packs buckets of one UTC day; slots without a bucket hold nothing (count 0, nothing covered). */
export function packDay(dayMs: number, buckets: readonly Bucket[]): DayRow {
  const at = new Map(buckets.map((bucket) => [Math.round((bucket.startMs - dayMs) / bucketMs), bucket]));
  const column = <T>(pick: (bucket: Bucket) => T, none: T): T[] =>
    Array.from({ length: slots }, (_, slot) => {
      const bucket = at.get(slot);
      return bucket ? pick(bucket) : none;
    });
  const amounts = (pick: (bucket: Bucket) => number) => column(pick, 0);
  const known = (pick: (bucket: Bucket) => number | null) => nullWhen(column(pick, null), null);
  return {
    dayMs,
    energyKwh: amounts((b) => b.energyKwh),
    reverseKwh: nullWhen(
      amounts((b) => b.reverseKwh),
      0,
    ),
    estimatedKwh: nullWhen(
      amounts((b) => b.estimatedKwh),
      0,
    ),
    estimatedReverseKwh: nullWhen(
      amounts((b) => b.estimatedReverseKwh),
      0,
    ),
    coveredS: amounts((b) => b.coveredS),
    mean: known((b) => b.mean),
    min: known((b) => b.min),
    max: known((b) => b.max),
    count: amounts((b) => b.count),
    last: known((b) => b.last),
  };
}

function nullWhen<T>(values: T[], nothing: T): T[] | null {
  return values.every((value) => value === nothing) ? null : values;
}

/** The buckets of packed days in [fromMs, toMs), ascending, without the slots that hold nothing at all. */
export function unpackDays(days: readonly DayRow[], fromMs: number, toMs: number): Bucket[] {
  const found: Bucket[] = [];
  for (const day of days) {
    for (let slot = 0; slot < slots; slot++) {
      const startMs = day.dayMs + slot * bucketMs;
      if (startMs < fromMs || startMs >= toMs) continue;
      if (!day.coveredS[slot] && !day.count[slot] && !day.energyKwh[slot]) continue;
      found.push({
        startMs,
        energyKwh: day.energyKwh[slot]!,
        reverseKwh: day.reverseKwh?.[slot] ?? 0,
        estimatedKwh: day.estimatedKwh?.[slot] ?? 0,
        estimatedReverseKwh: day.estimatedReverseKwh?.[slot] ?? 0,
        coveredS: day.coveredS[slot]!,
        mean: day.mean?.[slot] ?? null,
        min: day.min?.[slot] ?? null,
        max: day.max?.[slot] ?? null,
        count: day.count[slot]!,
        last: day.last?.[slot] ?? null,
      });
    }
  }
  return found;
}
