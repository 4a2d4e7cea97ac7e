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
