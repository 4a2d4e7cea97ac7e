import { describe, expect, test } from "vitest";
import { fold } from "../rollup/fold.ts";
import { learnInterval } from "./cadence.ts";
import { resolveGap, type EnergyChannel } from "./channel-config.ts";
import { estimatedGaps } from "./counter.ts";
import { readRegister } from "./register.ts";

const minute = 60_000;
const noon = Date.UTC(2026, 2, 1, 12);

const gauge: EnergyChannel = {
  kind: "gauge",
  quantity: "power",
  unit: "W",
  direction: "import",
  stamp: "instant",
  reporting: "periodic",
  expectedIntervalS: 60,
  maxGapS: null,
  maxPowerW: 50_000,
  registerMax: null,
  restartsDaily: false,
};
const counter: EnergyChannel = { ...gauge, kind: "counter", quantity: "energy", unit: "kWh" };
const delta: EnergyChannel = { ...counter, kind: "delta", expectedIntervalS: 900 };

/** Readings given as [minutes after noon, value], folded over the hours after noon. */
function buckets(channel: EnergyChannel, rows: readonly (readonly [number, number])[], hours = 1) {
  const readings = rows.map(([at, value]) => ({ timeMs: noon + at * minute, value }));
  const gap = resolveGap(channel, learnInterval(readings.map((r) => r.timeMs)));
  return fold({ channel, gapOf: () => gap, readings, fromMs: noon, toMs: noon + hours * 60 * minute });
}

const total = (list: readonly { energyKwh: number }[]) => list.reduce((sum, b) => sum + b.energyKwh, 0);
const every = (s: number, values: readonly number[]) => values.map((value, i) => [(i * s) / 60, value] as const);

describe("max_gap", () => {
  test.each([
    { given: {}, learnedS: null, maxGapS: 600, why: "too little is known" },
    { given: {}, learnedS: 60, maxGapS: 600, why: "5 x 60 s is less than 10 minutes" },
    { given: {}, learnedS: 900, maxGapS: 4500, why: "5 x 15 minutes" },
    { given: { expectedIntervalS: 3600 }, learnedS: 60, maxGapS: 18_000, why: "given beats learned" },
    { given: { reporting: "on-change" as const }, learnedS: 60, maxGapS: 21_600, why: "silence means unchanged" },
    { given: { maxGapS: 30 }, learnedS: 900, maxGapS: 30, why: "given" },
  ])("$maxGapS s: $why", ({ given, learnedS, maxGapS }) => {
    const learned = { intervalS: learnedS, differences: 3 };
    expect(resolveGap({ ...gauge, expectedIntervalS: null, ...given }, learned).maxGapS).toBe(maxGapS);
  });

  test("two differences are too few, but say how long an interval is", () => {
    const learned = learnInterval([0, 1_800_000, 3_600_000]);
    expect(resolveGap({ ...gauge, expectedIntervalS: null }, learned)).toEqual({
      expectedIntervalS: 1800,
      maxGapS: 600,
    });
  });

  test.each([
    { times: [0], interval: null, differences: 0 },
    { times: [0, 60, 120], interval: 60, differences: 2 },
    { times: [0, 60, 120, 600], interval: 60, differences: 3 },
    { times: [0, 60, 120, 220, 340], interval: 80, differences: 4 },
    { times: [0, 0, 60, 60, 120], interval: 60, differences: 2 },
  ])("the median of $times is $interval", ({ times, interval, differences }) => {
    expect(learnInterval(times.map((s) => s * 1000))).toEqual({ intervalS: interval, differences });
  });
});

