import { expect, test } from "vitest";
import { paceOf, staleAfterMs } from "./freshness.ts";

const periodic = { reporting: "periodic", expectedIntervalS: null, maxGapS: null } as const;
const buckets = (...counts: number[]) => counts.map((count, i) => ({ startMs: i * 900_000, count }));

test.each([
  [buckets(40, 90, 90, 12), 10],
  [buckets(1, 1, 1, 1), 900],
  [buckets(0, 15), 60],
  [buckets(1), null],
  [[], null],
])("the pace of %j is %j s", (list, seconds) => expect(paceOf(list)).toBe(seconds));

test("a value is old after five of its intervals, never before a minute", () => {
  expect(staleAfterMs(periodic, 60)).toBe(300_000);
  expect(staleAfterMs(periodic, 2)).toBe(60_000);
  expect(staleAfterMs({ ...periodic, expectedIntervalS: 900 }, 10)).toBe(4_500_000);
});

test("without a pace after ten minutes, on change after six hours or the channel's own gap", () => {
  expect(staleAfterMs(periodic, null)).toBe(600_000);
  expect(staleAfterMs({ ...periodic, reporting: "on-change" }, 2)).toBe(6 * 3_600_000);
  expect(staleAfterMs({ ...periodic, reporting: "on-change", maxGapS: 100 }, 2)).toBe(100_000);
});
