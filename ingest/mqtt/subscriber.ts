import { setTimeout as pause } from "node:timers/promises";
import type { IPublishPacket, MqttClient } from "mqtt";
import type { Log } from "../../platform/log.ts";
import { clientFor, endClient, type BrokerAddress } from "./address.ts";
import { HeldAcks } from "./hold-acks.ts";
import { Unacknowledged } from "./unacknowledged.ts";

/** All that devices publish on an external broker; each ingest process gets a share. */
export const sharedFilter = "$share/ingest/t/#";

/** On what the ingest publishes itself, which its own subscription would bring back to it. */
const ofOurs = { from: "energy-tracking" };
export const isOurs = ({ properties }: IPublishPacket) => properties?.userProperties?.["from"] === ofOurs.from;

/** Unacknowledged messages that the broker may have with one ingest process, and what all unanswered ones may weigh. */
const mostUnanswered = 1_000;
const mostUnansweredBytes = 64_000_000;
/** How long the broker keeps what came while this session had no connection. */
const sessionExpiryS = 7 * 86_400;
/** Ahead of the devices: Mosquitto 2.0.11 forgets shared subscriptions when it restarts, and what comes before them is nobody's. */
const reconnectMs = 200;
const retryMs = 1_000;

export interface SubscriberOptions {
  address: BrokerAddress;
  clientId: string;
  /**
   * Resolves when the message may be acknowledged, rejects when the broker is to deliver it again. Whether or not the connection
   * that brought it has ended meanwhile: a broker that was killed may have had it nowhere else.
   */
  take: (packet: IPublishPacket) => Promise<void>;
  /** A connection stands (again). */
  onConnect?: () => void;
  /** What devices publish comes here (again). */
  onReading?: () => void;
  log: Log;
}

/**
 * One persistent MQTT 5 session at an external broker. A message is acknowledged when `take` has resolved; above the stated
 * bounds nothing more is read. Connects again for ever.
 */
export class Subscriber {
  #client: MqttClient;
  #acks: HeldAcks;
  #unacknowledged = new Unacknowledged();
  #isReading = false;
  #refusals = 0;
  #options: SubscriberOptions;
  /** Stands for the connection of now: another object after it ended. */
  #connection = {};
  #unanswered = 0;
  #unansweredBytes = 0;
  #readOn: (() => void) | null = null;
  #paused = false;
  #lastTrouble = "";

