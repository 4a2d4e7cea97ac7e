import fc from "fast-check";
import { expect } from "vitest";
import type { Decoded, Decoder, Message } from "../../domain/device/device.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** An MQTT message for a decoder's test: text as it is, everything else as JSON. */
export function mqtt(topic: string, payload: unknown, config?: Record<string, unknown>): Message {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  return { transport: "mqtt", topic, receivedAtMs: 0, payload: bytes(text), ...(config && { config }) };
}

/** Metric and value of each reading, in short. */
export function valuesOf({ readings }: Decoded): Record<string, unknown> {
  return Object.fromEntries(readings.map(({ metric, value }) => [metric, value]));
}

/**
 * Sends a decoder whatever there is, on its own topics and any other, with states of its own and of nobody: it never
 * throws, its numbers are finite, and its states are no numbers.
 */
export function expectToBearAnything(decoder: Decoder, topics: string[], keys: string[]): void {
  const words = fc.constantFrom(
    ..."nan -inf 1e999 -0 12.5 unavailable unknown n/a ON off online {} [] null true 999 {".split(" "),
    "",
    ...keys,
  );
  const scalar = fc.oneof(words, fc.string(), fc.double(), fc.constant(null), fc.boolean());
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: "small" },
      scalar,
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(fc.oneof(fc.constantFrom(...keys, "__proto__"), fc.string()), tie("tree"), { maxKeys: 6 }),
    ),
  }));
  const part = fc.oneof(fc.constantFrom(...keys, ...topics.flatMap((topic) => topic.split("/"))), fc.string());
  const topic = fc.oneof(
    fc.constantFrom(...topics),
    fc.array(part, { maxLength: 6 }).map((parts) => parts.join("/")),
  );
  const payload = fc.oneof(
    words.map(bytes),
    fc.string().map(bytes),
    tree.map((value) => bytes(JSON.stringify(value) ?? "null")),
    fc.uint8Array({ maxLength: 40 }),
  );
  const message = fc.record({ topic, payload });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 4 }), tree, (messages, foreign) => {
      let state = typeof foreign === "object" && foreign !== null ? (foreign as Record<string, unknown>) : undefined;
      for (const each of messages) {
        const sent: Message = { transport: "mqtt", receivedAtMs: 0, ...each };
        decoder.match(sent);
        const decoded = decoder.decode(sent, state);
        for (const { value, kind, timeMs } of decoded.readings) {
          if (kind === "state") expect(["boolean", "string"]).toContain(typeof value);
          else expect(value).toSatisfy(Number.isFinite);
          if (timeMs !== null) expect(timeMs).toSatisfy(Number.isFinite);
        }
        state = decoded.state ?? state;
      }
    }),
    { numRuns: 1500 },
  );
}
