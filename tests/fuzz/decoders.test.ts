import { expect, it } from "vitest";
import type { Message } from "../../domain/device/device.ts";
import { decodeMessage, decoders } from "../../domain/device/registry.ts";
import { Justified } from "./justified.ts";
import { fuzzDecoders, timeLimitMs } from "./run.ts";
import { receivedAtMs, seedsOfAll } from "./seeds.ts";

// The long run is `npx tsx scripts/fuzz.mts`. The seed is fixed: a test that fails must fail again.
it("decoders stand 20,000 inputs that no device would send", () => {
  const { faults, inputs, readings, slowestMs, byFormat } = fuzzDecoders(20_000, 1);
  expect(faults).toEqual([]);
  expect(inputs).toBeGreaterThanOrEqual(20_000);
  expect(readings).toBeGreaterThan(10_000);
  expect(slowestMs).toBeLessThan(timeLimitMs);
  for (const { format } of decoders) expect(byFormat.get(format), format).toBeGreaterThan(50);
}, 60_000);

it.each<[string, string, number, boolean]>([
  ["a number of the message", '{"p":12.5}', 12.5, true],
  ["in another unit", '{"p":12.5}', 12_500, true],
  ["in quotes", '{"p":"12.5"}', 12.5, true],
  ["negated", '{"p":12.5}', -12.5, true],
  ["the difference of two", '{"a":100.25,"b":30.5}', 69.75, true],
  ["0 for null", '{"p":null}', 0, false],
  ["0 for nothing", '{"p":"unavailable"}', 0, false],
  ["what was cut off", '{"p":12', 12.5, false],
  ["another number", '{"p":12.5}', 13.5, false],
])("a reading is justified: %s", (_, payload, value, expected) => {
  const message = { transport: "mqtt" as const, receivedAtMs, payload: new TextEncoder().encode(payload) };
  const reading = { device: "d", metric: "p", value, unit: null, timeMs: null, kind: "gauge" as const };
  expect(new Justified([message], null).holds(reading, [reading])).toBe(expected);
});

/** Every number of a JSON value, by the place where it stands. */
function numbersIn(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value === "number") return [path];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => numbersIn(child, [...path, key]));
}

function without(value: unknown, [key, ...rest]: (string | number)[], instead: unknown): unknown {
  if (key === undefined) return instead;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[key] = without(copy[key], rest, instead);
  return copy;
}

// 0 stands in nearly every message, so that a 0 for "no value" can only be told by taking single values away.
it("no reading comes of a value that is taken away", () => {
  let tried = 0;
  for (const { format, message } of seedsOfAll()) {
    const root = jsonOf(message.payload);
    const readings = readingsOf(message);
    for (const path of numbersIn(root)) {
      for (const instead of [null, undefined, "unavailable", ""]) {
        // A number alone on its topic is no JSON to its sender: there, words have no quotes.
        const text = path.length === 0 ? String(instead ?? "") : JSON.stringify(without(root, path, instead));
        const payload = new TextEncoder().encode(text);
        // Shelly's import is a difference: what was returned is in the total until it is known.
        const isDifference = format === "shelly-gen2" && path.includes("ret_aenergy");
        tried++;
        if (!isDifference)
          for (const reading of readingsOf({ ...message, payload }))
            expect(readings, `${format} without ${path.join(".")}`).toContain(reading);
      }
    }
  }
  expect(tried).toBeGreaterThan(500);
});

function jsonOf(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return null;
  }
}

const readingsOf = (message: Message) =>
  decodeMessage(message)
    .readings.filter(({ kind }) => kind !== "state")
    .map(({ metric, value, unit }) => `${metric} = ${String(value)} ${unit ?? ""}`);
