import { expect, test } from "vitest";
import { fold } from "../rollup/fold.ts";
import type { EnergyChannel } from "./channel-config.ts";
import { piecesOf } from "./pieces.ts";

/** A channel that reports on change: 600 W at 0:00, held until the next reading, the device going offline or max_gap (6 hours). */
const channel: EnergyChannel = {
  ...{ kind: "gauge", quantity: "power", unit: "W", direction: "import", stamp: "instant", reporting: "on-change" },
  ...{ expectedIntervalS: null, maxGapS: null, maxPowerW: null, registerMax: null, restartsDaily: false },
};
const minute = 60_000;
const gapOf = () => ({ expectedIntervalS: null, maxGapS: 6 * 3_600 });

test.each<[string, { next?: number; offline: number[]; toMs?: number }, { kwh: number; minutes: number }]>([
  ["to max_gap", { offline: [] }, { kwh: 3.6, minutes: 360 }],
  ["to the window's end", { offline: [], toMs: 60 }, { kwh: 0.6, minutes: 60 }],
  ["to the device going offline", { offline: [25] }, { kwh: 0.25, minutes: 25 }],
  ["to the first time that it does", { offline: [25, 40] }, { kwh: 0.25, minutes: 25 }],
  ["not at all, when it says so with the reading", { offline: [0] }, { kwh: 0, minutes: 0 }],
  ["not by a time before the reading", { offline: [-5] }, { kwh: 3.6, minutes: 360 }],
  ["the next one from its own time on", { next: 50, offline: [25] }, { kwh: 0.25, minutes: 385 }],
  ["the next one until it goes offline again", { next: 50, offline: [25, 60] }, { kwh: 0.25, minutes: 35 }],
  ["to the next reading, before it goes offline", { next: 10, offline: [25] }, { kwh: 0.1, minutes: 25 }],
])("held %s", (_, { next, offline, toMs = 600 }, { kwh, minutes }) => {
  const readings = [{ timeMs: 0, value: 600 }, ...(next === undefined ? [] : [{ timeMs: next * minute, value: 0 }])];
  const input = { channel, gapOf, readings, offlineMs: offline.map((m) => m * minute), fromMs: 0, toMs: toMs * minute };
  const buckets = fold(input);
  expect(buckets.reduce((sum, b) => sum + b.energyKwh, 0)).toBeCloseTo(kwh, 12);
  expect(buckets.reduce((sum, b) => sum + b.coveredS, 0) / 60).toBeCloseTo(minutes, 9);
  expect(piecesOf(input).reduce((sum, piece) => sum + piece.energyKwh, 0)).toBeCloseTo(kwh, 12);
});
