/**
 * The exact rules of InfluxDB's line protocol for one line, error texts included, so that senders see what they know.
 * influx-line.ts reads ordinary lines faster; what is not ordinary comes here.
 * Source: influxdata/influxdb 1.11 and 2.7, models/points.go (scanMeasurement, scanTags, scanFields, scanNumber,
 * scanBoolean, scanTime) and models/time.go. `u` numbers are taken on v1 too.
 */

/** Thrown and caught inside the parser only: a line's fault, in InfluxDB's words. */
export class LineFault extends Error {}

function fault(why: string): never {
  throw new LineFault(why);
}

export interface ScannedSeries {
  measurement: string;
  tags: Record<string, string>;
  /** Index of the space (or the end) behind the series. */
  end: number;
}

export interface ScannedField {
  key: string;
  value: number | boolean | string;
}

const longestKey = 65_535;
const comma = 44;
const space = 32;
const equals = 61;
const backslash = 92;
const quote = 34;

/** True for the separator `code` at `i`, unless a backslash stands before it. */
function isBare(line: string, i: number, code: number): boolean {
  return line.charCodeAt(i) === code && line.charCodeAt(i - 1) !== backslash;
}

/** Measurement and tags, from the start of a line. */
export function scanSeries(line: string): ScannedSeries {
  if (line === "" || line.charCodeAt(0) === comma) fault("missing measurement");
  let i = 1;
  while (i < line.length && !isBare(line, i, comma) && !isBare(line, i, space)) i++;
  if (i >= line.length) fault("missing fields");
  const measurement = unescapeName(line.slice(0, i));
  const tags: Record<string, string> = {};
  const seen = new Set<string>();
  while (line.charCodeAt(i) === comma) {
    const keyEnd = scanTagKey(line, i + 1);
    const valueEnd = scanTagValue(line, keyEnd + 1);
    const key = line.slice(i + 1, keyEnd);
    if (seen.has(key)) seen.add("\n");
    seen.add(key);
    setTag(tags, unescapeTag(key), unescapeTag(line.slice(keyEnd + 1, valueEnd)));
    i = valueEnd;
  }
  // InfluxDB looks for duplicates after all tags: another fault further on is reported first.
  if (seen.has("\n")) fault("duplicate tags");
  if (i > longestKey) fault(`max key length exceeded: ${i} > ${longestKey}`);
  return { measurement, tags, end: i };
}

/** A tag may be called __proto__: as an own property it is a name like any other. */
function setTag(tags: Record<string, string>, key: string, value: string): void {
  if (key === "__proto__") Object.defineProperty(tags, key, { value, enumerable: true, configurable: true });
  else tags[key] = value;
}

function scanTagKey(line: string, start: number): number {
  const first = line.charCodeAt(start);
  if (start >= line.length || first === space || first === comma || first === equals) fault("missing tag key");
  for (let i = start + 1; ; i++) {
    if (i >= line.length || isBare(line, i, space) || isBare(line, i, comma)) fault("missing tag value");
    if (isBare(line, i, equals)) return i;
  }
}

function scanTagValue(line: string, start: number): number {
  const first = line.charCodeAt(start);
  if (start >= line.length || first === comma || first === space) fault("missing tag value");
  for (let i = start + 1; ; i++) {
    if (i >= line.length) fault("missing fields");
    if (isBare(line, i, equals)) fault("invalid tag format");
    if (isBare(line, i, comma) || isBare(line, i, space)) return i;
  }
}

/** Spaces, and the tabs and zero bytes that InfluxDB passes over between the parts of a line. */
function skipBlank(line: string, start: number): number {
  let i = start;
  while (i < line.length) {
    const code = line.charCodeAt(i);
    if (code !== space && code !== 9 && code !== 0) break;
    i++;
  }
  return i;
}

/** The fields, from the blank behind the series; `end` is the index behind them. */
export function scanFields(line: string, start: number): { fields: ScannedField[]; end: number } {
  const from = skipBlank(line, start);
  const end = checkFields(line, from);
  return { fields: splitFields(line.slice(from, end)), end };
}

/** Finds the end of the fields and every fault in them, in InfluxDB's order. */
function checkFields(line: string, from: number): number {
  let i = from;
  let isQuoted = false;
  let equalsSeen = 0;
  let commas = 0;
  while (i < line.length) {
    const code = line.charCodeAt(i);
    if (code === backslash && i + 1 < line.length) {
      i += 2;
      continue;
    }
    if (code === quote && equalsSeen > commas) {
      isQuoted = !isQuoted;
      i++;
      continue;
    }
    if (code === equals && !isQuoted) {
      equalsSeen++;
      const next = checkFieldStart(line, i);
      if (next > i) {
        i = next;
        continue;
      }
    }
    if (code === comma && !isQuoted) commas++;
    if (code === space && !isQuoted) break;
    i++;
  }
  if (isQuoted) fault("unbalanced quotes");
  if (equalsSeen === 0 || commas !== equalsSeen - 1) fault("invalid field format");
  return i;
}

