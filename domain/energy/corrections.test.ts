import { describe, expect, test } from "vitest";
import type { EnergyChannel } from "./channel-config.ts";
import { correct, stretchOf, type Correction } from "./corrections.ts";
import { meter } from "./meter.ts";

const minute = 60_000;
const noon = Date.UTC(2026, 2, 1, 12);
const at = (i: number) => noon + i * minute;

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

function corrected(values: readonly number[], corrections: readonly Correction[]) {
  const sent = values.map((value, i) => ({ timeMs: at(i), value }));
  const { readings, judgements, replacements } = correct(sent, corrections);
  const { buckets, events } = meter({
    channel: { ...counter, replacements },
    arrivals: readings,
    judgements,
    timezone: "UTC",
  });
  expect(sent.map((r) => r.value)).toEqual(values);
  return {
    kwh: buckets.reduce((sum, b) => sum + b.energyKwh, 0),
    events: events.map((e) => `${e.type}@${(e.timeMs - noon) / minute}`),
  };
}

describe("a register after its corrections", () => {
  test.each<{ name: string; values: number[]; corrections: Correction[]; kwh: number; events: string[] }>([
    { name: "none", values: [100, 100.5, 0, 0.5, 1], corrections: [], kwh: 1.5, events: ["reset@2"] },
    {
      name: "a reading excluded",
      values: [100, 100.5, 3, 100.7],
      corrections: [{ what: "exclude", fromMs: at(2), toMs: at(2) + 1 }],
      kwh: 0.7,
      events: [],
    },
    {
      name: "a range scaled",
      values: [100, 100.5, 100_700, 100_900, 101.2],
      corrections: [{ what: "scale", fromMs: at(2), toMs: at(4), factor: 0.001 }],
      kwh: 1.2,
      events: [],
    },
    {
      name: "a manual reading in the place of a wrong one",
      values: [100, 100.5, 3, 101],
      corrections: [{ what: "reading", atMs: at(2), value: 100.75 }],
      kwh: 1,
      events: [],
    },
    {
      name: "a reset that was a replacement",
      values: [100, 100.5, 0.5, 0.75],
      corrections: [{ what: "judge", atMs: at(2), as: "replacement" }],
      kwh: 0.75,
      events: ["replacement@2"],
    },
    {
      name: "a replacement that was a reset",
      values: [100, 100.5, 60, 60.25],
      corrections: [{ what: "judge", atMs: at(2), as: "reset" }],
      kwh: 60.75,
      events: ["reset@2"],
    },
    {
      name: "a fast rise that was real",
      values: [100, 100.5, 140, 140.25],
      corrections: [{ what: "judge", atMs: at(2), as: "rise" }],
      kwh: 40.25,
      events: [],
    },
    {
      name: "a plain reading that was wrong",
      values: [100, 100.5, 100.9, 100.75],
      corrections: [{ what: "judge", atMs: at(2), as: "glitch" }],
      kwh: 0.75,
      events: ["glitch@2"],
    },
    {
      name: "a pending fall that was a rollover",
      values: [9000, 9000.5, 20],
      corrections: [{ what: "judge", atMs: at(2), as: "rollover" }],
      kwh: 1020,
      events: ["rollover@2"],
    },
    {
      name: "a meter replaced, both registers read",
      values: [100, 100.5, 3, 3.25],
      corrections: [{ what: "replace", atMs: at(2), finalValue: 100.75, firstValue: 2.5 }],
      kwh: 1.5,
      events: ["replacement@2"],
    },
    {
      name: "the later judgement of a reading holds",
      values: [100, 100.5, 0.5, 0.75],
      corrections: [
        { what: "judge", atMs: at(2), as: "replacement" },
        { what: "judge", atMs: at(2), as: "reset" },
      ],
      kwh: 1.25,
      events: ["reset@2"],
    },
  ])("$name", ({ values, corrections, kwh, events }) => {
    const found = corrected(values, corrections);
    expect(found.kwh).toBeCloseTo(kwh, 9);
    expect(found.events).toEqual(events);
  });

  test("what is to be marked", () => {
    expect(stretchOf({ what: "scale", fromMs: 5, toMs: 9, factor: 2 })).toEqual({ fromMs: 5, toMs: 9 });
    expect(stretchOf({ what: "judge", atMs: 5, as: "reset" })).toEqual({ fromMs: 5, toMs: 5 });
  });
});
