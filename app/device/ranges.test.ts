import { expect, test } from "vitest";
import { rangeWindow } from "./ranges.ts";

const nowMs = Date.parse("2026-11-24T13:50:30Z");
const timezone = "Europe/Berlin";
const iso = (ms: number) => new Date(ms).toISOString();

test.each([
  ["hour", "2026-11-24T12:50:30.000Z"],
  ["day", "2026-11-23T13:50:30.000Z"],
  ["week", "2026-11-17T23:00:00.000Z"],
  ["month", "2026-10-25T23:00:00.000Z"],
  ["year", "2025-11-30T23:00:00.000Z"],
] as const)("the last %s begins at %s", (name, from) => {
  const window = rangeWindow(name, { toMs: null, nowMs, timezone });
  expect(iso(window.fromMs)).toBe(from);
  expect(window).toMatchObject({ toMs: nowMs, isRunning: true, nextToMs: null });
});

test("going back and forth ends at now again", () => {
  const last = rangeWindow("week", { toMs: null, nowMs, timezone });
  const before = rangeWindow("week", { toMs: last.previousToMs, nowMs, timezone });
  expect([iso(before.fromMs), iso(before.toMs)]).toEqual(["2026-11-10T23:00:00.000Z", "2026-11-17T23:00:00.000Z"]);
  expect(before.isRunning).toBe(false);
  expect(rangeWindow("week", { toMs: before.nextToMs, nowMs, timezone }).isRunning).toBe(true);
});

test.each([Number.NaN, -5, nowMs + 1, 0])("an end at %d is now", (toMs) => {
  expect(rangeWindow("hour", { toMs, nowMs, timezone }).isRunning).toBe(true);
});
