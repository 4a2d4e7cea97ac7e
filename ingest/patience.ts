import type { Log } from "../platform/log.ts";

/**
 * While the database is gone, work is tried again until it answers: nobody is told that something is kept which is not.
 * What the database refuses for the data's own sake is not tried again.
 */
export class Patience {
  #failing = 0;
  #stopped = false;
  #saidMs = 0;
  #listeners: ((isDown: boolean) => void)[] = [];
  #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** The database does not answer: new senders are to be refused. */
  get isDown(): boolean {
    return this.#failing > 0;
  }

  /** Calls back when the database went away (true) and when it is back (false). */
  onChange(listener: (isDown: boolean) => void): void {
    this.#listeners.push(listener);
  }

  /** The result of `work`, however long the database is away. @throws what the database refuses, or that the ingest stops. */
  async until<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        const result = await work();
        if (attempt > 0) this.#recovered();
        return result;
      } catch (error) {
        if (isRefusal(error) || this.#stopped) {
          if (attempt > 0) this.#recovered();
          throw error;
        }
        if (attempt === 0) this.#failed();
        this.#say(error as Error);
        await pause(Math.min(2_000, 50 * 2 ** attempt));
      }
    }
  }

  /** What waits gives up at its next attempt. */
  stop(): void {
    this.#stopped = true;
  }

  #failed(): void {
    if (++this.#failing === 1) for (const listener of this.#listeners) listener(true);
  }

  #recovered(): void {
    if (--this.#failing > 0) return;
    this.#log.info("the database answers again");
    this.#saidMs = 0;
    for (const listener of this.#listeners) listener(false);
  }

  #say(error: Error): void {
    if (Date.now() - this.#saidMs < 30_000) return;
    this.#saidMs = Date.now();
    this.#log.error({ reason: error.message }, sentence(error));
  }
}

/** SQLSTATE 53100 is a full disk; all else that is tried again is a database that is away or not itself. */
function sentence(error: Error): string {
  if ((error as { code?: string }).code !== "53100")
    return "the database does not answer: what arrives is held, senders are told to wait";
  return "the database's disk is full: free some space. Nothing that was acknowledged is lost; senders are told to wait";
}

/** SQLSTATE classes 22 and 23 (and our functions' own P0001) speak of the data; all else of the connection or the server. */
export function isRefusal(error: unknown): error is Error {
  const code = (error as { code?: string }).code ?? "";
  return /^(22|23|P0001)/.test(code);
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
