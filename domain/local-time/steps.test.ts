import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { quarterOfWeek } from "./quarter-of-week.ts";
import {
  addLocalDays,
  localDate,
  localSteps,
  sameTimeYesterday,
  startOfLocalDay,
  startOfLocalMonth,
  stepNames,
} from "./steps.ts";
import { isZone, offsetMs } from "./zone.ts";

const hour = 3_600_000;
const at = (iso: string) => Date.parse(iso);
const iso = (ms: number) => new Date(ms).toISOString().replace(":00.000Z", "Z");

const zones = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "America/Santiago",
  "America/Havana",
  "America/St_Johns",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Pacific/Chatham",
  "Africa/Casablanca",
];

describe("a local day", () => {
  test.each([
    { zone: "Europe/Berlin", noon: "2026-03-29T12:00Z", start: "2026-03-28T23:00Z", hours: 23 },
    { zone: "Europe/Berlin", noon: "2026-10-25T12:00Z", start: "2026-10-24T22:00Z", hours: 25 },
    { zone: "Europe/Berlin", noon: "2026-06-01T12:00Z", start: "2026-05-31T22:00Z", hours: 24 },
    { zone: "Asia/Kolkata", noon: "2026-06-01T06:30Z", start: "2026-05-31T18:30Z", hours: 24 },
    { zone: "Asia/Kathmandu", noon: "2026-06-01T06:15Z", start: "2026-05-31T18:15Z", hours: 24 },
    { zone: "Australia/Lord_Howe", noon: "2026-10-04T01:00Z", start: "2026-10-03T13:30Z", hours: 23.5 },
    { zone: "Australia/Lord_Howe", noon: "2026-04-05T01:00Z", start: "2026-04-04T13:00Z", hours: 24.5 },
    // Midnight does not exist: the day begins at 01:00.
    { zone: "America/Santiago", noon: "2026-09-06T16:00Z", start: "2026-09-06T04:00Z", hours: 23 },
    // The last hour of Saturday comes twice.
    { zone: "America/Santiago", noon: "2026-04-04T16:00Z", start: "2026-04-04T03:00Z", hours: 25 },
  ])("$zone, $noon: from $start, $hours h", ({ zone, noon, start, hours }) => {
    expect(iso(startOfLocalDay(zone, at(noon)))).toBe(start);
    expect((addLocalDays(zone, at(noon), 1) - startOfLocalDay(zone, at(noon))) / hour).toBe(hours);
  });

  test("a date that the zone skipped is no day (Samoa, 30 December 2011)", () => {
    const steps = localSteps("Pacific/Apia", "day", at("2011-12-29T10:00Z"), at("2011-12-31T10:00Z"));
    expect(steps.map((s) => localDate("Pacific/Apia", s.startMs))).toEqual(["2011-12-29", "2011-12-31"]);
  });
});

