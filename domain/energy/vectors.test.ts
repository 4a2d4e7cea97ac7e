import { describe } from "vitest";
import { energyMeter } from "../../tests/support/energy-meter.ts";
import { each, hourly, register, testVectors } from "../../tests/support/energy-vectors.ts";

// Worked out by hand from the rules of energy: what registers count, and their events.

const counted = [
  register("it rises", each(1, 100, 100.2, 100.5), { energy: 0.5, covered: 120, count: 1 }),
  register(
    "a rise over the edge of a bucket",
    [
      [10, 100],
      [20, 102],
    ],
    { energy: 2, covered: 600, buckets: { 0: 1, 15: 1 } },
  ),
  register(
    "two thirds of a rise before the edge",
    [
      [5, 100],
      [20, 103],
    ],
    { energy: 3, estimated: 3, buckets: { 0: 2, 15: 1 } },
  ),
  register(
    "readings in any order",
    [
      [2, 100.5],
      [0, 100],
      [1, 100.2],
    ],
    { energy: 0.5, covered: 120 },
  ),
  register(
    "the later of two of a time",
    [
      [0, 100],
      [1, 65_000],
      [2, 100.5],
      [1, 100.2],
    ],
    { energy: 0.5, covered: 120 },
  ),
  register(
    "a repeated reading",
    [
      [0, 100],
      [1, 100.2],
      [1, 100.2],
      [0, 100],
    ],
    { energy: 0.2, covered: 60 },
  ),
  register("one reading", [[7, 100]], { energy: 0, covered: 0 }),
  register("Wh", each(1, 100_000, 100_500), { energy: 0.5 }, { unit: "Wh" }),
  register("exactly the fuse and one step", each(1, 100.1, 101.2, 102.3), { energy: 2.2 }, { maxPowerW: 60_000 }),
  register(
    "a little more than that: the next reading is in reach again",
    each(1, 100.1, 101.3, 101.4),
    { energy: 1.3, events: "glitch@1", covered: 120 },
    { maxPowerW: 60_000 },
  ),
  register(
    "whole numbers: a step is 1 kWh",
    [
      [0, 10],
      [1 / 6, 11],
      [2 / 6, 11],
      [3 / 6, 12],
    ],
    { energy: 2 },
  ),
  register("tens: a step is at most 1 kWh", each(1, 100, 110, 120), {
    energy: 0,
    events: "pending@1 pending@2",
    covered: 0,
  }),
  register("no fuse: 100 kW", each(1, 100, 101.5, 103), { energy: 3 }, { maxPowerW: undefined }),
  register(
    "no fuse: 20 x the pace of the rises",
    each(1, 100, 105, 110, 115),
    { energy: 15 },
    { maxPowerW: undefined },
  ),
  register(
    "no fuse: more than 20 x that pace",
    each(1, 100, 100.5, 101, 101.5, 120, 102),
    { energy: 2, events: "glitch@4" },
    { maxPowerW: undefined },
  ),
];

const dips = [
  register("exactly 0.5 kWh", each(1, 1000, 999.5, 1000), { energy: 0, events: "jitter@1", covered: 120 }),
  register("exactly 0.5 kWh, in decimals", each(1, 1000.3, 999.8, 1000.4), { energy: 0.1, events: "jitter@1" }),
  register("more than 0.5 kWh", each(1, 1000, 999.4, 1000.1), { energy: 0.1, events: "glitch@1", covered: 120 }),
  register("exactly 0.1 %", each(1, 100, 99.9, 100.2), { energy: 0.2, events: "jitter@1" }),
  register("more than 0.1 %", each(1, 100, 99.8, 100.2), { energy: 0.2, events: "glitch@1" }),
  register("a run of dips", each(1, 1000, 999.9, 999.8, 999.9, 1000.3), {
    energy: 0.3,
    events: "jitter@1",
    covered: 240,
  }),
  register("two runs", each(1, 1000, 999.9, 1000.1, 1000, 1000.2), { energy: 0.2, events: "jitter@1 jitter@3" }),
  register("at the end", each(1, 1000, 1000.3, 1000.2), { energy: 0.3, events: "jitter@2", covered: 120 }),
  register("sinking out of the limit", each(1, 1000, 999.8, 999.6, 999.4, 1000.2), {
    energy: 0.2,
    events: "jitter@1 glitch@3",
  }),
  register(
    "the maximum counts until the dip ends",
    [
      [14, 1000],
      [16, 999.9],
      [18, 1000.3],
    ],
    { energy: 0.3, events: "jitter@16", buckets: { 0: 0, 15: 0.3 } },
  ),
];

