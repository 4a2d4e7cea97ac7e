/**
 * How emoncms reads names, numbers and times, which is how PHP does: preg_replace, is_numeric, (int), strtotime. Shared by
 * its HTTP and its MQTT input. Sources: emoncms Modules/input/input_methods.php, scripts/services/emoncms_mqtt.
 */
import { instantOf } from "./local-clock.ts";

/** Letters of any script, digits, `_ - .` and blanks stay; everything else goes without a word. */
export function cleanName(name: string): string {
  return name.replace(/[^\p{N}\p{L}_\s\-.]/gu, "");
}

const numeric = /^\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*$/;

/** PHP's is_numeric and its number: blanks around are fine. Infinite where no double holds it; undefined: not numeric. */
export function numericOf(text: string): number | undefined {
  return numeric.test(text) ? Number(text) : undefined;
}

/** PHP's (int): what a number or a text begins with, without its fraction; undefined where PHP would take 0 for want of one. */
export function intOf(value: unknown): number | undefined {
  const number =
    typeof value === "string" ? Number(/^\s*[+-]?\d+(\.\d*)?([eE][+-]?\d+)?/.exec(value)?.[0] ?? NaN) : value;
  return typeof number === "number" && Number.isFinite(number) ? Math.trunc(number) : undefined;
}

const months = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const zone = String.raw`(?:\s*(z|utc|gmt|[+-]\d\d:?\d\d))?`;
const clock = String.raw`(?:[\s,t]+(?:at\s+)?(\d\d?:\d\d(?::\d\d)?))?`;
const weekday = String.raw`(?:(?:sun|mon|tue|wed|thu|fri|sat)[a-z]*,?\s+)?`;
const dayFirst = new RegExp(
  String.raw`^${weekday}(\d\d?)(?:st|nd|rd|th)?[\s-]+([a-z]{3,9})\.?,?[\s-]+(\d{4})${clock}${zone}$`,
);
const monthFirst = new RegExp(
  String.raw`^${weekday}([a-z]{3,9})\.?\s+(\d\d?)(?:st|nd|rd|th)?,?\s+(\d{4})${clock}${zone}$`,
);

const secondsOf: Readonly<Record<string, number>> = {
  ...{ sec: 1, second: 1, min: 60, minute: 60, hour: 3600, day: 86_400, week: 604_800, fortnight: 1_209_600 },
};
const dayWords: Readonly<Record<string, number>> = { yesterday: -1, midnight: 0, today: 0, tomorrow: 1 };

/**
 * What strtotime makes of the texts that senders write: ISO 8601, RFC 2822, "14 March 2025 08:00", "@1741944413", "now",
 * "5 minutes ago", "yesterday". Without a zone it is `timezone`'s clock, else UTC, as on emoncms' servers.
 * @returns epoch milliseconds of a whole second; null: not a time.
 */
export function strtotime(given: string, nowMs: number, timezone: unknown): number | null {
  const text = given.trim().toLowerCase();
  if (text === "now") return wholeSecond(nowMs);
  const days = Object.hasOwn(dayWords, text) ? dayWords[text] : undefined;
  if (days !== undefined) return (Math.floor(nowMs / 86_400_000) + days) * 86_400_000;
  const epoch = /^@(-?\d{1,12})$/.exec(text);
  if (epoch) return Number(epoch[1]) * 1000;
  const relative = /^([+-]?\d{1,9})\s*([a-z]+?)s?(\s+ago)?$/.exec(text);
  if (relative && Object.hasOwn(secondsOf, relative[2]!)) {
    const seconds = Number(relative[1]) * secondsOf[relative[2]!]! * (relative[3] ? -1 : 1);
    return wholeSecond(nowMs + seconds * 1000);
  }
  const ms = instantOf(isoOf(text), typeof timezone === "string" ? timezone : "UTC");
  return typeof ms === "number" ? wholeSecond(ms) : null;
}

const wholeSecond = (ms: number) => Math.floor(ms / 1000) * 1000;

/** A written date as ISO 8601; what is none comes back as it is. Digits alone are no text: PHP took them for a number before. */
function isoOf(text: string): string | null {
  if (/^[\d.\-+]*$/.test(text) && !/^\d{4}-\d\d-\d\d$/.test(text)) return null;
  const match = dayFirst.exec(text) ?? monthFirst.exec(text);
  if (!match) {
    const iso = text.replace(
      /^(\d{4})\/(\d\d?)\/(\d\d?)/,
      (_, year, month, day) => `${year}-${two(month)}-${two(day)}`,
    );
    return iso.replace(/(\d)t(\d)/, "$1T$2").replace(/ ?(utc|gmt|z)$/, "Z");
  }
  const [day, month] = /^\d/.test(match[1]!) ? [match[1]!, match[2]!] : [match[2]!, match[1]!];
  const number = months.indexOf(month.slice(0, 3)) + 1;
  if (number === 0) return null;
  const [hours = "0", ...rest] = (match[4] ?? "0:00").split(":");
  const offset = match[5] === undefined ? "" : /^[zug]/.test(match[5]) ? "Z" : match[5];
  return `${match[3]}-${two(String(number))}-${two(day)}T${[two(hours), ...rest].join(":")}${offset}`;
}

const two = (digits: string) => digits.padStart(2, "0");

/** Latest and earliest instant that a Date can hold. */
const dateLimitMs = 8.64e15;

/** Seconds as a row's instant; undefined: beyond every calendar. */
export function instantOfSeconds(seconds: number): number | undefined {
  const ms = seconds * 1000;
  return Math.abs(ms) <= dateLimitMs ? ms : undefined;
}
