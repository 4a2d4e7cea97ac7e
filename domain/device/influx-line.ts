/**
 * InfluxDB line protocol: `mains,phase=l1 power=1250.5,on=t 1741944413000000000` is mains.power = 1250.5 and mains.on = true,
 * both with the tag phase=l1. Numbers are gauges with unit null (the line does not say), texts and booleans are states.
 * Ordinary lines (no quotes, no backslashes) are read in one pass over the text; all others by the exact scanner.
 */
import type { DecodedReading } from "../reading.ts";
import { LineFault, readValue, scanFields, scanSeries, scanTime } from "./influx-scan.ts";

export interface LineBatch {
  readings: DecodedReading[];
  /** Lines that could not be read, in InfluxDB's words: "unable to parse '<line>': <why>". At most `mostFaults`. */
  faults: string[];
  /** Points that are well-formed but not allowed (a tag, or the only field, named time), and why the first was not. */
  dropped: number;
  dropReason: string | null;
}

/** A batch of nothing but rubbish must not be answered by an equally large answer. */
export const mostFaults = 100;

const longestShown = 1000;
const shown = (text: string): string => (text.length > longestShown ? `${text.slice(0, longestShown)}…` : text);

interface Field {
  /** "power=": what the next field of an equal line starts with. */
  start: string;
  /** Null: a field named time, which is not stored. */
  metric: string | null;
}

interface Series {
  /** As it stands in the line, before the space. */
  text: string;
  measurement: string;
  tags: Record<string, string>;
  /** In the order in which the fields were met: equal lines follow the same order. */
  order: Field[];
  byKey: Map<string, Field>;
  hasTimeTag: boolean;
}

/** How a timestamp becomes milliseconds: its last `tail` digits are a fraction; or it counts `step` milliseconds. */
const clocks: Readonly<Record<string, { tail: number; step: number }>> = {
  n: { tail: 6, step: 1 },
  ns: { tail: 6, step: 1 },
  u: { tail: 3, step: 1 },
  us: { tail: 3, step: 1 },
  ms: { tail: 0, step: 1 },
  s: { tail: 0, step: 1000 },
  m: { tail: 0, step: 60_000 },
  h: { tail: 0, step: 3_600_000 },
};

const powersOfTen = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/** Below this, milliseconds are inside InfluxDB's range for sure; above, the exact scanner decides. */
const surelyInRangeMs = 9.2e12;

/** Reads a batch. `precision`: n, ns, u, us, ms, s, m or h, as the caller has checked. Never throws. */
export function parseLines(text: string, precision: string): LineBatch {
  return new LineReader(text, precision).read();
}

class LineReader {
  #text: string;
  #precision: string;
  #tail: number;
  #step: number;
  #series = new Map<string, Series>();
  #last: Series | undefined;
  #batch: LineBatch = { readings: [], faults: [], dropped: 0, dropReason: null };

  constructor(text: string, precision: string) {
    this.#text = text;
    this.#precision = precision;
    const clock = clocks[precision]!;
    this.#tail = clock.tail;
    this.#step = clock.step;
  }

  read(): LineBatch {
    const text = this.#text;
    let nextQuote = text.indexOf('"');
    let nextEscape = text.indexOf("\\");
    let pos = 0;
    while (pos < text.length) {
      if (nextQuote >= 0 && nextQuote < pos) nextQuote = text.indexOf('"', pos);
      if (nextEscape >= 0 && nextEscape < pos) nextEscape = text.indexOf("\\", pos);
      let end = text.indexOf("\n", pos);
      if (end < 0) end = text.length;
      const isOrdinary = (nextQuote < 0 || nextQuote > end) && (nextEscape < 0 || nextEscape > end);
      if (!isOrdinary) end = endOfLine(text, pos);
      this.#line(pos, end, isOrdinary);
      pos = end + 1;
    }
    return this.#batch;
  }

  #line(from: number, to: number, isOrdinary: boolean): void {
    const text = this.#text;
    // InfluxDB takes a carriage return for a part of the last token and refuses the line; dropping it is kinder.
    const end = to > from && text.charCodeAt(to - 1) === 13 ? to - 1 : to;
    let start = from;
    while (start < end) {
      const code = text.charCodeAt(start);
      if (code !== 32 && code !== 9 && code !== 0) break;
      start++;
    }
    if (start >= end || text.charCodeAt(start) === 35 /* # */) return;
    const mark = this.#batch.readings.length;
    if (isOrdinary && this.#ordinaryLine(start, end)) return;
    this.#batch.readings.length = mark;
    this.#anyLine(text.slice(start, end));
  }

