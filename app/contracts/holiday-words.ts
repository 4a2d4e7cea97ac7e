import { movingDay, type MovingDay } from "../../domain/tariff/moving-day.ts";

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const ordinals = ["", "1st", "2nd", "3rd", "4th", "5th"];

const easterNames: Record<number, string> = {
  [-3]: "Maundy Thursday",
  [-2]: "Good Friday",
  0: "Easter Sunday",
  1: "Easter Monday",
  39: "Ascension",
  49: "Whit Sunday",
  50: "Whit Monday",
  60: "Corpus Christi",
};

/** A day of a tariff's list in words: "25 Dec", "6 Apr 2026", "Easter Monday", "3rd Monday of Jan", "4 Jul (a Sunday: Monday)". */
export function holidayWords(day: string): string {
  const moving = movingDay(day);
  if (moving !== null) return movingWords(moving);
  const [date, month, year] = day.split("-").reverse();
  return `${Number(date)} ${months[Number(month) - 1] ?? month}${year ? ` ${year}` : ""}`;
}

function movingWords(moving: MovingDay): string {
  switch (moving.kind) {
    case "easter": {
      const { offset } = moving;
      return easterNames[offset] ?? `Easter, ${Math.abs(offset)} days ${offset < 0 ? "before" : "after"}`;
    }
    case "weekday": {
      const which = moving.nth === "last" ? "Last" : ordinals[moving.nth];
      return `${which} ${weekdays[moving.weekday]} of ${months[moving.month - 1]}`;
    }
    case "observed": {
      const shifts = [...moving.shifts].map(
        ([from, by]) => `a ${weekdays[from]}: ${weekdays[(((from + by) % 7) + 7) % 7]}`,
      );
      return `${moving.day} ${months[moving.month - 1]} (${shifts.join(", ")})`;
    }
  }
}
