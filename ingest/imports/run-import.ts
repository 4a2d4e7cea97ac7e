import { setTimeout as pause } from "node:timers/promises";
import {
  channelKinds,
  chunksOf,
  endImport,
  giveBackImport,
  saveProgress,
  type ClaimedImport,
} from "../../db/import-runs.ts";
import type { Kind } from "../../domain/channel.ts";
import { channelKey, defineChannel } from "../../domain/device/vocabulary.ts";
import { HistoryFault, type HistoryBatch, type Refusal } from "../../domain/history/history.ts";
import type { DecodedReading } from "../../domain/reading.ts";
import { NotStorable } from "../buffer.ts";
import { judge } from "../judge.ts";
import type { Receive } from "../receive.ts";
import { pieceBytes, readHistory } from "./read-history.ts";
import { Tally } from "./tally.ts";

/** A transaction holds the newest values of its channels locked while it runs, and the live stream may want the same ones. */
const readingsAtOnce = 2_000;
const progressEveryMs = 250;
/** Of its time an import leaves half to the live stream; after a slow batch, at most this much. */
const longestPauseMs = 200;

export interface RunOptions {
  /** An id of this process. */
  holder: string;
  receive: Receive;
  /** The process ends: the import is given back between two pieces. */
  signal: AbortSignal;
  onProgress?: (readBytes: number, progress: { stored: number; refused: number }) => void;
}

/**
 * Stores what a file holds, from where an earlier run had come. All of it is idempotent by time: a piece that was stored just
 * before its process was killed is stored again, and counted once.
 * Rejects only where the database cannot be reached: the lease then ends, and another process goes on.
 */
export async function runImport(claimed: ClaimedImport, options: RunOptions): Promise<void> {
  const { holder, signal } = options;
  try {
    const outcome = await new Run(claimed, options).readFile();
    if (outcome === "done") await endImport(claimed, holder, null);
    else if (signal.aborted) await giveBackImport(claimed.id, holder);
  } catch (error) {
    if (!(error instanceof HistoryFault)) throw error;
    await endImport(claimed, holder, error.message);
  }
}

class Run {
  #claimed: ClaimedImport;
  #options: RunOptions;
  #tally: Tally;
  #kinds = new Map<string, Kind>();
  #readBytes = 0;
  #savedMs = 0;

  constructor(claimed: ClaimedImport, options: RunOptions) {
    this.#claimed = claimed;
    this.#options = options;
    this.#tally = new Tally(claimed);
  }

  async readFile(): Promise<"done" | "stopped"> {
    const { identity, options, id } = this.#claimed;
    this.#kinds = await channelKinds(identity.deviceId);
    const open = () => this.#counted(chunksOf(id));
    for await (const batch of readHistory(open, options)) {
      if (!this.#tally.isKnown(batch)) await this.#take(batch);
      const isDue = Date.now() - this.#savedMs >= progressEveryMs;
      if ((isDue || this.#options.signal.aborted) && !(await this.#save())) return "stopped";
      if (this.#options.signal.aborted) return "stopped";
    }
    return (await this.#save()) ? "done" : "stopped";
  }

  async *#counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    this.#readBytes = 0;
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += pieceBytes) {
        const piece = chunk.subarray(at, at + pieceBytes);
        yield piece;
        this.#readBytes += piece.length;
      }
    }
  }

  async #save(): Promise<boolean> {
    this.#savedMs = Date.now();
    const progress = this.#tally.progress(this.#readBytes);
    this.#options.onProgress?.(this.#readBytes, progress);
    return saveProgress(this.#claimed.id, this.#options.holder, progress);
  }

  async #take(batch: HistoryBatch): Promise<void> {
    this.#tally.refuse(batch.refusals);
    this.#tally.ambiguous(batch.ambiguous);
    for (let at = 0; at < batch.readings.length; at += readingsAtOnce) {
      const startedMs = Date.now();
      const end = at + readingsAtOnce;
      await this.#store(batch.readings.slice(at, end), batch.rows.slice(at, end));
      await pause(Math.min(longestPauseMs, Date.now() - startedMs));
    }
  }

  async #store(readings: DecodedReading[], rows: number[]): Promise<void> {
    const { identity } = this.#claimed;
    const nowMs = Date.now();
    const refusals: Refusal[] = [];
    const good = readings.filter((reading, i) => {
      const reason = judge(reading, nowMs)?.detail ?? this.#misfit(reading);
      if (reason !== undefined) refusals.push({ row: rows[i]!, reason });
      return reason === undefined;
    });
    this.#tally.refuse(refusals);
    if (!good.length) return;
    try {
      const { stored, drops } = await this.#options.receive.readings(identity, good, nowMs);
      this.#tally.store(
        stored,
        good.map(({ timeMs }) => timeMs!),
      );
      const refused = drops.map(({ detail }) => ({ row: rows[0]!, reason: detail }));
      if (refused.length) this.#tally.refuse(refused, good.length - stored);
    } catch (error) {
      if (!(error instanceof NotStorable)) throw error;
      this.#tally.refuse([{ row: rows[0]!, reason: `rows from here were refused: ${error.message}` }], good.length);
    }
  }

  /** Amounts of intervals in a register's channel (or the other way round) would be nonsense for ever. */
  #misfit({ metric, tags, kind, unit }: DecodedReading): string | undefined {
    const key = channelKey(metric, tags);
    const words = defineChannel(metric, { kind, unit, ...(tags && { tags }) });
    const known = this.#kinds.get(key);
    if (known === undefined) this.#kinds.set(key, words.kind);
    if (known === undefined || known === words.kind) return undefined;
    return `the channel ${key} of this device is a ${known}, the file has a ${words.kind}: give the column another name`;
  }
}
