import { dayOf, type DayNumber } from "./civil-day.ts";

/** Easter Sunday by the Gregorian calendar (the anonymous algorithm). 2026: the 5th of April. */
export function easterSunday(year: number): DayNumber {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const corrected = century - Math.floor(century / 4) - Math.floor((8 * century + 13) / 25) + 19 * golden + 15;
  const epact = ((corrected % 30) + 30) % 30;
  const moon = epact - Math.floor(epact / 28) * (1 - Math.floor(29 / (epact + 1)) * Math.floor((21 - golden) / 11));
  const weekday = (year + Math.floor(year / 4) + moon + 2 - century + Math.floor(century / 4)) % 7;
  const offset = moon - weekday;
  const month = 3 + Math.floor((offset + 40) / 44);
  return dayOf({ year, month, day: offset + 28 - 31 * Math.floor(month / 4) });
}
