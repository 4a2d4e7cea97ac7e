import { civilDate, dayOf, daysInMonth, weekday, type DayNumber } from "../local-time/civil-day.ts";
import { easterSunday } from "../local-time/easter.ts";

/**
 * Days of every year that move, as a tariff writes them:
 * - `easter+1`: so many days from Easter Sunday, at most 99;
 * - `01-mon3`, `05-mon-last`: the third Monday of January, the last one of May;
 * - `07-04;sat-1,sun+1`: 4 July, observed on the Friday before where it is a Saturday, on the Monday after where it is a Sunday.
 */
export type MovingDay =
  | { kind: "easter"; offset: number }
  | { kind: "weekday"; month: number; weekday: number; nth: number | "last" }
  /** By the weekday (Monday is 0) on which the day falls: by how many days it is moved. */
  | { kind: "observed"; month: number; day: number; shifts: ReadonlyMap<number, number> };

const weekdayNames = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const weekdayPattern = weekdayNames.join("|");
const easterPattern = /^easter([+-]\d{1,2})$/;
const nthPattern = new RegExp(`^(0[1-9]|1[0-2])-(${weekdayPattern})([1-5]|-last)$`);
const observedPattern = new RegExp(
  `^(0[1-9]|1[0-2])-([0-2]\\d|3[01]);((?:${weekdayPattern})[+-][1-3](?:,(?:${weekdayPattern})[+-][1-3])*)$`,
);

/** null: the text names no day that moves. */
export function movingDay(text: string): MovingDay | null {
  const [, offset] = easterPattern.exec(text) ?? [];
  if (offset !== undefined) return { kind: "easter", offset: Number(offset) };
  const [, month, name, nth] = nthPattern.exec(text) ?? [];
  if (month !== undefined)
    return {
      kind: "weekday",
      month: Number(month),
      weekday: weekdayNames.indexOf(name!),
      nth: nth === "-last" ? "last" : Number(nth),
    };
  return observedDay(text);
}

function observedDay(text: string): MovingDay | null {
  const [, month, day, list] = observedPattern.exec(text) ?? [];
  // 2024 has every day of a year.
  if (month === undefined || Number(day) < 1 || Number(day) > daysInMonth(2024, Number(month))) return null;
  const shifts = new Map(
    list!.split(",").map((shift) => [weekdayNames.indexOf(shift.slice(0, 3)), Number(shift.slice(3))] as const),
  );
  return { kind: "observed", month: Number(month), day: Number(day), shifts };
}

/** Whether a day of the calendar is the one that is meant. */
export function isMovingDay(moving: MovingDay, day: DayNumber): boolean {
  if (moving.kind === "easter") {
    const { year } = civilDate(day);
    // At most 99 days from Easter: of the day's own year, or of one beside it.
    return [year - 1, year, year + 1].some((each) => day - easterSunday(each) === moving.offset);
  }
  if (moving.kind === "weekday") return isNth(moving, day);
  const { shifts } = moving;
  for (let shift = -3; shift <= 3; shift++) {
    const { month, day: ofMonth } = civilDate(day - shift);
    if (month === moving.month && ofMonth === moving.day && (shifts.get(weekday(day - shift)) ?? 0) === shift)
      return true;
  }
  return false;
}

function isNth({ month, weekday: wanted, nth }: Extract<MovingDay, { kind: "weekday" }>, day: DayNumber): boolean {
  const date = civilDate(day);
  if (date.month !== month || weekday(day) !== wanted) return false;
  if (nth !== "last") return Math.ceil(date.day / 7) === nth;
  return day + 7 >= dayOf({ year: date.year, month, day: daysInMonth(date.year, month) }) + 1;
}
