import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EnergyChannel, Gap } from "../energy/channel-config.ts";
import { resolveGap } from "../energy/channel-config.ts";
import { localSteps, stepNames } from "../local-time/steps.ts";
import type { Reading } from "../reading.ts";
import { affectedWindow, reachMs } from "./affected.ts";
import { bucketMs, type Bucket } from "./bucket.ts";
import { compose } from "./compose.ts";
import { fold } from "./fold.ts";

/** The properties of the rules of energy for gauges and deltas (registers have their own), over random histories with gaps, falls, signs and zones. */
const zones = ["Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Santiago", "UTC"];
/** Five days about a change of the clocks in each of Berlin (29 March), Lord Howe and Santiago (5 April) 2026. */
const origins = [Date.UTC(2026, 2, 27), Date.UTC(2026, 3, 3)];

const channels: fc.Arbitrary<EnergyChannel> = fc.record({
  kind: fc.constantFrom("gauge", "delta"),
  quantity: fc.constantFrom("power", "energy"),
  unit: fc.constant(null),
  direction: fc.constantFrom("import", "production", "both", null),
  stamp: fc.constantFrom("instant", "start", "end"),
  reporting: fc.constantFrom("periodic", "on-change"),
  expectedIntervalS: fc.constantFrom(60, 600, 900, 1800, null),
  maxGapS: fc.constantFrom(null, 3600),
  maxPowerW: fc.constant(null),
  registerMax: fc.constant(null),
  restartsDaily: fc.constant(false),
});

const signedPower: EnergyChannel = {
  ...{ kind: "gauge", quantity: "power", unit: null, direction: "both", stamp: "instant", reporting: "periodic" },
  ...{ expectedIntervalS: 600, maxGapS: null, maxPowerW: null, registerMax: null, restartsDaily: false },
};
/** Its line meets zero where its second bucket ends, but for less than a number can say. */
const hardlyBelowZero: Reading[] = [
  { timeMs: 1774574028554, value: 3.948072264216309e-191 },
  { timeMs: 1774575828554, value: -1.564505708639983e-304 },
  { timeMs: 1774575828555, value: 1 },
];

/** Ascending, each time once; mostly small steps and now and then a hole of hours. */
const histories: fc.Arbitrary<Reading[]> = fc
  .tuple(
    fc.constantFrom(...origins),
    fc.array(
      fc.tuple(
        fc.oneof(
          { weight: 8, arbitrary: fc.integer({ min: 1, max: 1_200_000 }) },
          { weight: 4, arbitrary: fc.constantFrom(60_000, 900_000, 1_800_000) },
          { weight: 1, arbitrary: fc.integer({ min: 3_600_000, max: 30_000_000 }) },
        ),
        fc.oneof(fc.integer({ min: -3000, max: 9000 }), fc.double({ min: -500, max: 500, noNaN: true })),
      ),
      { minLength: 1, maxLength: 120 },
    ),
  )
  .map(([origin, rows]) => {
    let timeMs = origin + 3_600_000;
    return rows.map(([step, value]) => ({ timeMs: (timeMs += step), value }));
  });

const gapFor = (channel: EnergyChannel): Gap => resolveGap(channel, null);
const aligned = (ms: number) => Math.floor(ms / bucketMs) * bucketMs;

function whole(readings: readonly Reading[]): { fromMs: number; toMs: number } {
  return { fromMs: aligned(readings[0]!.timeMs) - 86_400_000, toMs: aligned(readings.at(-1)!.timeMs) + 86_400_000 };
}

function foldAll(channel: EnergyChannel, readings: readonly Reading[], window = whole(readings)): Bucket[] {
  const gap = gapFor(channel);
  return fold({ channel, gapOf: () => gap, readings, ...window });
}

/** As storage does: the later arrival of the same time is the reading. */
function arrange(arrivals: readonly Reading[]): Reading[] {
  const byTime = new Map(arrivals.map((r) => [r.timeMs, r]));
  return [...byTime.values()].sort((a, b) => a.timeMs - b.timeMs);
}

/** What a window needs: its readings, those within reach, and the nearest one on each side. */
function needed(
  readings: readonly Reading[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
  reach: number,
): Reading[] {
  let first = readings.findIndex((r) => r.timeMs >= fromMs - reach);
  if (first < 0) first = readings.length;
  let end = readings.findIndex((r) => r.timeMs >= toMs + reach);
  if (end < 0) end = readings.length;
  return readings.slice(Math.max(0, first - 1), end + 1);
}

const sumOf = (list: readonly Bucket[], key: "energyKwh" | "reverseKwh") => list.reduce((sum, b) => sum + b[key], 0);
const near = (a: number, b: number, scale: number) => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(scale), 1e-6);

