import { ensureMonth, storeBatch, type Batch } from "../db/store-readings.ts";
import type { Log } from "../platform/log.ts";
import { makeBatch, type Resolved } from "./batch.ts";

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
  onCommit: (batch: Batch) => void;
  /** When the marks of a batch may be taken, epoch milliseconds; absent: at once. */
  marksDueMs?: () => number;
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

/** A reading that the database refuses for its own sake, not for the connection's. */
export class NotStorable extends Error {}

export class Buffer {
  #writers: Writer[];
  #options: BufferOptions;
  #months = new Set<string>();
  #waitingRows = 0;
  #failingSinceMs: number | null = null;
  #stopped = false;

  constructor(options: BufferOptions) {
    this.#options = options;
    this.#writers = Array.from({ length: options.writers }, () => ({ queue: [], busy: false }));
  }

  /** Too much is unanswered: hold senders back. */
  get isFull(): boolean {
    return this.#waitingRows >= this.#options.maxWaitingRows;
  }

  /** The database does not answer: refuse new senders. */
  get isDown(): boolean {
    return this.#failingSinceMs !== null;
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

  /** Lets what waits be written, for at most `timeoutMs`; later messages are rejected. */
  async stop(timeoutMs = 10_000): Promise<void> {
    this.#stopped = true;
    const end = Date.now() + timeoutMs;
    while (this.#waitingRows > 0 && Date.now() < end) await pause(20);
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
    const { marksDueMs } = this.#options;
    const batch: Batch = { ...makeBatch(taken.map((w) => w.message)), ...(marksDueMs && { marksDueMs: marksDueMs() }) };
    for (let attempt = 0; ; attempt++) {
      try {
        await this.#ensureMonths(batch);
        await storeBatch(batch);
        if (this.isDown) this.#options.log.info("the database answers again");
        this.#failingSinceMs = null;
        this.#options.onCommit(batch);
        for (const { resolve } of taken) resolve();
        return;
      } catch (error) {
        if (isRefusal(error)) return this.#storeApart(taken, error);
        await this.#waitForDatabase(error as Error, attempt);
      }
    }
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

  async #waitForDatabase(error: Error, attempt: number): Promise<void> {
    if (this.#failingSinceMs === null) {
      this.#failingSinceMs = Date.now();
      this.#options.log.error({ reason: error.message }, "the database does not answer; holding what has arrived");
    }
    await pause(Math.min(2_000, 50 * 2 ** attempt));
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

/** SQLSTATE classes 22 and 23 (and the function's own P0001) speak of the data; all else of the connection or the server. */
function isRefusal(error: unknown): error is Error {
  const code = (error as { code?: string }).code ?? "";
  return /^(22|23|P0001)/.test(code);
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
