import { expect, it } from "vitest";
import { decoders } from "../../domain/device/registry.ts";
import { Justified } from "./justified.ts";
import { fuzzDecoders, timeLimitMs } from "./run.ts";
import { receivedAtMs } from "./seeds.ts";

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
