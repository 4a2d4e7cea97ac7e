import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { createGunzip } from "node:zlib";
import { parse } from "csv-parse";
import { z } from "zod";
import type { DecodedReading } from "../../domain/reading.ts";
import { SetupError } from "../../platform/env.ts";
import {
  channelOfSeries,
  manifest,
  temperatureChannel,
  type MeasuredSeries,
  type SeriesChannel,
} from "./measured-form.ts";

const readingsOfBatch = 8_000;

/** The series of a folder. @throws SetupError when it has no manifest or one of another form. */
export async function readManifest(folder: string): Promise<MeasuredSeries[]> {
  const file = path.join(folder, "manifest.json");
  try {
    return manifest.parse(JSON.parse(await readFile(file, "utf8"))).series;
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error).replace(/\s+/g, " ") : (error as Error).message;
    throw new SetupError(`${file} cannot be used: ${why}`);
  }
}

/** A line of the file as readings. Rows without a number have none. */
type Row = Record<string, string>;

/** The readings of a series in batches, in the order of its file. @throws SetupError naming file and line of a bad time. */
export async function* readSeries(folder: string, series: MeasuredSeries): AsyncGenerator<DecodedReading[]> {
  const file = path.join(folder, series.file);
  const value = channelOfSeries(series);
  const temperature = temperatureChannel(series);
  let batch: DecodedReading[] = [];
  let line = 1;
  for await (const row of rowsOf(file) as AsyncIterable<Row>) {
    line++;
    const timeMs = Date.parse(row["time"] ?? "");
    if (Number.isNaN(timeMs))
      throw new SetupError(`${file}, line ${line}: "${row["time"] ?? ""}" is no time, ISO 8601 in UTC is expected.`);
    batch.push(...readingOf(row["value"], value, timeMs), ...readingOf(row["temperature"], temperature, timeMs));
    if (batch.length < readingsOfBatch) continue;
    yield batch;
    batch = [];
  }
  if (batch.length) yield batch;
}

function rowsOf(file: string): AsyncIterable<unknown> {
  const parser = parse({ columns: true, skip_empty_lines: true, trim: true, relax_column_count: true });
  const source = createReadStream(file);
  const fail = (error: Error) => parser.destroy(new SetupError(`${file} cannot be read: ${error.message}`));
  source.on("error", fail);
  if (!file.endsWith(".gz")) return source.pipe(parser);
  return source.pipe(createGunzip().on("error", fail)).pipe(parser);
}

function readingOf(text: string | undefined, channel: SeriesChannel, timeMs: number): DecodedReading[] {
  if (text === undefined || text === "") return [];
  const value = channel.toCanonical(Number(text));
  if (!Number.isFinite(value)) return [];
  const { metric, unit, kind, intervalS } = channel;
  return [{ device: "@token", metric, value, unit, timeMs, kind, ...(kind === "delta" && { durationS: intervalS }) }];
}
