import { civilDate } from "../local-time/civil-day.ts";
import type { SeasonsDraft } from "./draft.ts";

/** The days of a year, by which seasons are cut: "02-29" is one of them. */
export interface YearRange {
  from: string;
  to: string;
}

/** 2024-01-01: a leap year has every day. */
const leapYearStart = 19_723;

/** "01-01" to "12-31", 366 of them. */
export const yearDays: readonly string[] = Array.from({ length: 366 }, (_, i) => {
  const { month, day } = civilDate(leapYearStart + i);
  return `${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
});

export const isWithin = (day: string, { from, to }: YearRange): boolean =>
  from <= to ? day >= from && day <= to : day >= from || day <= to;

/** What the tariff is at when no season holds: it is written as a season too, since a window can only name seasons. */
export const restOfYear = "rest of the year";

/** The seasons that a person named. */
export const namedSeasons = (seasons: SeasonsDraft): [string, YearRange[]][] =>
  Object.entries(seasons).filter(([name]) => name !== restOfYear);

/** Whether no day lies in two of the seasons; else which two. */
export function overlapOf(seasons: SeasonsDraft): [string, string] | null {
  for (const day of yearDays) {
    const holding = namedSeasons(seasons).filter(([, ranges]) => ranges.some((range) => isWithin(day, range)));
    if (holding.length > 1) return [holding[0]![0], holding[1]![0]];
  }
  return null;
}

/** The stretches of the year that no season holds, the turn of the year inside one where it can be. */
export function restRanges(seasons: SeasonsDraft): YearRange[] {
  const isFree = yearDays.map((day) => !namedSeasons(seasons).some(([, rs]) => rs.some((r) => isWithin(day, r))));
  const ranges: YearRange[] = [];
  for (let i = 0; i < isFree.length; i++) {
    if (!isFree[i]) continue;
    const from = i;
    while (isFree[i + 1]) i++;
    ranges.push({ from: yearDays[from]!, to: yearDays[i]! });
  }
  const [first, last] = [ranges[0], ranges.at(-1)];
  if (ranges.length > 1 && first!.from === "01-01" && last!.to === "12-31")
    ranges.splice(0, ranges.length, ...ranges.slice(1, -1), { from: last!.from, to: first!.to });
  return ranges;
}
