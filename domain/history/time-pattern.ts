/**
 * Times as files write them. A pattern is "iso", "unix" (seconds, milli-, micro- or nanoseconds, told apart by size), or is
 * spelled: "dd.MM.yyyy HH:mm". Worked: "14.03.2025 09:26" by that pattern is a clock that shows 2025-03-14 09:26.
 */
import { timeOf, wallMs } from "../device/payload.ts";

/** An instant, or what a wall clock shows (as if it showed UTC), both in epoch milliseconds. */
export type Told = { ms: number } | { wallMs: number };

/** What a pattern may be made of; all else stands for itself. */
const tokens: Readonly<Record<string, string>> = {
  yyyy: "(?<year>\\d{4})",
  yy: "(?<year>\\d{2})",
  MM: "(?<month>\\d{2})",
  M: "(?<month>\\d{1,2})",
  dd: "(?<day>\\d{2})",
  d: "(?<day>\\d{1,2})",
  HH: "(?<hour>\\d{2})",
  H: "(?<hour>\\d{1,2})",
  h: "(?<hour>\\d{1,2})",
  mm: "(?<minute>\\d{2})",
  ss: "(?<second>\\d{2})",
  SSS: "(?<fraction>\\d{1,6})",
  a: "(?<half>[AaPp])\\.?[Mm]\\.?",
};
const token = /yyyy|yy|MM|M|dd|d|HH|H|h|mm|ss|SSS|a/g;

/** Whether a pattern says at least year, month and day, and nothing twice. */
export function isTimePattern(pattern: string): boolean {
  if (pattern === "iso" || pattern === "unix") return true;
  const found = pattern.match(token) ?? [];
  const parts = found.map((name) => name[0]);
  return ["y", "M", "d"].every((part) => parts.includes(part)) && new Set(parts).size === parts.length;
}

/** Whether a pattern has no time of day: its rows speak of whole days. */
export const isDayPattern = (pattern: string): boolean => !/iso|unix|H|h/.test(pattern);

/** A reader of times by a pattern; undefined: the text is not such a time. */
export function timeReader(pattern: string): (text: string) => Told | undefined {
  if (pattern === "unix") return unixTime;
  if (pattern === "iso") return isoTime;
  const source = pattern.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(token, (name) => tokens[name]!);
  const regex = new RegExp(`^${source}$`);
  return (text) => {
    const groups = regex.exec(text.trim())?.groups;
    const wall = groups && wallOf(groups);
    return wall === undefined ? undefined : { wallMs: wall };
  };
}

function unixTime(text: string): Told | undefined {
  const ms = /^\s*-?\d+(\.\d+)?\s*$/.test(text) ? timeOf(text) : undefined;
  return typeof ms === "number" ? { ms } : undefined;
}

function isoTime(text: string): Told | undefined {
  if (/^\s*-?\d+(\.\d+)?\s*$/.test(text)) return undefined;
  const ms = timeOf(text);
  if (typeof ms === "number") return { ms };
  const wall = ms === "local" ? wallMs(text) : undefined;
  return wall === undefined ? undefined : { wallMs: wall };
}

function wallOf({
  year,
  month,
  day,
  hour,
  minute,
  second,
  fraction,
  half,
}: Record<string, string>): number | undefined {
  const [y, m, d] = [Number(year!.length === 2 ? `20${year}` : year), Number(month), Number(day)];
  const [h, min, s] = [hourOf(Number(hour ?? 0), half), Number(minute ?? 0), Number(second ?? 0)];
  const midnight = Date.UTC(y, m - 1, d);
  // 31.02. would become a day in March.
  if (m < 1 || m > 12 || d < 1 || new Date(midnight).getUTCDate() !== d) return undefined;
  // Some meters end a day at 24:00.
  if (h > 24 || min > 59 || s > 59 || (h === 24 && min + s > 0)) return undefined;
  return midnight + ((h * 60 + min) * 60 + s) * 1000 + (fraction ? Number(`0.${fraction}`) * 1000 : 0);
}

function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  if (hour < 1 || hour > 12) return NaN;
  return (hour % 12) + (half.toLowerCase() === "p" ? 12 : 0);
}
