/**
 * The household's calendar, on the wall clock of its zone: what day it is, who is at home, and when. A local day is a whole
 * number, days since 1970-01-01; minutes count on the wall clock, so 19:00 is 19:00 in summer and in winter.
 */
import { easterSunday } from "../local-time/easter.ts";
import { offsetMs } from "../local-time/zone.ts";
import { between, type Chance } from "./random.ts";

const dayMs = 86_400_000;
const minuteMs = 60_000;

/** The local day that holds an instant. */
export const localDayOf = (timezone: string, ms: number): number => Math.floor((ms + offsetMs(timezone, ms)) / dayMs);

/** The instant at which the wall clock shows `minutes` after midnight of a day; a time that is skipped comes an hour later. */
export function instantAt(timezone: string, day: number, minutes: number): number {
  const wall = day * dayMs + minutes * minuteMs;
  return wall - offsetMs(timezone, wall - offsetMs(timezone, wall));
}

/** Monday is 0. 1970-01-01 was a Thursday. */
export const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7;

const yearOf = (day: number): number => new Date(day * dayMs).getUTCFullYear();
const dayOf = (year: number, month: number, date: number): number => Date.UTC(year, month - 1, date) / dayMs;

/** Public holidays that all of Germany has. */
export function isPublicHoliday(day: number): boolean {
  const year = yearOf(day);
  const fixed = [dayOf(year, 1, 1), dayOf(year, 5, 1), dayOf(year, 10, 3), dayOf(year, 12, 25), dayOf(year, 12, 26)];
  const easter = easterSunday(year);
  return fixed.includes(day) || [easter - 2, easter + 1, easter + 39, easter + 50].includes(day);
}

/** What a day is like for the people of the house; minutes of the wall clock. */
export interface Day {
  isFree: boolean;
  isAway: boolean;
  worksAtHome: boolean;
  wakes: number;
  /** Out of the house from `leaves` to `returns`; the same: at home all day. */
  leaves: number;
  returns: number;
  sleeps: number;
}

/** @param chance the household's stream of days. */
export function dayOfHousehold(chance: Chance, day: number): Day {
  const draw = (i: number) => chance(day * 16 + i);
  const isFree = weekdayOf(day) >= 5 || isPublicHoliday(day);
  const worksAtHome = !isFree && draw(0) < 0.35;
  const goesOut = isFree && draw(1) < 0.55;
  const wakes = isFree ? between(draw(2), 470, 570) : between(draw(2), 365, 405);
  const leaves = isFree ? between(draw(3), 780, 880) : between(draw(3), 455, 500);
  const returns = isFree ? leaves + between(draw(4), 100, 240) : between(draw(4), 975, 1075);
  const isHome = isFree ? !goesOut : worksAtHome;
  return {
    isFree,
    isAway: isOnTrip(chance, day),
    worksAtHome,
    wakes,
    leaves: isHome ? 0 : leaves,
    returns: isHome ? 0 : returns,
    sleeps: isFree ? between(draw(5), 1370, 1425) : between(draw(5), 1330, 1390),
  };
}

/** Two weeks in summer, one in winter, one around October, and a weekend now and then. */
function isOnTrip(chance: Chance, day: number): boolean {
  const year = yearOf(day);
  const first = dayOf(year, 1, 1);
  const draw = (i: number) => chance(-(year * 16 + i));
  const trips = [
    { from: 188 + Math.floor(draw(0) * 35), days: 14 },
    { from: 34 + Math.floor(draw(1) * 25), days: 7 },
    { from: 278 + Math.floor(draw(2) * 18), days: 5 },
  ];
  if (trips.some(({ from, days }) => day >= first + from && day < first + from + days)) return true;
  const week = Math.floor((day + 3) / 7);
  return weekdayOf(day) >= 5 && chance(week * 16 + 0x4000_0000) < 0.08;
}
