import { describe, expect, it } from "vitest";
import type { EnergyChannel } from "../energy/channel-config.ts";
import { bucketMs } from "./bucket.ts";
import { fold } from "./fold.ts";

const t0 = Date.UTC(2026, 2, 1, 10);
const minute = 60_000;
const gapOf = () => ({ expectedIntervalS: 420, maxGapS: 1200 });
const channel: EnergyChannel = {
  ...({
    kind: "gauge",
    quantity: "power",
    unit: "W",
    direction: "both",
    stamp: "instant",
    reporting: "periodic",
  } as const),
  ...{ expectedIntervalS: null, maxGapS: null, maxPowerW: null, registerMax: null, restartsDaily: false },
};
const readings = [-9, -2, 5, 12, 19, 47, 54].map((m, i) => ({ timeMs: t0 + m * minute, value: 100 * i - 150 }));

const kinds: [string, EnergyChannel][] = [
  ["gauge", channel],
  ["gauge on change", { ...channel, reporting: "on-change" }],
  ["means stamped at the end", { ...channel, stamp: "end" }],
  ["means stamped at the start", { ...channel, stamp: "start" }],
  ["counter, estimated over an outage", { ...channel, kind: "counter", quantity: "energy", unit: "kWh" }],
  ["deltas", { ...channel, kind: "delta", quantity: "energy", unit: "kWh" }],
];

describe("a bucket that is cut", () => {
  it.each(kinds)("%s: its parts add up to the whole", (_name, cut) => {
    for (const startMs of [t0, t0 + bucketMs, t0 + 2 * bucketMs, t0 + 3 * bucketMs]) {
      const input = { channel: cut, gapOf, readings };
      const [whole] = fold({ ...input, fromMs: startMs, toMs: startMs + bucketMs });
      const edges = [0, 4, 11.5, 15].map((m) => startMs + m * minute);
      const parts = edges.slice(1).map((toMs, i) => fold({ ...input, fromMs: edges[i]!, toMs })[0]!);
      for (const name of ["energyKwh", "reverseKwh", "estimatedKwh", "coveredS", "count"] as const) {
        expect(parts.reduce((sum, part) => sum + part[name], 0)).toBeCloseTo(whole![name], 9);
      }
      expect(
        parts.every((part, i) => part.startMs === startMs && part.coveredS <= (edges[i + 1]! - edges[i]!) / 1000),
      ).toBe(true);
    }
  });

  it("holds only what lies inside", () => {
    const steady = [0, 5, 10, 15, 20].map((m) => ({ timeMs: t0 + m * minute, value: 1000 }));
    const [part] = fold({ channel, gapOf, readings: steady, fromMs: t0 + 5 * minute, toMs: t0 + bucketMs });
    expect(part).toMatchObject({ startMs: t0, coveredS: 600, mean: 1000, count: 2 });
    expect(part!.energyKwh).toBeCloseTo(1 / 6, 12);
  });

  it("within one bucket, and over many", () => {
    const steady = Array.from({ length: 13 }, (_, i) => ({ timeMs: t0 + i * 5 * minute, value: 600 }));
    const window = (a: number, b: number) =>
      fold({ channel, gapOf, readings: steady, fromMs: t0 + a * minute, toMs: t0 + b * minute });
    expect(window(3, 4).map((b) => b.coveredS)).toEqual([60]);
    expect(window(3, 34).map((b) => b.coveredS)).toEqual([720, 900, 240]);
  });
});