describe("for any history", () => {
  test("1: any order, batching and repetition gives the same buckets, bit for bit", () => {
    fc.assert(
      fc.property(channels, histories, fc.array(fc.nat()), (channel, readings, picks) => {
        const shuffled = [...readings].sort((a, b) => ((a.timeMs * 7919) % 104_729) - ((b.timeMs * 7919) % 104_729));
        const again = picks.map((n) => readings[n % readings.length]!);
        expect(foldAll(channel, arrange([...again, ...shuffled, ...again]))).toEqual(foldAll(channel, readings));
      }),
      { numRuns: 60 },
    );
  });

  test("2: buckets add up to hours, local days, months and years", () => {
    fc.assert(
      fc.property(
        channels,
        histories,
        fc.constantFrom(...zones),
        fc.constantFrom(...stepNames),
        (channel, readings, zone, step) => {
          const window = whole(readings);
          const list = foldAll(channel, readings, window);
          const steps = compose(list, localSteps(zone, step, window.fromMs, window.toMs));
          for (const key of ["energyKwh", "reverseKwh"] as const) {
            const composed = steps.reduce((sum, s) => sum + s[key], 0);
            expect(near(composed, sumOf(list, key), sumOf(list, key))).toBe(true);
          }
          expect(steps.every((s) => s.startMs % bucketMs === 0 && s.endMs % bucketMs === 0)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("4: no negative energy, forward or reverse; 6: parts and cover never exceed the whole", () => {
    fc.assert(
      fc.property(channels, histories, (channel, readings) => {
        for (const b of foldAll(channel, readings)) {
          expect(b.energyKwh).toBeGreaterThanOrEqual(0);
          expect(b.reverseKwh).toBeGreaterThanOrEqual(0);
          expect(b.estimatedKwh).toBeGreaterThanOrEqual(0);
          expect(b.energyKwh - b.estimatedKwh).toBeGreaterThanOrEqual(0);
          expect(b.reverseKwh - b.estimatedReverseKwh).toBeGreaterThanOrEqual(0);
          expect(b.coveredS).toBeGreaterThanOrEqual(0);
          expect(b.coveredS).toBeLessThanOrEqual(900);
          if (channel.direction !== "both") expect(b.reverseKwh).toBe(0);
        }
      }),
      { numRuns: 300, examples: [[signedPower, hardlyBelowZero]] },
    );
  });
});

describe("5: what is recomputed equals what everything recomputed gives, bit for bit", () => {
  test("any window, from no more readings than it needs", () => {
    fc.assert(
      fc.property(channels, histories, fc.nat(), fc.nat(), (channel, readings, a, b) => {
        const gap = gapFor(channel);
        const all = whole(readings);
        const base = { channel, gapOf: () => gap };
        const list = fold({ ...base, readings, ...all });
        const from = a % list.length;
        const to = from + 1 + (b % (list.length - from));
        const window = { fromMs: all.fromMs + from * bucketMs, toMs: all.fromMs + to * bucketMs };
        const part = fold({ ...base, readings: needed(readings, window, reachMs(channel, gap)), ...window });
        expect(part).toEqual(list.slice(from, to));
      }),
      { numRuns: 200 },
    );
  });

  test("readings that come, change or go touch nothing outside the affected window", () => {
    fc.assert(
      fc.property(
        channels,
        histories,
        fc.nat(),
        fc.nat({ max: 5 }),
        fc.boolean(),
        (channel, readings, at, size, replaced) => {
          const first = at % readings.length;
          const changed = readings.slice(first, first + 1 + size);
          const rest = readings.filter((r) => !changed.includes(r));
          const before = replaced
            ? readings.map((r) => (changed.includes(r) ? { ...r, value: r.value / 2 + 1 } : r))
            : rest;
          const gap = gapFor(channel);
          const window = affectedWindow({
            channel,
            gap,
            changedFromMs: changed[0]!.timeMs,
            changedToMs: changed.at(-1)!.timeMs,
            previousMs: readings[first - 1]?.timeMs ?? null,
            nextMs: readings[first + 1 + size]?.timeMs ?? null,
          });
          const old = foldAll(channel, before, whole(readings));
          for (const [i, bucket] of foldAll(channel, readings).entries()) {
            const inside = bucket.startMs >= window.fromMs && bucket.startMs < window.toMs;
            if (!inside) expect(bucket).toEqual(old[i]);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
