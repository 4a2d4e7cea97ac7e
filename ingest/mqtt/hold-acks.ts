import type { IPublishPacket, MqttClient, Packet } from "mqtt";

/** MQTT.js' own way to the socket, which its public hooks do not reach (mqtt is pinned to an exact version; a test holds this). */
interface Sending {
  _sendPacket(packet: Packet, sent?: (error?: Error) => void, ...rest: unknown[]): void;
}

interface Held {
  messageId: number | undefined;
  ready: boolean;
}

/**
 * Keeps back the PUBACKs that MQTT.js would send as soon as it has read a message, so that many messages can wait for their
 * commit at once. Sent in the order in which the messages came, as MQTT 5 section 4.6 demands. Must be made before the client
 * connects: a message that arrives with the CONNACK would be acknowledged at once.
 */
export class HeldAcks {
  #client: MqttClient;
  #send: Sending["_sendPacket"];
  #held: Held[] = [];
  #onSent: (messageId: number | undefined) => void;

  /** `onSent` is told the id of each message whose PUBACK was sent. */
  constructor(client: MqttClient, onSent: (messageId: number | undefined) => void) {
    this.#onSent = onSent;
    const sending = client as unknown as Sending;
    this.#client = client;
    this.#send = sending._sendPacket.bind(client);
    sending._sendPacket = (packet, sent, ...rest) => {
      if (packet.cmd === "puback") sent?.();
      else this.#send(packet, sent, ...rest);
    };
    // The broker delivers again what was not acknowledged, under new ids: those of an ended connection mean nothing.
    client.on("close", () => (this.#held = []));
  }

  /** Messages that came on this connection and are not acknowledged. */
  get count(): number {
    return this.#held.length;
  }

  /** To be called for each message in the order of arrival. Answers what releases its PUBACK. */
  hold({ qos, messageId }: IPublishPacket): () => void {
    // What is read of a connection that has ended is delivered again on the next one, or never: its id means nothing there.
    if (qos === 0 || !this.#client.connected) return () => {};
    const mine: Held = { messageId, ready: false };
    const connection = this.#held;
    connection.push(mine);
    return () => {
      mine.ready = true;
      if (connection === this.#held) this.#flush();
    };
  }

  #flush(): void {
    while (this.#held[0]?.ready && this.#client.connected) {
      const { messageId } = this.#held.shift()!;
      this.#send({ cmd: "puback", messageId, reasonCode: 0 });
      this.#onSent(messageId);
    }
  }
}
