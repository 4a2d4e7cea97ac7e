import type { Identity } from "../db/identities.ts";
import type { HttpAnswer, Message } from "../domain/device/device.ts";
import { decodeMessage } from "../domain/device/registry.ts";
import type { DecodedReading } from "../domain/reading.ts";
import { counter } from "../platform/metrics.ts";
import type { Resolved } from "./batch.ts";
import { NotStorable, type Buffer } from "./buffer.ts";
import type { Drop } from "./drop.ts";
import type { Heard, Journal } from "./journal.ts";
import { judge } from "./judge.ts";
import { KeyCache, Speaker } from "./speaker.ts";

/** What became of a message. Present only after all that could be stored is committed. */
export interface Received {
  stored: number;
  drops: Drop[];
  /** What the format's HTTP clients are told; absent: 204 or, with drops alone, an error. */
  response?: HttpAnswer;
}

const messagesTotal = counter("messages_total", "Messages received", ["transport"]);
const readingsTotal = counter("readings_total", "Readings stored");
const dropsTotal = counter("drops_total", "Messages and readings refused, by reason", ["reason"]);

/**
 * The one path of every message, whatever brought it:
 * identify (done by the caller, who holds the connection) -> decode -> judge -> resolve -> buffer -> store.
 * Each step answers, or names a reason of `drop.ts`.
 */
export class Receive {
  #speakers = new Map<string, Promise<Speaker> | Speaker>();
  #buffer: Buffer;
  #journal: Journal;
  #owners = 0;

  constructor(buffer: Buffer, journal: Journal) {
    this.#buffer = buffer;
    this.#journal = journal;
  }

