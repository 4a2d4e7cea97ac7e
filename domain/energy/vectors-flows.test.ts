import { describe } from "vitest";
import { energyMeter } from "../../tests/support/energy-meter.ts";
import { each, testVectors, within } from "../../tests/support/energy-vectors.ts";
import type { Channel } from "../../tests/support/energy-case.ts";
import type { Expected, Vector } from "../../tests/support/energy-vectors.ts";

// Worked out by hand from the rules of energy: gauges of power, and deltas.

/** A gauge in W that is read every minute: a hole is longer than 10 minutes. */
const gauge = (
  name: string,
  readings: [number, number][],
  expected: Expected,
  channel: Partial<Channel> = {},
): Vector => ({
  name,
  readings,
  ...expected,
  channel: { kind: "gauge", unit: "W", expectedIntervalSeconds: 60, ...channel },
});
const mean = (stamp: "start" | "end", name: string, readings: [number, number][], expected: Expected): Vector =>
  gauge(name, readings, expected, { stamp, expectedIntervalSeconds: 900 });
const onChange = (name: string, readings: [number, number][], expected: Expected): Vector =>
  gauge(name, readings, expected, { reporting: "on-change" });
const both = { direction: "both" };

const lines = [
  gauge("constant", each(5, 1000, 1000, 1000), { energy: 1 / 6, covered: 600 }),
  gauge(
    "a rising line",
    [
      [0, 0],
      [6, 2000],
    ],
    { energy: 0.1, covered: 360 },
  ),
  gauge(
    "cut at the edge of a bucket",
    [
      [10, 0],
      [20, 1200],
    ],
    { energy: 0.1, buckets: { 0: 0.025, 15: 0.075 } },
  ),
  gauge(
    "kW",
    [
      [0, 0],
      [6, 2],
    ],
    { energy: 0.1 },
    { unit: "kW" },
  ),
  gauge(
    "a hole",
    [
      [0, 1000],
      [6, 1000],
      [20, 1000],
      [26, 1000],
    ],
    { energy: 0.2, covered: 720 },
  ),
  gauge(
    "10 minutes are none",
    [
      [0, 1200],
      [10, 1200],
    ],
    { energy: 0.2, covered: 600 },
  ),
  gauge("one reading", [[3, 1000]], { energy: 0, covered: 0 }),
  within(
    gauge(
      "part of a line",
      [
        [0, 0],
        [10, 1200],
      ],
      { energy: 0.075, covered: 300 },
    ),
    5,
    20,
  ),
  gauge(
    "through zero, both ways",
    [
      [0, 1200],
      [10, -1200],
    ],
    { energy: 0.05, reverse: 0.05, covered: 600 },
    both,
  ),
  gauge(
    "through zero at a quarter",
    [
      [0, 600],
      [8, -1800],
    ],
    { energy: 0.01, reverse: 0.09, covered: 480 },
    both,
  ),
  gauge(
    "through zero, one way",
    [
      [0, 1200],
      [10, -1200],
    ],
    { energy: 0.05, covered: 600 },
    { direction: "consumption" },
  ),
  gauge(
    "below zero without a direction",
    [
      [0, -1200],
      [10, -1200],
    ],
    { energy: 0, covered: 600 },
  ),
  gauge(
    "export counts what is above zero",
    [
      [0, 1200],
      [10, 1200],
    ],
    { energy: 0.2 },
    { direction: "export" },
  ),
];

const means = [
  mean("start", "of intervals that begin at the reading", each(15, 1000, 2000, 0), {
    energy: 0.75,
    covered: 2700,
    count: 3,
    buckets: { 0: 0.25, 15: 0.5, 30: 0 },
  }),
  within(
    mean(
      "end",
      "of intervals that end at the reading",
      [
        [15, 1000],
        [30, 2000],
      ],
      { energy: 0.75, covered: 1800, buckets: { 0: 0.25, 15: 0.5 } },
    ),
    0,
    30,
  ),
  mean(
    "start",
    "cut by the next",
    [
      [0, 1200],
      [10, 2000],
    ],
    { energy: 0.7, covered: 1500, buckets: { 0: 0.2 + 1 / 6 } },
  ),
  within(
    mean(
      "end",
      "cut by the one before",
      [
        [15, 1000],
        [25, 1200],
      ],
      { energy: 0.45, covered: 1500 },
    ),
    0,
    30,
  ),
  mean(
    "start",
    "time in no interval",
    [
      [0, 1000],
      [30, 1000],
    ],
    { energy: 0.5, covered: 1800, count: 3, buckets: { 15: 0 } },
  ),
];

