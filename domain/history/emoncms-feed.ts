/**
 * The data files of emoncms. PHPFina: 32-bit floats at a fixed interval, NaN where there is no value; start and interval are
 * in a .meta file beside it. PHPTimeSeries: records of 9 bytes, a mark, a 32-bit unix time and a 32-bit float.
 * Source: emoncms, Modules/feed/engine/PHPFina.php and PHPTimeSeries.php. All little-endian.
 */
import { conversionOf, convert, type UnitConversion } from "../units.ts";
import { emptyBatch, HistoryFault, type HistoryBatch, type HistoryReader } from "./history.ts";

export interface Feed {
  metric: string;
  unit: string | null;
}

/** Start and interval of a PHPFina feed: unsigned 32-bit numbers at bytes 12 and 8. @throws HistoryFault */
export function readFinaMeta(meta: Uint8Array): { startS: number; intervalS: number } {
  if (meta.length < 16) throw new HistoryFault(`A PHPFina .meta file has 16 bytes, this one ${meta.length}.`);
  const view = viewOf(meta);
  const [intervalS, startS] = [view.getUint32(8, true), view.getUint32(12, true)];
  if (intervalS < 1) throw new HistoryFault("The .meta file says an interval of 0 seconds: expected 1 or more.");
  return { startS, intervalS };
}

/** Records of a fixed size, of which the last one of a piece may be cut. */
abstract class RecordReader implements HistoryReader {
  #size: number;
  #rest = new Uint8Array();
  #count = 0;
  #feed: Feed;
  #conversion: UnitConversion | undefined;

  constructor(size: number, feed: Feed) {
    this.#size = size;
    this.#feed = feed;
    this.#conversion = feed.unit === null ? undefined : conversionOf(feed.unit);
  }

  /** The record at a byte: its time in seconds and value. A value that is not finite is none. */
  protected abstract record(view: DataView, at: number, index: number): { timeS: number; value: number };

  feed(bytes: Uint8Array): HistoryBatch {
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    const batch = emptyBatch();
    const view = viewOf(all);
    let at = 0;
    for (; at + this.#size <= all.length; at += this.#size) this.#add(this.record(view, at, this.#count++), batch);
    this.#rest = all.slice(at);
    return batch;
  }

  end(): HistoryBatch {
    const batch = emptyBatch();
    if (this.#rest.length) {
      batch.refusals.push({
        row: this.#count + 1,
        reason: `the last record is cut: ${this.#rest.length} bytes of ${this.#size}`,
      });
    }
    return batch;
  }

  #add({ timeS, value }: { timeS: number; value: number }, { readings, rows }: HistoryBatch): void {
    if (!Number.isFinite(value)) return;
    const exact = shortest(value);
    const { metric } = this.#feed;
    readings.push({
      device: "@token",
      metric,
      value: this.#conversion ? convert(exact, this.#conversion) : exact,
      unit: this.#conversion?.canonical ?? null,
      timeMs: timeS * 1000,
      kind: "gauge",
    });
    rows.push(this.#count);
  }
}

export class PhpFinaReader extends RecordReader {
  #startS: number;
  #intervalS: number;

  constructor(feed: Feed, { startS, intervalS }: { startS: number; intervalS: number }) {
    super(4, feed);
    this.#startS = startS;
    this.#intervalS = intervalS;
  }

  protected record(view: DataView, at: number, index: number) {
    return { timeS: this.#startS + index * this.#intervalS, value: view.getFloat32(at, true) };
  }
}

export class PhpTimeSeriesReader extends RecordReader {
  constructor(feed: Feed) {
    super(9, feed);
  }

  protected record(view: DataView, at: number) {
    return { timeS: view.getUint32(at + 1, true), value: view.getFloat32(at + 5, true) };
  }
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array) => new DataView(buffer, byteOffset, byteLength);

/** The decimal that was sent: 20.1 was stored as the float 20.10000038146973. */
function shortest(float: number): number {
  if (Number.isInteger(float)) return float;
  for (let digits = 6; digits < 9; digits++) {
    const candidate = Number(float.toPrecision(digits));
    if (Math.fround(candidate) === float) return candidate;
  }
  return Number(float.toPrecision(9));
}
