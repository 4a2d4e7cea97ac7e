/**
 * Green Button XML: the whole file is one message of the format's own decoder, so it is gathered first. Usage points of one file
 * are told apart by a tag where there are several.
 */
import { decodeMessage } from "../device/registry.ts";
import type { DecodedReading } from "../reading.ts";
import { emptyBatch, HistoryFault, type HistoryBatch, type HistoryReader } from "./history.ts";

const largestBytes = 50_000_000;

export class GreenButtonReader implements HistoryReader {
  #timezone: string;
  #pieces: Uint8Array[] = [];
  #length = 0;

  constructor(timezone: string) {
    this.#timezone = timezone;
  }

  feed(bytes: Uint8Array): HistoryBatch {
    this.#pieces.push(bytes);
    this.#length += bytes.length;
    if (this.#length > largestBytes) {
      throw new HistoryFault(`A Green Button file may have ${largestBytes / 1e6} MB: ask for a shorter period.`);
    }
    return emptyBatch();
  }

  end(): HistoryBatch {
    const payload = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces.splice(0)) {
      payload.set(piece, at);
      at += piece.length;
    }
    const config = { timezone: this.#timezone };
    // The decoder wants an arrival; every reading of the format has a time of its own.
    const message = {
      transport: "http",
      method: "POST",
      path: "/ingest/green-button",
      payload,
      receivedAtMs: 0,
      config,
    } as const;
    const { readings, error, refusals = [] } = decodeMessage(message);
    if (error && !readings.length) throw new HistoryFault(error);
    const points = new Set(readings.map(({ device }) => device));
    const own = readings.map((reading): DecodedReading => {
      const tags = points.size > 1 ? { ...reading.tags, usage_point: reading.device } : reading.tags;
      return { ...reading, device: "@token", ...(tags && { tags }) };
    });
    // XML has no rows: a refusal says itself what it is about.
    const named = refusals.map(({ reason, detail }) => ({ row: 0, reason: `${detail}: ${reason}` }));
    return { readings: own, rows: own.map(() => 0), refusals: named, ambiguous: 0 };
  }
}
