import { expect, test } from "vitest";
import { niceStep, scaleOf } from "./scale.ts";

test.each([
  [0, 1],
  [0.7, 1],
  [1, 1],
  [1.2, 2],
  [2.3, 2.5],
  [260, 500],
  [0.03, 0.05],
])("the step for %d is %d", (value, step) => expect(niceStep(value)).toBeCloseTo(step, 12));

test.each([
  [38, 0, [40, 30, 20, 10, 0]],
  [2_600, -900, [3_000, 2_000, 1_000, 0, -1_000]],
  [0, 0, [1, 0]],
  [0, -3, [0, -1, -2, -3]],
  [12_700, -600, [15_000, 10_000, 5_000, 0]],
])("from %d down to %d the ticks are %j", (high, low, ticks) => expect(scaleOf(high, low).ticks).toEqual(ticks));

test("little below zero takes half a step of room", () => expect(scaleOf(12_700, -600).bottom).toBe(-2_500));

test("top is 0, bottom is 1", () => {
  const scale = scaleOf(2_600, -900);
  expect([3_000, 0, -1_000].map(scale.at)).toEqual([0, 0.75, 1]);
});
