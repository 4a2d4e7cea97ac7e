import { describe, expect, test } from "vitest";
import { comparedWith, readPeriod, stepsSoFar } from "./period.ts";

const berlin = "Europe/Berlin";
const now = Date.parse("2026-11-25T10:30:00Z");
const read = (query: string, timezone = berlin) => readPeriod(new URLSearchParams(query), timezone, now);
const iso = (ms: number) => new Date(ms).toISOString().replace(/:00\.000Z$/, "Z");

describe("periods of an address", () => {
  test.each([
    ["", "2026-11-24T23:00Z", "2026-11-25T23:00Z", null],
    ["range=day&at=2026-03-29", "2026-03-28T23:00Z", "2026-03-29T22:00Z", "range=day&at=2026-03-30"],
    ["range=week&at=2026-11-22", "2026-11-15T23:00Z", "2026-11-22T23:00Z", "range=week&at=2026-11-23"],
    ["range=week", "2026-11-22T23:00Z", "2026-11-29T23:00Z", null],
    ["range=month&at=2026-10-31", "2026-09-30T22:00Z", "2026-10-31T23:00Z", "range=month&at=2026-11-01"],
    ["range=year&at=2025-02-03", "2024-12-31T23:00Z", "2025-12-31T23:00Z", "range=year&at=2026-01-01"],
    [
      "range=custom&at=2026-11-02&to=2026-11-04",
      "2026-11-01T23:00Z",
      "2026-11-04T23:00Z",
      "range=custom&at=2026-11-05&to=2026-11-07",
    ],
    // What cannot be read, or is not yet, is the running one.
    ["range=day&at=2027-01-01", "2026-11-24T23:00Z", "2026-11-25T23:00Z", null],
    ["range=day&at=2026-02-30", "2026-11-24T23:00Z", "2026-11-25T23:00Z", null],
    ["range=custom&at=2026-11-04&to=2026-11-02", "2026-11-18T23:00Z", "2026-11-25T23:00Z", null],
    ["range=lightyear", "2026-11-24T23:00Z", "2026-11-25T23:00Z", null],
  ])("%s", (query, start, end, next) => {
    const period = read(query);
    expect([iso(period.startMs), iso(period.endMs), period.next]).toEqual([start, end, next]);
  });

  test.each(["Pacific/Kiritimati", "Pacific/Niue", "Asia/Kathmandu", "Australia/Lord_Howe"])(
    "%s: previous and next lead to the days beside, and back",
    (timezone) => {
      for (const range of ["day", "week", "month", "year"]) {
        const period = read(`range=${range}&at=2026-04-05`, timezone);
        const before = read(period.previous, timezone);
        expect(before.endMs).toBe(period.startMs);
        expect(read(before.next!, timezone)).toMatchObject({ startMs: period.startMs, endMs: period.endMs });
      }
    },
  );

  test("a period is cut up to now", () => {
    expect(stepsSoFar(read("range=month"), berlin, now)).toHaveLength(25);
    expect(stepsSoFar(read("range=day"), berlin, now).at(-1)!.endMs).toBe(now);
  });
});

describe("what a period is compared with", () => {
  test.each([
    ["range=month&at=2026-10-01", "previous", "2026-08-31T22:00Z", "2026-09-30T22:00Z"],
    ["range=month&at=2026-10-01", "year", "2025-09-30T22:00Z", "2025-10-31T23:00Z"],
    ["range=week&at=2026-11-16", "year", "2025-11-16T23:00Z", "2025-11-23T23:00Z"],
    ["range=custom&at=2026-11-02&to=2026-11-04", "previous", "2026-10-29T23:00Z", "2026-11-01T23:00Z"],
    ["range=day&at=2024-02-29", "year", "2023-02-27T23:00Z", "2023-02-28T23:00Z"],
  ] as const)("%s, %s", (query, comparison, start, end) => {
    const { startMs, endMs } = comparedWith(read(query), comparison, berlin, now);
    expect([iso(startMs), iso(endMs)]).toEqual([start, end]);
  });

  test("of a running month, as much as there is of it", () => {
    const { startMs, endMs } = comparedWith(read("range=month"), "previous", berlin, now);
    expect(endMs - startMs).toBe(now - read("range=month").startMs);
  });
});
