import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { registerHistory } from "../../tests/support/register-history.ts";
import { fold } from "../rollup/fold.ts";
import { resolveGap, type EnergyChannel } from "./channel-config.ts";
import { piecesOf } from "./pieces.ts";
import { readRegister } from "./register.ts";

const noon = Date.UTC(2026, 2, 1, 12);
const minute = 60_000;

const channels: fc.Arbitrary<EnergyChannel> = fc.record({
  kind: fc.constantFrom("gauge", "delta", "counter"),
  quantity: fc.constant("power"),
  unit: fc.constant(null),
  direction: fc.constantFrom("import", "both"),
  stamp: fc.constantFrom("instant", "start", "end"),
  reporting: fc.constantFrom("periodic", "on-change"),
  expectedIntervalS: fc.constantFrom(60, 900),
  maxGapS: fc.constant(null),
  maxPowerW: fc.constant(50_000),
  registerMax: fc.constant(null),
  restartsDaily: fc.constant(false),
});

const counter = (over: Partial<EnergyChannel> = {}): EnergyChannel => ({
  ...fc.sample(channels, { seed: 1, numRuns: 1 })[0]!,
  ...{ kind: "counter", direction: "import", stamp: "instant", reporting: "periodic", expectedIntervalS: 60 },
  ...over,
});

function explained(
  channel: EnergyChannel,
  values: readonly { timeMs: number; value: number }[],
  window: [number, number],
) {
  const gap = resolveGap(channel, null);
  const steps =
    channel.kind === "counter" ? readRegister({ channel, readings: values, limitOf: () => 50 }).steps : undefined;
  const input = { channel, gapOf: () => gap, readings: values, steps, fromMs: window[0], toMs: window[1] };
  return { pieces: piecesOf(input), buckets: fold(input) };
}

describe("the pieces of a window", () => {
  test("add up to its energy, whatever the channel and the history, and however the window cuts them", () => {
    const windows = fc.tuple(fc.integer({ min: -100, max: 4_000 }), fc.integer({ min: 1, max: 2_000 }));
    fc.assert(
      fc.property(channels, registerHistory(noon, 40), windows, (channel, history, [from, length]) => {
        const window: [number, number] = [noon + from * 7_001, noon + (from + length) * 7_001];
        const { pieces, buckets } = explained(channel, history, window);
        for (const key of ["energyKwh", "reverseKwh"] as const) {
          const total = buckets.reduce((sum, b) => sum + b[key], 0);
          const sum = pieces.reduce((n, piece) => n + piece[key], 0);
          expect(Math.abs(sum - total)).toBeLessThanOrEqual(1e-9 * Math.max(1, total));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test("say which readings stand behind them", () => {
    const readings = [100, 101, 0, 102].map((value, i) => ({ timeMs: noon + i * minute, value }));
    const { pieces } = explained(counter(), readings, [noon + 30_000, noon + 3 * minute]);
    expect(pieces).toMatchObject([
      { from: readings[0], to: readings[1], how: "register", turned: 1, energyKwh: 0.5, estimatedKwh: 0 },
      { from: readings[1], to: readings[3], turned: 1, energyKwh: 1 },
    ]);
  });

  test("a hole is a piece without energy", () => {
    const readings = [1000, 1000].map((value, i) => ({ timeMs: noon + i * 60 * minute, value }));
    const gauge = counter({ kind: "gauge", quantity: "power" });
    const { pieces } = explained(gauge, readings, [noon, noon + 60 * minute]);
    expect(pieces).toMatchObject([{ how: "line", isCovered: false, energyKwh: 0 }]);
  });
});
