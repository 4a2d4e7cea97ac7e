/**
 * What decoders share in reading a payload: its text, its JSON, its numbers and its times. The rule of all of them:
 * what says "no value" (null, "unavailable", an empty text) is no reading, never 0; what is no finite number is refused.
 */

const utf8 = new TextDecoder("utf-8");

/** The payload as text; bytes that are not UTF-8 become U+FFFD, a byte order mark is dropped. */
export function textOf(payload: Uint8Array): string {
  return utf8.decode(payload);
}

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export type Parsed<T> = { ok: true; value: T } | { ok: false; error: string };

/** Parses JSON; the error is a sentence that says where it breaks. */
export function parseJson(text: string): Parsed<Json> {
  try {
    return { ok: true, value: JSON.parse(text) as Json };
  } catch (cause) {
    return { ok: false, error: invalidJson(text, cause) };
  }
}

function invalidJson(text: string, cause: unknown): string {
  if (text.trim() === "") return "invalid JSON: the payload is empty, an object was expected";
  const why = cause instanceof Error ? cause.message : String(cause);
  const number = /(?<![\w"])-?(nan|infinity|inf)(?![\w"])/i.exec(text);
  const hint = number ? ` (${number[0]} is not JSON: send null where there is no value)` : "";
  return `invalid JSON: ${why.replace(/\s+/g, " ").slice(0, 160)}${hint}`;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value for an error's sentence: short, and without walking into what may be nested without end. */
export function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

/** What devices and hubs write where they have no value. */
const absentWords = new Set(["", "unavailable", "unknown", "n/a", "na", "null", "none", "undefined", "-", "--"]);
const notANumber = new Set(["nan", "+nan", "-nan"]);
const infinite = new Set(["inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"]);
// No two parts that could both take the same digits: a long run of them must not be tried in every way.
const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * A JSON value as a number: a number, or a text that is one ("12.5"). "absent" where there is no value (null,
 * "unavailable", empty), "nan" for not-a-number, "infinite" for what no double holds, "other" for everything else.
 */
export function numberOf(value: unknown): number | "absent" | "nan" | "infinite" | "other" {
  if (typeof value === "number") return value - value === 0 ? value : value === value ? "infinite" : "nan";
  if (value === null || value === undefined) return "absent";
  if (typeof value !== "string") return "other";
  const text = value.trim();
  if (decimal.test(text)) {
    const number = Number(text);
    return Number.isFinite(number) ? number : "infinite";
  }
  const word = text.toLowerCase();
  if (absentWords.has(word)) return "absent";
  if (notANumber.has(word)) return "nan";
  return infinite.has(word) ? "infinite" : "other";
}

/** Earliest and latest instant that a Date can hold. */
const dateLimitMs = 8.64e15;

/**
 * A time as senders write it, in epoch milliseconds: unix seconds, milliseconds, micro- or nanoseconds told apart by
 * size (1e11 seconds are the year 5138, 1e11 milliseconds 1973), as a number or a text of digits, or ISO 8601 with a
 * zone. "local": an ISO time without a zone, which only the sender could place; undefined: not a time.
 */
export function timeOf(value: unknown): number | "local" | undefined {
  if (typeof value === "number") return epochMs(value);
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  if (/^-?\d+(\.\d+)?$/.test(text)) return epochMs(Number(text));
  return isoMs(text);
}

function epochMs(epoch: number): number | undefined {
  const size = Math.abs(epoch);
  if (size < 1e11) return Math.round(epoch * 1e6) / 1e3;
  const milliseconds = size < 1e14 ? epoch : size < 1e17 ? epoch / 1e3 : epoch / 1e6;
  return Math.abs(milliseconds) <= dateLimitMs ? milliseconds : undefined;
}

const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d+))?)? ?(Z|z|[+-]\d\d(?::?\d\d)?)?$/;

function isoMs(text: string): number | "local" | undefined {
  const match = iso.exec(text);
  if (!match) return undefined;
  const ms = msOf(match);
  return ms !== undefined && match[4] === undefined ? "local" : ms;
}

/** An ISO time without a zone as if its clock showed UTC: what `instantOf` needs to place it. */
export function wallMs(text: string): number | undefined {
  const match = iso.exec(text.trim());
  return match && match[4] === undefined ? msOf(match) : undefined;
}

function msOf([, day, clock = "00:00:00", fraction, zone]: RegExpExecArray): number | undefined {
  const ms = Date.parse(`${day}T${clock}${zone === undefined || zone === "z" ? "Z" : withColon(zone)}`);
  if (Number.isNaN(ms)) return undefined;
  return fraction === undefined ? ms : ms + Math.round(Number(`0.${fraction}`) * 1e6) / 1e3;
}

/** "+01" and "+0100" -> "+01:00", the only form that Date reads. */
function withColon(zone: string): string {
  if (zone.length === 3) return `${zone}:00`;
  return zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
}

/** Deeper nesting is not walked: nobody sends it, and a hostile payload could otherwise exhaust the stack. */
const deepest = 12;

/** Visits every scalar of an object with its dotted path; `visit` answers false to stop. @returns false when it was stopped. */
export function walk(value: Json, visit: (path: string, value: Json) => boolean, path = "", depth = 0): boolean {
  if (value === null || typeof value !== "object") return path === "" || visit(path, value);
  if (depth > deepest) return true;
  for (const [key, child] of Object.entries(value))
    if (!walk(child as Json, visit, path === "" ? key : `${path}.${key}`, depth + 1)) return false;
  return true;
}
