import { civilDate } from "../local-time/civil-day.ts";
import { dayNames, type DayName } from "./price-schema.ts";
import type { Tariff } from "./tariff.ts";
import { noRate, rateTable, type DayFeatures } from "./time-of-use.ts";

/**
 * A time-of-use price must say something of every time. The first time of which it says nothing, in words, or null: looked for
 * on every day of a leap year, as every day of the week and as a holiday.
 */
export function findGap(tariff: Tariff): string | null {
  for (const [i, c] of tariff.components.entries()) {
    if (c.type !== "energy" && c.type !== "levy" && c.type !== "feed-in") continue;
    if (typeof c.price === "string" || c.price.kind !== "time-of-use") continue;
    if (c.price.rates.at(-1)!.when === undefined) continue;
    const gap = firstGap(c.price.rates, tariff);
    if (gap !== null)
      return `components.${i}.price.rates: no rate holds ${gap}; give it one, or leave \`when\` out of the last rate`;
  }
  return null;
}

function firstGap(rates: Parameters<typeof rateTable>[0], { seasons, holidays }: Tariff): string | null {
  const table = rateTable(rates, seasons);
  const names = holidays.length > 0 ? dayNames : dayNames.filter((name) => name !== "holiday");
  // A day list may hold no day of a year, so what only a list covers is not covered.
  for (let day = leapYearStart; day < leapYearStart + 366; day++) {
    const { month, day: ofMonth } = civilDate(day);
    for (const name of names) {
      const features: DayFeatures = { month, yearDay: month * 100 + ofMonth, name, lists: new Set() };
      const quarter = table(features).indexOf(noRate);
      if (quarter >= 0) return `at ${clock(quarter)} on ${ofMonth}.${month}. when it is ${wording[name]}`;
    }
  }
  return null;
}

/** 2024-01-01. */
const leapYearStart = 19_723;

const clock = (quarter: number): string =>
  `${String(Math.floor(quarter / 4)).padStart(2, "0")}:${String((quarter % 4) * 15).padStart(2, "0")}`;

const wording: Record<DayName, string> = {
  mon: "a Monday",
  tue: "a Tuesday",
  wed: "a Wednesday",
  thu: "a Thursday",
  fri: "a Friday",
  sat: "a Saturday",
  sun: "a Sunday",
  holiday: "a public holiday",
};
