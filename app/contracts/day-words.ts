import type { DayName } from "../../domain/tariff/price-schema.ts";

export const dayWords: Record<DayName, { short: string; long: string }> = {
  mon: { short: "Mon", long: "Monday" },
  tue: { short: "Tue", long: "Tuesday" },
  wed: { short: "Wed", long: "Wednesday" },
  thu: { short: "Thu", long: "Thursday" },
  fri: { short: "Fri", long: "Friday" },
  sat: { short: "Sat", long: "Saturday" },
  sun: { short: "Sun", long: "Sunday" },
  holiday: { short: "Hol", long: "Holiday" },
};

/** Sets of days that people speak of. */
export const daySets: readonly (readonly [string, readonly DayName[]])[] = [
  ["Monday to Friday", ["mon", "tue", "wed", "thu", "fri"]],
  ["Saturday and Sunday", ["sat", "sun"]],
  ["Sunday and holidays", ["sun", "holiday"]],
  ["Every day", ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"]],
  ...(Object.entries(dayWords) as [DayName, { long: string }][]).map(
    ([name, { long }]) => [long, [name]] as readonly [string, readonly DayName[]],
  ),
];
