import { describe } from "vitest";
import { energyMeter } from "../../tests/support/energy-meter.ts";
import { each, hourly, register, testVectors, within } from "../../tests/support/energy-vectors.ts";

// Worked out by hand from the rules of energy: gaps of registers, windows on them, and what the profile lays.

const gaps = [
  register(
    "10 minutes are none",
    [
      [0, 100],
      [10, 101],
    ],
    { energy: 1 },
  ),
  register(
    "more than 10 minutes are one",
    [
      [0, 100],
      [10.5, 101],
    ],
    { energy: 1, estimated: 1, covered: 630 },
  ),
  register(
    "8 hours, in a line",
    [
      [0, 100],
      [480, 140],
    ],
    { energy: 40, estimated: 40, covered: 28_800, count: 32, buckets: { 0: 1.25, 465: 1.25 } },
  ),
  register(
    "a max_gap of its own",
    [
      [0, 100],
      [30, 101],
    ],
    { energy: 1 },
    { maxGapSeconds: 1800 },
  ),
  register(
    "5 x the expected interval",
    [
      [0, 100],
      [75, 101],
    ],
    { energy: 1 },
    { expectedIntervalSeconds: 900 },
  ),
  register(
    "5 x the median of the differences",
    [...each(15, 100, 101, 102, 103), [120, 104]],
    { energy: 4 },
    { expectedIntervalSeconds: undefined },
  ),
  register(
    "more than that",
    [...each(15, 100, 101, 102, 103), [121, 104]],
    { energy: 4, estimated: 1 },
    { expectedIntervalSeconds: undefined },
  ),
  register(
    "fewer than 3 differences: 10 minutes",
    each(15, 100, 101, 102),
    { energy: 2, estimated: 2 },
    { expectedIntervalSeconds: undefined },
  ),
  register("3 differences", each(15, 100, 101, 102, 103), { energy: 3 }, { expectedIntervalSeconds: undefined }),
  register(
    "on change: 6 hours",
    [
      [0, 100],
      [360, 102],
    ],
    { energy: 2 },
    { reporting: "on-change" },
  ),
  register(
    "on change: more",
    [
      [0, 100],
      [361, 102],
    ],
    { energy: 2, estimated: 2 },
    { reporting: "on-change" },
  ),
];

const inWindows = [
  within(
    register(
      "part of a rise",
      [
        [0, 100],
        [10, 101],
      ],
      { energy: 0.5, covered: 300, count: 1 },
    ),
    2,
    7,
  ),
  within(
    register(
      "beside the readings",
      [
        [0, 100],
        [10, 101],
      ],
      { energy: 0, covered: 0, count: 2, buckets: { 30: 0, 45: 0 } },
    ),
    30,
    60,
  ),
  within(
    register(
      "wider than the readings",
      [
        [20, 100],
        [25, 101],
      ],
      { energy: 1, covered: 300, count: 4, buckets: { 0: 0, 15: 1, 45: 0 } },
    ),
    0,
    60,
  ),
  within(register("an event at its end is outside", each(1, 100, 100.5, 0, 0.5), { energy: 0.5, covered: 120 }), 0, 2),
  within(
    register("an event at its beginning is inside", each(1, 100, 100.5, 0, 0.5), {
      energy: 0.5,
      events: "reset@2",
      covered: 60,
    }),
    2,
    3,
  ),
];

/** Three weeks of hours, 1 kWh an hour from 12:00 to 18:00, and a day without readings that counted `kwh`. */
function dayOutage(weeks: number, perHour: number, kwh: number): [number, number][] {
  let level = 1000;
  const hours = weeks * 7 * 24;
  const rise = (hour: number) => (hour % 24 >= 12 && hour % 24 < 18 ? perHour : 0);
  const before = Array.from({ length: hours + 1 }, (_, hour): [number, number] => {
    const reading: [number, number] = [hour * 60, level];
    level += rise(hour);
    return reading;
  });
  return [...before, [(hours + 24) * 60, before.at(-1)![1] + kwh]];
}
const THREE = 3 * 7 * 1440;
const TWO = 2 * 7 * 1440;
const ONE = 7 * 1440;

const profiles = [
  within(
    hourly("by the hours of the weeks before", dayOutage(3, 1, 12), {
      energy: 12,
      estimated: 12,
      buckets: { [THREE]: 0, [THREE + 720]: 0.5, [THREE + 1065]: 0.5, [THREE + 1080]: 0 },
    }),
    THREE,
    THREE + 1440,
  ),
  within(
    hourly("exactly two weeks", dayOutage(2, 1, 12), {
      energy: 12,
      estimated: 12,
      buckets: { [TWO]: 0, [TWO + 720]: 0.5 },
    }),
    TWO,
    TWO + 1440,
  ),
  within(
    hourly("one week: in a line", dayOutage(1, 1, 12), {
      energy: 12,
      estimated: 12,
      buckets: { [ONE]: 0.125, [ONE + 720]: 0.125 },
    }),
    ONE,
    ONE + 1440,
  ),
  within(
    hourly("nothing counted before: in a line", dayOutage(3, 0, 12), {
      energy: 12,
      estimated: 12,
      buckets: { [THREE]: 0.125 },
    }),
    THREE,
    THREE + 1440,
  ),
  within(hourly("half of it", dayOutage(3, 1, 12), { energy: 6, estimated: 6 }), THREE, THREE + 900),
];

const groups = { gaps, windows: inWindows, profile: profiles };
describe.each(Object.entries(groups))("a register: %s", (_name, vectors) => testVectors(vectors, energyMeter));
