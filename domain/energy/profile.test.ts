import { expect, test } from "vitest";
import { bucketMs, type Bucket } from "../rollup/bucket.ts";
import { fold } from "../rollup/fold.ts";
import type { EnergyChannel } from "./channel-config.ts";
import { expected, learnProfile } from "./profile.ts";
import { shapeOfProfile } from "./shape.ts";

const day = 86_400_000;
/** A Monday. */
const monday = Date.UTC(2026, 5, 1);
const gapStart = monday + 28 * day;

const bucket = (startMs: number, energyKwh: number, more: Partial<Bucket> = {}): Bucket => ({
  startMs,
  energyKwh,
  reverseKwh: 0,
  estimatedKwh: 0,
  estimatedReverseKwh: 0,
  coveredS: 900,
  mean: null,
  min: null,
  max: null,
  count: 1,
  last: null,
  ...more,
});

/** Days of buckets that end at the gap. */
function history(days: number, energyKwh: (startMs: number) => number): Bucket[] {
  const first = gapStart - days * day;
  return Array.from({ length: days * 96 }, (_, i) => bucket(first + i * bucketMs, energyKwh(first + i * bucketMs)));
}

test("a slot is the mean of the same quarter-hour of the week", () => {
  const weeks = [0.1, 0.2, 0.3, 0.2];
  const profile = learnProfile(
    history(28, (ms) => weeks[Math.floor((ms - monday) / (7 * day))]!),
    gapStart,
    "UTC",
  )!;
  expect(expected(profile, gapStart)).toBeCloseTo(0.2, 12);
});

test("slots follow the site's clock through a change to summer time", () => {
  const zone = "Europe/Berlin";
  const change = Date.UTC(2026, 2, 29, 1);
  // Only 12:00 to 12:15 local takes anything: 11:00 UTC before the change, 10:00 UTC after it.
  const start = change - 28 * day;
  const list = Array.from({ length: 28 * 96 }, (_, i) =>
    bucket(start + i * bucketMs, (start + i * bucketMs) % day === 11 * 3_600_000 ? 1 : 0),
  );
  const profile = learnProfile(list, change, zone)!;
  const after = Date.UTC(2026, 2, 30);
  expect(expected(profile, after + 10 * 3_600_000)).toBe(1);
  expect(expected(profile, after + 11 * 3_600_000)).toBe(0);
});

test("a slot without any takes the mean of all", () => {
  const list = history(28, () => 0.5).filter((b) => new Date(b.startMs).getUTCDay() !== 1);
  expect(expected(learnProfile(list, gapStart, "UTC")!, gapStart)).toBe(0.5);
});

test.each([
  { name: "13 days are too few", list: history(13, () => 1) },
  { name: "all zero", list: history(28, () => 0) },
  { name: "nothing", list: [] },
  { name: "all estimated", list: history(28, () => 1).map((b) => ({ ...b, estimatedKwh: 1 })) },
  { name: "none covered in full", list: history(28, () => 1).map((b) => ({ ...b, coveredS: 899 })) },
])("no profile: $name", ({ list }) => {
  expect(learnProfile(list, gapStart, "UTC")).toBeNull();
});

test("two weeks are enough; what is older than four weeks or after the gap says nothing", () => {
  expect(
    learnProfile(
      history(14, () => 1),
      gapStart,
      "UTC",
    ),
  ).not.toBeNull();
  const list = [bucket(gapStart - 29 * day, 1000), ...history(28, () => 1), bucket(gapStart, 1000)];
  const profile = learnProfile(list, gapStart, "UTC")!;
  for (let ms = gapStart; ms < gapStart + 7 * day; ms += bucketMs) expect(expected(profile, ms)).toBe(1);
});

test("an outage's energy lies where the profile has it, scaled to the true total", () => {
  const channel: EnergyChannel = {
    kind: "counter",
    quantity: "energy",
    unit: "kWh",
    direction: "import",
    stamp: "instant",
    reporting: "periodic",
    expectedIntervalS: 60,
    maxGapS: null,
    maxPowerW: null,
    registerMax: null,
    restartsDaily: false,
  };
  // Three quarters of an hour of each hour stand still.
  const profile = learnProfile(
    history(28, (ms) => (ms % 3_600_000 === 0 ? 1 : 0)),
    gapStart,
    "UTC",
  );
  const readings = [
    { timeMs: gapStart, value: 100 },
    { timeMs: gapStart + 8 * 3_600_000, value: 140 },
  ];
  const list = fold({
    channel,
    gapOf: () => ({ expectedIntervalS: 60, maxGapS: 600 }),
    shapeOf: () => shapeOfProfile(profile!),
    readings,
    fromMs: gapStart,
    toMs: gapStart + 8 * 3_600_000,
  });
  expect(list.map((b) => b.energyKwh).slice(0, 4)).toEqual([5, 0, 0, 0]);
  expect(list.reduce((sum, b) => sum + b.energyKwh, 0)).toBeCloseTo(40, 9);
  expect(list.every((b) => b.estimatedKwh === b.energyKwh && b.coveredS === 900)).toBe(true);
});

test("buckets of an outage teach nothing, though nothing may have turned in them", () => {
  const list = history(28, () => 1).map((b) => (b.startMs >= gapStart - 7 * day ? { ...b, energyKwh: 0 } : b));
  const outage = { startMs: gapStart - 7 * day, endMs: gapStart };
  expect(learnProfile(list, gapStart, "UTC", [outage])!.mean).toBe(1);
  expect(learnProfile(list, gapStart, "UTC")!.mean).toBe(0.75);
});
