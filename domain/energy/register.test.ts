import { describe, expect, test } from "vitest";
import type { EnergyChannel } from "./channel-config.ts";
import { meter } from "./meter.ts";

const minute = 60_000;
const noon = Date.UTC(2026, 2, 1, 12);

const counter: EnergyChannel = {
  kind: "counter",
  quantity: "energy",
  unit: "kWh",
  direction: "import",
  stamp: "instant",
  reporting: "periodic",
  expectedIntervalS: 60,
  maxGapS: null,
  maxPowerW: 50_000,
  registerMax: null,
  restartsDaily: false,
};

interface Case {
  name: string;
  values: readonly number[];
  /** Minutes between readings, or of each reading. */
  every?: number;
  at?: readonly number[];
  channel?: Partial<EnergyChannel>;
  energy: number;
  reverse?: number;
  estimated?: number;
  /** `type@index of the reading`. */
  events: readonly string[];
  missing?: number;
}

function check({ values, every = 1, at, channel, energy, reverse = 0, estimated = 0, events, missing = 0 }: Case) {
  const timeOf = (i: number) => noon + (at ? at[i]! : i * every) * minute;
  const metered = meter({
    channel: { ...counter, ...channel },
    arrivals: values.map((value, i) => ({ timeMs: timeOf(i), value })),
    timezone: "UTC",
  });
  const sum = (key: "energyKwh" | "reverseKwh" | "estimatedKwh" | "coveredS") =>
    metered.buckets.reduce((total, bucket) => total + bucket[key], 0);
  expect(sum("energyKwh")).toBeCloseTo(energy, 9);
  expect(sum("reverseKwh")).toBeCloseTo(reverse, 9);
  expect(sum("estimatedKwh")).toBeCloseTo(estimated, 9);
  expect(metered.events.map((e) => `${e.type}@${values.findIndex((_, i) => timeOf(i) === e.timeMs)}`)).toEqual(events);
  expect((metered.toMs - metered.fromMs) / 1000 - sum("coveredS")).toBeCloseTo(missing, 3);
  // The register reconciles: last minus first, plus what its events add.
  const added = metered.events.reduce((total, e) => total + e.added, 0);
  expect(values.at(-1)! - values[0]! + added).toBeCloseTo(energy - reverse, 9);
}

const weekly = { every: 7 * 24 * 60, channel: { expectedIntervalS: 7 * 86_400 } };
const hourly = { every: 60, channel: { expectedIntervalS: 3600 } };

describe("the vectors of the rules", () => {
  test.each<Case>([
    { name: "reset", values: [100, 100.5, 0, 0.5, 1], energy: 1.5, events: ["reset@2"] },
    { name: "glitch", values: [13423, 13423.5, 0, 13424], energy: 1, events: ["glitch@2"] },
    { name: "jitter", values: [1000, 999.9, 1000.2], energy: 0.2, events: ["jitter@1"] },
    {
      name: "rollover",
      values: [999984, 20],
      every: 120,
      channel: { registerMax: 1_000_000 },
      energy: 36,
      estimated: 36,
      events: ["rollover@1"],
    },
    { name: "outage", values: [100, 140], every: 480, energy: 40, estimated: 40, events: [] },
    { name: "replacement", values: [5000, 5000.2, 3000, 3000.3], energy: 0.5, events: ["replacement@2"], missing: 60 },
    { name: "glitch upwards", values: [200, 200.1, 65000, 200.2], energy: 0.2, events: ["glitch@2"] },
    {
      name: "a coarse register",
      values: [100, 100, 100, 101, 101, 101, 102],
      every: 1 / 6,
      channel: { expectedIntervalS: 10 },
      energy: 2,
      events: [],
    },
    { name: "a daily yield", values: [4, 5, 0.1, 1, 3, 5.5, 7], ...hourly, energy: 8, events: ["reset@2"] },
    {
      name: "replacement, weekly",
      values: [5000, 5100, 3000, 3100],
      ...weekly,
      energy: 200,
      events: ["replacement@2"],
      missing: 7 * 86_400,
    },
  ])("$name: $values", check);
});

