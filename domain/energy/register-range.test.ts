import fc from "fast-check";
import { expect, test } from "vitest";
import { energyMeter } from "../../tests/support/energy-meter.ts";
import { rangeAbove } from "./register-range.ts";

test.each([
  [999.9, 1_000],
  [1_000, 10_000],
  [0.05, 0.1],
  [0, 0],
  [-3, 0],
])("above %s kWh a register turns over at %s", (value, range) => {
  expect(rangeAbove(value, {})).toBe(range);
});

test("a register turns over at a power of ten of its own unit", () => {
  const giga = { scale: 1000 / 3.6, shift: 0 };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9_999_999 }), fc.integer({ min: 0, max: 3 }), (whole, decimals) => {
      const shown = whole / 10 ** decimals;
      expect(rangeAbove(shown * giga.scale, giga)).toBeCloseTo(rangeAbove(shown, {}) * giga.scale, 6);
    }),
  );
});

test("999.9 GJ, then 0.1 GJ is a rollover, as it is in kWh", () => {
  const answer = energyMeter({
    channel: { kind: "counter", unit: "GJ", maxPowerW: 1_000_000, expectedIntervalSeconds: 3_600 },
    readings: [
      ["2026-03-01T00:00:00Z", 999.8],
      ["2026-03-01T01:00:00Z", 999.9],
      ["2026-03-01T02:00:00Z", 0.1],
      ["2026-03-01T03:00:00Z", 0.2],
    ],
  });
  expect(answer).toMatchObject({ events: [{ type: "rollover", time: "2026-03-01T02:00:00Z" }] });
});

test.each(["delta", "gauge", "counter"] as const)("a %s without readings has no buckets", (kind) => {
  const unit = kind === "gauge" ? "W" : "kWh";
  expect(energyMeter({ channel: { kind, unit, stamp: "start" }, readings: [] })).toMatchObject({
    energyKwh: 0,
    buckets: [],
  });
});
