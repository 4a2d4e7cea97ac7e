/**
 * Comma-separated values as RFC 4180 has them. A text that a spreadsheet would take for a formula ("=1+1", "@sum", "-cmd")
 * gets an apostrophe in front; numbers stay numbers, negative ones too.
 */
export type Cell = string | number | null;

export function csvRow(cells: readonly Cell[]): string {
  return `${cells.map(cellText).join(",")}\r\n`;
}

export function csvText(rows: Iterable<readonly Cell[]>): string {
  let text = "";
  for (const row of rows) text += csvRow(row);
  return text;
}

function cellText(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return Number.isFinite(cell) ? String(cell) : "";
  const safe = /^[\s\u0000]*[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A file name of a download: letters, digits and dashes of what it is about. */
export function csvFileName(...parts: string[]): string {
  const words = parts.map((part) =>
    part
      .normalize("NFKD")
      .replace(/[^A-Za-z0-9.]+/g, "-")
      .replace(/^-+|-+$/g, ""),
  );
  return `${words.filter(Boolean).join("_").toLowerCase().slice(0, 120) || "energy"}.csv`;
}

/** The answer that a browser saves as a file. */
export function csvResponse(body: BodyInit, fileName: string): Response {
  return new Response(body, {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${fileName}"`,
      "cache-control": "no-store",
    },
  });
}
