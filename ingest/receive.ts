import type { Identity } from "../db/identities.ts";
import type { HttpAnswer, Message, Request } from "../domain/device/device.ts";
import { decodeMessage, greetings, type DecodedMessage } from "../domain/device/registry.ts";
import type { DecodedReading } from "../domain/reading.ts";
import { counter } from "../platform/metrics.ts";
import { Allowance, type Rates } from "./allowance.ts";
import { Arrivals } from "./arrivals.ts";
import type { Resolved } from "./batch.ts";
import { NotStorable, type Buffer } from "./buffer.ts";
import type { Drop } from "./drop.ts";
import type { Heard, Journal } from "./journal.ts";
import { judge, outsideLimits, tooOldToKeep } from "./judge.ts";
import type { Patience } from "./patience.ts";
import type { Pulse } from "./pulse.ts";
import type { Quotas } from "./quotas.ts";
import { KeyCache, type KnownChannel, type Speaker } from "./speaker.ts";
import { Speakers } from "./speakers.ts";
import { parkMessage, unknownFormatWaits } from "./waiting.ts";

/** What became of a message. Present only after all that could be stored is committed. */
export interface Received {
  stored: number;
  drops: Drop[];
  /** What the format's HTTP clients are told; absent: 204 or, with drops alone, an error. */
  response?: HttpAnswer | undefined;
  /** It is kept, and waits for this. */
  waitsFor?: string | undefined;
}

/** A message that comes out of a waiting place (parked, spooled), not off a connection. */
export interface Late {
  /** Last time given to a reading without one, by channel: those that come late keep the time of their own arrival. */
  arrivals: Map<number, number>;
  /** It has waited long enough: what can be understood is taken. */
  isFinal?: boolean;
}

export interface ReceiveOptions {
  buffer: Buffer;
  journal: Journal;
  patience: Patience;
  /** null: what comes is from files, and no device is heard by it. */
  pulse: Pulse | null;
  rates: Rates;
  /** null: what comes is from files, and no day's share of the plan. */
  quotas: Quotas | null;
  /** Tells the gateway what its decoder asks of it. */
  tell: (identity: Identity, request: Request) => void;
  /** A format's memory of a gateway changed, and is committed. */
  onStateChange: (identity: Identity) => void;
}

const messagesTotal = counter("messages_total", "Messages received", ["transport"]);
const readingsTotal = counter("readings_total", "Readings stored");
const dropsTotal = counter("drops_total", "Messages and readings refused, by reason", ["reason"]);

/**
 * The one path of every message, whatever brought it:
 * identify (done by the caller, who holds the connection) -> decode -> judge -> resolve -> buffer -> store.
 * Each step answers, or names a reason of `drop.ts`. A message whose announcement has not come is parked durably.
 */
export class Receive {
  readonly arrivals = new Arrivals();
  readonly speakers: Speakers;
  readonly allowance: Allowance;
  #options: ReceiveOptions;
  #stopped = false;

  constructor(options: ReceiveOptions) {
    this.#options = options;
    this.speakers = new Speakers(options.patience, this.arrivals);
    this.allowance = new Allowance(options.rates);
  }

  /** From here on every message is rejected: also a refusal is worth nothing where nobody writes it down any more. */
  stop(): void {
    this.#stopped = true;
  }

