import type { Bucket } from "../domain/rollup/bucket.ts";

/**
 * A packed day of a channel, as it is stored: 96 slots a column, doubles (and 32-bit integers, of count) one after the other, big end
 * first; a slot that is not known is NaN. A column that says nothing is null: no energy, covered throughout, no readings, mean and
 * the like unknown.
 */
export interface DayRow {
  dayMs: number;
  energyKwh: Buffer | null;
  reverseKwh: Buffer | null;
  estimatedKwh: Buffer | null;
  estimatedReverseKwh: Buffer | null;
  coveredS: Buffer | null;
  mean: Buffer | null;
  min: Buffer | null;
  max: Buffer | null;
  count: Buffer | null;
  last: Buffer | null;
}

/** What is selected of one, and whose it is. */
export const dayColumns = `channel_id as "channelId", extract(epoch from day::timestamptz)::float8 * 1000 as "dayMs",
  energy_kwh as "energyKwh", reverse_kwh as "reverseKwh", estimated_kwh as "estimatedKwh",
  estimated_reverse_kwh as "estimatedReverseKwh", covered_s as "coveredS", mean, min, max, count, last`;

const bucketMs = 900_000;
const slots = 96;
const [doubleBytes, integerBytes] = [8, 4];
const fullS = bucketMs / 1000;

/** Packs buckets of one UTC day; slots without a bucket hold nothing (count 0, nothing covered). */
export function packDay(dayMs: number, buckets: readonly Bucket[]): DayRow {
  const at = new Map(buckets.map((bucket) => [Math.round((bucket.startMs - dayMs) / bucketMs), bucket]));
  const column = (pick: (bucket: Bucket) => number | null, none: number) =>
    Array.from({ length: slots }, (_, slot) => {
      const bucket = at.get(slot);
      // Minus zero is zero.
      return ((bucket && pick(bucket)) ?? none) + 0;
    });
  const amounts = (pick: (bucket: Bucket) => number) => doubles(column(pick, 0), 0);
  const known = (pick: (bucket: Bucket) => number | null) => doubles(column(pick, NaN), NaN);
  return {
    dayMs,
    energyKwh: amounts((b) => b.energyKwh),
    reverseKwh: amounts((b) => b.reverseKwh),
    estimatedKwh: amounts((b) => b.estimatedKwh),
    estimatedReverseKwh: amounts((b) => b.estimatedReverseKwh),
    coveredS: doubles(
      column((b) => b.coveredS, 0),
      fullS,
    ),
    mean: known((b) => b.mean),
    min: known((b) => b.min),
    max: known((b) => b.max),
    count: integers(column((b) => b.count, 0)),
    last: known((b) => b.last),
  };
}

/** @returns null where all of them are `nothing` */
function doubles(values: readonly number[], nothing: number): Buffer | null {
  if (values.every((value) => Object.is(value, nothing))) return null;
  const bytes = Buffer.allocUnsafe(values.length * doubleBytes);
  for (const [slot, value] of values.entries()) bytes.writeDoubleBE(value, slot * doubleBytes);
  return bytes;
}

/** @returns null where all of them are 0 */
function integers(values: readonly number[]): Buffer | null {
  if (values.every((value) => value === 0)) return null;
  const bytes = Buffer.allocUnsafe(values.length * integerBytes);
  for (const [slot, value] of values.entries()) bytes.writeInt32BE(value, slot * integerBytes);
  return bytes;
}

const amountAt = (column: Buffer | null, slot: number) => column?.readDoubleBE(slot * doubleBytes) ?? 0;

function levelAt(column: Buffer | null, slot: number): number | null {
  const value = column?.readDoubleBE(slot * doubleBytes) ?? NaN;
  return Number.isNaN(value) ? null : value;
}

/** The buckets of packed days in [fromMs, toMs), ascending, without the slots that hold nothing at all. */
export function unpackDays(days: readonly DayRow[], fromMs: number, toMs: number): Bucket[] {
  const found: Bucket[] = [];
  for (const day of days) {
    for (let slot = 0; slot < slots; slot++) {
      const startMs = day.dayMs + slot * bucketMs;
      if (startMs < fromMs || startMs >= toMs) continue;
      const energyKwh = amountAt(day.energyKwh, slot);
      const coveredS = day.coveredS?.readDoubleBE(slot * doubleBytes) ?? fullS;
      const count = day.count?.readInt32BE(slot * integerBytes) ?? 0;
      if (!coveredS && !count && !energyKwh) continue;
      found.push({
        startMs,
        energyKwh,
        reverseKwh: amountAt(day.reverseKwh, slot),
        estimatedKwh: amountAt(day.estimatedKwh, slot),
        estimatedReverseKwh: amountAt(day.estimatedReverseKwh, slot),
        coveredS,
        mean: levelAt(day.mean, slot),
        min: levelAt(day.min, slot),
        max: levelAt(day.max, slot),
        count,
        last: levelAt(day.last, slot),
      });
    }
  }
  return found;
}
