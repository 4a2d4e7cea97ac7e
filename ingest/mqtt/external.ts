import { setTimeout as pause } from "node:timers/promises";
import type { IPublishPacket } from "mqtt";
import type { Identity } from "../../db/identities.ts";
import { ProcessNumbers } from "../../db/process-numbers.ts";
import type { Log } from "../../platform/log.ts";
import { counter, gauge } from "../../platform/metrics.ts";
import type { Request } from "../../domain/device/device.ts";
import type { AtMostOnce } from "../at-most-once.ts";
import type { DropReason } from "../drop.ts";
import type { Heard } from "../journal.ts";
import type { Receive } from "../receive.ts";
import type { Senders } from "../senders.ts";
import { AbandonedSessions } from "./abandoned-sessions.ts";
import type { BrokerAddress } from "./address.ts";
import { longestTopic } from "./broker.ts";
import { InStep } from "./in-step.ts";
import { topicFault } from "./namespace.ts";
import { isOurs, Subscriber } from "./subscriber.ts";

/**
 * The ingest at an external MQTT 5 broker (MQTT_URL). Devices publish below `t/<user name>/`, the ingest processes share
 * `t/#` among them, and each acknowledges after the commit. A process connects as `energy-ingest-<number>`, with the lowest
 * number that is free: one that starts again finds its session, or that of one that died, and what the broker held for it.
 */
export interface ExternalOptions {
  address: BrokerAddress;
  senders: Senders;
  receive: Receive;
  atMostOnce: AtMostOnce;
  /** The database is gone: messages wait. */
  isDown: () => boolean;
  /** The broker has Mosquitto's dynamic-security plugin, and the ingest tells it of the devices' credentials. */
  tellCredentials: boolean;
  log: Log;
}

const downPollMs = 50;

// The same counter as in receive.ts: of a name that nobody has, only the number is known.
const dropsTotal = counter("drops_total", "Messages and readings refused, by reason", ["reason"]);

export class ExternalBroker {
  #options: ExternalOptions;
  #numbers!: ProcessNumbers;
  #number = 0;
  #subscriber!: Subscriber;
  #abandoned!: AbandonedSessions;
  #inStep: InStep | null;
  #up: Promise<void> | null = null;
  #stopped = false;

  private constructor(options: ExternalOptions) {
    this.#options = options;
    this.#inStep = options.tellCredentials
      ? new InStep({ ...options, isReading: () => this.#subscriber.isReading })
      : null;
  }

  /** Resolves when the ingest has its number; the broker may come later. @throws when the database cannot be reached. */
  static async start(options: ExternalOptions): Promise<ExternalBroker> {
    const broker = new ExternalBroker(options);
    broker.#numbers = await ProcessNumbers.open(() => void broker.#regain());
    await broker.#begin();
    broker.credentialsChanged();
    broker.#abandoned = new AbandonedSessions({
      numbers: broker.#numbers,
      ownNumber: () => broker.#number,
      subscriber: (number) => broker.#subscriberAs(number, { retiring: true }),
      log: options.log,
    });
    gauge("mqtt_broker_connected", "1: the external MQTT broker is connected", () =>
      Number(broker.#subscriber.isConnected),
    );
    gauge(
      "mqtt_broker_unanswered",
      "Messages of the external broker that wait for their commit",
      () => broker.#subscriber.unanswered,
    );
    return broker;
  }

  /** Credentials were made, revoked or deleted (or may have been). */
  credentialsChanged(): void {
    this.#inStep?.changed();
  }

  /** Publishes below a credential's own prefix, to whoever subscribed there. Nothing while the broker is away: it is asked again. */
  tell({ username }: Identity, { topic, payload }: Request): void {
    this.#subscriber.publish(`t/${username}/${topic}`, payload).catch((error: Error) => {
      this.#options.log.debug({ reason: error.message }, "a device could not be told something over the MQTT broker");
    });
  }

  /** Takes nothing more; what was taken is acknowledged as it is committed. */
  async pause(): Promise<void> {
    this.#stopped = true;
    this.#subscriber.pause();
    await this.#inStep?.close();
    await this.#abandoned.close();
  }

  async close(): Promise<void> {
    await this.#subscriber.close();
    await this.#numbers.close();
  }

  async #begin(): Promise<void> {
    this.#number = await this.#numbers.lowest();
    this.#options.receive.arrivals.setProcess(this.#number);
    this.#subscriber = this.#subscriberAs(this.#number);
    this.#subscriber.connect();
  }

  #subscriberAs(number: number, how?: { retiring: boolean }): Subscriber {
    const { address, log } = this.#options;
    const take = (packet: IPublishPacket) => this.#take(packet);
    // It may have forgotten what it was told, or be another one.
    const told = { onConnect: () => this.credentialsChanged(), onReading: () => this.credentialsChanged() };
    return new Subscriber({ address, clientId: `energy-ingest-${number}`, take, ...told, log }, how);
  }

  // The database's connection broke, and our number was free for a moment: two processes with one number would put each
  // other out at the broker for ever.
  async #regain(): Promise<void> {
    try {
      if (this.#stopped || (await this.#numbers.takeAgain(this.#number))) return;
      await this.#subscriber.leave();
      await this.#begin();
    } catch (error) {
      this.#options.log.warn(
        { reason: (error as Error).message },
        "the database broke while a process number was taken",
      );
    }
  }

  async #take(packet: IPublishPacket): Promise<void> {
    const { topic, retain, qos } = packet;
    if (isOurs(packet)) return;
    const receivedAtMs = Date.now();
    // The broker keeps what is not acknowledged. What comes at QoS 0 nobody keeps: that has a way of its own.
    while (qos > 0 && this.#options.isDown()) {
      await (this.#up ??= this.#databaseUp());
      if (this.#stopped) throw new Error("the ingest is stopping");
    }
    const [, username, rest] = /^t\/([^/]+)\/(.+)$/s.exec(topic) ?? [];
    if (!username || !rest) return this.#refuseUnknown("unknown-credential");
    const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
    const identity = await this.#admit(username, { transport: "mqtt", address: rest, payload, receivedAtMs });
    if (!identity) return;
    const message = { transport: "mqtt" as const, topic: rest, retain, payload, receivedAtMs };
    if (qos === 0) await this.#options.atMostOnce.take(identity, message);
    else await this.#options.receive.message(identity, message);
  }

  /** Whose message it is; null: it is refused for good, on record where a device is known. */
  async #admit(username: string, heard: Omit<Heard, "deviceId">): Promise<Identity | null> {
    const { receive, senders } = this.#options;
    const identified = await senders.find(username);
    if (!identified.ok) {
      const { deviceId, reason } = identified;
      if (deviceId) receive.refuse({ deviceId, ...heard }, { reason, detail: "on the external broker" });
      else this.#refuseUnknown(reason);
      return null;
    }
    const { deviceId } = identified.identity;
    const fault = topicFault(heard.address, longestTopic);
    if (!fault) return identified.identity;
    receive.refuse({ deviceId, ...heard }, { reason: "topic-too-long", detail: fault });
    return null;
  }

  #refuseUnknown(reason: DropReason): void {
    dropsTotal.inc({ reason });
  }

  // One for all that wait, so that they go on in their order.
  async #databaseUp(): Promise<void> {
    while (this.#options.isDown() && !this.#stopped) await pause(downPollMs);
    this.#up = null;
  }
}