/** At an equals sign: checks key and value around it; the index behind a number or boolean, or the same for a text. */
function checkFieldStart(line: string, at: number): number {
  const before = line.charCodeAt(at - 1);
  if ((before === space || before === comma) && line.charCodeAt(at - 2) !== backslash) fault("missing field key");
  if (at + 1 >= line.length) fault("missing field value");
  const after = line.charCodeAt(at + 1);
  if (after === comma || after === space) fault("missing field value");
  if (after === quote) return at;
  let end = at + 1;
  while (end < line.length && line.charCodeAt(end) !== comma && line.charCodeAt(end) !== space) end++;
  readValue(line.slice(at + 1, end));
  return end;
}

/** Cuts checked fields apart. */
function splitFields(text: string): ScannedField[] {
  const fields: ScannedField[] = [];
  let i = 0;
  while (i < text.length) {
    let at = i;
    while (at < text.length && !(text.charCodeAt(at) === equals && (at === i || text.charCodeAt(at - 1) !== backslash)))
      at++;
    const end = valueEnd(text, at + 1);
    fields.push({ key: unescapeName(text.slice(i, at)), value: readValue(text.slice(at + 1, end)) });
    i = end + 1;
  }
  return fields;
}

function valueEnd(text: string, start: number): number {
  let isQuoted = false;
  let i = start;
  while (i < text.length) {
    const code = text.charCodeAt(i);
    const next = text.charCodeAt(i + 1);
    if (code === backslash && (next === quote || next === backslash)) {
      i += 2;
      continue;
    }
    if (code === quote) isQuoted = !isQuoted;
    else if (code === comma && !isQuoted) break;
    i++;
  }
  return i;
}

/** A field's value: a quoted text, an int64 `i`, a uint64 `u`, a float, or a boolean; else a fault. */
export function readValue(token: string): number | boolean | string {
  const first = token.charCodeAt(0);
  if (first === quote) return token.slice(1, token.length > 1 ? -1 : 1).replace(/\\([\\"])/g, "$1");
  // A number starts with a digit, a dot or a minus; NaN is looked for among the numbers, to be refused there.
  if ((first >= 48 && first <= 57) || first === 46 || first === 45 || first === 78 || first === 110)
    return readNumber(token);
  return readBoolean(token);
}

const number = /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][0-9eE+.-]*)?$/;
const float = /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

function readNumber(token: string): number {
  if (/^-?\d+i$/.test(token)) return readInteger(token.slice(0, -1));
  if (/^\d+u$/.test(token)) return readUnsigned(token.slice(0, -1));
  if (!number.test(token)) fault("invalid number");
  const value = Number(token);
  if (!float.test(token) || !Number.isFinite(value)) fault("invalid float");
  return value + 0;
}

function readInteger(digits: string): number {
  if (digits.length > 18 && !isWithin(digits, (integer) => BigInt.asIntN(64, integer)))
    fault(`unable to parse integer ${digits}: strconv.ParseInt: parsing "${digits}": value out of range`);
  return Number(digits) + 0;
}

/** Whether an integer is the same after `wrap`. A million digits would take long to read only to be too many. */
function isWithin(digits: string, wrap: (integer: bigint) => bigint): boolean {
  const significant = digits.replace(/^(-?)0+(?=\d)/, "$1");
  return significant.length <= 20 && wrap(BigInt(significant)) === BigInt(significant);
}

function readUnsigned(digits: string): number {
  if (digits.length > 19 && !isWithin(digits, (integer) => BigInt.asUintN(64, integer)))
    fault(`unable to parse unsigned ${digits}: strconv.ParseUint: parsing "${digits}": value out of range`);
  return Number(digits);
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...["t", "T", "true", "True", "TRUE"].map((word): [string, boolean] => [word, true]),
  ...["f", "F", "false", "False", "FALSE"].map((word): [string, boolean] => [word, false]),
]);

function readBoolean(token: string): boolean {
  return booleans.get(token) ?? fault("invalid boolean");
}

/** Nanoseconds of one unit of each precision that v1 or v2 knows. */
export const nanoseconds: Readonly<Record<string, bigint>> = {
  n: 1n,
  ns: 1n,
  u: 1_000n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** The two lowest and the highest int64 are InfluxDB's own. */
const limitNs = 9_223_372_036_854_775_806n;

/** The timestamp behind the fields in epoch milliseconds, or null: none. Nothing but spaces may follow it. */
export function scanTime(line: string, start: number, precision: string): number | null {
  const from = skipBlank(line, start);
  if (from >= line.length) return null;
  let end = line.indexOf(" ", from);
  if (end < 0) end = line.length;
  const token = line.slice(from, end);
  if (!/^-?\d*$/.test(token)) fault("bad timestamp");
  if (token === "-") fault('strconv.ParseInt: parsing "-": invalid syntax');
  const time = BigInt(token);
  if (BigInt.asIntN(64, time) !== time) fault(`strconv.ParseInt: parsing "${token}": value out of range`);
  const ns = time * nanoseconds[precision]!;
  if (ns > limitNs || ns < -limitNs) fault(`time outside range -${limitNs} - ${limitNs}`);
  for (let i = end; i < line.length; i++) if (line.charCodeAt(i) !== space) fault("point is invalid");
  return Number(ns / 1_000_000n) + Number(ns % 1_000_000n) / 1e6;
}

function unescapeName(text: string): string {
  return text.includes("\\") ? text.replace(/\\([,= "])/g, "$1") : text;
}

function unescapeTag(text: string): string {
  return text.includes("\\") ? text.replace(/\\([,= ])/g, "$1") : text;
}
