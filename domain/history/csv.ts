/**
 * CSV by a mapping. Wide files have a column for each channel; long files a row for each value, with a column that names
 * its metric. A cell that cannot be read is refused alone; the other cells of its row are kept.
 */
import type { Kind } from "../channel.ts";
import { zoned } from "../local-time/zone.ts";
import { conversionOf, convert, type UnitConversion } from "../units.ts";
import { numberCell } from "./cells.ts";
import { CsvRows, type CsvRow } from "./csv-rows.ts";
import { emptyBatch, HistoryFault, type HistoryBatch, type HistoryReader } from "./history.ts";
import type { CsvColumn, CsvMapping } from "./options.ts";
import { LocalPlacer } from "./place-local.ts";
import { TextBytes } from "./text.ts";
import { isDayPattern, timeReader } from "./time-pattern.ts";

/** Where the columns of the mapping are in this file. */
interface Places {
  time: number[];
  metric: number | null;
  unit: number | null;
  columns: { at: number; conversion: UnitConversion | undefined; column: CsvColumn }[];
}

export class CsvReader implements HistoryReader {
  #mapping: CsvMapping;
  #timezone: string;
  #text = new TextBytes();
  #rows: CsvRows;
  #told: ReturnType<typeof timeReader>;
  #placer: LocalPlacer;
  #places: Places | undefined;

  constructor(mapping: CsvMapping, timezone: string) {
    this.#mapping = mapping;
    this.#timezone = timezone;
    this.#rows = new CsvRows(mapping.delimiter);
    this.#told = timeReader(mapping.time.pattern);
    this.#placer = new LocalPlacer(timezone);
  }

  feed(bytes: Uint8Array): HistoryBatch {
    return this.#read(this.#rows.push(this.#text.push(bytes)));
  }

  end(): HistoryBatch {
    return this.#read(this.#rows.push(this.#text.push(new Uint8Array(), true), true));
  }

  #read(rows: CsvRow[]): HistoryBatch {
    const batch = emptyBatch();
    for (const row of rows) {
      if (row.line <= this.#mapping.skipRows) continue;
      if (this.#places) this.#row(row, this.#places, batch);
      else {
        this.#places = placesOf(this.#mapping, this.#mapping.hasHeader ? row.cells : null, row.cells.length);
        if (!this.#mapping.hasHeader) this.#row(row, this.#places, batch);
      }
    }
    return batch;
  }

  #row({ line, cells }: CsvRow, places: Places, batch: HistoryBatch): void {
    const metric = places.metric === null ? null : metricOf(cells[places.metric] ?? "");
    if (metric === "") return void batch.refusals.push({ row: line, reason: "the row names no metric" });
    const time = this.#time(places, cells, metric ?? "");
    if (typeof time === "string") return void batch.refusals.push({ row: line, reason: time });
    const before = batch.readings.length + batch.refusals.length;
    for (const place of places.columns) {
      const isDone = this.#cell({ cells, line, place, metric, places, time }, batch);
      if (isDone && metric !== null) break;
    }
    if (time.isAmbiguous && batch.readings.length + batch.refusals.length > before) batch.ambiguous++;
  }

  /** The row's instant, or why it has none. */
  #time(
    places: Places,
    cells: string[],
    series: string,
  ): { ms: number; wallMs?: number; isAmbiguous: boolean } | string {
    const text = places.time.map((at) => (cells[at] ?? "").trim()).join(" ");
    if (text.trim() === "") return "the row has no time";
    const told = this.#told(text);
    if (!told) return `"${text.slice(0, 60)}" is not a time of the form ${this.#mapping.time.pattern}`;
    if ("ms" in told) return { ms: told.ms, isAmbiguous: false };
    const placed = this.#placer.place(told.wallMs, series);
    if (!placed) return `the clock never showed ${text} in ${this.#timezone}: it was put forward`;
    return { ...placed, wallMs: told.wallMs };
  }

  /** @returns whether the cell said something. */
  #cell(given: GivenCell, batch: HistoryBatch): boolean {
    const { cells, line, place, metric, places, time } = given;
    const cell = cells[place.at] ?? "";
    const value = numberCell(cell, this.#mapping.decimal);
    if (value === "absent") return false;
    const { column } = place;
    const name = metric ?? column.metric;
    const isState = column.kind === "state" || (column.kind === "any" && value === "other");
    if (value === "other" && !isState) {
      batch.refusals.push({ row: line, reason: `${column.column}: "${cell.trim().slice(0, 60)}" is not a number` });
      return true;
    }
    const push = (timeMs: number, amount: number | string, unit: string | null, kind: Kind) => {
      batch.readings.push({ device: "@token", metric: name, value: amount, unit, timeMs, kind });
      batch.rows.push(line);
    };
    if (isState) {
      push(time.ms, cell.trim(), null, "state");
      return true;
    }
    const kind = column.kind === "any" || column.kind === "state" ? "gauge" : column.kind;
    const written = places.unit === null ? "" : (cells[places.unit] ?? "").trim();
    const conversion = place.conversion ?? conversionOf(written);
    const amount = conversion ? convert(value as number, conversion) : (value as number);
    const unit = conversion?.canonical ?? null;
    if (kind === "delta" && time.wallMs !== undefined && isDayPattern(this.#mapping.time.pattern)) {
      for (const [endMs, part] of hoursOfDay(time.ms, amount, this.#timezone)) push(endMs, part, unit, kind);
    } else push(time.ms + column.shiftS * 1000, amount, unit, kind);
    return true;
  }
}

interface GivenCell {
  cells: string[];
  line: number;
  place: Places["columns"][number];
  metric: string | null;
  places: Places;
  time: { ms: number; wallMs?: number };
}

/**
 * The amount of a local day as amounts of its 23, 24 or 25 hours, stamped at their ends: an interval of fixed length would
 * carry some of it into the neighbouring day where the clock changes.
 */
function hoursOfDay(midnightMs: number, amount: number, timezone: string): [endMs: number, part: number][] {
  const end = zoned(timezone, midnightMs).add({ days: 1 }).startOfDay().epochMilliseconds;
  const hours = Math.round((end - midnightMs) / 3_600_000);
  return Array.from({ length: hours }, (_, i) => [midnightMs + ((i + 1) * (end - midnightMs)) / hours, amount / hours]);
}

/** Home Assistant's ids begin with their domain, which says nothing here. */
const metricOf = (cell: string): string => cell.trim().replace(/^sensor[.:]/, "");

/** The names of the columns: of two that are named alike, the second is "name (2)". */
export function headerNames(cells: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return cells.map((cell, i) => {
    const name = cell.replace(/^\ufeff/, "").trim() || String(i + 1);
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  });
}

function placesOf(mapping: CsvMapping, header: string[] | null, width: number): Places {
  const names = header ? headerNames(header) : Array.from({ length: width }, (_, i) => String(i + 1));
  const at = (name: string): number => {
    const found = names.indexOf(name);
    if (found >= 0) return found;
    const number = Number(name);
    if (Number.isInteger(number) && number >= 1 && number <= names.length) return number - 1;
    throw new HistoryFault(`There is no column "${name}": the file has ${names.slice(0, 20).join(", ")}.`);
  };
  return {
    time: mapping.time.columns.map(at),
    metric: mapping.metricColumn === null ? null : at(mapping.metricColumn),
    unit: mapping.unitColumn === null ? null : at(mapping.unitColumn),
    columns: mapping.columns.map((column) => ({
      at: at(column.column),
      conversion: column.unit === null ? undefined : conversionOf(column.unit),
      column,
    })),
  };
}
