import { expect, test } from "vitest";
import { dayOf, isoDay, weekday } from "../local-time/civil-day.ts";
import { easterSunday } from "../local-time/easter.ts";
import { easterOffset, holidayPresets } from "./holidays.ts";
import { tariffSchema } from "./tariff.ts";
import { dayReader } from "./time-of-use.ts";

const namesOf = (holidays: string[], days: string[]) => {
  const read = dayReader({ holidays, dayLists: {} });
  return days.map((day) => read(Date.parse(`${day}T00:00:00Z`) / 86_400_000).name);
};

test.each([
  // Good Friday, Easter Monday, Ascension, Whit Monday: published for these years.
  ["DE", ["2024-03-29", "2024-04-01", "2024-05-09", "2024-05-20"]],
  ["DE", ["2026-04-03", "2026-04-06", "2026-05-14", "2026-05-25"]],
  ["AT", ["2025-06-19", "2025-04-21", "2025-10-26"]],
  ["FR", ["2027-03-29", "2027-05-06", "2027-05-17", "2027-07-14"]],
])("%s has its holidays on %j", (country, days) => {
  const preset = holidayPresets.find((one) => one.country === country)!;
  expect(namesOf([...preset.days], days)).toEqual(days.map(() => "holiday"));
});

test("the day before and the day after are plain days", () => {
  expect(namesOf(["easter+1"], ["2026-04-05", "2026-04-06", "2026-04-07"])).toEqual(["sun", "holiday", "tue"]);
});

test("Easter is a Sunday between 22 March and 25 April, for three hundred years", () => {
  for (let year = 1900; year < 2200; year++) {
    const easter = easterSunday(year);
    expect(weekday(easter)).toBe(6);
    expect(easter).toBeGreaterThanOrEqual(dayOf({ year, month: 3, day: 22 }));
    expect(easter, isoDay(easter)).toBeLessThanOrEqual(dayOf({ year, month: 4, day: 25 }));
  }
});

const tariff = (holidays: readonly string[]) =>
  tariffSchema.safeParse({ name: "T", currency: "EUR", holidays, components: [{ type: "energy", price: "0.3" }] });

test.each(holidayPresets)("$country's days are a tariff's", ({ days }) => {
  expect(tariff(days).success).toBe(true);
  expect(new Set(days).size).toBe(days.length);
});

test.each(["easter", "easter+", "easter+100", "easter 1", "Easter+1", "02-30"])("%s is none", (day) => {
  expect(easterOffset(day)).toBeNull();
  expect(tariff([day]).success).toBe(false);
});
