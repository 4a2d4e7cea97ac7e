import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seriesPage } from "../../app/api/series.server.ts";
import { readAsOrganization } from "../../db/as-organization.ts";
import { loadMeasured, type LoadedSeries } from "../../cli/demo/load-measured.ts";
import { openOfflineIngest, type OfflineIngest } from "../../cli/demo/offline-ingest.ts";
import { createOrganization } from "../../cli/org.ts";
import { listChannels, type ChannelRow } from "../../db/channels.ts";
import { closeDatabase, openDatabase } from "../../db/client.ts";
import type { StepName } from "../../domain/local-time/steps.ts";
import { localDate, startOfLocalDay, addLocalDays } from "../../domain/local-time/steps.ts";
import type { SeriesStep } from "../../domain/rollup/compose.ts";
import { log } from "../../platform/log.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

/**
 * Real measured series, through the import path, the database and the roll-up job, as the API's series function gives them
 * back: every complete hour and every complete local day is what their publishers counted. The series are not part of the
 * project; without them these tests are skipped.
 */
const folder = path.join(import.meta.dirname, "../../../shared/data/dev");
const isThere = existsSync(path.join(folder, "manifest.json"));
if (!isThere) console.info("skipped: the measured series are not beside the project (../shared/data/dev)");

const hourMs = 3_600_000;
const ids = ["cossmic1_grid", "sgsc_a", "ausgrid_pv"];

interface Row {
  key: string;
  value: number;
}

function rowsOf(file: string): Row[] {
  const lines = gunzipSync(readFileSync(path.join(folder, file)))
    .toString("utf8")
    .trim()
    .split("\n");
  return lines.slice(1).map((line) => ({ key: line.split(",")[0]!, value: Number(line.split(",")[1]) }));
}

describe.skipIf(!isThere)("measured series, loaded like the demo's", () => {
  let database: TestDatabase;
  let ingest: OfflineIngest;
  let organizationId: string;
  let loaded: LoadedSeries[];

  beforeAll(async () => {
    database = await createTestDatabase();
    openDatabase(database.appUrl);
    const owner = { name: "Measured", email: "m@example.org", password: "a few words in a row" };
    ({ organizationId } = await createOrganization({ ...owner, timezone: "Europe/Berlin", currency: "EUR" }));
    ingest = openOfflineIngest(log);
    loaded = await load();
    await ingest.rollUp();
  }, 180_000);

  afterAll(async () => {
    await ingest?.stop();
    await closeDatabase();
    await database?.drop();
  });

  const load = () => loadMeasured({ receive: ingest.receive, organizationId, folder, ids, onSeries: () => {} });

  async function channelOf(id: string): Promise<ChannelRow> {
    const { deviceId } = loaded.find((one) => one.id === id)!;
    const channels = await listChannels(organizationId, { deviceId });
    expect(channels).toHaveLength(1);
    return channels[0]!;
  }

  async function stepsOf(channel: ChannelRow, step: StepName): Promise<SeriesStep[]> {
    const rows = rowsOf(`series/${id(channel)}.csv.gz`);
    const fromMs = startOfLocalDay(channel.timezone, Date.parse(rows[0]!.key));
    const toMs = addLocalDays(channel.timezone, Date.parse(rows.at(-1)!.key), 1);
    const { count, stepAt } = await readAsOrganization(organizationId, (sql) =>
      seriesPage(sql, channel, { fromMs, toMs, step, limit: 20_000 }),
    );
    return Array.from({ length: count }, (_, i) => stepAt(i));
  }

  const id = (channel: ChannelRow) => loaded.find((one) => one.deviceId === channel.deviceId)!.id;

  it("takes every row", () => {
    for (const one of loaded)
      expect([one.readings, one.refused]).toEqual([rowsOf(`series/${one.id}.csv.gz`).length, 0]);
  });

  it("puts each series where it belongs", async () => {
    const channels = await Promise.all(ids.map(channelOf));
    expect(
      channels.map(({ timezone, quantity, kind, role, stamp, expectedIntervalS }) => [
        timezone,
        quantity,
        kind,
        role,
        stamp,
        expectedIntervalS,
      ]),
    ).toEqual([
      ["Europe/Berlin", "energy", "counter", "grid_import", "instant", 3_600],
      ["Australia/Sydney", "energy", "delta", "consumer", "start", 1_800],
      ["Australia/Sydney", "power", "gauge", "production", "start", 1_800],
    ]);
  });

  it.each(ids)("%s: every complete hour is as published", async (seriesId) => {
    const channel = await channelOf(seriesId);
    const found = new Map((await stepsOf(channel, "hour")).map((step) => [step.startMs, step]));
    const hours = completeHours(seriesId, channel);
    expect(hours.length).toBeGreaterThan(8_000);
    const wrong = hours.filter(({ key, value }) => !isNear(found.get(Date.parse(key))?.energyKwh, value));
    expect(wrong).toEqual([]);
  });

  it.each(ids)("%s: every complete local day is as published", async (seriesId) => {
    const channel = await channelOf(seriesId);
    const { timezone } = channel;
    const found = new Map((await stepsOf(channel, "day")).map((step) => [localDate(timezone, step.startMs), step]));
    const hoursOf = new Map<string, number>();
    for (const { key } of completeHours(seriesId, channel)) {
      const date = localDate(timezone, Date.parse(key));
      hoursOf.set(date, (hoursOf.get(date) ?? 0) + 1);
    }
    const isWhole = ({ key }: Row) => {
      const step = found.get(key);
      return step !== undefined && hoursOf.get(key) === (step.endMs - step.startMs) / hourMs;
    };
    const days = rowsOf(`daily/${seriesId}.csv.gz`).filter(isWhole);
    expect(days.length).toBeGreaterThan(330);
    // Clock changes are among them; the Australian publishers lost the hour that came twice.
    const lengths = [...new Set(days.map(({ key }) => hoursOf.get(key)))].sort();
    expect(lengths).toEqual(seriesId === "cossmic1_grid" ? [23, 24, 25] : [23, 24]);
    const wrong = days.filter(({ key, value }) => !isNear(found.get(key)?.energyKwh, value));
    expect(wrong).toEqual([]);
  });

  it("changes nothing when it is loaded again", async () => {
    const before = await Promise.all(ids.map(async (one) => stepsOf(await channelOf(one), "day")));
    const again = await load();
    await ingest.rollUp();
    expect(again).toEqual(loaded);
    expect(await Promise.all(ids.map(async (one) => stepsOf(await channelOf(one), "day")))).toEqual(before);
  });
});

/** The published hours that were measured as a whole: a mean may be published of half an hour, which is none of ours. */
function completeHours(seriesId: string, { kind, expectedIntervalS }: ChannelRow): Row[] {
  const hours = rowsOf(`hourly/${seriesId}.csv.gz`);
  if (kind !== "gauge") return hours;
  const samples = new Map<number, number>();
  for (const { key } of rowsOf(`series/${seriesId}.csv.gz`)) {
    const hour = Math.floor(Date.parse(key) / hourMs);
    samples.set(hour, (samples.get(hour) ?? 0) + 1);
  }
  return hours.filter(({ key }) => samples.get(Date.parse(key) / hourMs) === 3_600 / expectedIntervalS!);
}

/** Relative 1e-6; nothing is nothing, but for the rounding of a register's difference. */
function isNear(found: number | undefined, published: number): boolean {
  return found !== undefined && Math.abs(found - published) <= Math.max(1e-6 * Math.abs(published), 1e-9);
}