describe("a gauge of power", () => {
  test.each([
    {
      name: "trapezoid",
      rows: [
        [0, 1000],
        [6, 2000],
      ],
      kwh: [0.15, 0, 0, 0],
      covered: [360, 0, 0, 0],
    },
    {
      name: "split at the edge by the line",
      rows: [
        [10, 0],
        [20, 1200],
      ],
      kwh: [0.025, 0.075, 0, 0],
      covered: [300, 300, 0, 0],
    },
    {
      name: "a pair exactly max_gap apart counts",
      rows: [
        [0, 600],
        [10, 600],
      ],
      kwh: [0.1, 0, 0, 0],
      covered: [600, 0, 0, 0],
    },
    {
      name: "a pair further apart is a hole",
      rows: [
        [0, 600],
        [11, 600],
      ],
      kwh: [0, 0, 0, 0],
      covered: [0, 0, 0, 0],
    },
    {
      name: "what is below zero counts as nothing",
      rows: [
        [0, 600],
        [6, -600],
      ],
      kwh: [0.015, 0, 0, 0],
      covered: [360, 0, 0, 0],
    },
  ] as const)("$name", ({ rows, kwh, covered }) => {
    const list = buckets(gauge, rows);
    list.forEach((b, i) => expect(b.energyKwh).toBeCloseTo(kwh[i]!, 12));
    expect(list.map((b) => b.coveredS)).toEqual(covered);
    expect(list.every((b) => b.reverseKwh === 0 && b.estimatedKwh === 0)).toBe(true);
  });

  test("signed: each pair is split where its line crosses zero, and never netted", () => {
    const [first] = buckets({ ...gauge, direction: "both" }, [
      [0, 600],
      [6, -600],
      [12, 0],
    ]);
    expect(first!.energyKwh).toBeCloseTo(0.015, 12);
    expect(first!.reverseKwh).toBeCloseTo(0.045, 12);
  });

  test("the mean is weighted by time; least and greatest are the line's", () => {
    const [first, second] = buckets(gauge, [
      [0, 0],
      [9, 0],
      [10, 600],
      [20, 600],
    ]);
    expect(first!.mean).toBeCloseTo((0 * 9 + 300 * 1 + 600 * 5) / 15, 9);
    expect(first).toMatchObject({ min: 0, max: 600, count: 3, last: 600 });
    expect(second).toMatchObject({ mean: 600, min: 600, max: 600, count: 1, coveredS: 300 });
  });

  test("another quantity has means and no energy", () => {
    const [first] = buckets({ ...gauge, quantity: "temperature", unit: "degC" }, [
      [0, -4],
      [10, -2],
    ]);
    expect(first).toMatchObject({
      mean: -3,
      min: -4,
      max: -2,
      energyKwh: 0,
      reverseKwh: 0,
      coveredS: 600,
      count: 2,
      last: -2,
    });
  });

  test("a bucket that is covered in full says so, however its pieces add up", () => {
    const list = buckets({ ...gauge, expectedIntervalS: 7.3 }, every(7.3, Array<number>(600).fill(100)));
    expect(list.map((b) => b.coveredS)).toEqual([900, 900, 900, 900]);
  });

  test("a bucket without anything knows nothing", () => {
    expect(buckets(gauge, [])[3]).toEqual({
      startMs: noon + 45 * minute,
      energyKwh: 0,
      reverseKwh: 0,
      estimatedKwh: 0,
      estimatedReverseKwh: 0,
      coveredS: 0,
      mean: null,
      min: null,
      max: null,
      count: 0,
      last: null,
    });
  });
});

describe("a gauge that is held", () => {
  test.each([
    {
      stamp: "start",
      rows: [
        [0, 1000],
        [15, 2000],
      ],
      kwh: [0.25, 0.5, 0, 0],
      covered: [900, 900, 0, 0],
    },
    {
      stamp: "end",
      rows: [
        [15, 1000],
        [30, 2000],
      ],
      kwh: [0.25, 0.5, 0, 0],
      covered: [900, 900, 0, 0],
    },
    {
      stamp: "start",
      rows: [
        [0, 1000],
        [10, 2000],
      ],
      kwh: [(1000 * 10 + 2000 * 5) / 60_000, 2000 / 6000, 0, 0],
      covered: [900, 600, 0, 0],
    },
    {
      stamp: "end",
      rows: [
        [15, 1000],
        [20, 2000],
      ],
      kwh: [0.25, 2000 / 12_000, 0, 0],
      covered: [900, 300, 0, 0],
    },
    {
      stamp: "start",
      rows: [
        [0, 1000],
        [30, 1000],
      ],
      kwh: [0.25, 0, 0.25, 0],
      covered: [900, 0, 900, 0],
    },
  ] as const)("over its interval, stamped $stamp: $rows", ({ stamp, rows, kwh, covered }) => {
    const list = buckets({ ...gauge, stamp, expectedIntervalS: 900 }, rows);
    list.forEach((b, i) => expect(b.energyKwh).toBeCloseTo(kwh[i]!, 12));
    expect(list.map((b) => b.coveredS)).toEqual(covered);
  });

  test("on change: until the next reading, six hours at most, the last one until the window's end", () => {
    const onChange: EnergyChannel = { ...gauge, reporting: "on-change", expectedIntervalS: null };
    expect(
      total(
        buckets(onChange, [
          [0, 1000],
          [30, 0],
        ]),
      ),
    ).toBeCloseTo(0.5, 12);
    expect(total(buckets(onChange, [[0, 1000]], 2))).toBeCloseTo(2, 12);
    expect(
      total(
        buckets(
          onChange,
          [
            [0, 1000],
            [480, 0],
          ],
          8,
        ),
      ),
    ).toBeCloseTo(6, 12);
  });
});