describe("what was it? Decided by the readings around it, and again when more arrive", () => {
  test.each<Case>([
    {
      name: "nothing continues a fall: pending",
      values: [100, 100.5, 3],
      energy: 0.5,
      events: ["pending@2"],
      missing: 60,
    },
    {
      name: "pending far below is no reset yet",
      values: [100, 100.5, 0],
      energy: 0.5,
      events: ["pending@2"],
      missing: 60,
    },
    { name: "pending upwards", values: [100, 100.5, 65_000], energy: 0.5, events: ["pending@2"], missing: 60 },
    {
      name: "two that nothing continues",
      values: [5000, 3000, 7000],
      energy: 0,
      events: ["pending@1", "pending@2"],
      missing: 120,
    },
    {
      name: "neither returned from nor continued, while later ones continue another level",
      values: [5000, 3000, 7000, 7000.5],
      energy: 0.5,
      events: ["glitch@1", "replacement@2"],
      missing: 120,
    },
    {
      name: "a rollover counts at once",
      values: [9999, 0.5],
      channel: { maxPowerW: 100_000 },
      energy: 1.5,
      events: ["rollover@1"],
    },
    {
      name: "and is a glitch when the old level comes back",
      values: [9999, 0.5, 9999.5],
      energy: 0.5,
      events: ["glitch@1"],
    },
    {
      name: "a rollover that later readings contradict",
      values: [9999.5, 0.25, 5000, 5000.5],
      energy: 0.5,
      events: ["glitch@1", "replacement@2"],
      missing: 120,
    },
    {
      name: "a reset turns into a glitch within three readings",
      values: [100, 0, 0.25, 0.25, 100.5],
      ...{ every: 20, channel: { expectedIntervalS: 1200, maxPowerW: 5000 } },
      energy: 0.5,
      events: ["glitch@1"],
    },
    {
      name: "not at the fourth, after a quarter of an hour",
      values: [100, 0, 0.25, 0.5, 0.75, 100.5, 100.75],
      ...{ every: 20, channel: { expectedIntervalS: 1200, maxPowerW: 5000 } },
      energy: 1,
      events: ["reset@1", "replacement@5"],
      missing: 1200,
    },
    {
      name: "at any reading up to a quarter of an hour after the first wrong one",
      values: [100, ...Array<number>(15).fill(0), 100.5],
      channel: { maxPowerW: 5_000 },
      energy: 0.5,
      estimated: 0.5,
      events: ["glitch@1"],
    },
    {
      name: "and no later",
      values: [100, ...Array<number>(16).fill(0), 100.5, 100.5],
      channel: { maxPowerW: 5_000 },
      energy: 0,
      events: ["reset@1", "replacement@17"],
      missing: 60,
    },
    { name: "a glitch of several values", values: [100, 0, 65_000, 100.25], energy: 0.25, events: ["glitch@1"] },
    {
      name: "zero and straight back is a glitch, however slow",
      values: [5, 0, 5.5, 6],
      ...hourly,
      energy: 1,
      events: ["glitch@1"],
    },
    { name: "standing at zero and back, too", values: [5, 0, 0, 5.5], ...hourly, energy: 0.5, events: ["glitch@1"] },
    { name: "climbing back in steps is a reset", values: [5, 0, 2, 5.5], ...hourly, energy: 5.5, events: ["reset@1"] },
    {
      name: "a climb from another level is a replacement: nothing is invented",
      values: [1000, 998, 999, 1001],
      ...hourly,
      energy: 3,
      events: ["replacement@1"],
      missing: 3600,
    },
  ])("$name: $values", check);
});

describe("jitter", () => {
  test.each<Case>([
    { name: "a run is one event", values: [1000, 999.9, 999.6, 999.9, 1000.2], energy: 0.2, events: ["jitter@1"] },
    {
      name: "two runs are two",
      values: [1000, 999.9, 1000, 999.9, 1000.2],
      energy: 0.2,
      events: ["jitter@1", "jitter@3"],
    },
    { name: "0.1 % of it", values: [300, 299.7, 300.2], energy: 0.2, events: ["jitter@1"] },
    { name: "no more than half a unit", values: [9000, 8999.5, 9000.25], energy: 0.25, events: ["jitter@1"] },
    { name: "a deeper dip is a glitch", values: [9000, 8999.4, 9000.25], energy: 0.25, events: ["glitch@1"] },
    { name: "still down at the end", values: [1000, 1000.5, 1000.1], energy: 0.5, events: ["jitter@2"] },
    {
      name: "a glitch inside a run",
      values: [1000, 999.9, 0, 999.9, 1000.2],
      energy: 0.2,
      events: ["jitter@1", "glitch@2"],
    },
    {
      name: "back from a glitch to a dip",
      values: [1000, 0, 999.9, 1000.2],
      energy: 0.2,
      events: ["glitch@1", "jitter@2"],
    },
  ])("$name: $values", check);
});

