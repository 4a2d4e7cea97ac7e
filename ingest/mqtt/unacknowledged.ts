import type { IPublishPacket } from "mqtt";

interface Known {
  packet: IPublishPacket;
  taken: Promise<void>;
}

/**
 * The messages of a session whose PUBACK the broker may not have. When the connection ends it delivers them again, with the DUP
 * flag and the packet identifier that they had (MQTT 5, section 4.4); but they are on their way into the database already, or in
 * it. Taken a second time, a reading without a time of its own would be stored twice.
 */
export class Unacknowledged {
  #known = new Map<number, Known>();

  /** Settles as `take` does; of a message that is delivered again, as the `take` of its first delivery. */
  take(packet: IPublishPacket, take: () => Promise<void>): Promise<void> {
    const { messageId, dup } = packet;
    if (messageId === undefined) return take();
    const known = this.#known.get(messageId);
    if (dup && known && isSame(known.packet, packet)) return known.taken;
    const taken = take();
    this.#known.set(messageId, { packet, taken });
    // What could not be taken is to be taken the next time.
    taken.catch(() => this.#known.get(messageId)?.taken === taken && this.#known.delete(messageId));
    return taken;
  }

  /** Its PUBACK was sent. */
  acknowledged(messageId: number | undefined): void {
    if (messageId !== undefined) this.#known.delete(messageId);
  }

  /** The broker has forgotten the session, and delivers nothing again. */
  forget(): void {
    this.#known.clear();
  }
}

const isSame = (a: IPublishPacket, b: IPublishPacket) =>
  a.topic === b.topic && Buffer.from(a.payload).equals(Buffer.from(b.payload));
