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

/** @param only the column that is known to hold the time. null: no column holds times. */
export function guessTime(names: readonly string[], rows: readonly string[][], only?: string): TimeGuess | null {
  const order = names
    .map((name, i) => ({ name, i, rank: (timeName.test(name) ? 0 : 2) + (endName.test(name) ? 1 : 0) }))
    .filter(({ name }) => only === undefined || name === only)
    .sort((a, b) => a.rank - b.rank || a.i - b.i);
  return fromPair(names, rows, order) ?? fromOne(names, rows, order);
}

type Candidate = { name: string; i: number };

function fromOne(names: readonly string[], rows: readonly string[][], order: readonly Candidate[]): TimeGuess | null {
  for (const { i, name } of order) {
    const found = bestPattern(
      rows.map((row) => row[i] ?? ""),
      patterns,
    );
    if (found) return { ...found, time: { columns: [name], pattern: found.pattern }, taken: [i] };
  }
  return null;
}

/** A column of days beside one of times of day: neither is enough alone. */
function fromPair(names: readonly string[], rows: readonly string[][], order: readonly Candidate[]): TimeGuess | null {
  const isClock = (i: number) => {
    const cells = rows.map((row) => (row[i] ?? "").trim()).filter(Boolean);
    return (
      cells.length > 0 &&
      cells.every((cell) => /^\d{1,2}[:.]\d{2}(:\d{2}(\.\d+)?)?( ?[ap]m)?$/i.test(cell)) &&
      cells.some((c) => /[:]/.test(c))
    );
  };
  const clock = order.find(({ i }) => isClock(i));
  const day =
    clock &&
    order.find(
      ({ i }) =>
        i !== clock.i &&
        bestPattern(
          rows.map((row) => row[i] ?? ""),
          dayPatterns,
        ) !== null,
    );
  if (!clock || !day) return null;
  const found = bestPattern(
    rows.map((row) => `${(row[day.i] ?? "").trim()} ${(row[clock.i] ?? "").trim()}`),
    patterns,
  );
  return (
    found && { ...found, time: { columns: [day.name, clock.name], pattern: found.pattern }, taken: [day.i, clock.i] }
  );
}

/** The pattern by which the cells are times; of several, the one by which they lie closest together (day and month). */
function bestPattern(
  cells: readonly string[],
  among: readonly string[],
): { pattern: string; timesMs: number[]; isDoubtful: boolean } | null {
  const given = cells.filter((cell) => cell.trim() !== "");
  if (!given.length) return null;
  const fitting: { pattern: string; timesMs: number[]; length: number }[] = [];
  for (const pattern of among) {
    const read = timeReader(pattern);
    const told = given.map(read);
    const good = told.filter((t): t is Told => t !== undefined && isPlausible(t));
    // A footer, or a row of another kind, is no reason to give the column up.
    if (good.length < Math.max(1, given.length * 0.9) || read(given[0]!) === undefined) continue;
    const timesMs = told.map((t) => (t ? msOf(t) : NaN));
    fitting.push({ pattern, timesMs, length: lengthOf(timesMs) });
  }
  if (!fitting.length) return null;
  const closest = fitting.reduce((best, next) => (next.length < best.length ? next : best));
  const isDoubtful = fitting.some((other) => other.length === closest.length && differ(other.timesMs, closest.timesMs));
  return { ...closest, isDoubtful };
}

const msOf = (told: Told): number => ("ms" in told ? told.ms : told.wallMs);

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
