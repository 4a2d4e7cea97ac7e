import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { localDate, localSteps } from "../local-time/steps.ts";
import type { Reading } from "../reading.ts";
import { bucketCeil, bucketStart } from "../rollup/bucket.ts";
import { compose } from "../rollup/compose.ts";
import { fold } from "../rollup/fold.ts";
import { learnInterval } from "./cadence.ts";
import { resolveGap, type EnergyChannel } from "./channel-config.ts";

/**
 * The rules against series that people measured: what we fold, hour by hour and local day by local day, must be what their
 * publishers counted. The series are not part of the project; without them these tests are skipped.
 */
const folder = join(import.meta.dirname, "../../../shared/data/dev");
const isThere = existsSync(join(folder, "manifest.json"));
const hourMs = 3_600_000;

const plain: EnergyChannel = {
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

const series = [
  { id: "cossmic1_grid", channel: plain, factor: 1 },
  { id: "sgsc_a", channel: { ...plain, kind: "delta", stamp: "start" }, factor: 1 },
  // Published as kW, the mean of the half hour that starts at its time.
  {
    id: "ausgrid_pv",
    channel: { ...plain, kind: "gauge", quantity: "power", unit: "W", direction: "production", stamp: "start" },
    factor: 1000,
  },
] satisfies { id: string; channel: EnergyChannel; factor: number }[];

function rows(path: string): { key: string; value: number }[] {
  const lines = gunzipSync(readFileSync(join(folder, path)))
    .toString("utf8")
    .trim()
    .split("\n")
    .slice(1);
  return lines.map((line) => {
    const [key, value] = line.split(",");
    return { key: key!, value: Number(value) };
  });
}

/** Relative 1e-6; nothing is nothing, but for the rounding of a register's difference. */
const isNear = (a: number, b: number) => Math.abs(a - b) <= Math.max(1e-6 * Math.abs(b), 1e-9);

if (!isThere) console.info("skipped: the measured series are not beside the project (../shared/data/dev)");

describe.skipIf(!isThere)("measured series", () => {
  test.each(series)("$id: every complete hour and local day", ({ id, channel, factor }) => {
    const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as {
      series: { id: string; timezone: string }[];
    };
    const { timezone } = manifest.series.find((s) => s.id === id)!;
    const readings: Reading[] = rows(`series/${id}.csv.gz`).map(({ key, value }) => ({
      timeMs: Date.parse(key),
      value: value * factor,
    }));
    const gap = resolveGap(channel, learnInterval(readings.map((r) => r.timeMs)));
    const fromMs = bucketStart(readings[0]!.timeMs);
    const toMs = bucketCeil(readings.at(-1)!.timeMs + (gap.expectedIntervalS ?? 0) * 1000);
    const buckets = fold({ channel, gapOf: () => gap, readings, fromMs, toMs });

    const hours = new Map(compose(buckets, localSteps("UTC", "hour", fromMs, toMs)).map((h) => [h.startMs, h]));
    const publishedHours = new Map(rows(`hourly/${id}.csv.gz`).map(({ key, value }) => [Date.parse(key), value]));
    let compared = 0;
    for (const [startMs, published] of publishedHours) {
      const ours = hours.get(startMs)!;
      if (ours.completeness < 1 || ours.estimatedKwh > 0) continue;
      if (!isNear(ours.energyKwh, published))
        expect.fail(`${new Date(startMs).toISOString()}: ${ours.energyKwh}, published ${published}`);
      compared++;
    }
    expect(compared / publishedHours.size).toBeGreaterThan(0.99);

    const days = new Map(
      compose(buckets, localSteps(timezone, "day", fromMs, toMs)).map((d) => [localDate(timezone, d.startMs), d]),
    );
    compared = 0;
    const publishedDays = rows(`daily/${id}.csv.gz`);
    for (const { key, value } of publishedDays) {
      const ours = days.get(key)!;
      let observed = 0;
      for (let ms = ours.startMs; ms < ours.endMs; ms += hourMs) if (publishedHours.has(ms)) observed++;
      // A published day may lack an hour; ours lays a counter's over it.
      if (ours.completeness < 1 || observed * hourMs < ours.endMs - ours.startMs) continue;
      if (!isNear(ours.energyKwh, value)) expect.fail(`${key}: ${ours.energyKwh}, published ${value}`);
      compared++;
    }
    expect(compared / publishedDays.length).toBeGreaterThan(0.95);
  });
});
