import { parse } from "csv-parse/sync";
import { Temporal } from "temporal-polyfill";
import type { UsageBucket } from "../../domain/tariff/usage.ts";
import { SetupError } from "../../platform/env.ts";

/** Buckets from CSV, one a row. What columns may be called is in `columnNames`; the help of `energy bill` lists them. */
export const columnNames = {
  start: ["start", "time", "timestamp", "from", "begin", "datetime", "date"],
  end: ["end", "to"],
  import: [
    "importkwh",
    "import",
    "energykwh",
    "energy",
    "kwh",
    "consumptionkwh",
    "consumption",
    "importm3",
    "m3",
    "value",
  ],
  export: ["exportkwh", "export", "reversekwh", "reverse", "feedinkwh", "feedin"],
  estimated: ["estimatedkwh", "estimated"],
  covered: ["coveredseconds", "covereds"],
  completeness: ["completeness"],
} as const;

type Column = keyof typeof columnNames;

export interface ReadBuckets {
  buckets: UsageBucket[];
  /** Columns of the file that say nothing here. */
  ignored: string[];
  /** Minutes of one row: 15, 30 or 60. Longer rows are spread evenly over their quarter-hours. */
  minutes: number;
}

/** @throws SetupError that names the row and column, what is there and what is expected. */
export function readBuckets(text: string, timezone: string): ReadBuckets {
  const rows = cellsOf(text);
  const [header, ...body] = rows;
  if (!header || body.length === 0) throw new SetupError("The buckets' CSV needs a header and at least one row.");
  const { at, prices, ignored } = columnsOf(header);
  const clock = clockOf(timezone);
  const starts = body.map((row, i) => clock(cell(row, at.get("start")!), i + 2));
  const minutes = stepOf(starts, body, { endAt: at.get("end"), clock });
  const parts = minutes / 15;
  const buckets = body.flatMap((row, i) => {
    const energy = (column: Column) =>
      numberAt(row, at.get(column), { name: header[at.get(column) ?? 0]!, row: i + 2 });
    const imported = energy("import");
    if (imported === undefined && at.has("import")) return [];
    const bucket: UsageBucket = {
      startMs: starts[i]!,
      importKwh: (imported ?? 0) / parts,
      exportKwh: shareOf(energy("export"), parts),
      estimatedKwh: shareOf(energy("estimated"), parts),
      coveredS: coverage(energy("covered"), energy("completeness"), parts),
      prices: Object.fromEntries(
        prices.map(({ name, index }) => [name, numberAt(row, index, { name: header[index]!, row: i + 2 }) ?? null]),
      ),
    };
    return Array.from({ length: parts }, (_, part) => ({ ...bucket, startMs: bucket.startMs + part * 900_000 }));
  });
  return { buckets, ignored, minutes };
}

const shareOf = (value: number | undefined, parts: number) => (value === undefined ? undefined : value / parts);

function coverage(seconds: number | undefined, completeness: number | undefined, parts: number): number | undefined {
  if (seconds !== undefined) return seconds / parts;
  return completeness === undefined ? undefined : completeness * 900;
}

function cellsOf(text: string): string[][] {
  const firstLine = text.slice(0, 10_000).split(/\r?\n/, 1)[0] ?? "";
  const delimiter = [";", "\t", ","].find((candidate) => firstLine.includes(candidate)) ?? ",";
  try {
    return parse(text, { bom: true, delimiter, skip_empty_lines: true, trim: true, relax_column_count: true });
  } catch (cause) {
    throw new SetupError(`The buckets' CSV cannot be read: ${(cause as Error).message}`);
  }
}

function columnsOf(header: readonly string[]) {
  const at = new Map<Column, number>();
  const prices: { name: string; index: number }[] = [];
  const ignored: string[] = [];
  header.forEach((title, index) => {
    const plain = title.toLowerCase().replace(/[^a-z0-9:]/g, "");
    const column = (Object.keys(columnNames) as Column[]).find((c) =>
      (columnNames[c] as readonly string[]).includes(plain),
    );
    if (plain.startsWith("price:")) prices.push({ name: title.slice(title.indexOf(":") + 1).trim(), index });
    else if (/^price(perkwh)?$/.test(plain)) prices.push({ name: "price", index });
    else if (column && !at.has(column)) at.set(column, index);
    else ignored.push(title);
  });
  if (!at.has("start")) throw new SetupError(`The buckets' CSV has no column "start": ${header.join(", ")}.`);
  if (!at.has("import") && !at.has("export"))
    throw new SetupError(`The buckets' CSV has no column "importKwh" (or "exportKwh"): ${header.join(", ")}.`);
  return { at, prices, ignored };
}

const cell = (row: readonly string[], at: number): string => row[at] ?? "";

function numberAt(
  row: readonly string[],
  at: number | undefined,
  where: { name: string; row: number },
): number | undefined {
  const text = at === undefined ? "" : cell(row, at);
  if (text === "" || text.toLowerCase() === "null") return undefined;
  const number = Number(text.includes(".") ? text : text.replace(",", "."));
  if (!Number.isFinite(number)) throw new SetupError(`Row ${where.row}, ${where.name}: "${text}" is no number.`);
  return number;
}

type Clock = (text: string, row: number) => number;

/** Instants of the rows: ISO with a zone, unix seconds or milliseconds, or the wall clock of the bill's zone. */
function clockOf(timezone: string): Clock {
  let before = -Infinity;
  return (text, row) => {
    before = instant(text, row, { timezone, before });
    return before;
  };
}

function instant(text: string, row: number, { timezone, before }: { timezone: string; before: number }): number {
  if (/^\d{9,11}$/.test(text)) return Number(text) * 1000;
  if (/^\d{12,14}$/.test(text)) return Number(text);
  if (/(Z|[+-]\d{2}:?\d{2})$/i.test(text) && text.includes(":")) {
    const ms = Date.parse(text.replace(" ", "T"));
    if (!Number.isNaN(ms)) return ms;
  }
  try {
    const wall = Temporal.PlainDateTime.from(text.replace(" ", "T"));
    const earlier = wall.toZonedDateTime(timezone).epochMilliseconds;
    // Where clocks go back, a wall time comes twice: the second time it is the later instant.
    return earlier > before ? earlier : wall.toZonedDateTime(timezone, { disambiguation: "later" }).epochMilliseconds;
  } catch {
    throw new SetupError(`Row ${row}, start: "${text}" is no time such as 2026-03-29T00:15:00Z.`);
  }
}

function stepOf(
  starts: readonly number[],
  body: readonly string[][],
  { endAt, clock }: { endAt: number | undefined; clock: Clock },
): number {
  const sorted = [...starts].sort((a, b) => a - b);
  let shortest = Infinity;
  for (let i = 1; i < sorted.length; i++)
    if (sorted[i]! > sorted[i - 1]!) shortest = Math.min(shortest, sorted[i]! - sorted[i - 1]!);
  if (endAt !== undefined && cell(body[0]!, endAt) !== "") shortest = clock(cell(body[0]!, endAt), 2) - starts[0]!;
  const minutes = shortest === Infinity ? 15 : shortest / 60_000;
  if (minutes === 15 || minutes === 30 || minutes === 60) return minutes;
  // A file with holes only has longer steps: its rows are quarter-hours.
  if (endAt === undefined && minutes % 15 === 0) return 15;
  throw new SetupError(`Rows of 15, 30 or 60 minutes are expected, not of ${minutes}.`);
}