describe("steps", () => {
  test.each([
    {
      zone: "Europe/Berlin",
      step: "day",
      from: "2026-03-28T12:00Z",
      to: "2026-03-30T00:00Z",
      edges: ["2026-03-28T23:00Z", "2026-03-29T22:00Z"],
    },
    {
      zone: "Asia/Kolkata",
      step: "hour",
      from: "2026-01-01T00:00Z",
      to: "2026-01-01T02:00Z",
      edges: ["2026-01-01T00:30Z", "2026-01-01T01:30Z"],
    },
    {
      zone: "Asia/Kathmandu",
      step: "hour",
      from: "2026-01-01T00:00Z",
      to: "2026-01-01T02:00Z",
      edges: ["2026-01-01T00:15Z", "2026-01-01T01:15Z"],
    },
    {
      zone: "Europe/Berlin",
      step: "hour",
      from: "2026-10-25T00:00Z",
      to: "2026-10-25T03:00Z",
      edges: ["2026-10-25T01:00Z", "2026-10-25T02:00Z"],
    },
    {
      zone: "Europe/Berlin",
      step: "month",
      from: "2026-03-15T00:00Z",
      to: "2026-05-02T00:00Z",
      edges: ["2026-03-31T22:00Z", "2026-04-30T22:00Z"],
    },
    {
      zone: "Asia/Kolkata",
      step: "year",
      from: "2025-06-01T00:00Z",
      to: "2026-06-01T00:00Z",
      edges: ["2025-12-31T18:30Z"],
    },
    {
      zone: "UTC",
      step: "15m",
      from: "2026-01-01T00:07Z",
      to: "2026-01-01T00:40Z",
      edges: ["2026-01-01T00:15Z", "2026-01-01T00:30Z"],
    },
  ] as const)("$step in $zone from $from are cut, not widened", ({ zone, step, from, to, edges }) => {
    const steps = localSteps(zone, step, at(from), at(to));
    expect(steps.map((s) => iso(s.startMs))).toEqual([from, ...edges]);
    expect(steps.map((s) => iso(s.endMs))).toEqual([...edges, to]);
  });

  test("an empty window has none", () => {
    expect(localSteps("UTC", "day", 5, 5)).toEqual([]);
  });

  test.each(zones)("a year of local days covers every instant of %s once", (zone) => {
    const from = startOfLocalDay(zone, at("2026-01-15T12:00Z"));
    const steps = localSteps(zone, "day", from, addLocalDays(zone, from, 365));
    expect(steps).toHaveLength(365);
    steps.forEach((s, i) => {
      expect(s.startMs).toBe(i ? steps[i - 1]!.endMs : from);
      expect(s.startMs % 900_000).toBe(0);
      expect([23, 23.5, 24, 24.5, 25]).toContain((s.endMs - s.startMs) / hour);
    });
  });

  test("steps of any window cover it once, in order", () => {
    const from2005to2035 = fc.integer({ min: at("2005-01-01T00:00Z") / 60_000, max: at("2035-01-01T00:00Z") / 60_000 });
    const length = fc.integer({ min: 1, max: 3 * 24 * 60 });
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom(...stepNames),
        from2005to2035,
        length,
        (zone, step, minute, minutes) => {
          const from = minute * 60_000;
          const to = from + minutes * 60_000;
          const steps = localSteps(zone, step, from, to);
          expect(steps[0]!.startMs).toBe(from);
          expect(steps.at(-1)!.endMs).toBe(to);
          steps.forEach((s, i) => {
            expect(s.endMs).toBeGreaterThan(s.startMs);
            if (i) expect(s.startMs).toBe(steps[i - 1]!.endMs);
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  test("late evening that comes twice, over midnight, still goes forward (St. John's, 2006)", () => {
    // 00:01 on 29 October became 23:01 on the 28th.
    const from = at("2006-10-29T02:40Z");
    const steps = localSteps("America/St_Johns", "day", from, from + 48 * hour);
    expect(steps.every((s) => s.endMs > s.startMs)).toBe(true);
    expect(steps.at(-1)!.endMs).toBe(from + 48 * hour);
  });
});

test.each([
  { zone: "Europe/Berlin", now: "2026-06-02T12:34Z", then: "2026-06-01T12:34Z", why: "a plain day" },
  { zone: "Europe/Berlin", now: "2026-03-29T12:00Z", then: "2026-03-28T13:00Z", why: "14:00 on the day of 23 hours" },
  {
    zone: "Europe/Berlin",
    now: "2026-03-30T00:30Z",
    then: "2026-03-29T01:30Z",
    why: "yesterday had no 02:30: its 03:30",
  },
  { zone: "Europe/Berlin", now: "2026-10-25T01:30Z", then: "2026-10-24T00:30Z", why: "the second 02:30" },
  { zone: "Australia/Lord_Howe", now: "2026-10-04T01:00Z", then: "2026-10-03T01:30Z", why: "half an hour" },
])("the same time yesterday: $why", ({ zone, now, then }) => {
  expect(iso(sameTimeYesterday(zone, at(now)))).toBe(then);
});

test("the start of a month", () => {
  expect(iso(startOfLocalMonth("Europe/Berlin", at("2026-04-15T00:00Z")))).toBe("2026-03-31T22:00Z");
});

test.each([
  ["Europe/Berlin", true],
  ["UTC", true],
  ["Etc/GMT+8", true],
  ["America/Argentina/Buenos_Aires", true],
  ["+02:00", false],
  ["Europe/Nowhere", false],
  ["", false],
  ["Europe/Berlin; drop table", false],
])("isZone(%j) is %s", (name, is) => {
  expect(isZone(name)).toBe(is);
});

test.each([
  ["Europe/Berlin", "2026-07-01T00:00Z", 2],
  ["Asia/Kolkata", "2026-07-01T00:00Z", 5.5],
  ["Asia/Kathmandu", "2026-07-01T00:00Z", 5.75],
  ["Australia/Lord_Howe", "2026-01-01T00:00Z", 11],
] as const)("%s at %s is %s h ahead", (zone, instant, hours) => {
  expect(offsetMs(zone, at(instant)) / hour).toBe(hours);
});

test.each([
  ["UTC", "2026-06-01T00:00Z", 0],
  ["UTC", "2026-06-07T23:45Z", 671],
  ["Asia/Kathmandu", "2026-05-31T18:15Z", 0],
  ["UTC", "1969-12-29T00:00Z", 0],
] as const)("the quarter of the week in %s at %s is %s", (zone, instant, slot) => {
  expect(quarterOfWeek(zone, at(instant))).toBe(slot);
});
