import type { DeviceHealth } from "../../db/device-health.ts";
import type { BarView } from "../charts/bar-chart.tsx";
import type { Formats } from "../charts/formats.ts";

const hourMs = 3_600_000;

export type Counted = "messages" | "readings" | "duplicates";
export type Hour = DeviceHealth["hours"][number];

/** Every hour of the last days, oldest first; those that nothing is known of are empty. */
export function everyHour(hours: readonly Hour[], nowMs: number, days: number): Hour[] {
  const known = new Map(hours.map((hour) => [hour.startMs, hour]));
  const lastMs = Math.floor(nowMs / hourMs) * hourMs;
  return Array.from({ length: days * 24 }, (_, i) => {
    const startMs = lastMs - (days * 24 - 1 - i) * hourMs;
    return known.get(startMs) ?? { startMs, messages: 0, readings: 0, duplicates: 0 };
  });
}

/** A bar for each hour; the first of each local day has its label. */
export function hourBars(hours: readonly Hour[], what: Counted, formats: Formats): BarView[] {
  return hours.map((hour, i) => {
    const day = formats.day(hour.startMs);
    return {
      key: hour.startMs,
      label: day,
      shortLabel: formats.dayOfMonth(hour.startMs),
      title: `${formats.shortDateTime(hour.startMs)}: ${hourWords(hour, formats)}`,
      up: [{ tone: "use", value: hour[what] }],
      down: [],
      estimated: 0,
      isIncomplete: i === hours.length - 1,
      isLabelled: i > 0 && formats.day(hours[i - 1]!.startMs) !== day,
      isAhead: false,
    };
  });
}

export function hourWords({ messages, readings, duplicates }: Omit<Hour, "startMs">, formats: Formats): string {
  const count = (n: number, one: string, many: string) => `${formats.number(n, 0)} ${n === 1 ? one : many}`;
  const repeats = duplicates > 0 ? `, ${count(duplicates, "repeat", "repeats")}` : "";
  return `${count(messages, "message", "messages")}, ${count(readings, "reading", "readings")}${repeats}`;
}
