import { createReadStream } from "node:fs";
import type { HistoryOptions } from "../../domain/history/options.ts";
import type { Refusal } from "../../domain/history/history.ts";
import { readHistory } from "../../ingest/imports/read-history.ts";

export interface Preview {
  readings: number;
  refused: number;
  ambiguous: number;
  channels: { metric: string; unit: string | null; kind: string; readings: number; from: string; to: string }[];
  /** The first of them. */
  refusals: Refusal[];
}

const mostShown = 200;

/** Reads a whole file and stores nothing: what an import of it would bring. @throws HistoryFault */
export async function preview(file: string, options: HistoryOptions): Promise<Preview> {
  const found = new Map<
    string,
    { unit: string | null; kind: string; readings: number; fromMs: number; toMs: number }
  >();
  const sum: Preview = { readings: 0, refused: 0, ambiguous: 0, channels: [], refusals: [] };
  for await (const batch of readHistory(() => createReadStream(file), options)) {
    for (const { metric, unit, kind, timeMs } of batch.readings) {
      const known = found.get(metric) ?? { unit, kind, readings: 0, fromMs: Infinity, toMs: -Infinity };
      found.set(metric, known);
      known.readings++;
      known.fromMs = Math.min(known.fromMs, timeMs!);
      known.toMs = Math.max(known.toMs, timeMs!);
    }
    sum.readings += batch.readings.length;
    sum.refused += batch.refusals.length;
    sum.ambiguous += batch.ambiguous;
    sum.refusals.push(...batch.refusals.slice(0, mostShown - sum.refusals.length));
  }
  sum.channels = [...found].map(([metric, { fromMs, toMs, ...rest }]) => {
    return { metric, ...rest, from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
  });
  return sum;
}