  /** Resolves when what the message says is committed (or refused for good). Rejects only when the ingest stops. */
  async message(identity: Identity, message: Message): Promise<Received> {
    messagesTotal.inc({ transport: message.transport });
    const known = this.#speakers.get(identity.credentialId);
    const speaker = known instanceof Speaker ? known : await this.#speaker(identity);
    const { committed, ...result } = await speaker.inOrder(() => this.#take(speaker, message));
    try {
      await committed;
    } catch (error) {
      if (!(error instanceof NotStorable)) throw error;
      result.drops.push({ reason: "not-storable", detail: error.message });
      result.stored = 0;
    }
    if (result.stored) readingsTotal.inc(result.stored);
    this.#writeJournal(speaker, message, result);
    return result;
  }

  /** Readings that are decoded already (history by import): the same path from `judge` on. */
  async readings(identity: Identity, readings: readonly DecodedReading[], receivedAtMs: number): Promise<Received> {
    const speaker = await this.#speaker(identity);
    const result = await speaker.inOrder(() => this.#keep(speaker, readings, [], receivedAtMs));
    await result.committed;
    readingsTotal.inc(result.stored);
    return result;
  }

  /** A refusal before there was a speaker (wrong password): shown to the tenant whose device it names. */
  refuse(heard: Heard, drop: Drop): void {
    dropsTotal.inc({ reason: drop.reason });
    if (this.#journal.refuse(heard, [drop])) {
      this.#journal.sample(heard, { format: null, readings: [], refusals: [drop] });
    }
  }

  /** The named credentials changed: the next message asks the database again. */
  forget(credentialIds: readonly string[]): void {
    for (const id of credentialIds) this.#speakers.delete(id);
  }

  /** Changes may have been missed. */
  forgetAll(): void {
    this.#speakers.clear();
  }

  async #speaker(identity: Identity): Promise<Speaker> {
    const known = this.#speakers.get(identity.credentialId);
    if (known) return known;
    const loading = new Speaker(identity, this.#owners++).load();
    this.#speakers.set(identity.credentialId, loading);
    try {
      const speaker = await loading;
      if (this.#speakers.get(identity.credentialId) === loading) this.#speakers.set(identity.credentialId, speaker);
      return speaker;
    } catch (error) {
      this.#speakers.delete(identity.credentialId);
      throw error;
    }
  }

  #take(speaker: Speaker, message: Message): Kept | Promise<Kept> {
    const configured = { ...message, config: speaker.identity.config };
    const decoded = decodeMessage(configured, (format) => speaker.states.get(format));
    const drops: Drop[] = (decoded.refusals ?? []).map(({ reason, detail }) => ({
      reason: "malformed",
      detail: `${reason}: ${detail}`,
    }));
    if (decoded.error && !drops.length) {
      drops.push({ reason: decoded.format ? "malformed" : "unknown-format", detail: decoded.error });
    }
    let state: Resolved["decoderState"];
    if (decoded.state && decoded.format) {
      speaker.states.set(decoded.format, decoded.state);
      if (!decoded.isStateFleeting)
        state = { deviceId: speaker.identity.deviceId, format: decoded.format, state: decoded.state };
    }
    const extra = { format: decoded.format ?? null, decoded: decoded.readings, response: decoded.response };
    const kept = this.#keep(speaker, decoded.readings, drops, message.receivedAtMs, state);
    return kept instanceof Promise ? kept.then((k) => ({ ...k, ...extra })) : { ...kept, ...extra };
  }

  #keep(
    speaker: Speaker,
    readings: readonly DecodedReading[],
    drops: Drop[],
    receivedAtMs: number,
    state?: Resolved["decoderState"],
  ): Kept | Promise<Kept> {
    const good: DecodedReading[] = [];
    for (const reading of readings) {
      const fault = judge(reading, receivedAtMs);
      if (fault) drops.push(fault);
      else good.push(reading);
    }
    const keys = new KeyCache();
    if (good.every((reading) => speaker.find(reading, keys))) {
      return this.#buffered(speaker, good, keys, drops, receivedAtMs, state);
    }
    return speaker.introduce(good, keys).then((refused) => {
      drops.push(...new Set(refused.values()));
      const known = good.filter((reading) => !refused.has(reading) && speaker.find(reading, keys));
      return this.#buffered(speaker, known, keys, drops, receivedAtMs, state);
    });
  }

  #buffered(
    speaker: Speaker,
    readings: readonly DecodedReading[],
    keys: KeyCache,
    drops: Drop[],
    receivedAtMs: number,
    state?: Resolved["decoderState"],
  ): Kept {
    for (const { reason } of drops) dropsTotal.inc({ reason });
    if (!readings.length && !state) return { stored: 0, drops, committed: null };
    const row: Resolved = { channels: [], times: [], values: [], ...(state && { decoderState: state }) };
    for (const reading of readings) {
      const channel = speaker.find(reading, keys)!;
      row.channels.push(channel.id);
      row.times.push(reading.timeMs === null ? arrival(channel, receivedAtMs) : microseconds(reading.timeMs));
      row.values.push(typeof reading.value === "boolean" ? String(reading.value) : reading.value);
    }
    return { stored: readings.length, drops, committed: this.#buffer.add(row, speaker.owner) };
  }

  #writeJournal(speaker: Speaker, message: Message, { drops, decoded, format }: Omit<Kept, "committed">): void {
    const { deviceId } = speaker.identity;
    if (!drops.length && !this.#journal.wantsSample(deviceId, message.receivedAtMs)) return;
    const { transport, payload, receivedAtMs } = message;
    const address = message.topic ?? `${message.method ?? ""} ${message.path ?? ""}`;
    const heard = { deviceId, transport, address, payload, receivedAtMs };
    if (drops.length && !this.#journal.refuse(heard, drops)) return;
    const readings = (decoded ?? []).slice(0, 100).map(({ device, metric, value, unit, kind, timeMs }) => ({
      device,
      metric,
      value,
      unit,
      kind,
      time: timeMs === null ? null : new Date(timeMs).toISOString(),
    }));
    this.#journal.sample(heard, { format: format ?? null, readings, refusals: drops });
  }
}

interface Kept {
  stored: number;
  drops: Drop[];
  committed: Promise<void> | null;
  decoded?: DecodedReading[];
  format?: string | null;
  response?: HttpAnswer | undefined;
}

/** A payload without a time takes the server's time of arrival, strictly increasing per channel. */
function arrival(channel: { lastArrivalMs: number }, receivedAtMs: number): number {
  return (channel.lastArrivalMs = Math.max(receivedAtMs, channel.lastArrivalMs + 1));
}

/** Postgres keeps microseconds: what is finer is the same reading. */
const microseconds = (timeMs: number) => Math.round(timeMs * 1000) / 1000;
