import { expect, test } from "vitest";
import { qualityOf } from "./quality.ts";

const hour = 3_600_000;
const given = {
  startMs: 0,
  endMs: 10 * hour,
  completeness: 0.9,
  amount: 20,
  estimatedAmount: 5,
  knownToMs: 9 * hour,
  nowMs: 20 * hour,
};

test("measured, estimated and missing are the whole of the time", () => {
  const { measured, estimated, missing } = qualityOf(given);
  expect([measured, estimated, missing].map((share) => Math.round(share * 1e9) / 1e9)).toEqual([0.675, 0.225, 0.1]);
});

test.each([
  ["the last moments of a running period are on their way", 9.75, 10, 0.975, 0],
  ["a running period that has long heard nothing is incomplete", 8, 10, 0.8, 0.2],
])("%s", (_what, knownTo, now, completeness, missing) => {
  const quality = qualityOf({ ...given, completeness, knownToMs: knownTo * hour, nowMs: now * hour });
  expect(quality.missing).toBeCloseTo(missing, 9);
});

test("nothing used is nothing estimated, and nothing known is all missing", () => {
  expect(qualityOf({ ...given, amount: 0 }).estimated).toBe(0);
  expect(qualityOf({ ...given, completeness: 0, knownToMs: null })).toMatchObject({
    measured: 0,
    missing: 1,
    toMs: null,
  });
});