  /** Resolves when what the message says is committed (or parked, or refused for good). Rejects only when the ingest stops. */
  async message(identity: Identity, message: Message, late?: Late): Promise<Received> {
    if (this.#stopped) throw new Error("the ingest is stopping");
    messagesTotal.inc({ transport: message.transport });
    const known = this.speakers.known(identity);
    const speaker = known ?? (await this.#meet(identity));
    const { committed, ...result } = await speaker.inOrder(() => this.#take(speaker, message, late));
    if (!late) this.allowance.charge(identity, result.stored, message.receivedAtMs);
    const kept = await this.#settled(result, committed);
    if (kept.waitsFor === undefined || !late) this.#writeJournal(speaker, message, kept);
    return kept;
  }

  async #meet(identity: Identity): Promise<Speaker> {
    const { quotas, patience } = this.#options;
    if (quotas) await patience.until(() => quotas.meet(identity.organizationId));
    return this.speakers.load(identity);
  }

  /** Tells a gateway that is connected what its formats must tell it, each at most as often as it says. */
  async greet(identity: Identity): Promise<void> {
    const speaker = this.speakers.known(identity) ?? (await this.speakers.load(identity));
    for (const request of greetings(speaker.states)) {
      if (speaker.mayAsk(request, Date.now())) this.#options.tell(identity, request);
    }
  }

  /** Readings that are decoded already (history by import): the same path from `judge` on. */
  async readings(identity: Identity, readings: readonly DecodedReading[], receivedAtMs: number): Promise<Received> {
    const speaker = this.speakers.known(identity) ?? (await this.speakers.load(identity));
    const { committed, ...result } = await speaker.inOrder(() => this.#keep(speaker, readings, [], receivedAtMs));
    return this.#settled(result, committed);
  }

  /** A refusal before there was a speaker (wrong password): shown to the tenant whose device it names. */
  refuse(heard: Heard, drop: Drop): void {
    dropsTotal.inc({ reason: drop.reason });
    if (this.#options.journal.refuse(heard, [drop])) {
      this.#options.journal.sample(heard, { format: null, readings: [], refusals: [drop] });
    }
  }

  async #settled<T extends Received>(result: T, committed: Promise<void> | null): Promise<T> {
    try {
      await committed;
    } catch (error) {
      if (!(error instanceof NotStorable)) throw error;
      result.drops.push({ reason: "not-storable", detail: error.message });
      result.stored = 0;
    }
    if (result.stored) readingsTotal.inc(result.stored);
    return result;
  }

  #take(speaker: Speaker, message: Message, late: Late | undefined): Kept | Promise<Kept> {
    if (speaker.isStale)
      return this.#options.patience.until(() => speaker.load()).then(() => this.#take(speaker, message, late));
    const { decoded, configured } = decodeFor(speaker, message);
    if (decoded.state) return this.#changeState(speaker, configured, decoded.format!, late);
    return this.#taken(speaker, configured, decoded, late);
  }

  #taken(speaker: Speaker, message: Message, decoded: DecodedMessage, late: Late | undefined): Kept | Promise<Kept> {
    const { sequence } = decoded;
    const onGap = sequence && !late && speaker.hasMissed(sequence) ? [sequence.onGap] : [];
    for (const request of [...(decoded.requests ?? []), ...onGap]) {
      if (speaker.mayAsk(request, Date.now())) this.#options.tell(speaker.identity, request);
    }
    const waitsFor = decoded.format === null ? unknownFormatWaits(message) : decoded.awaits;
    if (late?.isFinal && waitsFor !== undefined) speaker.waitedInVain(waitsFor);
    const isReadable = decoded.readings.length > 0;
    if (waitsFor === undefined || late?.isFinal || (isReadable && speaker.hasWaitedFor(waitsFor)))
      return this.#keepDecoded(speaker, message, decoded, late);
    if (late) return { ...nothing(), waitsFor };
    return this.#wait(speaker, message, decoded, waitsFor);
  }

