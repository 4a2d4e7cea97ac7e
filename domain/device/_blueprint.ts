/**
 * A new wire format, step by step:
 * 1. Copy this file to `<format>.ts`; rename the constant. Begin with what the format is, its units and its traps, one worked
 *    message, and the sources.
 * 2. Put captured messages into `fixtures/<format>/*.json` (their form: any file there; values invented, shapes real).
 * 3. Add one line to `registry.ts`. fixtures.test.ts then runs the samples; nothing else has to change.
 * A decoder is pure: no clock, no I/O, no Buffer. It never throws: what is wrong comes back as `error`, in one sentence that
 * says what is wrong and what is expected. What says "no value" is no reading, never 0 (payload.ts: numberOf).
 * This one reads {"p": 143} on the topic blueprint/<device> as power in W.
 */
import type { DecodedReading } from "../reading.ts";
import type { Decoded, Decoder, Message } from "./device.ts";
import { isObject, numberOf, parseJson, textOf } from "./payload.ts";

const topicPattern = /^blueprint\/(.+)$/;

export const blueprint: Decoder = {
  // The folder of its samples.
  format: "blueprint",
  // 100: an address that is only this format's; 50: a usual shape that others may share; 1: last resort.
  priority: 50,
  // Runs for every message that no decoder of higher priority took: look at the address first, at the payload last.
  match: ({ topic }) => topic !== undefined && topicPattern.test(topic),
  decode,
};

/** `state` is what this format returned as `state` for an earlier message of the same gateway; return it when it changes. */
function decode(message: Message): Decoded {
  const device = topicPattern.exec(message.topic ?? "")?.[1] ?? "@token";
  const parsed = parseJson(textOf(message.payload));
  if (!parsed.ok) return { readings: [], error: parsed.error };
  if (!isObject(parsed.value)) return { readings: [], error: 'an object such as {"p": 143} is expected' };
  const power = numberOf(parsed.value.p);
  if (power === "infinite") return { readings: [], error: "p is not a finite number" };
  const readings: DecodedReading[] = [];
  // timeMs null: the message has no time, the time of its arrival is taken.
  if (typeof power === "number")
    readings.push({ device, metric: "power", value: power, unit: "W", timeMs: null, kind: "gauge" });
  return { readings };
}
