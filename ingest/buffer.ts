import { ensureMonth, storeBatch, type Batch, type Repeats } from "../db/store-readings.ts";
import type { Log } from "../platform/log.ts";
import { makeBatch, redirected, type Resolved } from "./batch.ts";
import { isRefusal, type Patience } from "./patience.ts";

/**
 * Group commit: a writer that is free takes all that has gathered (no fixed wait), stores it in one transaction, and only
 * then answers everyone whose message was in it. One credential's messages always go to the same writer, in their order.
 * While the database is gone, the batch is kept and tried again; nobody is answered.
 */
export interface BufferOptions {
  writers: number;
  /** Rows of a batch: a writer takes whole messages until this is reached. */
  batchRows: number;
  /** Rows that may wait altogether; above it `isFull` is true and senders are to be held back. */
  maxWaitingRows: number;
  onCommit: (batch: Batch, repeats: Repeats) => void;
  patience: Patience;
  /** When the marks of a batch may be taken, epoch milliseconds; absent: at once. */
  marksDueMs?: () => number;
  /** What comes is from files, not from the devices themselves. */
  isHistory?: boolean;
  log: Log;
}

interface Waiting {
  message: Resolved;
  resolve: () => void;
  reject: (error: Error) => void;
}

interface Writer {
  queue: Waiting[];
  busy: boolean;
}

interface Committed {
  batch: Batch;
  repeats: Repeats;
}

/** A reading that the database refuses for its own sake, not for the connection's. */
export class NotStorable extends Error {}

export class Buffer {
  #writers: Writer[];
  #options: BufferOptions;
  #months = new Set<string>();
  #waitingRows = 0;
  #stopped = false;

  constructor(options: BufferOptions) {
    this.#options = options;
    this.#writers = Array.from({ length: options.writers }, () => ({ queue: [], busy: false }));
  }

  /** Too much is unanswered: hold senders back. */
  get isFull(): boolean {
    return this.#waitingRows >= this.#options.maxWaitingRows;
  }

  get waitingRows(): number {
    return this.#waitingRows;
  }

  /** Resolves when the message is committed. `owner`: any number that is the same for all messages of a credential. */
  add(message: Resolved, owner: number): Promise<void> {
    if (this.#stopped) return Promise.reject(new Error("the ingest is stopping"));
    const writer = this.#writers[owner % this.#writers.length]!;
    return new Promise((resolve, reject) => {
      writer.queue.push({ message, resolve, reject });
      this.#waitingRows += message.channels.length;
      if (writer.busy) return;
      writer.busy = true;
      // Whatever else arrives in this turn of the loop shares the commit.
      setImmediate(() => void this.#write(writer));
    });
  }

  /**
   * The same for a sender of many channels: its rows are spread over all writers, by channel, so that each channel's order
   * holds. A sender must not be given to `add` while this is on its way.
   */
  async addSpread(message: Resolved): Promise<void> {
    const count = this.#writers.length;
    const parts: Resolved[] = this.#writers.map(() => ({
      channels: [],
      times: [],
      values: [],
      mayRepeat: message.mayRepeat,
    }));
    for (let i = 0; i < message.channels.length; i++) {
      const part = parts[message.channels[i]! % count]!;
      part.channels.push(message.channels[i]!);
      part.times.push(message.times[i]!);
      part.values.push(message.values[i]!);
    }
    const added = parts.flatMap((part, writer) => (part.channels.length ? [this.add(part, writer)] : []));
    await Promise.all(added);
  }

  /** Lets what waits be written, for at most `timeoutMs` (a second, while the database is away); later messages are rejected. */
  async stop(timeoutMs = 10_000): Promise<void> {
    this.#stopped = true;
    const start = Date.now();
    const patience = () => (this.#options.patience.isDown ? Math.min(1_000, timeoutMs) : timeoutMs);
    while (this.#waitingRows > 0 && Date.now() - start < patience()) await pause(20);
  }

  async #write(writer: Writer): Promise<void> {
    while (writer.queue.length) {
      const taken = this.#take(writer);
      await this.#store(taken);
      for (const { message } of taken) this.#waitingRows -= message.channels.length;
    }
    writer.busy = false;
  }

  #take(writer: Writer): Waiting[] {
    let rows = 0;
    let count = 0;
    while (count < writer.queue.length && (count === 0 || rows < this.#options.batchRows)) {
      rows += writer.queue[count++]!.message.channels.length;
    }
    return writer.queue.splice(0, count);
  }

  async #store(taken: Waiting[]): Promise<void> {
    const messages = taken.map((w) => w.message);
    let committed: Committed;
    try {
      committed = await this.#options.patience.until(() => this.#commit(messages));
    } catch (error) {
      if (isRefusal(error)) return this.#storeApart(taken, error);
      for (const { reject } of taken) reject(error as Error);
      return;
    }
    this.#options.onCommit(committed.batch, committed.repeats);
    for (const { resolve } of taken) resolve();
  }

  async #commit(messages: readonly Resolved[]): Promise<Committed> {
    const { marksDueMs, isHistory = false } = this.#options;
    const batch: Batch = { ...makeBatch(messages), isHistory, ...(marksDueMs && { marksDueMs: marksDueMs() }) };
    await this.#ensureMonths(batch);
    const { moves, repeats } = await storeBatch(batch);
    return moves.length ? this.#commit(redirected(messages, moves)) : { batch, repeats };
  }

  // One poisoned message must not take its neighbours with it.
  async #storeApart(taken: Waiting[], error: Error): Promise<void> {
    if (taken.length === 1) {
      this.#options.log.warn({ reason: error.message }, "the database refused a message");
      taken[0]!.reject(new NotStorable(error.message));
      return;
    }
    const half = taken.length >> 1;
    await this.#store(taken.slice(0, half));
    await this.#store(taken.slice(half));
  }

  async #ensureMonths(batch: Batch): Promise<void> {
    for (const time of batch.times) {
      const month = monthOf(time);
      if (month === this.#lastMonth || this.#months.has(month)) continue;
      await ensureMonth(time);
      this.#months.add(month);
      this.#lastMonth = month;
    }
  }
  #lastMonth = "";
}

let cachedDay = -1;
let cachedMonth = "";

// A day's month is worked out once in a row of readings of that day.
function monthOf(timeMs: number): string {
  const day = Math.floor(timeMs / 86_400_000);
  if (day !== cachedDay) {
    cachedDay = day;
    cachedMonth = new Date(timeMs).toISOString().slice(0, 7);
  }
  return cachedMonth;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