const glitches = [
  register("three zeros", each(1, 100, 100.5, 0, 0, 0, 101), { energy: 1, events: "glitch@2", covered: 300 }),
  register("five zeros within 15 minutes", each(1, 100, 100.5, 0, 0, 0, 0, 0, 101), {
    energy: 1,
    events: "glitch@2",
    covered: 420,
  }),
  hourly("three zeros", each(60, 100, 101, 0, 0, 0, 102), { energy: 2, events: "glitch@120", covered: 5 * 3600 }),
  hourly("four zeros: too late", each(60, 100, 101, 0, 0, 0, 0, 102, 103), {
    energy: 2,
    events: "reset@120 replacement@360",
    covered: 6 * 3600,
  }),
  register(
    "back after exactly 15 minutes",
    [
      [0, 100],
      [1, 0],
      [2, 0],
      [3, 0],
      [4, 0],
      [16, 100.5],
    ],
    { energy: 0.5, estimated: 0.5, events: "glitch@1", covered: 960 },
  ),
  register(
    "back after 16 minutes: too late",
    [
      [0, 100],
      [1, 0],
      [2, 0],
      [3, 0],
      [4, 0],
      [17, 100.5],
      [18, 100.6],
    ],
    { energy: 0.1, events: "reset@1 replacement@17", covered: 300 },
  ),
  register("low, not zero", each(1, 13_423, 13_423.5, 12, 13_424), { energy: 1, events: "glitch@2" }),
  register("a spike of two", each(1, 200, 200.1, 65_000, 65_001, 200.2), {
    energy: 0.2,
    events: "glitch@2",
    covered: 240,
  }),
  register("a spike, a zero", each(1, 200, 200.1, 65_000, 0, 200.2), { energy: 0.2, events: "glitch@2" }),
  register("back with jitter", each(1, 1000, 0, 999.9, 1000.2), {
    energy: 0.2,
    events: "glitch@1 jitter@2",
    covered: 180,
  }),
  register("two, one after the other", each(1, 100, 0, 100.1, 0, 100.2), {
    energy: 0.2,
    events: "glitch@1 glitch@3",
    covered: 240,
  }),
  register(
    "as if it had not been there",
    [
      [10, 100],
      [14, 0],
      [20, 100.4],
    ],
    { energy: 0.4, events: "glitch@14", buckets: { 0: 0.2, 15: 0.2 } },
  ),
  register(
    "a gap, without it",
    [
      [0, 100],
      [1, 0],
      [7, 0],
      [12, 101],
    ],
    { energy: 1, estimated: 1, events: "glitch@1", covered: 720 },
  ),
  hourly("a fall and back in one step", each(60, 8, 0, 8.5), { energy: 0.5, events: "glitch@60" }),
  hourly("a fall, as low, and back", each(60, 8, 0, 0, 8.5), { energy: 0.5, events: "glitch@60" }),
  register("back by a step that is too high", each(1, 200, 200.5, 0, 0.3, 201), { energy: 1, events: "glitch@2" }),
  register("neither returned from nor continued", each(1, 100, 100.1, 500, 3000, 3000.1), {
    energy: 0.2,
    events: "glitch@2 replacement@3",
    covered: 120,
  }),
];

const turns = [
  register(
    "over the top",
    each(1, 999.8, 999.9, 0.1, 0.2),
    { energy: 0.4, events: "rollover@2", covered: 180 },
    { registerMax: 1000 },
  ),
  register("the next power of ten", each(1, 99_999, 99_999.8, 0.2, 0.4), { energy: 1.4, events: "rollover@2" }),
  register("at once", each(1, 99_999, 99_999.8, 0.2), { energy: 1.2, events: "rollover@2", covered: 120 }),
  register("exactly at the power of ten: the next one is higher", each(1, 1000, 0.1, 0.2), {
    energy: 0.2,
    events: "reset@1",
  }),
  register("not in the last 2 %", each(1, 97_000, 97_000.5, 0.2, 0.4), { energy: 0.9, events: "reset@2" }),
  register("not in the first 2 %", each(1, 9.9, 0.3, 0.5), { energy: 0.5, events: "reset@1" }),
  register("more than the fuse allows", each(1, 999, 15, 16), { energy: 1, events: "replacement@1", covered: 60 }),
  register(
    "and back",
    each(120, 999_984, 20, 999_985),
    { energy: 1, estimated: 1, events: "glitch@120", covered: 14_400 },
    { registerMax: 1e6 },
  ),
  hourly(
    "a register_max that is far away",
    each(60, 990, 995, 3, 5),
    { energy: 10, events: "reset@120" },
    { registerMax: 10_000 },
  ),
];

const resets = [
  register("to little", each(1, 100, 100.5, 0.3, 0.5), { energy: 1, events: "reset@2", covered: 180 }),
  register("known by an equal reading", each(1, 100, 100.5, 0, 0), { energy: 0.5, events: "reset@2", covered: 180 }),
  register(
    "over a gap",
    [
      [0, 100],
      [30, 0.4],
      [31, 0.6],
    ],
    { energy: 0.6, estimated: 0.4, events: "reset@30", covered: 1860 },
  ),
  register("to more than the fuse allows: replaced", each(1, 5000, 5000.2, 2.5, 2.6), {
    energy: 0.3,
    events: "replacement@2",
    covered: 120,
  }),
  hourly("to more than half: replaced", each(60, 10, 11, 6, 7), {
    energy: 2,
    events: "replacement@120",
    covered: 7200,
  }),
  hourly("to exactly half", each(60, 10, 12, 6, 7), { energy: 9, events: "reset@120", covered: 10_800 }),
  hourly("twice", each(60, 3, 4, 0, 2, 0, 1, 1.5), { energy: 4.5, events: "reset@120 reset@240" }),
  hourly("back up step by step", each(60, 8, 0, 2, 5, 8.5), { energy: 8.5, events: "reset@60", covered: 14_400 }),
  hourly("continued beside a wrong reading", each(60, 500, 501, 0, 7000, 3), {
    energy: 4,
    events: "reset@120 glitch@180",
  }),
];

const replaced = [
  register("by a higher one", each(1, 200, 200.1, 65_000, 65_000.2), {
    energy: 0.3,
    events: "replacement@2",
    covered: 120,
  }),
  register("the first reading is wrong", each(1, 65_000, 200, 200.1), {
    energy: 0.1,
    events: "replacement@1",
    covered: 60,
  }),
  register("pending low", each(1, 100, 100.5, 0), { energy: 0.5, events: "pending@2", covered: 60 }),
  register("pending high", each(1, 100, 100.5, 65_000), { energy: 0.5, events: "pending@2", covered: 60 }),
];

const groups = { counted, jitter: dips, glitch: glitches, rollover: turns, reset: resets, replacement: replaced };
describe.each(Object.entries(groups))("a register: %s", (_name, vectors) => testVectors(vectors, energyMeter));
