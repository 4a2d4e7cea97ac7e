import { parser } from "mqtt-packet";
import type { Watch } from "./database-link.ts";

/**
 * Reads along between a broker and its ingest (MQTT 5): which readings the ingest was given, and which it acknowledged. Readings
 * are told apart by their value, `{"power":…}`.
 */
export class Witness {
  /** Values whose message the ingest has acknowledged. */
  acknowledged = new Set<number>();
  /** Values of messages that went to the ingest. Emptied by whoever ends the ingest or pulls its cable. */
  delivered = new Set<number>();

  watch = (): Watch => {
    const byId = new Map<number, number>();
    const [fromIngest, fromBroker] = [parser({ protocolVersion: 5 }), parser({ protocolVersion: 5 })];
    fromBroker.on("packet", (packet) => {
      if (packet.cmd !== "publish" || packet.messageId === undefined || !packet.payload.length) return;
      const value = (JSON.parse(packet.payload.toString()) as { power?: number }).power;
      if (value === undefined) return;
      byId.set(packet.messageId, value);
      this.delivered.add(value);
    });
    fromIngest.on("packet", (packet) => {
      if (packet.cmd !== "puback" || packet.messageId === undefined) return;
      const value = byId.get(packet.messageId);
      if (value !== undefined) this.acknowledged.add(value);
    });
    return { onward: (chunk) => void fromIngest.parse(chunk), back: (chunk) => void fromBroker.parse(chunk) };
  };
}
