import type { MeterAnswer, MeterBucket } from "./energy-case.ts";

const figures = ["energyKwh", "reverseKwh", "estimatedKwh", "measuredKwh", "coveredSeconds"] as const;
type Figures = Partial<Record<(typeof figures)[number], number>>;

const noted = ({ events }: MeterAnswer) => events.map(({ type, time }) => `${type} ${new Date(time).toISOString()}`);

/** The first thing in which two answers differ, in words; null: they agree, but for the noise of sums of doubles. */
export function differenceOf(one: MeterAnswer, other: MeterAnswer): string | null {
  if (noted(one).join() !== noted(other).join()) return `events: ${noted(one).join()} / ${noted(other).join()}`;
  if (one.buckets.length !== other.buckets.length) return `${one.buckets.length} / ${other.buckets.length} buckets`;
  const noise = 1e-9 * Math.max(1, one.energyKwh, one.reverseKwh ?? 0);
  const inTotal = figureOf(one, other, noise);
  if (inTotal) return inTotal;
  for (const [i, bucket] of one.buckets.entries()) {
    const difference = bucketDifference(bucket, other.buckets[i]!, noise);
    if (difference) return difference;
  }
  return null;
}

function bucketDifference(one: MeterBucket, other: MeterBucket, noise: number): string | null {
  if (Date.parse(one.start) !== Date.parse(other.start)) return `a bucket at ${one.start} / ${other.start}`;
  const figure = figureOf(one, other, noise);
  return figure && `the bucket at ${one.start}: ${figure}`;
}

function figureOf(one: Figures, other: Figures, noise: number): string | null {
  for (const name of figures) {
    const [a, b] = [one[name], other[name]];
    if (a === b) continue;
    if (a === undefined || b === undefined || !(Math.abs(a - b) <= noise)) return `${name} ${a} / ${b}`;
  }
  return null;
}
