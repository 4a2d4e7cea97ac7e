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
  #history: string[] = [];
  #startMs = performance.now();
  #connections = 0;

  /** Something that befell all of them. */
  note(text: string): void {
    this.#history.push(`${Math.round(performance.now() - this.#startMs)} ms: ${text}`);
  }

  /** What was seen of these readings, and what was noted, in order. */
  historyOf(values: readonly number[]): string {
    const isTold = (line: string) => {
      const of = / of (\S+) /.exec(line)?.[1];
      return of === undefined || values.includes(Number(of));
    };
    return this.#history.filter(isTold).join("\n");
  }

  watch = (): Watch => {
    const connection = ++this.#connections;
    const byId = new Map<number, number>();
    const [fromIngest, fromBroker] = [parser({ protocolVersion: 5 }), parser({ protocolVersion: 5 })];
    fromBroker.on("packet", (packet) => {
      if (packet.cmd !== "publish" || packet.messageId === undefined || !packet.payload.length) return;
      const value = (JSON.parse(packet.payload.toString()) as { power?: number }).power;
      if (value === undefined) return;
      byId.set(packet.messageId, value);
      this.delivered.add(value);
      this.note(`delivery of ${value} as ${packet.messageId}${packet.dup ? ", again" : ""}, connection ${connection}`);
    });
    fromIngest.on("packet", (packet) => {
      if (packet.cmd !== "puback" || packet.messageId === undefined) return;
      const value = byId.get(packet.messageId);
      if (value === undefined) return;
      this.acknowledged.add(value);
      this.note(`PUBACK of ${value} as ${packet.messageId}, connection ${connection}`);
    });
    return { onward: (chunk) => void fromIngest.parse(chunk), back: (chunk) => void fromBroker.parse(chunk) };
  };
}
