import { writeJournal, type MessageSample, type RejectCount } from "../db/journal.ts";
import type { Log } from "../platform/log.ts";
import type { Drop } from "./drop.ts";

/**
 * What the tenant sees of its messages: a sample of what came and what was understood, and every refusal counted by reason.
 * Kept in memory for a moment and written together; it never holds a message up, and when the database is gone it forgets
 * samples rather than grow.
 */
const flushMs = 200;
const sampleEveryMs = 10_000;
const refusalSampleEveryMs = 1_000;
const longestPayload = 4_000;
const mostWaiting = 1_000;

export interface Heard {
  deviceId: string;
  transport: "mqtt" | "http";
  address: string;
  payload: Uint8Array;
  receivedAtMs: number;
}

export class Journal {
  #samples = new Map<string, MessageSample>();
  #rejects = new Map<string, RejectCount>();
  #lastSample = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Whether the next message of this device is worth a sample now; cheap enough to ask for every message. */
  wantsSample(deviceId: string, nowMs: number): boolean {
    const last = this.#lastSample.get(deviceId);
    return last === undefined || nowMs - last >= sampleEveryMs;
  }

  sample(heard: Heard, understood: Pick<MessageSample, "format" | "readings" | "refusals">): void {
    if (this.#samples.size >= mostWaiting) return;
    this.#lastSample.set(heard.deviceId, heard.receivedAtMs);
    this.#samples.set(heard.deviceId, {
      deviceId: heard.deviceId,
      receivedAtMs: heard.receivedAtMs,
      transport: heard.transport,
      address: heard.address.slice(0, 300),
      payload: text(heard.payload),
      format: understood.format,
      readings: understood.readings.slice(0, 100),
      refusals: understood.refusals.slice(0, 20),
    });
    this.#flushSoon();
  }

  /** Counts each refusal. Answers whether the message itself should be sampled for it (not too often). */
  refuse(heard: Heard, drops: readonly Drop[]): boolean {
    const hourMs = Math.floor(heard.receivedAtMs / 3_600_000) * 3_600_000;
    for (const { reason, detail } of drops) {
      const key = `${heard.deviceId} ${hourMs} ${reason}`;
      const known = this.#rejects.get(key);
      if (known) {
        known.count++;
        known.lastMs = heard.receivedAtMs;
      } else if (this.#rejects.size < mostWaiting) {
        this.#rejects.set(key, {
          deviceId: heard.deviceId,
          hourMs,
          reason,
          count: 1,
          lastMs: heard.receivedAtMs,
          detail: detail.slice(0, 500),
          transport: heard.transport,
          address: heard.address.slice(0, 300),
          sample: text(heard.payload),
        });
      }
    }
    this.#flushSoon();
    const last = this.#lastSample.get(heard.deviceId);
    return last === undefined || heard.receivedAtMs - last >= refusalSampleEveryMs;
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#flush();
  }

  #flushSoon(): void {
    this.#timer ??= setTimeout(() => void this.#flush(), flushMs);
  }

  async #flush(): Promise<void> {
    const samples = [...this.#samples.values()];
    const rejects = [...this.#rejects.values()];
    this.#samples.clear();
    this.#rejects.clear();
    try {
      await writeJournal(samples, rejects);
    } catch (error) {
      this.#log.warn({ reason: (error as Error).message }, "the journal of messages could not be written");
    }
    this.#timer = undefined;
    if (this.#samples.size || this.#rejects.size) this.#flushSoon();
  }
}

const decoder = new TextDecoder();

function text(payload: Uint8Array): string {
  const shown = decoder.decode(payload.subarray(0, longestPayload));
  return payload.length > longestPayload ? `${shown}… (${payload.length} bytes)` : shown;
}
