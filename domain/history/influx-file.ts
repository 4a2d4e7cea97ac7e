/** A file of InfluxDB line protocol, such as `influx_inspect export` writes it: a point a line. */
import { parseLines } from "../device/influx-line.ts";
import { emptyBatch, type HistoryBatch, type HistoryReader } from "./history.ts";
import { TextBytes } from "./text.ts";

export class InfluxReader implements HistoryReader {
  #precision: string;
  #text = new TextBytes();
  #rest = "";
  #line = 0;

  constructor(precision: string) {
    this.#precision = precision;
  }

  feed(bytes: Uint8Array): HistoryBatch {
    return this.#read(this.#text.push(bytes), false);
  }

  end(): HistoryBatch {
    return this.#read(this.#text.push(new Uint8Array(), true), true);
  }

  #read(text: string, isLast: boolean): HistoryBatch {
    const lines = (this.#rest + text).split("\n");
    this.#rest = isLast ? "" : lines.pop()!;
    const batch = emptyBatch();
    for (const line of lines) {
      this.#line++;
      // The statements that an export begins with are no points.
      if (/^\s*(#|create\s)/i.test(line)) continue;
      const { readings, faults, dropReason } = parseLines(line, this.#precision);
      const reason = faults[0] ?? dropReason;
      if (reason) batch.refusals.push({ row: this.#line, reason: reason.slice(0, 300) });
      for (const reading of readings) {
        if (reading.timeMs === null) {
          batch.refusals.push({ row: this.#line, reason: `${reading.metric}: the point has no time` });
          continue;
        }
        batch.readings.push(reading);
        batch.rows.push(this.#line);
      }
    }
    return batch;
  }
}

/** The precision of a file by the length of its first timestamps: 10 digits are seconds, 19 nanoseconds. */
export function influxPrecision(head: string): "ns" | "us" | "ms" | "s" {
  const digits = /^[^#\s][^\n]* (\d{9,19})\s*$/m.exec(head)?.[1]?.length ?? 19;
  if (digits <= 11) return "s";
  if (digits <= 14) return "ms";
  return digits <= 17 ? "us" : "ns";
}

const pointLine =
  /^[^#\s,=][^\s=]*(?:,[^\s=]+=[^\s=]+)* [^\s=]+=(?:"[^"]*"|[^\s,]+)(?:,[^\s=]+=(?:"[^"]*"|[^\s,]+))*(?: \d+)?\s*$/m;

/** Whether one of a text's first lines is a point of line protocol. */
export const looksLikeInflux = (head: string): boolean => pointLine.test(head.slice(0, 10_000));