describe("thresholds", () => {
  test.each<Case>([
    { name: "max_power and one step of the last place", values: [100, 100.9], energy: 0.9, events: [] },
    { name: "more than that", values: [100, 101.5, 102.1], energy: 0.6, events: ["replacement@1"], missing: 60 },
    {
      name: "a whole unit at most",
      values: [100, 101, 102, 105, 105],
      energy: 2,
      events: ["replacement@3"],
      missing: 60,
    },
    { name: "last 2 % of the range", values: [9799, 0.5, 0.75], energy: 0.75, events: ["reset@1"] },
    { name: "first 2 % of the range", values: [990, 20, 21], ...hourly, energy: 31, events: ["rollover@1"] },
    { name: "further than the first 2 %", values: [990, 21, 22], ...hourly, energy: 22, events: ["reset@1"] },
    {
      name: "more than max_power allows over the range",
      values: [985, 15, 15.5],
      every: 20,
      energy: 15.5,
      channel: { expectedIntervalS: 1200 },
      events: ["reset@1"],
    },
    {
      name: "the range is above the highest value so far",
      values: [1000, 0, 1000.5, 1, 1.25],
      ...hourly,
      energy: 1.75,
      events: ["glitch@1", "reset@3"],
    },
    {
      name: "a register that restarts daily never rolls over",
      values: [9.9, 0.1, 0.3],
      ...{ channel: { restartsDaily: true, expectedIntervalS: 3600 }, every: 60 },
      energy: 0.3,
      events: ["reset@1"],
    },
    { name: "one that does not, does", values: [9.9, 0.1, 0.3], ...hourly, energy: 0.4, events: ["rollover@1"] },
    { name: "half of the level is a reset", values: [4, 2, 2.5], ...hourly, energy: 2.5, events: ["reset@1"] },
    {
      name: "more than half is another level",
      values: [4, 2.1, 2.5],
      ...hourly,
      energy: 0.4,
      events: ["replacement@1"],
      missing: 3600,
    },
    {
      name: "more than can have been counted is another level",
      values: [5000, 3, 3.25],
      energy: 0.25,
      events: ["replacement@1"],
      missing: 60,
    },
    { name: "below zero is no reset", values: [100, -1, -0.75], energy: 0.25, events: ["replacement@1"], missing: 60 },
    {
      name: "where no max_power is known, 100 kW",
      values: [100, 100.01, 100.02, 104, 104.01],
      channel: { maxPowerW: null },
      energy: 0.03,
      events: ["replacement@3"],
      missing: 60,
    },
    {
      name: "or 20 x the median of its own rises",
      values: [0, 50, 100, 160],
      channel: { maxPowerW: null },
      energy: 160,
      events: [],
    },
    {
      name: "a power does not limit cubic metres",
      values: [100, 101.2, 101.4],
      channel: { unit: "m3", maxPowerW: 1000 },
      energy: 1.4,
      events: [],
    },
    {
      name: "the step is that of the unit it was sent in",
      values: [100, 101.8, 102],
      channel: { scale: 0.001 },
      energy: 0.2,
      events: ["replacement@1"],
      missing: 60,
    },
  ])("$name: $values", check);
});

describe("a net register", () => {
  test.each<Case>([
    { name: "falls as it rises", values: [10, 10.5, 10.25, 9.75], energy: 0.5, reverse: 0.75, events: [] },
    { name: "a wrong value", values: [10, 5000, 10.25], energy: 0.25, events: ["glitch@1"] },
    { name: "starts again", values: [5000, 0.25, 0], energy: 0.25, reverse: 0.25, events: ["reset@1"] },
    {
      name: "is replaced",
      values: [5000, 3000, 2999.75],
      energy: 0,
      reverse: 0.25,
      events: ["replacement@1"],
      missing: 60,
    },
  ])("$name: $values", (one) => check({ ...one, channel: { ...one.channel, direction: "both" } }));
});

describe("a replacement that a person entered", () => {
  const at = (i: number) => noon + i * minute;
  test.each<Case>([
    {
      name: "without its registers",
      values: [100, 100.5, 3, 3.25],
      channel: { replacements: [{ atMs: at(2), finalValue: null, firstValue: null }] },
      energy: 0.75,
      events: ["replacement@2"],
      missing: 60,
    },
    {
      name: "with both",
      values: [100, 100.5, 3, 3.25],
      channel: { replacements: [{ atMs: at(1.5), finalValue: 100.75, firstValue: 2.5 }] },
      energy: 1.5,
      events: ["replacement@2"],
    },
    {
      name: "that nobody would have seen",
      values: [100, 100.5, 100.6, 100.7],
      channel: { replacements: [{ atMs: at(2), finalValue: null, firstValue: null }] },
      energy: 0.6,
      events: ["replacement@2"],
      missing: 60,
    },
    {
      name: "ends what the readings before it may be: the old level does not come back from behind it",
      values: [100, 0, 100.25, 100.5],
      channel: { replacements: [{ atMs: at(2), finalValue: null, firstValue: null }] },
      energy: 0.25,
      events: ["glitch@1", "replacement@2"],
      missing: 120,
    },
  ])("$name: $values", check);
});
