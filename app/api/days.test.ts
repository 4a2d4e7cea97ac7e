import { describe, expect, test } from "vitest";
import { comparedWith } from "../period/period.ts";
import { billPeriod, pagePeriod } from "./days.server.ts";
import { Problem } from "./problem.server.ts";

const timezone = "Europe/Berlin";
const at = (text: string) => Date.parse(text);
const nowMs = at("2026-11-29T06:00:00Z");
const daysOf = ({ startMs, endMs }: { startMs: number; endMs: number }) =>
  [startMs, endMs].map((ms) => new Intl.DateTimeFormat("sv-SE", { timeZone: timezone, dateStyle: "short" }).format(ms));
const faultOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return error instanceof Problem ? error.errors?.[0] : error;
  }
  return null;
};

describe("the period of the days of a query", () => {
  test.each([
    ["a month, with the month before", "2026-03-01", "2026-04-01", "previous", ["2026-02-01", "2026-03-01"]],
    ["a month, with that of a year before", "2024-02-01", "2024-03-01", "year", ["2023-02-01", "2023-03-01"]],
    ["a year", "2025-01-01", "2026-01-01", "previous", ["2024-01-01", "2025-01-01"]],
    ["a week from Monday, 52 weeks before", "2026-11-16", "2026-11-23", "year", ["2025-11-17", "2025-11-24"]],
    ["a day", "2026-03-29", "2026-03-30", "previous", ["2026-03-28", "2026-03-29"]],
    ["any days, with as many before", "2026-03-02", "2026-04-01", "previous", ["2026-01-31", "2026-03-02"]],
    ["seven days from a Tuesday", "2026-11-17", "2026-11-24", "year", ["2025-11-17", "2025-11-24"]],
  ] as const)("%s", (_name, from, to, by, then) => {
    const period = pagePeriod({ from, to }, { timezone }, nowMs);
    expect(daysOf(period)).toEqual([from, to]);
    expect(daysOf(comparedWith(period, by, timezone, nowMs))).toEqual(then);
  });

  test.each([
    ["2026-03-02", "2026-03-02", "to"],
    ["2010-01-01", "2026-01-01", "to"],
    ["2026-11-30", "2026-12-01", "from"],
    ["1960-01-01", "1960-02-01", "from"],
  ])("%s to %s is refused by its %s", (from, to, path) => {
    expect(faultOf(() => pagePeriod({ from, to }, { timezone }, nowMs))).toMatchObject({ path });
  });

  test("a day that the zone left out is refused", () => {
    const samoa = { timezone: "Pacific/Apia" };
    const fault = faultOf(() => pagePeriod({ from: "2011-12-30", to: "2011-12-31" }, samoa, nowMs));
    expect(fault).toMatchObject({ path: "from", message: expect.stringContaining("Pacific/Apia") });
  });
});

describe("the period that a bill is asked for", () => {
  const days = { from: "2026-03-01", to: "2026-04-01" };

  test.each([
    [undefined, "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"],
    ["2026-03-10T10:01:00Z", "2026-02-28T23:00:00Z", "2026-03-10T10:15:00Z"],
    ["2026-05-01T00:00:00+02:00", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"],
  ])("until %s", (until, from, to) => {
    expect(billPeriod({ ...days, until }, timezone)).toEqual({ fromMs: at(from), toMs: at(to) });
  });

  test.each([
    [{ ...days, to: "2026-03-01" }, "to"],
    [{ ...days, to: "2029-03-06" }, "to"],
    [{ ...days, until: "2026-02-28T23:00:00Z" }, "until"],
  ])("%o is refused by its %s", (asked, path) => {
    expect(faultOf(() => billPeriod(asked, timezone))).toMatchObject({ path });
  });
});