describe("a delta", () => {
  test.each([
    { name: "ends at its time", channel: delta, rows: [[15, 0.3]], kwh: [0.3, 0, 0, 0] },
    { name: "starts at its time", channel: { ...delta, stamp: "start" }, rows: [[15, 0.3]], kwh: [0, 0.3, 0, 0] },
    {
      name: "spread evenly over two buckets",
      channel: { ...delta, expectedIntervalS: 1800 },
      rows: [[30, 0.3]],
      kwh: [0.15, 0.15, 0, 0],
    },
    {
      name: "15 minutes where nothing is known",
      channel: { ...delta, expectedIntervalS: null },
      rows: [[20, 0.3]],
      kwh: [0.2, 0.1, 0, 0],
    },
    { name: "negative: nothing", channel: delta, rows: [[15, -0.3]], kwh: [0, 0, 0, 0] },
  ] as const)("$name", ({ channel, rows, kwh }) => {
    buckets(channel as EnergyChannel, rows).forEach((b, i) => expect(b.energyKwh).toBeCloseTo(kwh[i]!, 12));
  });

  test("where intervals overlap both amounts count, and their time is covered once", () => {
    const [first] = buckets({ ...delta, expectedIntervalS: 600 }, [
      [10, 0.3],
      [12, 0.1],
    ]);
    expect(first!.energyKwh).toBeCloseTo(0.4, 12);
    expect(first!.coveredS).toBe(720);
  });

  test("negative on a signed channel: reverse", () => {
    const [first] = buckets({ ...delta, direction: "both" }, [[15, -0.3]]);
    expect(first).toMatchObject({ energyKwh: 0, coveredS: 900 });
    expect(first!.reverseKwh).toBeCloseTo(0.3, 12);
  });
});

describe("a counter", () => {
  test("a coarse register: 100, 100, 100, 101, 101, 101, 102 every 10 s is 2, measured", () => {
    const [first] = buckets({ ...counter, expectedIntervalS: 10 }, every(10, [100, 100, 100, 101, 101, 101, 102]));
    expect(first).toMatchObject({ energyKwh: 2, estimatedKwh: 0, coveredS: 60, count: 7, last: 102, mean: null });
  });

  test("an outage: 100, then 140 eight hours later, is 40 over the 8 h, estimated", () => {
    const list = buckets(
      counter,
      [
        [0, 100],
        [480, 140],
      ],
      8,
    );
    expect(list).toHaveLength(32);
    for (const b of list) expect(b).toMatchObject({ energyKwh: 1.25, estimatedKwh: 1.25, coveredS: 900 });
  });

  test("a net register may fall: that is reverse energy", () => {
    const [first] = buckets({ ...counter, direction: "both" }, every(60, [10, 10.5, 10.25]));
    expect(first).toMatchObject({ energyKwh: 0.5, reverseKwh: 0.25, coveredS: 120 });
  });

  test("the gaps that need a profile", () => {
    const readings = [0, 1, 30, 31].map((at, i) => ({ timeMs: noon + at * minute, value: i }));
    const gap = resolveGap(counter, null);
    const { steps } = readRegister({ channel: counter, readings, limitOf: () => 50 });
    expect(estimatedGaps(steps, () => gap)).toEqual([{ startMs: noon + minute, endMs: noon + 30 * minute }]);
  });
});
