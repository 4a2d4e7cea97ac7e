/** A mapping for a CSV file by its first rows: delimiter, header, time, and what each column measures. */
import { numberCell, type Decimal } from "./cells.ts";
import { guessColumn } from "./csv-columns.ts";
import { CsvRows, type CsvRow } from "./csv-rows.ts";
import { headerNames } from "./csv.ts";
import { knownExport } from "./known-exports.ts";
import type { CsvColumn, CsvMapping } from "./options.ts";
import { guessTime, type KnownTime, type TimeGuess } from "./time-guess.ts";
import { isDayPattern } from "./time-pattern.ts";

export interface CsvGuess {
  mapping: CsvMapping;
  /** The program whose export it is, when that is known. */
  origin: string | null;
  /** All columns of the file, those that are not mapped too. */
  names: string[];
  /** What an amount of an interval is to be shifted by, to lie at the interval's end. Seconds. */
  amountShiftS: number;
  /** What a person should look at, a sentence each. */
  doubts: string[];
}

const delimiters = [",", ";", "\t", "|"] as const;
const rowsSeen = 1_000;

/**
 * @param head the beginning of the file's text; its last line may be cut.
 * @param label what a column is called whose header does not say it: the file's name.
 * @param wanted what a person says of the time.
 * @returns a sentence where no mapping can be guessed.
 */
export function guessCsv(head: string, label: string, wanted: KnownTime = {}): CsvGuess | string {
  const shape = shapeOf(head);
  if (!shape) return "The file has no columns: expected CSV with a time and at least one value in each row.";
  const { delimiter, names, rows, hasHeader, skipRows } = shape;
  const known = hasHeader ? knownExport(names) : null;
  const time = guessTime(names, rows, { ...(known && { columns: [known.timeColumn] }), ...wanted });
  if (!time) return `No column holds times: found ${names.slice(0, 8).join(", ")}. Say which one does.`;
  const decimal = decimalOf(rows, delimiter, time);
  const amountShiftS = stampShiftS(time);
  const base = { delimiter, decimal, hasHeader, skipRows, time: time.time };
  const doubts = time.isDoubtful
    ? [`The first rows do not tell day from month: ${time.time.pattern} was assumed.`]
    : [];
  if (known) {
    const { metricColumn, unitColumn, columns, name } = known;
    return { mapping: { ...base, metricColumn, unitColumn, columns }, origin: name, names, amountShiftS, doubts };
  }
  const found = valueColumns(shape, time, { decimal, label, amountShiftS });
  if (!found.columns.length) return `No column holds numbers: found ${names.slice(0, 8).join(", ")}.`;
  for (const { column, kind } of found.columns) {
    if (kind === "delta")
      doubts.push(`${column} was taken for the amount of each interval, since it does not rise like a register.`);
  }
  return { mapping: { ...base, ...found }, origin: null, names, amountShiftS, doubts };
}

interface Shape {
  delimiter: (typeof delimiters)[number];
  names: string[];
  rows: string[][];
  hasHeader: boolean;
  skipRows: number;
}

