/**
 * Splits CSV (RFC 4180, with any delimiter) into rows as its text arrives. A cell in quotes may hold delimiters, line breaks
 * and doubled quotes.
 */
export interface CsvRow {
  /** Number of the row's first line, from 1. */
  line: number;
  cells: string[];
}

/** A quote that is never closed must not swallow the file: such a row ends with its line. */
const longestRow = 100_000;

export class CsvRows {
  #delimiter: string;
  #rest = "";
  #line = 1;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  /** The rows that `text` completes; with `isLast` the last one too, which may have no line break. Empty lines are no rows. */
  push(text: string, isLast = false): CsvRow[] {
    const all = this.#rest + text;
    const rows: CsvRow[] = [];
    let from = 0;
    while (from < all.length) {
      let end = endOfRow(all, from);
      if (end < 0 && !isLast && all.length - from <= longestRow) break;
      if (end < 0 || end - from > longestRow) end = all.indexOf("\n", from);
      if (end < 0) end = all.length;
      const row = all.slice(from, all.charCodeAt(end - 1) === 13 && end > from ? end - 1 : end);
      if (row.trim() !== "") rows.push({ line: this.#line, cells: this.#cells(row) });
      this.#line += 1 + countOf(row, "\n");
      from = end + 1;
    }
    this.#rest = all.slice(from);
    return rows;
  }

  #cells(row: string): string[] {
    if (!row.includes('"')) return row.split(this.#delimiter);
    const cells: string[] = [];
    let cell = "";
    let isQuoted = false;
    for (let i = 0; i < row.length; i++) {
      const char = row[i]!;
      if (isQuoted && char === '"' && row[i + 1] === '"') cell += row[i++];
      else if (char === '"' && (isQuoted || cell.trim() === "")) isQuoted = !isQuoted;
      else if (char === this.#delimiter && !isQuoted) {
        cells.push(cell);
        cell = "";
      } else cell += char;
    }
    cells.push(cell);
    return cells;
  }
}

/** Where the row's line break is; -1: not here yet. A line break between quotes is a part of a cell. */
function endOfRow(text: string, from: number): number {
  let end = text.indexOf("\n", from);
  let quote = text.indexOf('"', from);
  let isQuoted = false;
  while (end >= 0) {
    for (; quote >= 0 && quote < end; quote = text.indexOf('"', quote + 1)) isQuoted = !isQuoted;
    if (!isQuoted) return end;
    end = text.indexOf("\n", end + 1);
  }
  return -1;
}

function countOf(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) count++;
  return count;
}