  /** Reads a line without quotes and escapes; false: something about it is unusual, and nothing it added counts. */
  #ordinaryLine(start: number, end: number): boolean {
    const text = this.#text;
    const seriesEnd = text.indexOf(" ", start);
    if (seriesEnd < 0 || seriesEnd >= end) return false;
    const series = this.#seriesAt(start, seriesEnd);
    if (series === undefined || series.hasTimeTag) return false;
    const gap = text.lastIndexOf(" ", end - 1);
    let timeMs: number | null = null;
    let fieldsEnd = end;
    if (gap > seriesEnd) {
      timeMs = this.#timeAt(gap + 1, end);
      if (timeMs === null) return false;
      fieldsEnd = gap;
    }
    return this.#fieldsAt(series, seriesEnd + 1, fieldsEnd, timeMs);
  }

  #seriesAt(start: number, end: number): Series | undefined {
    const text = this.#text;
    const last = this.#last;
    if (last !== undefined && last.text.length === end - start && text.startsWith(last.text, start)) return last;
    const key = text.slice(start, end);
    let series = this.#series.get(key);
    if (series === undefined) {
      try {
        series = seriesOf(key);
      } catch {
        return undefined;
      }
      this.#series.set(series.text, series);
    }
    this.#last = series;
    return series;
  }

  /** Digits from `start` to `end` as milliseconds; null: not plain digits, or near the ends of the range. */
  #timeAt(start: number, end: number): number | null {
    const text = this.#text;
    const cut = end - this.#tail;
    if (cut <= start || end - start > 19) return null;
    let whole = 0;
    for (let i = start; i < cut; i++) {
      const digit = text.charCodeAt(i) - 48;
      if (digit < 0 || digit > 9) return null;
      whole = whole * 10 + digit;
    }
    whole *= this.#step;
    if (whole > surelyInRangeMs) return null;
    if (this.#tail === 0) return whole;
    let part = 0;
    for (let i = cut; i < end; i++) {
      const digit = text.charCodeAt(i) - 48;
      if (digit < 0 || digit > 9) return null;
      part = part * 10 + digit;
    }
    return part === 0 ? whole : whole + part / powersOfTen[this.#tail]!;
  }

  /** Reads `key=number` fields from `start` to `end`; false for all that is not as plain as that. */
  #fieldsAt(series: Series, start: number, end: number, timeMs: number | null): boolean {
    const text = this.#text;
    const { tags, order } = series;
    const { readings } = this.#batch;
    let i = start;
    for (let n = 0; i < end; n++) {
      let field = order[n];
      if (field === undefined || !text.startsWith(field.start, i)) {
        field = this.#fieldAt(series, i, end, n);
        if (field === undefined) return false;
      }
      i += field.start.length;
      // A number of at most 15 digits: its digits are exact in a double, and so is their quotient by a power of ten.
      const isNegative = text.charCodeAt(i) === 45;
      const first = isNegative ? i + 1 : i;
      let digits = 0;
      let point = -1;
      let code = 0;
      let at = first;
      for (; at < end; at++) {
        code = text.charCodeAt(at);
        if (code >= 48 && code <= 57) digits = digits * 10 + (code - 48);
        else if (code === 46 && point < 0) point = at;
        else break;
      }
      const length = at - first - (point < 0 ? 0 : 1);
      let value: number | boolean | string;
      if (length > 0 && length < 16 && (at === end || code === 44)) {
        value = point < 0 ? digits : digits / powersOfTen[at - point - 1]!;
        if (isNegative) value = 0 - value;
      } else {
        at = text.indexOf(",", at);
        if (at < 0 || at > end) at = end;
        const read = tryValue(text.slice(i, at));
        if (read === undefined) return false;
        value = read;
      }
      const { metric } = field;
      if (metric === null) return false;
      const kind = typeof value === "number" ? "gauge" : "state";
      readings.push({ device: "@token", metric, value, unit: null, timeMs, kind, tags });
      i = at + 1;
      // A comma at the end of the fields is a field without a name.
      if (i === end) return false;
    }
    return i > start;
  }

  #fieldAt(series: Series, start: number, end: number, n: number): Field | undefined {
    const text = this.#text;
    const at = text.indexOf("=", start);
    if (at <= start || at >= end) return undefined;
    const key = text.slice(start, at);
    if (/[ ,\t\0]/.test(key)) return undefined;
    const field = fieldOf(series, key);
    if (series.order.length === n) series.order.push(field);
    return field;
  }

  /** Reads any line by the exact rules; a fault is noted in InfluxDB's words. */
  #anyLine(line: string): void {
    try {
      this.#scanned(line);
    } catch (cause) {
      if (!(cause instanceof LineFault)) throw cause;
      const { faults } = this.#batch;
      if (faults.length < mostFaults) faults.push(`unable to parse '${shown(line)}': ${shown(cause.message)}`);
    }
  }

  #scanned(line: string): void {
    const { series, end } = this.#seriesOfLine(line);
    const { fields, end: fieldsEnd } = scanFields(line, end);
    const timeMs = scanTime(line, fieldsEnd, this.#precision);
    const { tags } = series;
    const invalid = (what: string) => `${what} "time" on measurement "${series.measurement}" is invalid`;
    if (series.hasTimeTag) return this.#drop(`invalid tag key: ${invalid("input tag")}`);
    if (fields.every(({ key }) => key === "time")) return this.#drop(`invalid field name: ${invalid("input field")}`);
    for (const { key, value } of fields) {
      const { metric } = fieldOf(series, key);
      if (metric === null) continue;
      const kind = typeof value === "number" ? "gauge" : "state";
      const kept = typeof value === "string" ? detached(value) : value;
      this.#batch.readings.push({ device: "@token", metric, value: kept, unit: null, timeMs, kind, tags });
    }
  }

  #drop(reason: string): void {
    this.#batch.dropped++;
    this.#batch.dropReason ??= reason;
  }

  /** The series of a line, from the batch's own where its text has no escapes. */
  #seriesOfLine(line: string): { series: Series; end: number } {
    const end = line.indexOf(" ");
    if (end > 0 && line.lastIndexOf("\\", end) < 0) {
      const known = this.#series.get(line.slice(0, end));
      if (known) return { series: known, end };
    }
    const scanned = scanSeries(line);
    const series = seriesFrom(line.slice(0, scanned.end), scanned);
    this.#series.set(series.text, series);
    return { series, end: scanned.end };
  }
}

