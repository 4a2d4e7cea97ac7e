import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { localSteps, stepNames } from "../local-time/steps.ts";
import type { Reading } from "../reading.ts";
import { bucketMs, bucketStart, type Bucket } from "../rollup/bucket.ts";
import { compose } from "../rollup/compose.ts";
import { registerHistory } from "../../tests/support/register-history.ts";
import type { EnergyChannel } from "./channel-config.ts";
import { isPlainAt } from "./event.ts";
import { meter, type Metered } from "./meter.ts";
import { readRegister } from "./register.ts";

/** The six properties of the rules of energy over random lives of registers, about changes of the clocks in several zones. */
const zones = ["Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Santiago", "UTC"];
const origins = [Date.UTC(2026, 2, 28, 12), Date.UTC(2026, 3, 4, 12), Date.UTC(2026, 9, 3, 12)];
const zone = fc.constantFrom(...zones);
const histories = fc.constantFrom(...origins).chain((origin) => registerHistory(origin));

const channels: fc.Arbitrary<EnergyChannel> = fc.record({
  kind: fc.constant("counter"),
  quantity: fc.constant("energy"),
  unit: fc.constantFrom("kWh", "kWh", "kWh", "m3"),
  direction: fc.constantFrom("import", "production", "both", null),
  stamp: fc.constant("instant"),
  reporting: fc.constantFrom("periodic", "periodic", "on-change"),
  expectedIntervalS: fc.constantFrom(60, 900, null),
  maxGapS: fc.constantFrom(null, null, 3600),
  maxPowerW: fc.constantFrom(50_000, 50_000, 10_000, null),
  registerMax: fc.constantFrom(null, null, 10_000),
  restartsDaily: fc.constantFrom(false, false, true),
});

const sumOf = (list: readonly Bucket[], key: "energyKwh" | "reverseKwh" | "estimatedKwh" | "coveredS") =>
  list.reduce((sum, b) => sum + b[key], 0);
const near = (a: number, b: number, scale: number) => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(scale), 1e-6);
const shuffled = (readings: readonly Reading[], salt: number) =>
  [...readings].sort((a, b) => ((a.timeMs * (7919 + salt)) % 104_729) - ((b.timeMs * (7919 + salt)) % 104_729));
const run = (channel: EnergyChannel, arrivals: readonly Reading[], timezone = "UTC"): Metered =>
  meter({ channel, arrivals, timezone });

describe("for any life of a register", () => {
  test("1: any order and repetition gives the same buckets and events, bit for bit; the later arrival of a time is the reading", () => {
    fc.assert(
      fc.property(channels, histories, fc.nat(), fc.array(fc.nat()), (channel, readings, salt, picks) => {
        const again = picks.map((n) => readings[n % readings.length]!);
        const wrong = again.map((r) => ({ ...r, value: r.value / 2 + 7 }));
        const arrivals = [...wrong, ...shuffled(readings, salt), ...again];
        expect(run(channel, arrivals)).toEqual(run(channel, readings));
      }),
      { numRuns: 600 },
    );
  });

  test("2: buckets add up to hours, local days, months and years", () => {
    fc.assert(
      fc.property(channels, histories, zone, fc.constantFrom(...stepNames), (channel, readings, timezone, step) => {
        const fromMs = bucketStart(readings[0]!.timeMs);
        const toMs = bucketStart(readings.at(-1)!.timeMs) + bucketMs;
        const { buckets } = meter({ channel, arrivals: readings, timezone, fromMs, toMs });
        const steps = compose(buckets, localSteps(timezone, step, fromMs, toMs));
        for (const key of ["energyKwh", "reverseKwh", "estimatedKwh", "coveredS"] as const) {
          const composed = steps.reduce((sum, s) => sum + s[key], 0);
          expect(near(composed, sumOf(buckets, key), sumOf(buckets, key))).toBe(true);
        }
      }),
      { numRuns: 600 },
    );
  });

  test("3: the buckets add up to last minus first, plus what the events add or drop", () => {
    fc.assert(
      fc.property(channels, histories, (channel, readings) => {
        const { buckets, events } = run(channel, readings);
        const added = events.reduce((sum, e) => sum + e.added, 0);
        const register = readings.at(-1)!.value - readings[0]!.value;
        const size = readings.reduce((most, r) => Math.max(most, r.value), 1e6);
        expect(near(sumOf(buckets, "energyKwh") - sumOf(buckets, "reverseKwh"), register + added, size)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test("4: no negative energy; 6: measured and estimated are the whole, covered time is no more than the bucket's", () => {
    fc.assert(
      fc.property(channels, histories, (channel, readings) => {
        const { buckets } = run(channel, readings);
        const least = (of: (b: Bucket) => number) => buckets.reduce((min, b) => Math.min(min, of(b)), Infinity);
        expect(least((b) => Math.min(b.energyKwh, b.reverseKwh))).toBeGreaterThanOrEqual(0);
        expect(least((b) => Math.min(b.estimatedKwh, b.estimatedReverseKwh))).toBeGreaterThanOrEqual(0);
        expect(least((b) => b.energyKwh - b.estimatedKwh)).toBeGreaterThanOrEqual(0);
        expect(least((b) => b.reverseKwh - b.estimatedReverseKwh)).toBeGreaterThanOrEqual(0);
        expect(least((b) => Math.min(b.coveredS, 900 - b.coveredS))).toBeGreaterThanOrEqual(0);
        if (channel.direction !== "both") expect(least((b) => -b.reverseKwh)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 1000 },
    );
  });

  test("what is settled stays, whatever comes later; what is plain can be gone on from", () => {
    fc.assert(
      fc.property(channels, histories, fc.nat(), (channel, readings, n) => {
        const at = n % readings.length;
        const limitOf = () => 50;
        const all = readRegister({ channel, readings, limitOf });
        const early = readRegister({ channel, readings: readings.slice(0, at + 1), limitOf });
        const { timeMs } = readings[at]!;
        const open = early.events.find((e) => e.settledMs > timeMs || e.plainFromMs > timeMs);
        // A run of dips that ends with what is open has not ended for good.
        const settled = early.events.filter((e) => Math.max(e.timeMs, e.plainFromMs) < (open?.timeMs ?? Infinity));
        for (const event of settled) expect(all.events).toContainEqual(event);
        if (!isPlainAt(all.events, timeMs)) return;
        const before = all.events.findLast((e) => e.timeMs <= timeMs);
        const on = readRegister({ channel, readings: readings.slice(at), limitOf, startRange: before?.range });
        expect(on.events).toEqual(all.events.filter((e) => e.timeMs > timeMs));
        expect(on.steps).toEqual(all.steps.filter((s) => s.fromMs >= timeMs));
      }),
      { numRuns: 2000 },
    );
  });

  test("with later readings not loaded, what is decided is what all readings decide", () => {
    fc.assert(
      fc.property(channels, histories, fc.nat(), (channel, readings, n) => {
        const limitOf = () => 50;
        const some = readings.slice(0, 1 + (n % readings.length));
        const all = readRegister({ channel, readings, limitOf });
        const part = readRegister({ channel, readings: some, limitOf, hasMore: true });
        expect(part.steps).toEqual(all.steps.filter((s) => s.toMs <= part.decidedToMs));
        const types = (list: typeof all.events) => list.filter((e) => e.timeMs <= part.decidedToMs).map((e) => e.type);
        expect(types(part.events)).toEqual(types(all.events));
      }),
      { numRuns: 1000 },
    );
  });
});
