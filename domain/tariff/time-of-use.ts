import { civilDate, parseDay, weekday, type DayNumber } from "../local-time/civil-day.ts";
import { isMovingDay, movingDay, type MovingDay } from "./moving-day.ts";
import type { DayName, Window } from "./price-schema.ts";
import type { Tariff } from "./tariff.ts";

/**
 * Which rate holds when, on the wall clock: of [Night 22:00-06:00, Day], 2026-03-29 05:45 is Night and 06:00 is Day, on a day of
 * 23 hours too. A window is judged by the calendar day that the instant lies in.
 */
export interface DayFeatures {
  month: number;
  /** Month x 100 + day: 329. */
  yearDay: number;
  name: DayName;
  lists: ReadonlySet<string>;
}

type Seasons = Tariff["seasons"];
const weekdays: readonly DayName[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const quarters = 96;
export const noRate = 255;

/** What a tariff's holidays, day lists and seasons say of a day. */
export function dayReader({
  holidays,
  dayLists,
}: Pick<Tariff, "holidays" | "dayLists">): (day: DayNumber) => DayFeatures {
  const isHoliday = listReader(holidays);
  const lists = Object.entries(dayLists).map(([name, dates]) => ({ name, isIn: listReader(dates) }));
  return (day) => {
    const { month, day: ofMonth } = civilDate(day);
    const yearDay = month * 100 + ofMonth;
    return {
      month,
      yearDay,
      name: isHoliday(day, yearDay) ? "holiday" : weekdays[weekday(day)]!,
      lists: new Set(lists.filter(({ isIn }) => isIn(day, yearDay)).map(({ name }) => name)),
    };
  };
}

function listReader(dates: readonly string[]): (day: DayNumber, yearDay: number) => boolean {
  const days = new Set<number>();
  const yearly = new Set<number>();
  const moving: MovingDay[] = [];
  for (const date of dates) {
    const moves = movingDay(date);
    if (moves !== null) moving.push(moves);
    else if (date.length === 5) yearly.add(yearDayOf(date));
    else days.add(parseDay(date)!);
  }
  return (day, yearDay) => days.has(day) || yearly.has(yearDay) || moving.some((moves) => isMovingDay(moves, day));
}

const yearDayOf = (text: string): number => Number(text.slice(0, 2)) * 100 + Number(text.slice(3, 5));

function isDayOf(window: Window, day: DayFeatures, seasons: Seasons): boolean {
  if (window.months && !window.months.includes(day.month)) return false;
  if (window.seasons && !window.seasons.some((name) => isInSeason(seasons[name] ?? [], day.yearDay))) return false;
  if (window.dayLists && !window.dayLists.some((name) => day.lists.has(name))) return false;
  return !window.days || window.days.some((name) => isNamed(name, day.name));
}

function isNamed(name: DayName | "workday" | "weekend", day: DayName): boolean {
  if (name === "weekend") return day === "sat" || day === "sun";
  if (name === "workday") return day !== "sat" && day !== "sun" && day !== "holiday";
  return name === day;
}

function isInSeason(season: Seasons[string], yearDay: number): boolean {
  return season.some(({ from, to }) => {
    const [first, last] = [yearDayOf(from), yearDayOf(to)];
    return first <= last ? yearDay >= first && yearDay <= last : yearDay >= first || yearDay <= last;
  });
}

/** The quarter-hours of a window's hours, as [from, to) pairs. */
function stretches({ hours }: Window): [number, number][] {
  if (!hours) return [[0, quarters]];
  return hours.flatMap((text) => {
    const from = quarterOf(text.slice(0, 5));
    const to = quarterOf(text.slice(6));
    return from < to
      ? [[from, to] as [number, number]]
      : ([
          [0, to],
          [from, quarters],
        ] as [number, number][]);
  });
}

const quarterOf = (clock: string): number => Number(clock.slice(0, 2)) * 4 + Number(clock.slice(3)) / 15;

/** The rate of each of a day's 96 wall-clock quarter-hours: an index into `rates`, or `noRate`. */
export type RateTable = (day: DayFeatures) => Uint8Array;

export function rateTable(rates: readonly { when?: readonly Window[] }[], seasons: Seasons): RateTable {
  const windows = rates.flatMap(({ when }, rate) =>
    (when ?? [{}]).map((window) => ({ rate, window, stretches: stretches(window) })),
  );
  const known = new Map<string, Uint8Array>();
  return (day) => {
    const holding = windows.filter(({ window }) => isDayOf(window, day, seasons));
    const key = holding.map((w) => windows.indexOf(w)).join();
    let table = known.get(key);
    if (table === undefined) known.set(key, (table = tableOf(holding)));
    return table;
  };
}

function tableOf(holding: readonly { rate: number; stretches: [number, number][] }[]): Uint8Array {
  const table = new Uint8Array(quarters).fill(noRate);
  for (const { rate, stretches } of [...holding].reverse())
    for (const [from, to] of stretches) table.fill(rate, from, to);
  return table;
}
