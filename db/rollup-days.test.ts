import fc from "fast-check";
import { expect, it } from "vitest";
import type { Bucket } from "../domain/rollup/bucket.ts";
import { packDay, unpackDays } from "./rollup-days.ts";

const dayMs = Date.UTC(2026, 2, 29);
const [quarterMs, wholeDayMs] = [900_000, 86_400_000];

const empty = { energyKwh: 0, reverseKwh: 0, estimatedKwh: 0, estimatedReverseKwh: 0, coveredS: 0, count: 0 };
const unknown = { mean: null, min: null, max: null, last: null };
const bucketAt = (slot: number, given: Partial<Bucket> = {}): Bucket => ({
  startMs: dayMs + slot * quarterMs,
  ...empty,
  ...unknown,
  ...given,
});

const amount = fc.double({ min: 0, noNaN: true });
const level = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0));
const bucket = fc.record({
  ...{ energyKwh: amount, reverseKwh: amount, estimatedKwh: amount, estimatedReverseKwh: amount },
  coveredS: fc.oneof(fc.constant(900), fc.double({ min: 0.001, max: 900, noNaN: true })),
  ...{ mean: level, min: level, max: level, last: level },
  count: fc.nat({ max: 2_147_483_647 }),
});
const slots = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 95 }), bucket), { selector: ([slot]) => slot });

it("gives back every bucket to the bit, in the order of time", () => {
  fc.assert(
    fc.property(slots, (given) => {
      const buckets = given.map(([slot, figures]) => bucketAt(slot, figures));
      const packed = packDay(dayMs, buckets);
      expect(unpackDays([packed], 0, Infinity)).toEqual(buckets.sort((a, b) => a.startMs - b.startMs));
    }),
  );
});

it("keeps no column that says nothing", () => {
  const register = Array.from({ length: 96 }, (_, slot) => bucketAt(slot, { energyKwh: slot, coveredS: 900 }));
  const { energyKwh, ...others } = packDay(dayMs, register);
  expect(energyKwh).toHaveLength(768);
  expect(Object.values(others)).toEqual([dayMs, ...new Array<null>(9).fill(null)]);
  expect(unpackDays([packDay(dayMs, register)], 0, Infinity)).toEqual(register);
  const idle = register.map((one) => ({ ...one, energyKwh: 0 }));
  expect(unpackDays([packDay(dayMs, idle)], 0, Infinity)).toEqual(idle);
  expect(unpackDays([packDay(dayMs, [])], 0, Infinity)).toEqual([]);
});

it("writes what Postgres sends: big end first, the same NaN, no minus zero", () => {
  const { mean, count } = packDay(dayMs, [bucketAt(0, { mean: -0, count: 258 }), bucketAt(2, { mean: 1.5 })]);
  expect(mean!.toString("hex", 0, 24)).toBe("0000000000000000" + "7ff8000000000000" + "3ff8000000000000");
  expect(count!.toString("hex", 0, 8)).toBe("00000102" + "00000000");
});

it("cuts at the window's edges", () => {
  const buckets = [0, 1, 95].map((slot) => bucketAt(slot, { count: 1 }));
  const days = [packDay(dayMs, buckets)];
  const starts = (fromMs: number, toMs: number) => unpackDays(days, fromMs, toMs).map(({ startMs }) => startMs - dayMs);
  expect(starts(dayMs + quarterMs, dayMs + wholeDayMs - quarterMs)).toEqual([quarterMs]);
});
