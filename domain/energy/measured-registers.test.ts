import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { EnergyChannel } from "./channel-config.ts";
import { meter } from "./meter.ts";
import type { Reading } from "../reading.ts";

/** Real registers: they reconcile, and the events that were put into them are found. Skipped where they are not beside the project. */
const folder = join(import.meta.dirname, "../../../shared/data/dev");
const isThere = existsSync(join(folder, "manifest.json"));
const hourMs = 3_600_000;

const register: EnergyChannel = {
  kind: "counter",
  quantity: "energy",
  unit: "kWh",
  direction: "import",
  stamp: "instant",
  reporting: "periodic",
  expectedIntervalS: null,
  maxGapS: null,
  maxPowerW: null,
  registerMax: null,
  restartsDaily: false,
};

const rows = (path: string): Reading[] =>
  gunzipSync(readFileSync(join(folder, path)))
    .toString("utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","))
    .map(([time, value]) => ({ timeMs: Date.parse(time!), value: value === "" ? NaN : Number(value) }))
    .filter(({ value }) => Number.isFinite(value));

const json = <T>(path: string) => JSON.parse(readFileSync(join(folder, path), "utf8")) as T;

interface Series {
  id: string;
  file: string;
  kind: string;
  timezone: string;
}
interface Injected {
  id: string;
  file: string;
  truth: string;
  meterSwapAt: string;
  totalTruth: number;
}
const counters = isThere ? json<{ series: Series[] }>("manifest.json").series.filter((s) => s.kind === "counter") : [];
const injected = isThere ? json<{ series: Injected[] }>("counter/counters.json").series : [];

if (!isThere) console.info("skipped: the measured registers are not beside the project (../shared/data/dev)");

describe.skipIf(!isThere)("measured registers", () => {
  test("there are some of both", () => {
    expect(Math.min(counters.length, injected.length)).toBeGreaterThan(0);
  });

  test.each(counters)("$id: buckets and events are the register", ({ file, timezone }) => {
    const readings = rows(file);
    const { buckets, events } = meter({ channel: register, arrivals: readings, timezone });
    const total = buckets.reduce((sum, b) => sum + b.energyKwh, 0);
    const added = events.reduce((sum, e) => sum + e.added, 0);
    const turned = readings.at(-1)!.value - readings[0]!.value + added;
    expect(Math.abs(total - turned) / turned).toBeLessThan(1e-9);
  });

  test.each(injected)(
    "$id: its rollover and its swap are found, and nothing else",
    ({ file, truth, meterSwapAt, totalTruth }) => {
      const arrivals = rows(file);
      const { buckets, events } = meter({ channel: register, arrivals, timezone: "UTC" });
      const total = buckets.reduce((sum, b) => sum + b.energyKwh, 0);
      expect(Math.abs(total - totalTruth) / totalTruth).toBeLessThan(0.001);
      expect(events.map((e) => e.type).sort()).toEqual(["reset", "rollover"]);
      expect(events.find((e) => e.type === "reset")!.timeMs).toBe(Date.parse(meterSwapAt));

      const times = new Set(arrivals.map((r) => r.timeMs));
      const hours = new Map<number, number>();
      for (const b of buckets) {
        const hour = Math.floor(b.startMs / hourMs) * hourMs;
        hours.set(hour, (hours.get(hour) ?? 0) + b.energyKwh);
      }
      // The hour that ends with the swap lost its energy with the old register.
      const isKnown = ({ timeMs }: Reading) =>
        times.has(timeMs) && times.has(timeMs + hourMs) && timeMs + hourMs !== Date.parse(meterSwapAt);
      const known = rows(truth).filter(isKnown);
      expect(known.length).toBeGreaterThan(2700);
      for (const { timeMs, value } of known)
        expect(Math.abs((hours.get(timeMs) ?? 0) - value)).toBeLessThanOrEqual(0.01);
    },
  );
});
