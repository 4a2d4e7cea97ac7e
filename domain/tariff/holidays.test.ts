import { expect, test } from "vitest";
import { dayOf, isoDay, weekday } from "../local-time/civil-day.ts";
import { easterSunday } from "../local-time/easter.ts";
import { holidayPresets } from "./holidays.ts";
import { movingDay } from "./moving-day.ts";
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

/** All holidays of a year as a set has them. */
function ofYear(country: string, year: number): string[] {
  const preset = holidayPresets.find((one) => one.country === country)!;
  const days: string[] = [];
  for (let day = dayOf({ year, month: 1, day: 1 }); day < dayOf({ year: year + 1, month: 1, day: 1 }); day++)
    days.push(isoDay(day));
  const names = namesOf([...preset.days], days);
  return days.filter((_day, i) => names[i] === "holiday").map((day) => day.slice(5));
}

// Worked out by hand from each country's rules, weekday by weekday; not copied from a published calendar.
test.each([
  // Christmas of 2021 on Friday the 24th, New Year's Day of 2022 on Friday the 31st of 2021.
  ["US", 2021, "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31"],
  ["US", 2022, "01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26"],
  ["US", 2026, "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25"],
  // 2 January 2023 for New Year's Day, 26 December 2022 for Christmas, 4 July 2026 on its Saturday.
  ["US-NERC", 2022, "01-01 05-30 07-04 09-05 11-24 12-26"],
  ["US-NERC", 2023, "01-02 05-29 07-04 09-04 11-23 12-25"],
  ["US-NERC", 2026, "01-01 05-25 07-04 09-07 11-26 12-25"],
  ["US-CA", 2023, "01-02 02-20 05-29 07-04 09-04 11-11 11-23 12-25"],
  // Bank holidays of the United Kingdom.
  ["GB-EAW", 2021, "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28"],
  ["GB-EAW", 2025, "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26"],
  ["GB-EAW", 2026, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"],
  ["GB-SCT", 2025, "01-01 01-02 04-18 05-05 05-26 08-04 12-01 12-25 12-26"],
  ["GB-NIR", 2025, "01-01 03-17 04-18 04-21 05-05 05-26 07-14 08-25 12-25 12-26"],
  // Days of all states.
  ["AU", 2022, "01-01 01-03 01-26 04-15 04-18 04-25 12-25 12-26 12-27"],
  ["AU", 2021, "01-01 01-26 04-02 04-05 04-25 12-25 12-26 12-27 12-28"],
  ["AU", 2025, "01-01 01-27 04-18 04-21 04-25 12-25 12-26"],
  ["NL", 2025, "01-01 04-20 04-21 04-26 05-29 06-08 06-09 12-25 12-26"],
  ["AT", 2026, "01-01 01-06 04-06 05-01 05-14 05-25 06-04 08-15 10-26 11-01 12-08 12-25 12-26"],
  ["FR", 2026, "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25"],
  ["CH", 2026, "01-01 04-03 04-06 05-14 05-25 08-01 12-25 12-26"],
  ["NO", 2026, "01-01 04-02 04-03 04-05 04-06 05-01 05-14 05-17 05-24 05-25 12-25 12-26"],
  ["ZA", 2025, "01-01 03-21 04-18 04-21 04-27 04-28 05-01 06-16 08-09 09-24 12-16 12-25 12-26"],
])("%s in %i", (country, year, days) => {
  expect(ofYear(country, year).join(" ")).toBe(days);
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

test.each([
  "easter",
  "easter+",
  "easter+100",
  "easter 1",
  "Easter+1",
  "02-30",
  "13-mon1",
  "01-mon6",
  "01-moon1",
  "02-30;sun+1",
  "07-04;sun+4",
  "07-04;sun",
])("%s is none", (day) => {
  expect(movingDay(day)).toBeNull();
  expect(tariff([day]).success).toBe(false);
});
