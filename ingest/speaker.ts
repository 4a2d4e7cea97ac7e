import { runAs } from "../db/actor.ts";
import type { NewChannel } from "../db/insert-channel.ts";
import { channelsOfDevice, createChannels, type IntakeChannel } from "../db/intake-channels.ts";
import { decoderStates } from "../db/decoder-states.ts";
import { asQuotaExceeded } from "../db/quota-exceeded.ts";
import { childDevice, claimExternalId, type ChildDevice, type Identity } from "../db/identities.ts";
import { rawRetentionDays } from "../db/retention-in-force.ts";
import type { DecoderState, Request, Sequence } from "../domain/device/device.ts";
import { channelKey } from "../domain/device/vocabulary.ts";
import type { DecodedReading } from "../domain/reading.ts";
import type { Arrivals, Clock } from "./arrivals.ts";
import type { Drop } from "./drop.ts";

/** Limits of one credential; a message beyond them is refused by name. */
export const mostDevices = 1_000;
export const mostChannels = 500;

/** When the plan has no room for something new, the next message asks again after so long. */
const fullForMs = 60_000;

/** From this many channels on, a sender's rows are worth spreading over the writers. */
const wideChannels = 100;

/** A channel in memory: where its readings go, and what it takes. */
export interface KnownChannel {
  id: number;
  deviceId: string;
  /** What is stored is the decoded value x factor + offset: not 1 and 0 only where a merged channel had another unit. */
  factor: number;
  offset: number;
  /** Limits of what is stored. */
  min: number | null;
  max: number | null;
  /** Shared by all keys of the channel, and by all who know it. */
  clock: Clock;
}

interface KnownDevice {
  deviceId: string;
  byKey: Map<string, KnownChannel>;
}

/**
 * One credential in this process: its devices and channels, and what its decoders remember. Messages of a credential go
 * through `inOrder`, so that none overtakes another while a channel is being made.
 */
export class Speaker {
  readonly identity: Identity;
  /** The same number for every message of this credential: its writer. */
  readonly owner: number;
  states = new Map<string, DecoderState>();
  /** Days that its organization keeps raw readings; null: for ever. */
  rawDays: number | null = null;
  /** Another process changed what a format remembers: to be loaded before the next message. */
  isStale = false;
  /** It has so many channels that its rows are spread over all writers. */
  isWide = false;
  /** Settles when what it sent so far is stored (or refused). */
  lastCommit: Promise<unknown> = Promise.resolve();
  #channels = 0;
  #asked = new Map<string, number>();
  #numbers = new Map<string, number>();
  #waitedFor = new Set<string>();
  #devices = new Map<string, KnownDevice>();
  #tail: Promise<unknown> | null = null;
  #full = new Map<string, { drop: Drop; untilMs: number }>();
  #arrivals: Arrivals;

  constructor(identity: Identity, owner: number, arrivals: Arrivals) {
    this.identity = identity;
    this.owner = owner;
    this.#arrivals = arrivals;
  }

  async load(): Promise<this> {
    this.states = await decoderStates(this.identity.deviceId);
    this.rawDays = await rawRetentionDays(this.identity.organizationId);
    this.isStale = false;
    return this;
  }

