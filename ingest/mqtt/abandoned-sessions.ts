import type { ProcessNumbers } from "../../db/process-numbers.ts";
import type { Log } from "../../platform/log.ts";
import type { Subscriber } from "./subscriber.ts";

/**
 * Sessions at the broker that no process connects to: their process died, or there are fewer now. Some brokers go on giving
 * them their share (Mosquitto does), so after some seconds another process takes what they hold and ends them. A process that
 * comes back later simply begins a new one. The last one's session stays, and so does what the broker collects for it.
 */
const lookEveryMs = 3_000;
const abandonedAfterMs = 5_000;
/** Which numbers had a process before this one started is not known; so many are looked at once. */
const lookedAtFirst = 32;

export interface AbandonedOptions {
  numbers: ProcessNumbers;
  ownNumber: () => number;
  subscriber: (number: number) => Subscriber;
  log: Log;
}

export class AbandonedSessions {
  /** When a number that has or had a session was first seen without a process; null: it has one. */
  #freeSinceMs = new Map<number, number | null>();
  #options: AbandonedOptions;
  #timer: NodeJS.Timeout;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: AbandonedOptions) {
    this.#options = options;
    for (let number = 1; number <= lookedAtFirst; number++) this.#freeSinceMs.set(number, null);
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(() => this.look(Date.now()));
    }, lookEveryMs);
  }

  /** Retires what has been abandoned for long enough. */
  async look(nowMs: number): Promise<void> {
    const { numbers, ownNumber, log } = this.#options;
    try {
      const held = new Set(await numbers.held());
      for (const number of held) this.#freeSinceMs.set(number, null);
      for (const [number, sinceMs] of this.#freeSinceMs) {
        if (held.has(number) || number === ownNumber()) continue;
        if (sinceMs === null) this.#freeSinceMs.set(number, nowMs);
        else if (nowMs - sinceMs >= abandonedAfterMs) await this.#retire(number);
      }
    } catch (error) {
      log.warn({ reason: (error as Error).message }, "abandoned sessions at the MQTT broker could not be looked for");
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #retire(number: number): Promise<void> {
    const { numbers, subscriber, log } = this.#options;
    if (!(await numbers.take(number))) return;
    try {
      const taken = await subscriber(number).retire();
      this.#freeSinceMs.delete(number);
      if (taken) log.info({ number, taken }, "took what the MQTT broker held for an ingest process that is gone");
    } finally {
      await numbers.giveBack(number);
    }
  }
}
