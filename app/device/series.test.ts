import { expect, test } from "vitest";
import { csvText } from "../charts/csv.ts";
import { seriesRows, withLive, type LineSeries, type StateSeries } from "./series.ts";

const line: LineSeries = {
  shape: "line",
  fromMs: 0,
  toMs: 3_600_000,
  times: [1_000, 1_800_000, 3_590_000],
  values: [10, 20, 30],
  low: null,
  high: null,
  edges: null,
  maxGapMs: 600_000,
  count: 3,
  isCut: false,
  extremes: { min: 10, max: 30 },
};

test("live readings go to the end, and the window slides with them", () => {
  const now = 3_610_000;
  const { fromMs, toMs, times, values } = withLive(
    line,
    [
      { timeMs: 3_590_000, value: 30 },
      { timeMs: 3_605_000, value: 40 },
    ],
    now,
  ) as LineSeries;
  expect([fromMs, toMs]).toEqual([10_000, now]);
  expect([times, values]).toEqual([
    [1_800_000, 3_590_000, 3_605_000],
    [20, 30, 40],
  ]);
});

test("after a silence longer than the longest gap the line begins anew", () => {
  const { values } = withLive(line, [{ timeMs: 4_400_000, value: 5 }], 4_400_000) as LineSeries;
  expect(values).toEqual([20, 30, null, 5]);
});

test("means of long ranges wait for the next load", () => {
  const means = { ...line, maxGapMs: null };
  expect(withLive(means, [{ timeMs: 3_605_000, value: 40 }], 3_610_000)).toBe(means);
});

const states: StateSeries = {
  shape: "steps",
  fromMs: 0,
  toMs: 1_000,
  times: [0, 400],
  values: [0, 1],
  labels: ["off", "on"],
  isCut: false,
};

test("a state that did not change adds nothing, a new one its step and its name", () => {
  const { times, values, labels } = withLive(
    states,
    [
      { timeMs: 500, value: "on" },
      { timeMs: 600, value: "fault" },
    ],
    1_000,
  ) as StateSeries;
  expect([times, values, labels]).toEqual([
    [0, 400, 600],
    [0, 1, 2],
    ["off", "on", "fault"],
  ]);
});

test("the state that holds when the window slides on stays its first", () => {
  const { times, values, fromMs } = withLive(states, [], 1_450) as StateSeries;
  expect([fromMs, times, values]).toEqual([450, [450], [1]]);
});

test("rows of what a chart shows", () => {
  const channel = { metric: "=power", unit: "W" };
  expect(csvText(seriesRows({ ...line, times: [0, 1, 2], values: [1.5, null, -2] }, channel))).toBe(
    "time,'=power (W)\r\n1970-01-01T00:00:00.000Z,1.5\r\n1970-01-01T00:00:00.002Z,-2\r\n",
  );
  expect(csvText(seriesRows(states, { metric: "relay", unit: null }))).toBe(
    "time,relay\r\n1970-01-01T00:00:00.000Z,off\r\n1970-01-01T00:00:00.400Z,on\r\n",
  );
  const bar = {
    startMs: 0,
    endMs: 900_000,
    amount: 0.25,
    reverse: 0,
    estimated: 0.1,
    completeness: 1,
    isRunning: false,
  };
  expect(
    csvText(
      seriesRows(
        { shape: "bars", fromMs: 0, toMs: 1, step: "15m", bars: [bar] },
        { metric: "energy.import", unit: "kWh" },
      ),
    ),
  ).toBe(
    "start,end,energy.import (kWh),reverse,estimated,known_share\r\n1970-01-01T00:00:00.000Z,1970-01-01T00:15:00.000Z,0.25,0,0.1,1\r\n",
  );
});
