import fc from "fast-check";
import { expect, test } from "vitest";
import { localSteps, startOfLocalDay, addLocalDays } from "../local-time/steps.ts";
import { bucketMs, type Bucket } from "./bucket.ts";
import { compose, composeColumns } from "./compose.ts";
import { daySums } from "./day-sums.ts";

const zones = ["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe"];
const amount = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 3, noNaN: true }));
const mean = fc.option(fc.double({ min: -1e4, max: 1e4, noNaN: true }));

/** Two or three days of buckets over a change of the clocks, of which any may be missing. */
const histories = fc
  .record({
    zone: fc.constantFrom(...zones),
    startMs: fc.constantFrom(Date.UTC(2026, 2, 27, 22), Date.UTC(2026, 9, 24, 22), Date.UTC(2026, 5, 1, 10, 15)),
    slots: fc.array(fc.option(fc.tuple(amount, amount, amount, amount, fc.integer({ min: 0, max: 900 }), mean)), {
      minLength: 150,
      maxLength: 280,
    }),
  })
  .map(({ zone, startMs, slots }) => ({
    ...{ zone, startMs, endMs: startMs + slots.length * bucketMs },
    buckets: slots.flatMap((slot, i): Bucket[] => {
      if (!slot) return [];
      const [energyKwh, reverseKwh, estimatedKwh, estimatedReverseKwh, coveredS, mean] = slot;
      const energies = { energyKwh, reverseKwh, estimatedKwh, estimatedReverseKwh };
      const value = { mean, min: mean && mean - 1, max: mean && mean + 1, count: 1, last: mean };
      return [{ startMs: startMs + i * bucketMs, ...energies, coveredS, ...value }];
    }),
  }));

function columnsOf({ startMs, endMs, buckets }: { startMs: number; endMs: number; buckets: readonly Bucket[] }) {
  const column = (pick: (bucket: Bucket) => number | null, none: number) => {
    const values = new Float64Array((endMs - startMs) / bucketMs).fill(none);
    for (const bucket of buckets) values[(bucket.startMs - startMs) / bucketMs] = pick(bucket) ?? NaN;
    return values;
  };
  return {
    ...{ startMs, energy: column((b) => b.energyKwh, 0), reverse: column((b) => b.reverseKwh, 0) },
    ...{ estimated: column((b) => b.estimatedKwh, 0), estimatedReverse: column((b) => b.estimatedReverseKwh, 0) },
    ...{ covered: column((b) => b.coveredS, 0), mean: column((b) => b.mean, NaN) },
    ...{ min: column((b) => b.min, NaN), max: column((b) => b.max, NaN) },
  };
}

test.each([
  [-0, 0],
  [0, -0],
])("the least and the greatest of %d and %d do not depend on where the buckets lie", (...values) => {
  const startMs = Date.UTC(2026, 5, 1);
  const buckets = values.map((value, i): Bucket => {
    const energies = { energyKwh: 0, reverseKwh: 0, estimatedKwh: 0, estimatedReverseKwh: 0 };
    const known = { mean: value, min: value, max: value, count: 1, last: value };
    return { startMs: startMs + i * bucketMs, ...energies, coveredS: 900, ...known };
  });
  const step = { startMs, endMs: startMs + 2 * bucketMs };
  const { min, max } = composeColumns(columnsOf({ ...step, buckets }), step);
  expect([min, max]).toEqual([-0, 0]);
  const [wanted] = compose(buckets, [step]);
  expect([min, max]).toEqual([wanted!.min, wanted!.max]);
});

test("steps composed of columns are those composed of buckets, to the bit", () => {
  fc.assert(
    fc.property(histories, fc.constantFrom("15m", "hour", "day"), (history, step) => {
      const steps = localSteps(history.zone, step, history.startMs, history.endMs);
      const columns = columnsOf(history);
      const wanted = compose(history.buckets, steps).map(
        ({ estimatedReverseKwh: _, count: __, last: ___, ...one }) => one,
      );
      expect(steps.map((one) => composeColumns(columns, one))).toEqual(wanted);
    }),
    { numRuns: 60 },
  );
});

test("a day's sum is that of its buckets in the order of time, to the bit, whatever else is asked for", () => {
  fc.assert(
    fc.property(histories, ({ zone, ...history }) => {
      const columns = columnsOf(history);
      const dayMs = 86_400_000;
      for (const step of localSteps(zone, "day", history.startMs, history.endMs)) {
        for (const sum of daySums(columns, history.startMs, [step])) {
          const endMs = Math.min(step.endMs, Math.floor(sum.startMs / dayMs) * dayMs + dayMs);
          const within = history.buckets.filter(({ startMs }) => startMs >= sum.startMs && startMs < endMs);
          const added = (pick: (bucket: Bucket) => number) => within.reduce((total, bucket) => total + pick(bucket), 0);
          expect([sum.energyKwh, sum.reverseKwh, sum.estimatedKwh, sum.estimatedReverseKwh, sum.coveredS]).toEqual([
            ...[added((b) => b.energyKwh), added((b) => b.reverseKwh), added((b) => b.estimatedKwh)],
            ...[added((b) => b.estimatedReverseKwh), added((b) => b.coveredS)],
          ]);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("the sums of days lose nothing of a local day, of 23 hours or 25", () => {
  const noon = Date.UTC(2026, 9, 25, 12);
  const step = { startMs: startOfLocalDay("Europe/Berlin", noon), endMs: addLocalDays("Europe/Berlin", noon, 1) };
  const full = new Float64Array(100).fill(0.25);
  const columns = { energy: full, reverse: full, estimated: full, estimatedReverse: full, covered: full };
  const sums = daySums(columns, step.startMs, [step]);
  expect(sums.map(({ startMs, energyKwh }) => [startMs - step.startMs, energyKwh])).toEqual([
    [0, 2],
    [2 * 3_600_000, 23],
  ]);
});