  /** Another process may have heard the announcement meanwhile: only then is the message parked. */
  async #wait(speaker: Speaker, message: Message, decoded: DecodedMessage, waitsFor: string): Promise<Kept> {
    const { patience } = this.#options;
    if (decoded.awaits !== undefined) {
      await patience.until(() => speaker.load());
      const again = decodeFor(speaker, message).decoded;
      if (again.awaits === undefined) return this.#keepDecoded(speaker, message, again, undefined);
    }
    const isParked = await patience.until(() => parkMessage(speaker.identity, message, decoded, waitsFor));
    if (isParked) {
      const { format, response, error } = decoded;
      // Kept, but on record: only a person can say what it means.
      const drops: Drop[] = format === null ? [{ reason: "unknown-format", detail: error ?? "" }] : [];
      return { ...nothing(), drops, waitsFor, format, response };
    }
    if (decoded.readings.length > 0 || decoded.format === null)
      return this.#keepDecoded(speaker, message, decoded, undefined);
    return { ...nothing(), drops: [{ reason: "waiting-room-full", detail: `it waits for ${waitsFor}` }] };
  }

  // One process at a time may change what a format remembers of a gateway, and starts from what is committed: the message is
  // decoded again with that, and its readings are stored before its state.
  async #changeState(speaker: Speaker, message: Message, format: string, late: Late | undefined): Promise<Kept> {
    const { patience, onStateChange } = this.#options;
    let hasChanged = false;
    const kept = await patience.until(() =>
      this.speakers.changingState(speaker, format, async () => {
        const { decoded } = decodeFor(speaker, message);
        hasChanged = decoded.state !== undefined;
        const result = await this.#taken(speaker, message, decoded, late);
        await result.committed;
        return { state: decoded.state, result };
      }),
    );
    if (hasChanged) onStateChange(speaker.identity);
    return kept;
  }

  #keepDecoded(
    speaker: Speaker,
    message: Message,
    decoded: DecodedMessage,
    late: Late | undefined,
  ): Kept | Promise<Kept> {
    const drops: Drop[] = (decoded.refusals ?? []).map(({ reason, detail }) => ({
      reason: "malformed",
      detail: `${reason}: ${detail}`,
    }));
    if (decoded.error && !drops.length) {
      drops.push({ reason: decoded.format ? "malformed" : "unknown-format", detail: decoded.error });
    }
    const extra = { format: decoded.format ?? null, decoded: decoded.readings, response: decoded.response };
    const kept = this.#keep(speaker, decoded.readings, drops, message.receivedAtMs, late);
    return kept instanceof Promise ? kept.then((k) => ({ ...k, ...extra })) : { ...kept, ...extra };
  }

  #keep(
    speaker: Speaker,
    readings: readonly DecodedReading[],
    drops: Drop[],
    receivedAtMs: number,
    late?: Late,
  ): Kept | Promise<Kept> {
    const good: DecodedReading[] = [];
    for (const reading of readings) {
      const fault = judge(reading, receivedAtMs) ?? tooOldToKeep(reading, speaker.rawDays, receivedAtMs);
      if (fault) drops.push(fault);
      else good.push(reading);
    }
    const keys = new KeyCache();
    if (good.every((reading) => speaker.find(reading, keys))) {
      return this.#buffered(speaker, good, keys, drops, receivedAtMs, late);
    }
    return this.#options.patience
      .until(() => speaker.introduce(good, keys))
      .then((refused) => {
        drops.push(...new Set(refused.values()));
        const known = good.filter((reading) => !refused.has(reading) && speaker.find(reading, keys));
        return this.#buffered(speaker, known, keys, drops, receivedAtMs, late);
      });
  }

  #buffered(
    speaker: Speaker,
    given: readonly DecodedReading[],
    keys: KeyCache,
    drops: Drop[],
    receivedAtMs: number,
    late?: Late,
  ): Kept {
    const readings = this.#withinQuota(speaker, given, drops);
    const row: Resolved = { channels: [], times: [], values: [], mayRepeat: false };
    const heard = new Heartbeat(this.#options.pulse, receivedAtMs);
    for (const reading of readings) {
      const channel = speaker.find(reading, keys)!;
      const value = storedValue(reading, channel);
      const fault = outsideLimits(reading, value, channel);
      if (fault) {
        drops.push(fault);
        continue;
      }
      const time = this.#timeOf(reading, channel, receivedAtMs, late);
      row.channels.push(channel.id);
      row.times.push(time);
      row.values.push(value);
      if (time > channel.clock.newestMs) channel.clock.newestMs = time;
      else row.mayRepeat = true;
      heard.beat(channel.deviceId, reading.timeMs);
    }
    heard.end();
    for (const { reason } of drops) dropsTotal.inc({ reason });
    const stored = row.channels.length;
    if (!stored) return { stored, drops, committed: null };
    const { buffer, quotas } = this.#options;
    quotas?.took(speaker.identity.organizationId, stored, Date.now());
    const committed = speaker.isWide ? buffer.addSpread(row) : buffer.add(row, speaker.owner);
    speaker.lastCommit = committed;
    return { stored, drops, committed };
  }

  #timeOf(
    { timeMs }: DecodedReading,
    { id, clock }: KnownChannel,
    receivedAtMs: number,
    late: Late | undefined,
  ): number {
    if (timeMs !== null) return microseconds(timeMs);
    return microseconds(
      late ? this.arrivals.late(late.arrivals, id, receivedAtMs) : this.arrivals.next(clock, receivedAtMs),
    );
  }

  /** A message is taken whole, or nothing of it, for the day's share is used up. */
  #withinQuota(speaker: Speaker, given: readonly DecodedReading[], drops: Drop[]): readonly DecodedReading[] {
    const { quotas } = this.#options;
    if (!quotas || !given.length) return given;
    const { organizationId } = speaker.identity;
    const refusal = quotas.refusal(organizationId, Date.now());
    if (!refusal) return given;
    drops.push(refusal);
    quotas.refused(organizationId, given.length, Date.now());
    return [];
  }

  #writeJournal(speaker: Speaker, message: Message, kept: Omit<Kept, "committed">): void {
    if (speaker.identity.kind === "gateway") this.#writeChildren(speaker, message, kept);
    const { journal } = this.#options;
    const { drops, decoded, format, waitsFor } = kept;
    const { deviceId } = speaker.identity;
    if (!drops.length && !journal.wantsSample(deviceId, message.receivedAtMs)) return;
    const heard = heardOf(deviceId, message);
    if (drops.length && !journal.refuse(heard, drops)) return;
    const waits = waitsFor === undefined ? [] : [{ reason: "waiting", detail: `kept, it waits for ${waitsFor}` }];
    journal.sample(heard, {
      format: format ?? null,
      readings: (decoded ?? []).slice(0, mostShown).map(shownReading),
      refusals: [...drops, ...waits],
    });
  }

  /** What a gateway says of a device is that device's message too: the first one is what a person decides by. */
  #writeChildren(speaker: Speaker, message: Message, { decoded = [], format }: Omit<Kept, "committed">): void {
    const { journal } = this.#options;
    for (let i = 0; i < decoded.length; i++) {
      const { device } = decoded[i]!;
      if (device === decoded[i - 1]?.device) continue;
      const deviceId = speaker.deviceIdOf(device);
      if (deviceId === undefined || !journal.wantsSample(deviceId, message.receivedAtMs)) continue;
      const own = decoded.filter((reading) => reading.device === device).slice(0, mostShown);
      const understood = { format: format ?? null, readings: own.map(shownReading), refusals: [] };
      journal.sample(heardOf(deviceId, message), understood);
    }
  }
}

