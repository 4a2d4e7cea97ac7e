import { execFile } from "node:child_process";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";

/** Cases through `energy meter` itself, each worked out on paper from the rules of energy. */
const at = (clock: string) => `2026-03-01T${clock}:00Z`;
const counter = { kind: "counter", unit: "kWh", maxPowerW: 50_000, expectedIntervalSeconds: 60 };

type Case = [name: string, channel: object, readings: [string, unknown][], window: object, expected: object];

const cases: Case[] = [
  [
    "two hours of an outage of eight, linear where there is no history",
    counter,
    [
      [at("00:00"), 100],
      [at("08:00"), 140],
    ],
    { from: at("02:00"), to: at("04:00") },
    { energyKwh: 10, measuredKwh: 0, estimatedKwh: 10, events: [] },
  ],
  [
    "a signed gauge is split where it crosses zero: two triangles of 6 kW and 2.5 minutes",
    { kind: "gauge", unit: "kW", direction: "both", expectedIntervalSeconds: 300 },
    [
      [at("00:00"), 6],
      [at("00:05"), -6],
    ],
    {},
    { energyKwh: 0.125, reverseKwh: 0.125 },
  ],
  [
    "of one direction the negative half is nothing",
    { kind: "gauge", unit: "W", direction: "production" },
    [
      [at("00:00"), -600],
      [at("00:10"), 600],
    ],
    {},
    { energyKwh: 0.025 },
  ],
  [
    "a pair further apart than max_gap is a hole: ten minutes while fewer than three differences are known",
    { kind: "gauge", unit: "W" },
    [
      [at("00:00"), 1200],
      [at("00:10"), 1200],
      [at("00:30"), 1200],
    ],
    {},
    { energyKwh: 0.2, buckets: [{ coveredSeconds: 600 }, { coveredSeconds: 0 }] },
  ],
  [
    "a channel that reports on change holds its value for max_gap: six hours",
    { kind: "gauge", unit: "W", reporting: "on-change" },
    [[at("00:00"), 1000]],
    { to: at("12:00") },
    { energyKwh: 6 },
  ],
  [
    "a gauge stamped at the start is held over its interval",
    { kind: "gauge", unit: "W", stamp: "start", expectedIntervalSeconds: 900 },
    [[at("00:00"), 1000]],
    {},
    { energyKwh: 0.25, buckets: [{ start: at("00:00"), coveredSeconds: 900 }] },
  ],
  [
    "a delta stamped at its start is spread over the buckets that it covers",
    { kind: "delta", unit: "kWh", stamp: "start", expectedIntervalSeconds: 3600 },
    [["2026-03-01T00:07:30Z", 4]],
    {},
    {
      energyKwh: 4,
      buckets: [0.5, 1, 1, 1, 0.5].map((energyKwh) => ({ energyKwh })),
    },
  ],
  [
    "a negative delta of both directions is reverse energy",
    { kind: "delta", unit: "kWh", direction: "both" },
    [
      [at("00:15"), 1],
      [at("00:30"), -0.5],
    ],
    { from: at("00:00"), to: at("00:30") },
    { energyKwh: 1, reverseKwh: 0.5 },
  ],
  [
    "nothing continues the new level: pending, and it counts nothing",
    counter,
    [
      [at("00:00"), 100],
      [at("00:01"), 0],
    ],
    {},
    { energyKwh: 0, events: [{ type: "pending", time: at("00:01") }] },
  ],
  [
    "in the last 2 % and the first, but 10.2 kWh in a minute are too many for a rollover: a reset",
    { ...counter, registerMax: 1000 },
    [
      [at("00:00"), 990],
      [at("00:01"), 0.2],
      [at("00:02"), 0.4],
    ],
    {},
    { energyKwh: 0.4, events: [{ type: "reset", time: at("00:01") }] },
  ],
  [
    "a rollover counts what was left of the range",
    { ...counter, registerMax: 1000 },
    [
      [at("00:00"), 999.75],
      [at("00:01"), 0.25],
      [at("00:02"), 0.5],
    ],
    {},
    { energyKwh: 0.75, events: [{ type: "rollover", time: at("00:01") }] },
  ],
  [
    "a run of dipped readings is one jitter",
    counter,
    [
      [at("00:00"), 100],
      [at("00:01"), 99.95],
      [at("00:02"), 99.96],
      [at("00:03"), 100.5],
    ],
    {},
    { energyKwh: 0.5, events: [{ type: "jitter", time: at("00:01") }] },
  ],
  [
    "any order, and of one time the later in the list",
    counter,
    [
      [at("00:02"), 101],
      [at("00:00"), 100],
      [at("00:01"), 7],
      [at("00:01"), 100.5],
    ],
    {},
    { energyKwh: 1, events: [] },
  ],
  ["no reading is no energy", counter, [], {}, { energyKwh: 0, events: [], buckets: [] }],
  [
    "a window without readings lists its buckets",
    counter,
    [],
    { from: at("00:00"), to: at("00:30") },
    { energyKwh: 0, buckets: [{ coveredSeconds: 0 }, { coveredSeconds: 0 }] },
  ],
  ["a kind that is none", { kind: "meter", unit: "kWh" }, [], {}, { error: expect.stringContaining("channel.kind") }],
  [
    "a unit that is none",
    { kind: "gauge", unit: "furlong" },
    [],
    {},
    { error: expect.stringContaining("such as kWh") },
  ],
  [
    "a time that is none",
    { kind: "gauge", unit: "W" },
    [["yesterday", 1]],
    {},
    { error: expect.stringContaining("readings[0][0]") },
  ],
  [
    "a value that is none",
    { kind: "gauge", unit: "W" },
    [[at("00:00"), "x"]],
    {},
    { error: expect.stringContaining("readings[0][1]") },
  ],
];

let answers: object[] = [];
let code: unknown;

beforeAll(async () => {
  const lines = cases.map(([, channel, readings, window]) => JSON.stringify({ channel, readings, ...window }));
  const program = join(import.meta.dirname, "energy.mjs");
  await new Promise<void>((resolve) => {
    const child = execFile(process.execPath, [program, "meter"], (error, stdout) => {
      code = error?.code;
      answers = stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as object);
      resolve();
    });
    child.stdin!.end(lines.join("\n"));
  });
}, 60_000);

test.each(cases.map(([name, , , , expected], i) => [name, expected, i] as const))("%s", (_name, expected, i) => {
  expect(answers[i]).toMatchObject(expected);
});

test("lines that are no case make the command fail, after all are answered", () => {
  expect({ code, answered: answers.length }).toEqual({ code: 1, answered: cases.length });
});
