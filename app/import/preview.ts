import { HistoryFault } from "../../domain/history/history.ts";
import { openHistory } from "../../domain/history/open-history.ts";
import type { HistoryOptions } from "../../domain/history/options.ts";

/** What the first rows of a file become. */
export interface Preview {
  rows: { row: number; timeMs: number; values: { metric: string; value: number | string; unit: string | null }[] }[];
  refusals: { row: number; reason: string }[];
  /** The file as a whole cannot be read so. */
  error: string | null;
}

const mostRows = 8;

/** A backup is not looked into: its feeds are found as it is read. */
export function previewOf(head: Uint8Array, options: HistoryOptions): Preview {
  const preview: Preview = { rows: [], refusals: [], error: null };
  if (options.format === "emoncms-backup" || options.format === "green-button") return preview;
  try {
    const { readings, rows, refusals } = openHistory(options).feed(head);
    for (const [i, { metric, value, unit, timeMs }] of readings.entries()) {
      const last = preview.rows.at(-1);
      const shown = { metric, value: typeof value === "boolean" ? String(value) : value, unit };
      if (last?.row === rows[i] && last?.timeMs === timeMs) last!.values.push(shown);
      else if (preview.rows.length === mostRows) break;
      else preview.rows.push({ row: rows[i]!, timeMs: timeMs!, values: [shown] });
    }
    preview.refusals = refusals.slice(0, mostRows);
  } catch (error) {
    if (!(error instanceof HistoryFault)) throw error;
    preview.error = error.message;
  }
  return preview;
}
