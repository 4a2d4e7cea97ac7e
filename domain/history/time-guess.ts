/** Which column is the time, and how it is written. */
import type { CsvMapping } from "./options.ts";
import { timeReader, type Told } from "./time-pattern.ts";

const days = [
  "dd.MM.yyyy",
  "d.M.yyyy",
  "dd.MM.yy",
  "dd/MM/yyyy",
  "MM/dd/yyyy",
  "d/M/yyyy",
  "M/d/yyyy",
  "dd-MM-yyyy",
  "MM-dd-yyyy",
  "yyyy/MM/dd",
  "yyyyMMdd",
];
const clocks = ["HH:mm:ss", "HH:mm", "H:mm", "H:mm:ss", "h:mm a", "h:mm:ss a", "HH.mm", "HHmm", "HH:mm:ss.SSS"];
const dayPatterns = ["iso", ...days];
const patterns = [
  "iso",
  "unix",
  ...days.flatMap((day) => [...clocks.map((clock) => `${day} ${clock}`), day]),
  "yyyyMMddHHmmss",
  "yyyyMMddHHmm",
];

/** A plain number is a time only when it is one of these years: registers and powers are numbers too. */
const plausible = { fromMs: Date.UTC(1990, 0, 1), toMs: Date.UTC(2100, 0, 1) };

export interface TimeGuess {
  time: CsvMapping["time"];
  /** Indexes of the columns that are taken. */
  taken: number[];
  /** The rows' times as the file writes them, epoch milliseconds; zones apart. */
  timesMs: number[];
  /** Day and month could be the other way round. */
  isDoubtful: boolean;
}

const timeName = /time|zeit|date|datum|tijd|hour|heure|fecha|start|stamp|from|von|dag/i;
const endName = /end|until|\bto\b|bis|ende|tot/i;

/** What is known of the time already. */
export interface KnownTime {
  columns?: readonly string[];
  pattern?: string;
}

/** @returns null: no column (or not the known one) holds times. */
export function guessTime(
  names: readonly string[],
  rows: readonly string[][],
  { columns, pattern }: KnownTime = {},
): TimeGuess | null {
  const among = pattern === undefined ? patterns : [pattern];
  const order = names
    .map((name, i) => ({ name, i, rank: (timeName.test(name) ? 0 : 2) + (endName.test(name) ? 1 : 0) }))
    .sort((a, b) => a.rank - b.rank || a.i - b.i);
  if (columns) {
    const known = columns.map((name) => names.indexOf(name));
    return known.includes(-1) ? null : guessFrom(names, rows, { columns: known, among });
  }
  const pair = pairOf(
    order.map(({ i }) => i),
    rows,
  );
  const choices = [...(pair ? [pair] : []), ...order.map(({ i }) => [i])];
  for (const choice of choices) {
    const found = guessFrom(names, rows, { columns: choice, among });
    if (found) return found;
  }
  return null;
}

function guessFrom(
  names: readonly string[],
  rows: readonly string[][],
  { columns, among }: { columns: number[]; among: readonly string[] },
): TimeGuess | null {
  const cells = columnsOf(rows, columns);
  const found = bestPattern(cells, among);
  return (
    found && { ...found, time: { columns: columns.map((i) => names[i]!), pattern: found.pattern }, taken: columns }
  );
}

const columnsOf = (rows: readonly string[][], columns: readonly number[]): string[] =>
  rows.map((row) => columns.map((i) => (row[i] ?? "").trim()).join(" "));

/** A column of days beside one of times of day: neither is enough alone. */
function pairOf(order: readonly number[], rows: readonly string[][]): number[] | null {
  const isClock = (i: number) => {
    const cells = columnsOf(rows, [i]).filter(Boolean);
    const isEach = cells.every((cell) => /^\d{1,2}[:.]\d{2}(:\d{2}(\.\d+)?)?( ?[ap]m)?$/i.test(cell));
    return cells.length > 0 && isEach && cells.some((cell) => cell.includes(":"));
  };
  const clock = order.find(isClock);
  const day = order.find((i) => i !== clock && bestPattern(columnsOf(rows, [i]), dayPatterns) !== null);
  return clock === undefined || day === undefined ? null : [day, clock];
}

/** The pattern by which the cells are times; of several, the one by which they lie closest together (day and month). */
function bestPattern(
  cells: readonly string[],
  among: readonly string[],
): { pattern: string; timesMs: number[]; isDoubtful: boolean } | null {
  const given = cells.filter((cell) => cell.trim() !== "");
  const first = given[0];
  if (first === undefined) return null;
  const fitting: { pattern: string; timesMs: number[]; length: number }[] = [];
  for (const pattern of among) {
    const read = timeReader(pattern);
    const told = given.map(read);
    const good = told.filter((t): t is Told => t !== undefined && isPlausible(t));
    // A footer, or a row of another kind, is no reason to give the column up.
    if (good.length < Math.max(1, given.length * 0.9) || read(first) === undefined) continue;
    const timesMs = cells.map((cell) => msOf(read(cell)));
    fitting.push({ pattern, timesMs, length: lengthOf(timesMs) });
  }
  if (!fitting.length) return null;
  const closest = fitting.reduce((best, next) => (next.length < best.length ? next : best));
  const isDoubtful = fitting.some((other) => other.length === closest.length && differ(other.timesMs, closest.timesMs));
  return { ...closest, isDoubtful };
}

const msOf = (told: Told | undefined): number => (!told ? NaN : "ms" in told ? told.ms : told.wallMs);

function isPlausible(told: Told): boolean {
  const ms = msOf(told);
  return ms >= plausible.fromMs && ms < plausible.toMs;
}

/** The way from row to row altogether: read wrongly, a day's step is a month's. */
function lengthOf(timesMs: readonly number[]): number {
  let length = 0;
  let last: number | undefined;
  for (const ms of timesMs) {
    if (Number.isNaN(ms)) continue;
    if (last !== undefined) length += Math.abs(ms - last);
    last = ms;
  }
  return length;
}

const differ = (a: readonly number[], b: readonly number[]) => a.some((ms, i) => ms !== b[i] && !Number.isNaN(ms));
