import type { RateDraft, SeasonsDraft, TimeOfUseDraft } from "./draft.ts";
import { dayNames, type DayName, type Window } from "./price-schema.ts";
import { rateTable } from "./time-of-use.ts";
import { isWithin, namedSeasons, overlapOf, restOfYear, restRanges, yearDays } from "./year-days.ts";

/**
 * A time-of-use price as a painted week: which rate holds in each quarter-hour of each weekday and of holidays, for the whole year
 * or for each season. Windows become weeks when a tariff is opened, and weeks windows when one is painted.
 */
export interface Week {
  /** null: the whole year. */
  season: string | null;
  days: Record<DayName, readonly number[]>;
}

export const quartersOfDay = 96;

/**
 * The weeks of a price; null where they cannot be painted: it speaks of single months or of lists of days, or seasons overlap.
 * A quarter-hour that no rate holds has -1.
 */
export function weeksOf({ rates }: TimeOfUseDraft, seasons: SeasonsDraft): Week[] | null {
  const windows = rates.flatMap(({ when }) => when ?? []);
  if (windows.some(({ months, dayLists }) => months !== undefined || dayLists !== undefined)) return null;
  const isSeasonal = windows.some((window) => window.seasons !== undefined);
  if (!isSeasonal) return [weekOn(rates, seasons, { season: null, yearDay: "01-01" })];
  const rest = restRanges(seasons);
  if (overlapOf(seasons) || (restOfYear in seasons && !hasSameDays(seasons[restOfYear]!, rest))) return null;
  const parts = namedSeasons(seasons).map(([season, ranges]) => ({ season, yearDay: ranges[0]!.from }));
  if (rest.length > 0) parts.push({ season: restOfYear, yearDay: rest[0]!.from });
  return parts.map((part) => weekOn(rates, seasons, part));
}

const hasSameDays = (a: SeasonsDraft[string], b: SeasonsDraft[string]): boolean =>
  yearDays.every((day) => a.some((range) => isWithin(day, range)) === b.some((range) => isWithin(day, range)));

function weekOn(
  rates: readonly RateDraft[],
  seasons: SeasonsDraft,
  { season, yearDay }: { season: string | null; yearDay: string },
): Week {
  const table = rateTable(rates, seasons);
  const [month, day] = [Number(yearDay.slice(0, 2)), Number(yearDay.slice(3))];
  const none = new Set<string>();
  const days = eachDay((name) => {
    const held = table({ month, yearDay: month * 100 + day, name, lists: none });
    return Array.from(held, (rate) => (rate < rates.length ? rate : -1));
  });
  return { season, days };
}

/** The days of a week, each made by `of`. */
export const eachDay = (of: (name: DayName) => readonly number[]): Week["days"] =>
  Object.fromEntries(dayNames.map((name) => [name, of(name)])) as unknown as Week["days"];

export interface Brush {
  season: string | null;
  days: readonly DayName[];
  /** Quarter-hours of the day, `to` excluded. */
  from: number;
  to: number;
  rate: number;
}

export function paint(weeks: readonly Week[], { season, days, from, to, rate }: Brush): Week[] {
  const over = (held: readonly number[]) => held.map((was, quarter) => (quarter >= from && quarter < to ? rate : was));
  return weeks.map((week) =>
    week.season === season
      ? { season, days: { ...week.days, ...Object.fromEntries(days.map((name) => [name, over(week.days[name])])) } }
      : week,
  );
}

/** One day's hours for others too. */
export function copyDay(
  weeks: readonly Week[],
  { season, from, to }: { season: string | null; from: DayName; to: readonly DayName[] },
): Week[] {
  return weeks.map((week) =>
    week.season === season
      ? { season, days: { ...week.days, ...Object.fromEntries(to.map((name) => [name, week.days[from]])) } }
      : week,
  );
}

/** The price with the rates' windows as the weeks have them. The last rate holds whenever no other does, and needs none. */
export function withWeeks(price: TimeOfUseDraft, weeks: readonly Week[]): TimeOfUseDraft {
  const rates = price.rates.map((rate, i): RateDraft => {
    const { when: _, ...plain } = rate;
    return i === price.rates.length - 1 ? plain : { ...plain, when: windowsOf(weeks, i) };
  });
  return { ...price, rates };
}

/** Seasons, and then days, that have a rate at the same hours share a window. */
function windowsOf(weeks: readonly Week[], rate: number): Window[] {
  const shared = new Map<string, { window: Window; seasons: string[] }>();
  for (const { season, days } of weeks) {
    for (const window of dayWindows(days, rate)) {
      const known = shared.get(JSON.stringify(window));
      if (known && season !== null) known.seasons.push(season);
      else shared.set(JSON.stringify(window), { window, seasons: season === null ? [] : [season] });
    }
  }
  return [...shared.values()].map(({ window, seasons }) => (seasons.length > 0 ? { seasons, ...window } : window));
}

function dayWindows(days: Week["days"], rate: number): Window[] {
  const sameHours = new Map<string, DayName[]>();
  for (const name of dayNames) {
    const key = hoursOf(days[name], rate).join();
    if (key !== "") sameHours.set(key, [...(sameHours.get(key) ?? []), name]);
  }
  return [...sameHours].map(([key, names]) => ({
    ...(names.length < dayNames.length && { days: grouped(names) }),
    ...(key !== allDay && { hours: key.split(",") }),
  }));
}

const allDay = "00:00-24:00";
const workdays: readonly DayName[] = ["mon", "tue", "wed", "thu", "fri"];

function grouped(names: readonly DayName[]): NonNullable<Window["days"]> {
  const isWorkdays = workdays.every((name) => names.includes(name));
  const isWeekend = names.includes("sat") && names.includes("sun");
  const single = names.filter((name) =>
    workdays.includes(name) ? !isWorkdays : name === "holiday" || (name !== "sat" && name !== "sun") || !isWeekend,
  );
  return [...(isWorkdays ? (["workday"] as const) : []), ...(isWeekend ? (["weekend"] as const) : []), ...single];
}

/** Runs of equal rates, ascending: what is drawn. */
export function runsOf(held: readonly number[]): { from: number; to: number; rate: number }[] {
  const runs: { from: number; to: number; rate: number }[] = [];
  held.forEach((rate, quarter) => {
    const last = runs.at(-1);
    if (last && last.rate === rate) last.to = quarter + 1;
    else runs.push({ from: quarter, to: quarter + 1, rate });
  });
  return runs;
}

/** The hours of a day at which a rate holds; what ends at midnight and begins there is one stretch: "22:00-06:00". */
export function hoursOf(held: readonly number[], rate: number): string[] {
  const own = runsOf(held).filter((run) => run.rate === rate);
  const [first, last] = [own[0], own.at(-1)];
  if (own.length > 1 && first!.from === 0 && last!.to === quartersOfDay) {
    own.shift();
    own[own.length - 1] = { ...last!, to: first!.to };
  }
  return own.map(({ from, to }) => `${clock(from)}-${clock(to)}`);
}

/** 26 is "06:30". */
export const clock = (quarter: number): string =>
  `${String(Math.floor(quarter / 4)).padStart(2, "0")}:${String((quarter % 4) * 15).padStart(2, "0")}`;
