import { devicesWithRipeMessages, dropExpired, goThroughParked, type ParkedMessage } from "../db/parked.ts";
import { identityOfDevice } from "../db/identities.ts";
import type { Message } from "../domain/device/device.ts";
import type { Log } from "../platform/log.ts";
import type { Receive } from "./receive.ts";

/** After an announcement others usually follow at once: what waits is decoded when they have come. */
const settleMs = 500;
const sweepEveryMs = 5_000;

/**
 * What waits for its announcement or a mapping is decoded again when that has come: soon after a format's memory of the
 * gateway changed, when a person changed the device, or when it has waited long enough.
 */
export class Parked {
  #receive: Receive;
  #log: Log;
  #due = new Map<string, NodeJS.Timeout>();
  #tail: Promise<unknown> = Promise.resolve();
  #sweeping: NodeJS.Timeout;

  constructor(receive: Receive, log: Log) {
    this.#receive = receive;
    this.#log = log;
    this.#sweeping = setInterval(() => void this.#sweep(), sweepEveryMs);
  }

  /** Something changed that the device's waiting messages may have waited for. */
  changed(deviceId: string): void {
    if (this.#due.has(deviceId)) return;
    const timer = setTimeout(() => {
      this.#due.delete(deviceId);
      void this.goThrough(deviceId);
    }, settleMs);
    this.#due.set(deviceId, timer);
  }

  /** Decodes what the device has waiting. One device at a time, since each holds a connection of the database. */
  goThrough(deviceId: string): Promise<void> {
    const done = this.#tail.then(() => this.#goThrough(deviceId));
    this.#tail = done.catch((error: Error) => {
      this.#log.warn({ deviceId, reason: error.message }, "waiting messages could not be gone through");
    });
    return done.catch(() => {});
  }

  async stop(): Promise<void> {
    clearInterval(this.#sweeping);
    for (const timer of this.#due.values()) clearTimeout(timer);
    await this.#tail;
  }

  async #goThrough(deviceId: string): Promise<void> {
    const identity = await identityOfDevice(deviceId);
    if (!identity) return;
    const arrivals = new Map<number, number>();
    await goThroughParked(deviceId, async (parked) => {
      const isFinal = parked.takeAtMs !== null && parked.takeAtMs <= Date.now();
      const { waitsFor } = await this.#receive.message(identity, messageOf(parked), { arrivals, isFinal });
      return waitsFor === undefined;
    });
  }

  async #sweep(): Promise<void> {
    try {
      for (const { deviceId, awaits, count } of await dropExpired()) this.#giveUp(deviceId, awaits, count);
      for (const deviceId of await devicesWithRipeMessages()) await this.goThrough(deviceId);
    } catch (error) {
      this.#log.debug({ reason: (error as Error).message }, "could not look for waiting messages");
    }
  }

  #giveUp(deviceId: string, awaits: string, count: number): void {
    const heard = {
      deviceId,
      transport: "mqtt" as const,
      address: "",
      payload: new Uint8Array(),
      receivedAtMs: Date.now(),
    };
    this.#receive.refuse(heard, { reason: "never-announced", detail: `${count} messages waited for ${awaits}` });
  }
}

function messageOf({ envelope, payload, receivedAtMs }: ParkedMessage): Message {
  return { ...(envelope as Omit<Message, "payload" | "receivedAtMs">), payload, receivedAtMs };
}
