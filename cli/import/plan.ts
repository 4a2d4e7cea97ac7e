import { createReadStream, existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { guessHistory, metricOf } from "../../domain/history/detect.ts";
import { readFinaMeta } from "../../domain/history/emoncms-feed.ts";
import { HistoryFault } from "../../domain/history/history.ts";
import type { HistoryFormat, HistoryOptions } from "../../domain/history/options.ts";
import { unpacked } from "../../ingest/imports/unpack.ts";
import { SetupError } from "../../platform/env.ts";
import { parseColumnMap } from "./column-map.ts";

/** What `--format` takes: the formats, and the programs whose files tell by themselves which one they are. */
export const formatWords: Readonly<Record<string, HistoryFormat | null>> = {
  auto: null,
  emoncms: null,
  csv: "csv",
  "home-assistant": "csv",
  "dsmr-reader": "csv",
  influx: "influx",
  phpfina: "phpfina",
  phptimeseries: "phptimeseries",
  "emoncms-backup": "emoncms-backup",
  "green-button": "green-button",
};

export interface PlanOptions {
  format: string;
  map?: string;
  timeFormat?: string;
  start?: number;
  interval?: number;
}

export interface Plan {
  options: HistoryOptions;
  doubts: string[];
}

const headBytes = 1_000_000;

/** How a file is to be read: what it says itself, and what the command line says. @throws SetupError */
export async function planFor(
  { file, head }: { file: string; head: Uint8Array },
  given: PlanOptions,
  timezone: string,
): Promise<Plan> {
  const map = given.map === undefined ? null : parseColumnMap(given.map);
  const time = {
    ...(map?.time.length && { columns: map.time }),
    ...(given.timeFormat !== undefined && { pattern: given.timeFormat }),
  };
  const format = formatWords[given.format] ?? undefined;
  const guess = guessHistory({ fileName: file, head, timezone, format, time });
  if (!guess.ok) {
    if (guess.format === "phpfina") return { options: await finaOptions(file, given), doubts: [] };
    throw new SetupError(`${guess.error}${guess.format === "csv" ? " --map and --time-format say it." : ""}`);
  }
  const { options } = guess;
  const doubts = guess.csv?.doubts ?? [];
  if (!map?.columns.length) return { options, doubts };
  if (options.format !== "csv" || !guess.csv)
    throw new SetupError(`--map is about CSV, but ${file} is ${options.format}.`);
  const { amountShiftS, names } = guess.csv;
  const missing = map.columns.find(({ column }) => !names.includes(column));
  if (missing)
    throw new SetupError(`--map: there is no column "${missing.column}", but ${names.slice(0, 20).join(", ")}.`);
  const columns = map.columns.map((column) => {
    const guessed = options.csv.columns.find((known) => known.column === column.column);
    const kind = column.kind ?? (guessed?.kind === "delta" ? "delta" : "gauge");
    return { ...column, kind, shiftS: kind === "delta" ? amountShiftS : 0 };
  });
  return { options: { ...options, csv: { ...options.csv, metricColumn: null, columns } }, doubts: [] };
}

/** The first bytes of a file, unpacked. @throws SetupError */
export async function headOf(file: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of unpacked(createReadStream(file))) {
      pieces.push(piece);
      length += piece.length;
      if (length >= headBytes) break;
    }
  } catch (error) {
    if (error instanceof HistoryFault) throw new SetupError(error.message);
    throw new SetupError(`${file} cannot be read: ${(error as Error).message}.`);
  }
  if (!length) throw new SetupError(`${file} is empty.`);
  return Buffer.concat(pieces);
}

/** Start and interval of a PHPFina feed are in the .meta file beside it. */
async function finaOptions(file: string, { start, interval }: PlanOptions): Promise<HistoryOptions> {
  const feed = { metric: metricOf(file), unit: null };
  if (start !== undefined && interval !== undefined) {
    return { format: "phpfina", feed, startS: start, intervalS: interval };
  }
  const beside = file.replace(/\.dat$/i, ".meta");
  if (beside === file || !existsSync(beside)) {
    throw new SetupError(`${beside} is not there, which says when the feed starts: give --start and --interval.`);
  }
  return { format: "phpfina", feed, ...readFinaMeta(await readFile(beside)) };
}