const steps = [
  within(
    onChange(
      "held until the next",
      [
        [0, 1000],
        [60, 0],
      ],
      { energy: 1, covered: 7200 },
    ),
    0,
    120,
  ),
  within(onChange("the last is held to the window's end", [[0, 1000]], { energy: 2, covered: 7200, count: 8 }), 0, 120),
  within(
    onChange(
      "held for 6 hours at most",
      [
        [0, 1000],
        [480, 500],
      ],
      { energy: 6, covered: 21_600 },
    ),
    0,
    480,
  ),
  within(
    onChange(
      "from before the window",
      [
        [0, 1000],
        [100, 0],
      ],
      { energy: 0.5, covered: 1800 },
    ),
    30,
    60,
  ),
  onChange(
    "without a window, to the last",
    [
      [0, 1000],
      [30, 4000],
    ],
    { energy: 0.5, covered: 1800 },
  ),
];

const delta = (
  name: string,
  readings: [number, number][],
  expected: Expected,
  channel: Partial<Channel> = {},
): Vector => ({
  name,
  readings,
  ...expected,
  channel: { kind: "delta", unit: "kWh", direction: "import", ...channel },
});
const deltas = [
  within(
    delta(
      "of quarter-hours, stamped at the end",
      [
        [15, 0.25],
        [30, 0.5],
      ],
      { energy: 0.75, covered: 1800, buckets: { 0: 0.25, 15: 0.5 } },
    ),
    0,
    30,
  ),
  within(
    delta("one alone is 15 minutes long", [[30, 0.25]], { energy: 0.25, covered: 900, buckets: { 0: 0, 15: 0.25 } }),
    0,
    30,
  ),
  within(
    delta(
      "of hours",
      [
        [60, 1],
        [120, 2],
      ],
      { energy: 3, covered: 7200, buckets: { 0: 0.25, 45: 0.25, 60: 0.5 } },
    ),
    0,
    120,
  ),
  delta(
    "stamped at the start",
    [
      [0, 0.25],
      [15, 0.5],
    ],
    { energy: 0.75, covered: 1800, count: 2, buckets: { 15: 0.5 } },
    { stamp: "start" },
  ),
  within(
    delta(
      "over the edge of a bucket",
      [[20, 1]],
      { energy: 1, covered: 600, buckets: { 0: 0.5, 15: 0.5 } },
      { expectedIntervalSeconds: 600 },
    ),
    0,
    30,
  ),
  within(
    delta(
      "a missing one",
      [
        [15, 1],
        [30, 1],
        [45, 1],
        [75, 1],
      ],
      { energy: 4, covered: 3600, buckets: { 45: 0, 60: 1 } },
    ),
    0,
    75,
  ),
  within(
    delta(
      "below zero, both ways",
      [
        [15, 1],
        [30, -2],
      ],
      { energy: 1, reverse: 2, covered: 1800 },
      both,
    ),
    0,
    30,
  ),
  within(
    delta(
      "below zero, one way",
      [
        [15, 1],
        [30, -2],
      ],
      { energy: 1, covered: 1800 },
    ),
    0,
    30,
  ),
  within(delta("Wh", [[15, 250]], { energy: 0.25 }, { unit: "Wh" }), 0, 15),
  delta(
    "without a window, from the first reading on",
    [
      [15, 1],
      [30, 1],
      [45, 1],
    ],
    { energy: 2, covered: 1800, count: 2 },
  ),
];

const groups = { "a gauge: lines": lines, "a gauge: means": means, "a gauge on change": steps, deltas };
describe.each(Object.entries(groups))("%s", (_name, vectors) => testVectors(vectors, energyMeter));
