import { expect, test } from "vitest";
import { lastDay, periodsOf } from "./periods.ts";

const now = Date.parse("2026-11-24T13:50:30Z");
const iso = (ms: number) => new Date(ms).toISOString();
const read = (query: string, zone = "Europe/Berlin", nowMs = now) => periodsOf(new URLSearchParams(query), zone, nowMs);

test("without a choice: the last 24 hours, this month, this year", () => {
  const { day, month, year } = read("");
  expect([day.key, iso(day.startMs), iso(day.endMs)]).toEqual([
    lastDay,
    "2026-11-23T14:00:00.000Z",
    "2026-11-24T14:00:00.000Z",
  ]);
  expect([day.previous, day.next]).toEqual(["2026-11-23", null]);
  expect([month.key, iso(month.startMs), iso(month.endMs)]).toEqual([
    "2026-11",
    "2026-10-31T23:00:00.000Z",
    "2026-11-30T23:00:00.000Z",
  ]);
  expect([month.previous, month.next]).toEqual(["2026-10", null]);
  expect([year.key, year.previous, year.next]).toEqual(["2026", "2025", null]);
});

test("days are the site's: 23 and 25 hours, and midnight of its zone", () => {
  expect(read("day=2026-03-29").day).toMatchObject({
    startMs: Date.parse("2026-03-28T23:00Z"),
    endMs: Date.parse("2026-03-29T22:00Z"),
  });
  expect(read("day=2026-10-25").day.endMs - read("day=2026-10-25").day.startMs).toBe(25 * 3_600_000);
  expect(iso(read("day=2026-11-23", "Asia/Kathmandu").day.startMs)).toBe("2026-11-22T18:15:00.000Z");
  expect(iso(read("day=2026-11-23", "Pacific/Kiritimati").day.startMs)).toBe("2026-11-22T10:00:00.000Z");
});

test("a period knows the ones beside it, and none ahead of now", () => {
  expect(read("day=2026-11-24").day).toMatchObject({ previous: "2026-11-23", next: null });
  expect(read("day=2026-10-31").day).toMatchObject({ previous: "2026-10-30", next: "2026-11-01" });
  expect(read("month=2026-01").month).toMatchObject({ previous: "2025-12", next: "2026-02" });
  expect(read("year=2024").year).toMatchObject({ key: "2024", previous: "2023", next: "2025" });
});

test.each([
  "day=2026-02-30",
  "day=yesterday",
  "day=2027-01-01",
  "month=2026-13",
  "month=2027-02",
  "year=20",
  "year=2030",
  "year=0001",
])("%s is no period: the running one is shown", (query) => expect(read(query)).toEqual(read("")));
