/** What a file is and how it is to be read, by its name and its first bytes. */
import { guessCsv, type CsvGuess } from "./csv-guess.ts";
import { influxPrecision, looksLikeInflux } from "./influx-file.ts";
import type { HistoryFormat, HistoryOptions } from "./options.ts";
import type { KnownTime } from "./time-guess.ts";
import { TextBytes } from "./text.ts";

export type Guess =
  | { ok: true; options: HistoryOptions; csv: CsvGuess | null }
  /** What is missing, in a sentence; the format where that is sure. */
  | { ok: false; format: HistoryFormat | null; error: string };

export interface Given {
  fileName: string;
  /** The first bytes, unpacked. */
  head: Uint8Array;
  timezone: string;
  /** Known already. */
  format?: HistoryFormat | undefined;
  /** What a person says of a CSV file's time. */
  time?: KnownTime;
}

export function guessHistory({ fileName, head, timezone, time, format = formatOf(fileName, head) }: Given): Guess {
  const text = () => new TextBytes().push(head);
  switch (format) {
    case "influx":
      return { ok: true, options: { format, precision: influxPrecision(text()) }, csv: null };
    case "emoncms-backup":
      return { ok: true, options: { format }, csv: null };
    case "green-button":
      return { ok: true, options: { format, timezone }, csv: null };
    case "phptimeseries":
      return { ok: true, options: { format, feed: { metric: metricOf(fileName), unit: null } }, csv: null };
    case "phpfina":
      return {
        ok: false,
        format,
        error: "A PHPFina feed does not say when it starts: give its start and interval, as its .meta file has them.",
      };
    case "csv": {
      const csv = guessCsv(text(), metricOf(fileName), time);
      if (typeof csv === "string") return { ok: false, format, error: csv };
      return { ok: true, options: { format, timezone, csv: csv.mapping }, csv };
    }
  }
}

/** "tar.gz" of emoncms, "feed_1.MYD", "power.dat", XML, line protocol; all else is CSV. */
function formatOf(fileName: string, head: Uint8Array): HistoryFormat {
  if (isTar(head)) return "emoncms-backup";
  if (/\.myd$/i.test(fileName) || (head[0] === 249 && head[9] === 249)) return "phptimeseries";
  if (/\.dat$/i.test(fileName)) return "phpfina";
  const text = new TextBytes().push(head.subarray(0, 20_000)).trimStart();
  if (text.startsWith("<")) return "green-button";
  return looksLikeInflux(text) ? "influx" : "csv";
}

/** The mark of a POSIX archive, at byte 257. */
export function isTar(head: Uint8Array): boolean {
  return [..."ustar"].every((char, i) => head[257 + i] === char.charCodeAt(0));
}

/** "feed_12.MYD" is feed 12, "house power.dat" house_power. */
export function metricOf(fileName: string): string {
  const base = fileName.replace(/^.*[\\/]/, "").replace(/(\.(dat|myd|csv|gz|tar))+$/i, "");
  const slug = base.replace(/[^\p{L}\p{N}.]+/gu, "_").replace(/^_+|_+$/g, "");
  return /^\d*$/.test(slug) ? `feed_${slug}` : slug.slice(0, 100);
}