  /** Whether the gateway may be asked this now; the same topic not again within its time. */
  mayAsk({ topic, everyS }: Request, nowMs: number): boolean {
    if (nowMs - (this.#asked.get(topic) ?? -Infinity) < everyS * 1000) return false;
    if (this.#asked.size >= mostDevices) this.#asked.clear();
    this.#asked.set(topic, nowMs);
    return true;
  }

  /** Whether a message is missing between the last one of this row and this one. A number heard again is a redelivery. */
  hasMissed({ of, number, modulo, isFirst }: Sequence): boolean {
    const last = this.#numbers.get(of);
    if (this.#numbers.size >= mostDevices) this.#numbers.clear();
    this.#numbers.set(of, number);
    return last !== undefined && !isFirst && number !== last && number !== (last + 1) % modulo;
  }

  /** An announcement did not come: messages that can be read without it no longer wait. */
  waitedInVain(announcement: string): void {
    if (this.#waitedFor.size < mostChannels * 2) this.#waitedFor.add(announcement);
  }

  hasWaitedFor(announcement: string): boolean {
    return this.#waitedFor.has(announcement);
  }

  /** Runs `work` after all earlier work of this speaker; at once, when there is none. */
  inOrder<T>(work: () => T | Promise<T>): T | Promise<T> {
    if (!this.#tail) {
      const result = work();
      if (result instanceof Promise) this.#follow(result);
      return result;
    }
    const result = this.#tail.then(work, work);
    this.#follow(result);
    return result;
  }

  #follow(promise: Promise<unknown>): void {
    const settled: Promise<unknown> = promise.then(done, done);
    this.#tail = settled;
    const clear = () => {
      if (this.#tail === settled) this.#tail = null;
    };
    void settled.then(clear);
  }

  /** The channel of a reading, if it is known already. Readings of one message that share a tags object share its key's cost. */
  find(reading: DecodedReading, keys: KeyCache): KnownChannel | undefined {
    return this.#devices.get(reading.device)?.byKey.get(keys.of(reading));
  }

  /** The device that a name of its messages stands for, if it is known already. */
  deviceIdOf(name: string): string | undefined {
    return this.#devices.get(name)?.deviceId;
  }

  /**
   * Finds or makes what the readings speak of: what is made, the audit log says of the device that sent them. Answers a refusal
   * for each device or channel that may not be.
   */
  introduce(readings: readonly DecodedReading[], keys: KeyCache): Promise<Map<DecodedReading, Drop>> {
    return runAs({ kind: "device", id: this.identity.deviceId }, () => this.#introduce(readings, keys));
  }

  async #introduce(readings: readonly DecodedReading[], keys: KeyCache): Promise<Map<DecodedReading, Drop>> {
    const drops = new Map<DecodedReading, Drop>();
    for (const name of new Set(readings.map((r) => r.device))) {
      const ofDevice = readings.filter((r) => r.device === name);
      const device = this.#devices.get(name) ?? (await this.#meet(name));
      if ("reason" in device) for (const reading of ofDevice) drops.set(reading, device);
      else await this.#makeChannels(device, ofDevice, keys, drops);
    }
    if (!this.isWide && this.#channels >= wideChannels) {
      // What is on its way to the one writer must not be overtaken by what goes to another.
      await this.lastCommit.catch(() => {});
      this.isWide = true;
    }
    return drops;
  }

  async #meet(name: string): Promise<KnownDevice | Drop> {
    const found = await this.#deviceId(name);
    if ("reason" in found) return found;
    const device = { deviceId: found.id, byKey: new Map<string, KnownChannel>() };
    this.#remember(device, await channelsOfDevice(found.id, found.madeForId));
    this.#devices.set(name, device);
    return device;
  }

  async #deviceId(name: string): Promise<Pick<ChildDevice, "id" | "madeForId"> | Drop> {
    const { identity } = this;
    const own = { id: identity.deviceId, madeForId: identity.madeForId };
    if (name === "@token") return own;
    if (identity.kind === "gateway") {
      const child = await this.#withinQuota(`device ${name}`, () => childDevice(identity, name, mostDevices));
      if (child && "reason" in child) return child;
      if (!child) return { reason: "too-many-devices", detail: `"${name}" would be one more than ${mostDevices}` };
      if (child.fault === "deleted") return { reason: "another-device", detail: `"${name}" was deleted` };
      if (child.fault === "ignored") return { reason: "ignored-device", detail: `"${name}"` };
      return child;
    }
    identity.externalId ??= await claimExternalId(identity.madeForId, name);
    if (identity.externalId === name) return own;
    return {
      reason: "another-device",
      detail: `the message is from "${name}", this credential belongs to "${identity.externalId}"`,
    };
  }

  async #makeChannels(
    device: KnownDevice,
    readings: readonly DecodedReading[],
    keys: KeyCache,
    drops: Map<DecodedReading, Drop>,
  ): Promise<void> {
    const fresh = new Map<string, NewChannel>();
    for (const reading of readings) {
      const key = keys.of(reading);
      if (device.byKey.has(key) || fresh.has(key)) continue;
      if (device.byKey.size + fresh.size >= mostChannels) {
        drops.set(reading, {
          reason: "too-many-channels",
          detail: `"${key.slice(0, 200)}" would be one more than ${mostChannels}`,
        });
        continue;
      }
      const { metric, kind, unit, tags, durationS } = reading;
      const intervalS = kind === "delta" ? (durationS ?? null) : null;
      fresh.set(key, { key, metric, words: { kind, unit, ...(tags && { tags }) }, intervalS });
    }
    if (!fresh.size) return;
    const { organizationId } = this.identity;
    const made = await this.#withinQuota(`channels ${device.deviceId}`, () =>
      createChannels({ organizationId, deviceId: device.deviceId }, [...fresh.values()]),
    );
    if ("reason" in made) {
      for (const reading of readings) if (!device.byKey.has(keys.of(reading))) drops.set(reading, made);
    } else this.#remember(device, made);
  }

  /** Makes what is new; a refusal when the organization's plan has no room for it. */
  async #withinQuota<T>(what: string, make: () => Promise<T>): Promise<T | Drop> {
    const full = this.#full.get(what);
    if (full && Date.now() < full.untilMs) return full.drop;
    try {
      return await make();
    } catch (error) {
      const exceeded = asQuotaExceeded(error);
      if (!exceeded) throw error;
      const drop: Drop = { reason: "quota", detail: exceeded.message };
      if (this.#full.size >= mostDevices) this.#full.clear();
      this.#full.set(what, { drop, untilMs: Date.now() + fullForMs });
      return drop;
    }
  }

  #remember(device: KnownDevice, channels: readonly IntakeChannel[]): void {
    for (const { key, latestMs, ...channel } of channels) {
      if (device.byKey.has(key)) continue;
      const clock = this.#arrivals.clockOf(channel.id, latestMs);
      this.#channels++;
      device.byKey.set(key, { ...channel, deviceId: device.deviceId, clock });
    }
  }
}

/** The keys of one message's channels, worked out once for each tags object and metric. */
export class KeyCache {
  #byTags = new Map<Record<string, string> | undefined, Map<string, string>>();

  of({ metric, tags }: DecodedReading): string {
    let byMetric = this.#byTags.get(tags);
    if (!byMetric) this.#byTags.set(tags, (byMetric = new Map()));
    let key = byMetric.get(metric);
    if (key === undefined) byMetric.set(metric, (key = channelKey(metric, tags)));
    return key;
  }
}

const done = () => {};