function tryValue(token: string): number | boolean | string | undefined {
  try {
    return readValue(token);
  } catch {
    return undefined;
  }
}

function seriesOf(text: string): Series {
  // The scanner wants to see the space behind a series: without one, its fields are missing.
  return seriesFrom(text, scanSeries(`${text} `));
}

function seriesFrom(
  text: string,
  { measurement, tags }: { measurement: string; tags: Record<string, string> },
): Series {
  const own: Record<string, string> = {};
  for (const tag of Object.keys(tags))
    Object.defineProperty(own, detached(tag), { value: detached(tags[tag]!), enumerable: true, writable: true });
  return {
    text: detached(text),
    measurement: detached(measurement),
    tags: own,
    order: [],
    byKey: new Map(),
    hasTimeTag: Object.hasOwn(tags, "time"),
  };
}

function fieldOf(series: Series, key: string): Field {
  let field = series.byKey.get(key);
  if (field === undefined) {
    const metric = key === "time" ? null : detached(`${series.measurement}.${key}`);
    field = { start: detached(`${key}=`), metric };
    series.byKey.set(detached(key), field);
  }
  return field;
}

/** A slice of a text keeps the whole text in memory: names outlive the batch (they become channels), so they are copied. */
function detached(text: string): string {
  return text.length < 13 ? text : ` ${text}`.slice(1);
}

/** The end of a line that has quotes or escapes: a newline inside a quoted field is a part of the text. */
function endOfLine(text: string, start: number): number {
  let isQuoted = false;
  let isFields = false;
  let equals = 0;
  let commas = 0;
  let i = start;
  while (i < text.length) {
    const code = text.charCodeAt(i);
    if (code === 92 /* \ */) {
      i += 2;
      continue;
    }
    if (code === 32) isFields = true;
    if (isFields && !isQuoted && code === 61 /* = */) equals++;
    else if (isFields && !isQuoted && code === 44 /* , */) commas++;
    else if (isFields && code === 34 /* " */ && equals > commas) isQuoted = !isQuoted;
    else if (code === 10 && !isQuoted) break;
    i++;
  }
  return Math.min(i, text.length);
}