/** Readings of a message that are shown with it. */
const mostShown = 100;

function heardOf(deviceId: string, { transport, topic, method, path, payload, receivedAtMs }: Message): Heard {
  const address = topic ?? `${method ?? ""} ${path ?? ""}`;
  return { deviceId, transport, address, payload, receivedAtMs };
}

const shownReading = ({ device, metric, value, unit, kind, timeMs }: DecodedReading) => ({
  ...{ device, metric, value, unit, kind },
  time: timeMs === null ? null : new Date(timeMs).toISOString(),
});

/** Tells the pulse of each device that a message speaks of, once; readings of one device usually follow one another. */
class Heartbeat {
  #pulse: Pulse | null;
  #receivedAtMs: number;
  #deviceId: string | null = null;
  #readings = 0;
  #newestMs: number | null = null;

  constructor(pulse: Pulse | null, receivedAtMs: number) {
    this.#pulse = pulse;
    this.#receivedAtMs = receivedAtMs;
  }

  beat(deviceId: string, timeMs: number | null): void {
    if (deviceId !== this.#deviceId) {
      this.end();
      this.#deviceId = deviceId;
    }
    this.#readings++;
    if (timeMs !== null && (this.#newestMs === null || timeMs > this.#newestMs)) this.#newestMs = timeMs;
  }

  end(): void {
    if (this.#deviceId !== null) this.#pulse?.heard(this.#deviceId, this.#readings, this.#newestMs, this.#receivedAtMs);
    this.#readings = 0;
    this.#newestMs = null;
  }
}

interface Kept extends Received {
  committed: Promise<void> | null;
  decoded?: DecodedReading[];
  format?: string | null;
}

const nothing = (): Kept => ({ stored: 0, drops: [], committed: null });

function decodeFor(speaker: Speaker, message: Message): { decoded: DecodedMessage; configured: Message } {
  const configured = { ...message, config: speaker.identity.config };
  return { configured, decoded: decodeMessage(configured, (format) => speaker.states.get(format)) };
}

function storedValue({ value }: DecodedReading, { factor, offset }: KnownChannel): number | string {
  if (typeof value === "number") return factor === 1 && offset === 0 ? value : value * factor + offset;
  return typeof value === "boolean" ? String(value) : value;
}

/** Postgres keeps microseconds: what is finer is the same reading. */
const microseconds = (timeMs: number) => Math.round(timeMs * 1000) / 1000;
