/**
 * Telegrams of IEC 62056-21: `/` identification, lines of `code(value*unit)…`, and `!` with a CRC or nothing. A line that
 * begins with a parenthesis carries on the one before (DSMR 2.2 writes the gas value so).
 * Worked: `1-0:1.7.0(00.498*kW)` is code 1.7.0 with the values ["00.498*kW"].
 */
import { conversionOf } from "../units.ts";
import type { Gathering } from "./gathering.ts";
import { instantOf } from "./local-clock.ts";
import { obisOf } from "./obis.ts";
import type { Obis } from "./obis.ts";
import { describe } from "./payload.ts";
import { refuse, take } from "./wire-field.ts";
import type { Field } from "./wire-field.ts";

/** One byte, one character: positions in the text are positions in the payload, which the CRC is over. */
const latin1 = new TextDecoder("windows-1252");

export interface Telegram {
  /** From `/` to `!` inclusive. */
  bytes: Uint8Array;
  text: string;
  /** What stands behind the `!`. */
  checksum: string;
}

/** A slash at the beginning of a line; a byte order mark or control characters may stand before it. */
const begin = /(?<=^[^\w(\r\n]{0,4})\//m;
const end = /^!/m;

/** The complete telegrams in a payload, or a sentence that says why there is none. */
export function telegramsIn(payload: Uint8Array): Telegram[] | string {
  const text = latin1.decode(payload);
  const telegrams: Telegram[] = [];
  for (let from = 0; from < text.length;) {
    const start = text.slice(from).search(begin);
    if (start < 0) break;
    const first = from + start;
    const length = text.slice(first).search(end);
    if (length < 0) {
      if (telegrams.length > 0) break;
      return 'incomplete telegram: the line that begins with "!" is missing';
    }
    const last = first + length + 1;
    const checksum = /^[^\r\n]*/.exec(text.slice(last))![0].replace(/(?<![\0\s\x03])[\0\s\x03]+$/, "");
    telegrams.push({ bytes: payload.subarray(first, last), text: text.slice(first, last), checksum });
    from = last;
  }
  return telegrams.length > 0 ? telegrams : 'no telegram: a line that begins with "/" is expected';
}

/** True for a payload that begins as a telegram does: a slash, the three letters of the maker and the digit of the speed. */
export function isTelegram(payload: Uint8Array): boolean {
  let at = 0;
  while (at < payload.length && payload[at]! <= 32) at++;
  return payload[at] === 47 && /^\/[A-Za-z]{3}\d/.test(latin1.decode(payload.subarray(at, at + 5)));
}

/** True for what only a D0 readout has: codes with *255, or without a medium. */
export function isReadout(payload: Uint8Array): boolean {
  const text = latin1.decode(payload);
  if (/^(1-3:0\.2\.8|0-0:1\.0\.0)\(/m.test(text)) return false;
  return /^\x02?(\d{1,3}\.\d{1,3}(\.\d{1,3})?|\d{1,3}-\d{1,3}:[\d.]+\*255)\(/m.test(text);
}

export interface Line {
  obis: Obis;
  /** The code as it is printed. */
  name: string;
  /** What stands in the parentheses. */
  values: string[];
}

const linePattern = /^([^()\s]+)((?:\([^()]*\))+)\s*$/;

/** The lines that carry a code; others (identification, what cannot be read) are passed over. */
export function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  for (const line of text.replace(/(?<![\r\n])[\r\n]+(?=\()/g, "").split(/[\r\n]+/)) {
    const match = linePattern.exec(line.replace(/^\x02/, ""));
    const obis = match ? obisOf(match[1]!) : undefined;
    if (match && obis) lines.push({ obis, name: match[1]!, values: valuesOf(match[2]!) });
  }
  return lines;
}

const valuesOf = (groups: string): string[] => [...groups.matchAll(/\(([^()]*)\)/g)].map((group) => group[1]!);

/** Takes `00.498*kW` in the unit that is printed; without one, what the message does not say stays open. */
export function takePrinted(into: Gathering, field: Field, printed: string, name: string): void {
  const [value, unit] = printed.split("*") as [string, string?];
  if (unit === undefined) return take(into, field.unit === "1" ? field : { ...field, unit: null }, value, name);
  if (conversionOf(unit)?.canonical !== conversionOf(field.unit ?? "")?.canonical)
    return refuse(into, name, `in ${describe(unit)}, expected a unit of ${field.metric}`);
  take(into, { ...field, unit }, value, name);
}

const clockPattern = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?([WS])?$/;

/**
 * YYMMDDhhmmssX in epoch milliseconds. The letter says the offset (W = UTC+1, S = UTC+2), not the zone's rules: Swedish
 * meters stay on W all year. Null: no letter and no zone set. Undefined: no time, or the mark of an absent meter
 * (632525252525S, 700101…) or of a clock that was never set.
 */
export function clockOf(text: string, timezone: unknown): number | null | undefined {
  const match = clockPattern.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second = "00", letter] = match;
  // No such meter is older than 2007, and 70 is the beginning of unix time.
  if (Number(year) < 7 || Number(year) >= 70) return undefined;
  const local = `20${year!}-${month!}-${day!}T${hour!}:${minute!}:${second}`;
  const zone = letter === undefined ? "" : letter === "S" ? "+02:00" : "+01:00";
  return instantOf(local + zone, timezone);
}