function shapeOf(head: string): Shape | null {
  const splits = delimiters.map((delimiter) => ({
    delimiter,
    rows: new CsvRows(delimiter).push(head).slice(0, rowsSeen),
  }));
  // A file of a single line has no line break to end it.
  for (const split of splits) if (!split.rows.length) split.rows = new CsvRows(split.delimiter).push(head, true);
  const rated = splits.map((split) => ({ ...split, width: usualWidth(split.rows) }));
  const best = rated.reduce((a, b) =>
    b.width.share * (b.width.cells - 1) > a.width.share * (a.width.cells - 1) ? b : a,
  );
  if (best.width.cells < 2) return null;
  const first = best.rows.findIndex((row) => row.cells.length === best.width.cells);
  const top = best.rows[first]!;
  const hasHeader = top.cells.every((cell) => !/^[\s"]*[+-]?\d/.test(cell));
  const rows = best.rows.slice(hasHeader ? first + 1 : first).filter((row) => row.cells.length === best.width.cells);
  const names = hasHeader ? headerNames(top.cells) : top.cells.map((_, i) => String(i + 1));
  return { delimiter: best.delimiter, names, rows: rows.map((row) => row.cells), hasHeader, skipRows: top.line - 1 };
}

function usualWidth(rows: readonly CsvRow[]): { cells: number; share: number } {
  const counts = new Map<number, number>();
  for (const { cells } of rows) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  let best = { cells: 0, share: 0 };
  for (const [cells, count] of counts)
    if (count / rows.length > best.share) best = { cells, share: count / rows.length };
  return best;
}

function decimalOf(rows: readonly string[][], delimiter: string, { taken }: TimeGuess): Decimal {
  let commas = 0;
  let points = 0;
  for (const row of rows) {
    for (const [i, cell] of row.entries()) {
      if (taken.includes(i)) continue;
      if (/^\s*[+-]?[\d.]*\d,\d+\s*$/.test(cell)) commas++;
      else if (/^\s*[+-]?[\d,]*\d\.\d+\s*$/.test(cell)) points++;
    }
  }
  if (commas === points) return delimiter === ";" && points === 0 ? "," : ".";
  return commas > points ? "," : ".";
}

const metricName =
  /^(metric|sensor|channel|measurement|series|entity|entity_id|register|obis|feed|name|kanal|zähler)$/i;
const valueName = /^(value|wert|waarde|valeur|state|reading|valor|_value)$/i;
const unitName = /^(unit|units|einheit|eenheid|unité|unit_of_measurement)$/i;

function valueColumns(
  { names, rows, hasHeader }: Shape,
  time: TimeGuess,
  { decimal, label, amountShiftS }: { decimal: Decimal; label: string; amountShiftS: number },
): Pick<CsvMapping, "metricColumn" | "unitColumn" | "columns"> {
  const numbers = names.map((_, i) => (time.taken.includes(i) ? [] : numbersOf(rows, i, time, decimal)));
  const numeric = names.flatMap((name, i) => (numbers[i]!.length ? [{ name, i }] : []));
  const metric = names.find((name, i) => metricName.test(name) && !numbers[i]!.length && !time.taken.includes(i));
  const value = numeric.find(({ name }) => valueName.test(name)) ?? (numeric.length === 1 ? numeric[0] : undefined);
  if (metric !== undefined && value) {
    const unitColumn = names.find((name) => unitName.test(name)) ?? null;
    const columns: CsvColumn[] = [{ column: value.name, metric: "value", unit: null, kind: "any", shiftS: 0 }];
    return { metricColumn: metric, unitColumn, columns };
  }
  const columns = numeric.map(({ name, i }) => {
    const isNamed = hasHeader && !valueName.test(name);
    return guessColumn(name, { label: isNamed ? name : label, values: numbers[i]!, stampShiftS: amountShiftS });
  });
  return { metricColumn: null, unitColumn: null, columns: distinct(columns) };
}

/** Two columns that would be one channel keep their own names apart. */
function distinct(columns: CsvColumn[]): CsvColumn[] {
  const seen = new Set<string>();
  return columns.map((column) => {
    let { metric } = column;
    for (let i = 2; seen.has(metric); i++) metric = `${column.metric}.${i}`;
    seen.add(metric);
    return { ...column, metric };
  });
}

/** A column's numbers in order of time; empty: most of its cells are something else. */
function numbersOf(rows: readonly string[][], i: number, { timesMs }: TimeGuess, decimal: Decimal): number[] {
  const cells = rows.map((row) => numberCell(row[i] ?? "", decimal));
  const others = cells.filter((cell) => cell === "other").length;
  const found = cells.flatMap((value, at) => (typeof value === "number" ? [{ value, ms: timesMs[at] ?? NaN }] : []));
  if (found.length <= others * 4) return [];
  // A row without a time has no place in their order.
  return found
    .filter(({ ms }) => !Number.isNaN(ms))
    .sort((a, b) => a.ms - b.ms)
    .map(({ value }) => value);
}

/** Files of suppliers stamp an amount at its interval's start; a column named "end" says otherwise. */
function stampShiftS({ time, timesMs }: TimeGuess): number {
  if (isDayPattern(time.pattern) || /end|until|bis|ende/i.test(time.columns[0]!)) return 0;
  const steps = timesMs
    .slice(1)
    .map((ms, i) => Math.abs(ms - timesMs[i]!) / 1000)
    .filter((s) => s > 0);
  steps.sort((a, b) => a - b);
  const median = steps[steps.length >> 1] ?? 0;
  return median <= 86_400 ? median : 0;
}
