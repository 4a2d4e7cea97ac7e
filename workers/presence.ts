import { ProcessNumbers } from "../db/process-numbers.ts";
import { ProcessRow, beatEveryMs, freeJobsOfTheDead } from "../db/processes.ts";
import type { Log } from "../platform/log.ts";

/** "work" in ASCII: numbers of workers are not those of MQTT sessions. */
const lockClass = 0x776f726b;
/** A worker that was silent for so long, and whose number is free, is dead: with the beat, its jobs go on within a minute. */
const silentMs = 2 * beatEveryMs;

export interface PresenceTimes {
  beatMs?: number;
  silentMs?: number;
}

/**
 * This worker among the others: it holds a number as long as it lives (the database takes it back when the process is killed),
 * writes down that it does, and frees the jobs of those that are no more.
 */
export class Presence {
  readonly #row = new ProcessRow("worker");
  readonly #log: Log;
  readonly #silentMs: number;
  readonly #timer: NodeJS.Timeout;
  #numbers!: ProcessNumbers;
  #number: number | null = null;
  #name: string | null = null;
  #beating: Promise<void> = Promise.resolve();

  private constructor(log: Log, times: PresenceTimes) {
    this.#log = log;
    this.#silentMs = times.silentMs ?? silentMs;
    this.#timer = setInterval(() => this.#beatSoon(), times.beatMs ?? beatEveryMs).unref();
  }

  static async begin(log: Log, times: PresenceTimes = {}): Promise<Presence> {
    const presence = new Presence(log, times);
    presence.#numbers = await ProcessNumbers.open(() => void presence.#again(), lockClass);
    presence.#number = await presence.#numbers.lowest();
    return presence;
  }

  /** The name in the locks of jobs from here on. When the runner is started anew, what the one before it held is nobody's. */
  isNamed(name: string): void {
    this.#name = name;
    this.#beatSoon();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating;
    await this.#row.end().catch(() => {});
    await this.#numbers.close();
  }

  /** The connection that held the number broke: until it is held again, the beats alone say that it lives. */
  async #again(): Promise<void> {
    this.#number = await this.#numbers.lowest().catch(() => null);
    this.#beatSoon();
  }

  #beatSoon(): void {
    this.#beating = this.#beating
      .then(() => this.#beat())
      .catch((error: Error) => this.#log.debug({ reason: error.message }, "a worker's heartbeat failed"));
  }

  async #beat(): Promise<void> {
    await this.#row.beat({ number: this.#number, queueName: this.#name });
    const dead = await freeJobsOfTheDead(await this.#numbers.held(), this.#silentMs);
    if (dead) this.#log.warn({ workers: dead }, "workers were gone with jobs in their hands: the jobs are free again");
  }
}