  /** `retiring`: only takes what its session still holds, on one connection (`retire`). */
  constructor(options: SubscriberOptions, { retiring = false } = {}) {
    this.#options = options;
    this.#client = clientFor(options.address, {
      clientId: options.clientId,
      clean: false,
      keepalive: 30,
      properties: { sessionExpiryInterval: sessionExpiryS, receiveMaximum: mostUnanswered },
      reconnectPeriod: retiring ? 0 : reconnectMs,
      reconnectOnConnackError: !retiring,
    });
    this.#acks = new HeldAcks(this.#client, (messageId) => this.#unacknowledged.acknowledged(messageId));
    this.#client.handleMessage = (packet, done) => this.#handle(packet, done);
    this.#client.on("error", (error) => this.#trouble(error.message));
    this.#client.on("close", () => {
      this.#connection = {};
      this.#isReading = false;
      this.#trouble("the connection ended");
    });
    if (!retiring) this.#client.on("connect", ({ sessionPresent }) => void this.#subscribe(sessionPresent));
  }

  get isConnected(): boolean {
    return this.#client.connected;
  }

  /** Whether the broker gives this session its share. */
  get isReading(): boolean {
    return this.#isReading;
  }

  /** Messages taken and not settled, those of ended connections included. */
  get unanswered(): number {
    return this.#unanswered;
  }

  connect(): void {
    this.#client.connect();
  }

  /** At QoS 0: rejects when there is no connection. */
  async publish(topic: string, payload: string | Uint8Array): Promise<void> {
    const body = typeof payload === "string" ? payload : Buffer.from(payload);
    await this.#client.publishAsync(topic, body, { qos: 0, properties: { userProperties: ofOurs } });
  }

  /** Takes nothing more; what is taken is still acknowledged. The session stays, and with it what the broker keeps for it. */
  pause(): void {
    this.#paused = true;
    this.#readOn?.();
  }

  async close(): Promise<void> {
    this.pause();
    await endClient(this.#client);
  }

  /** Ends the connection, and takes what comes on it until then: the broker need not have it any more. The session stays. */
  async leave(): Promise<void> {
    await endClient(this.#client);
  }

  /**
   * For a session that nobody connects to any more: takes no further share, takes what the broker still holds for it, and
   * ends it. Answers the number of messages that it held; rejects when the connection breaks meanwhile.
   */
  async retire(): Promise<number> {
    let taken = 0;
    this.#client.on("packetreceive", ({ cmd }) => void (taken += Number(cmd === "publish")));
    const ended = new Promise<never>((_resolve, reject) => {
      this.#client.once("close", () => reject(new Error(this.#lastTrouble)));
    });
    ended.catch(() => {});
    const connected = new Promise<{ sessionPresent: boolean }>((resolve) => this.#client.once("connect", resolve));
    this.connect();
    const { sessionPresent } = await Promise.race([connected, ended]);
    if (sessionPresent) {
      await Promise.race([this.#drain(), ended]);
      // The last one was ours.
      taken--;
    }
    this.pause();
    await endClient(this.#client, { reasonCode: 0, properties: { sessionExpiryInterval: 0 } });
    return taken;
  }

  // However slow the broker is: messages come in order, so after one of our own there is nothing more.
  async #drain(): Promise<void> {
    const mine = `t/${this.#options.clientId}/retired`;
    await this.#client.unsubscribeAsync(sharedFilter);
    const isLast = new Promise<void>((resolve) => {
      this.#client.on("packetreceive", (packet) => {
        if (packet.cmd === "publish" && packet.topic === mine) resolve();
      });
    });
    await this.#client.subscribeAsync(mine, { qos: 1 });
    await this.#client.publishAsync(mine, "", { qos: 1, properties: { userProperties: ofOurs } });
    await isLast;
    while (this.#acks.count > 0) await pause(50);
  }

  async #subscribe(sessionPresent: boolean): Promise<void> {
    const { log, address, clientId, onConnect, onReading } = this.#options;
    if (!sessionPresent) this.#unacknowledged.forget();
    this.#lastTrouble = "";
    const broker = `${address.host}:${address.port}`;
    log.info({ broker, clientId, sessionPresent }, "connected to the MQTT broker");
    onConnect?.();
    const isCurrent = this.#isCurrent();
    while (isCurrent()) {
      try {
        // With the flag as published, because a decoder may want to know what was retained.
        await this.#client.subscribeAsync(sharedFilter, { qos: 1, rap: true });
        if (!isCurrent()) return;
        this.#isReading = true;
        this.#refusals = 0;
        return onReading?.();
      } catch (error) {
        if (!isCurrent()) return;
        // A broker that has just started lets the ingest read only when it was told to. The connection stays: what the session
        // brings on it may be nowhere else.
        const { message } = error as Error;
        if (this.#refusals++)
          log.error({ broker, reason: message }, `the MQTT broker does not let the ingest read ${sharedFilter}`);
        await pause(retryMs);
      }
    }
  }

  /** Answers what tells whether the connection of now still stands. */
  #isCurrent(): () => boolean {
    const connection = this.#connection;
    return () => connection === this.#connection;
  }

  #handle(packet: IPublishPacket, done: () => void): void {
    // Read, so that the connection can end, and not acknowledged: it is delivered again.
    if (this.#paused) return done();
    const isCurrent = this.#isCurrent();
    const release = this.#acks.hold(packet);
    this.#unacknowledged
      .take(packet, () => this.#take(packet))
      .then(release, (error: Error) => this.#again(error, isCurrent));
    if (this.#hasRoom()) return done();
    this.#readOn = () => {
      this.#readOn = null;
      done();
    };
  }

  async #take(packet: IPublishPacket): Promise<void> {
    const bytes = packet.payload.length + packet.topic.length;
    this.#unanswered++;
    this.#unansweredBytes += bytes;
    try {
      await this.#options.take(packet);
    } finally {
      this.#unanswered--;
      this.#unansweredBytes -= bytes;
      if (this.#readOn && this.#hasRoom()) this.#readOn();
    }
  }

  #hasRoom(): boolean {
    return this.#unanswered < 2 * mostUnanswered && this.#unansweredBytes < mostUnansweredBytes;
  }

  // A new connection is the way to be given again, in their order, all messages that were not acknowledged.
  async #again(error: Error, isCurrent: () => boolean): Promise<void> {
    if (this.#paused || !isCurrent()) return;
    this.#trouble(`a message could not be taken (${error.message}): the broker is asked to deliver it again`);
    await pause(retryMs);
    if (isCurrent()) this.#client.stream.destroy();
  }

  /** Says a trouble once, not at every attempt. */
  #trouble(reason: string): void {
    if (this.#paused || reason === this.#lastTrouble) return;
    const { host, port } = this.#options.address;
    // What follows from a trouble that was said already.
    if (reason === "the connection ended" && this.#lastTrouble) return;
    this.#lastTrouble = reason;
    this.#options.log.warn({ broker: `${host}:${port}`, reason }, "trouble with the MQTT broker; connecting again");
  }
}
