import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import type { CreatedOrganization } from "../../cli/org.ts";
import { asOrganization } from "../../db/as-organization.ts";
import { asSystem, systemPool } from "../../db/as-system.ts";
import { cadenceSamples, hourlyPairs, lastReadings } from "../../db/cadence.ts";
import { createDevice, deviceDataSize } from "../../db/devices.ts";
import { mergeChannelData } from "../../db/merge-channel.ts";
import { newestReadings } from "../../db/newest-readings.ts";
import { packOldReadings } from "../../db/pack-readings.ts";
import { readingsAroundRange, readingsOf } from "../../db/readings.ts";
import { neighbours, readingsAround } from "../../db/roll-up.ts";
import { bucketsOfSystem } from "../../db/rollups.ts";
import { ensureMonth, storeBatch, type Batch } from "../../db/store-readings.ts";
import { deleteChannelData } from "../../db/upkeep.ts";
import type { Reading } from "../../domain/reading.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";
import { addChannel, makeTenant, openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

/** Packing changes where readings lie and nothing that anybody can ask. */
const [hour, day] = [3_600_000, 86_400_000];
const nowMs = Date.parse("2026-04-20T12:00:00Z");
/** The first day that stays rows. */
const horizon = Date.parse("2026-04-13T00:00:00Z");
const everything = { fromMs: 0, toMs: nowMs + day, limit: 1_000_000 };

let db: OpenDatabase;
let tenant: CreatedOrganization;
let deviceId: string;

beforeAll(async () => {
  db = await openTestDatabase();
  tenant = await makeTenant("packer");
  const { kept } = newCredential();
  const { organizationId, siteId } = tenant;
  deviceId = (await createDevice(organizationId, { siteId, name: "Meter", kind: "device" }, kept))!.id;
  for (const month of ["2026-03-15Z", "2026-04-15Z"]) await ensureMonth(Date.parse(month));
});
afterAll(() => db.close());

/** A register read every ten minutes with microseconds, from a day on; a gap, and readings on both sides of the horizon. */
function register(firstDay: string, days: number): [number, number][] {
  const start = Date.parse(`${firstDay}T00:00:00Z`);
  return Array.from({ length: days * 144 }, (_, i): [number, number] => [
    start + i * 600_000 + (i % 7) + (i % 3 === 0 ? 0.125 : 0),
    (1_000_000 + i * 37) / 1000,
  ]).filter((_, i) => i % 144 < 90 || i % 144 > 100);
}

let metrics = 0;
const newChannel = (readings: [number, number][], kind = "counter") =>
  addChannel(db.owner, {
    ...{ organizationId: tenant.organizationId, deviceId, metric: `energy.${++metrics}`, readings, kind },
    ...{ quantity: "energy", unit: "kWh", direction: "import" },
  });

const read = (channel: number, range = everything) => readingsOf(tenant.organizationId, channel, range);

/** What the ingest writes, whole milliseconds. */
function batch(channel: number, readings: readonly [number, number][], mayRepeat = false): Batch {
  const [times, values] = [readings.map(([time]) => time), readings.map(([, value]) => value)];
  return {
    ...{ channels: times.map(() => channel), times, values, stateChannels: [], stateTimes: [], stateTexts: [] },
    ...{ latestChannels: [], latestTimes: [], latestValues: [], latestTexts: [], mayRepeat },
    ...{ dirtyChannels: [channel], dirtyFrom: [Math.min(...times)], dirtyTo: [Math.max(...times)] },
  };
}

async function rowsOf(channel: number): Promise<number> {
  const { rows } = await db.owner.query<{ n: number }>(
    "select count(*)::int as n from telemetry.readings where channel_id = $1",
    [channel],
  );
  return rows[0]!.n;
}

/** Of the partitions or chunks that only hold what is older than the horizon, without their empty indexes' first pages. */
async function bytesOfRows(): Promise<number> {
  const parts = inject("cluster").timescale
    ? "select format('%I.%I', chunk_schema, chunk_name)::regclass from timescaledb_information.chunks where range_end <= '2026-04-01Z'"
    : "select 'telemetry.readings_2026_03'::regclass";
  const { rows } = await db.owner.query<{ bytes: number }>(
    `select coalesce(sum(pg_relation_size(oid)), 0)::float8 as bytes from pg_class where oid in (${parts})`,
  );
  return rows[0]!.bytes;
}

/** All that the product asks of a channel's readings. */
async function answers(channel: number): Promise<unknown> {
  const asks = [
    { fromMs: Date.parse("2026-03-31T22:00:00Z"), toMs: Date.parse("2026-04-02T01:00:00Z"), limit: 1_000 },
    { fromMs: Date.parse("2026-04-01T13:30:00Z"), toMs: horizon + hour, limit: 200 },
    { fromMs: horizon - hour, toMs: horizon + hour, limit: 1_000 },
  ];
  const windows = asks.map(({ fromMs, toMs }) => ({ channelId: channel, fromMs, toMs }));
  const days = [0, 3, 40].map((n) => ({ channelId: channel, dayMs: Date.parse("2026-03-30Z") + n * day }));
  const newest = (beforeMs: number | null, limit: number) =>
    newestReadings(tenant.organizationId, channel, { kind: "readings", beforeMs, limit });
  return {
    ranges: await Promise.all(asks.map((range) => read(channel, range))),
    newest: [await newest(null, 3), await newest(horizon + hour, 20), await newest(Date.parse("2026-04-01Z"), 300)],
    around: await Promise.all(
      asks.map((range) => asOrganization(tenant.organizationId, (sql) => readingsAroundRange(sql, channel, range))),
    ),
    system: await asSystem(async (sql) => ({
      neighbours: await neighbours(sql, windows),
      around: await readingsAround(
        sql,
        windows.map((window, i) => ({ ...window, ahead: i % 2 ? 4 : 0 })),
      ),
      samples: await cadenceSamples(sql, days),
      pairs: await hourlyPairs(
        sql,
        days.map((day, i) => ({ ...day, fromHour: 9 * i })),
      ),
      last: await lastReadings(sql, days),
    })),
    view: await asOrganization(tenant.organizationId, async (sql) => {
      const { rows } = await sql.query(
        "select time::text, value from energy.channel_readings where channel_id = $1 order by time",
        [channel],
      );
      return rows;
    }),
    size: await deviceDataSize(tenant.organizationId, deviceId),
  };
}

describe("packing", () => {
  test("moves whole days that are older than a week, and every question has the same answer", async () => {
    const channel = await newChannel(register("2026-03-29", 20));
    const [before, rows] = [await answers(channel), await rowsOf(channel)];
    const packed = await packOldReadings(nowMs);
    expect(packed).toBe(15 * 133);
    expect(await rowsOf(channel)).toBe(rows - packed);
    expect(await answers(channel)).toEqual(before);
    expect(await packOldReadings(nowMs)).toBe(0);
  });

  test("a late reading wins over a packed one, before and after it is packed itself", async () => {
    const given = register("2026-04-01", 3);
    const channel = await newChannel(given);
    await packOldReadings(nowMs);
    const late: [number, number][] = [
      [given[0]![0], 1],
      [given[10]![0] + 1_000, 2],
      [Date.parse("2026-03-20T05:00:00Z"), 3],
    ];
    await storeBatch(batch(channel, late));
    const expected = new Map([...given, ...late]);
    const wanted = [...expected].map(([timeMs, value]) => ({ timeMs, value })).sort((a, b) => a.timeMs - b.timeMs);
    expect(await read(channel)).toEqual(wanted);
    const before = await answers(channel);
    expect(await packOldReadings(nowMs)).toBe(3);
    expect(await rowsOf(channel)).toBe(0);
    expect(await read(channel)).toEqual(wanted);
    // The count alone knows of one that was there twice.
    expect({ ...((await answers(channel)) as object), size: null }).toEqual({ ...(before as object), size: null });
  });

  test("readings that come again are counted as such, though they are packed", async () => {
    const given = register("2026-04-01", 2).map(([time, value]): [number, number] => [Math.round(time), value]);
    const channel = await newChannel(given);
    await packOldReadings(nowMs);
    const again = given.slice(100, 150).map(([time, value], i): [number, number] => [time, i < 10 ? value + 1 : value]);
    expect(await storeBatch(batch(channel, again, true))).toEqual({ moves: [], repeats: [{ channel, count: 40 }] });
  });

  test("nothing is lost or doubled by what arrives and is read while it packs", async () => {
    const given = register("2026-03-20", 22);
    const channel = await newChannel(given);
    const truth = new Map(given);
    const known: Reading[] = given.map(([timeMs, value]) => ({ timeMs, value }));
    let isDone = false;
    const arrivals = (async () => {
      for (let i = 0; !isDone; i++) {
        const late = [0, 1, 2].map((k): [number, number] => {
          const [time] = given[(i * 131 + k * 977) % given.length]!;
          return [k === 0 ? Math.round(time) + 17 : time, i + k / 10];
        });
        const unique = [...new Map(late)].sort(([a], [b]) => a - b);
        await storeBatch(batch(channel, unique));
        for (const [time, value] of unique) truth.set(time, value);
      }
    })();
    const looks = (async () => {
      while (!isDone) {
        const times = new Set((await read(channel)).map(({ timeMs }) => timeMs));
        expect(known.filter(({ timeMs }) => !times.has(timeMs))).toEqual([]);
      }
    })();
    try {
      for (let i = 0; i < 3; i++) await Promise.all([packOldReadings(nowMs), packOldReadings(nowMs)]);
    } finally {
      isDone = true;
      await Promise.all([arrivals, looks]);
    }
    const wanted = [...truth].map(([timeMs, value]) => ({ timeMs, value })).sort((a, b) => a.timeMs - b.timeMs);
    expect(await read(channel)).toEqual(wanted);
    await packOldReadings(nowMs);
    expect(await read(channel)).toEqual(wanted);
    expect(await rowsOf(channel)).toBe(0);
  });

  test("gives back the room of what is empty, and what comes late has a place again", async () => {
    const channel = await newChannel(register("2026-03-02", 5));
    await packOldReadings(nowMs);
    expect(await bytesOfRows()).toBe(0);
    await storeBatch(batch(channel, [[Date.parse("2026-03-03T00:00:30Z"), 5]]));
    expect(await read(channel)).toHaveLength(5 * 133 + 1);
  });
});

describe("what is packed", () => {
  test("is rolled up as it was, with a late reading too", async () => {
    const given = register("2026-04-02", 6);
    const [packed, plain] = [await newChannel(given.slice()), await newChannel(given.slice())];
    const late: [number, number][] = [[given[200]![0] + 60_000, given[200]![1]]];
    while ((await rollUpOnce()) > 0);
    await packOldReadings(nowMs);
    await systemPool().query("select energy.mark_channel_dirty($1)", [packed]);
    for (const channel of [packed, plain]) await storeBatch(batch(channel, late));
    while ((await rollUpOnce()) > 0);
    const buckets = await asSystem((sql) => bucketsOfSystem(sql, [packed, plain], 0, nowMs));
    expect(buckets.get(packed)!.length).toBeGreaterThan(500);
    expect(buckets.get(packed)).toEqual(buckets.get(plain));
  });

  test("comes along when its channel is merged, in the other's unit and outside what the other covers", async () => {
    const given = register("2026-04-01", 4);
    const own = register("2026-04-03", 1);
    const [from, into] = [await newChannel(given), await newChannel(own)];
    await packOldReadings(nowMs);
    await storeBatch(batch(from, [[Date.parse("2026-04-01T00:00:30Z"), 7]]));
    await db.owner.query("update energy.channels set merged_into = $2, merge_factor = 0.001 where id = $1", [
      from,
      into,
    ]);
    const covered = { fromMs: own[0]![0], toMs: own.at(-1)![0] };
    const copied = await mergeChannelData(tenant.organizationId, from, covered);
    const outside = given.filter(([time]) => time < covered.fromMs || time > covered.toMs);
    expect(copied).toBe(outside.length + 1);
    const wanted = [...outside.map(([time, value]) => [time, value / 1000] as [number, number]), ...own];
    wanted.push([Date.parse("2026-04-01T00:00:30Z"), 0.007]);
    const sorted = wanted.sort(([a], [b]) => a - b).map(([timeMs, value]) => ({ timeMs, value }));
    expect(await read(into)).toEqual(sorted);
    const { rowCount } = await db.owner.query("select from telemetry.reading_days where channel_id = $1", [from]);
    expect(rowCount).toBe(0);
  });

  test("goes with its channel", async () => {
    const channel = await newChannel(register("2026-04-10", 5));
    await packOldReadings(nowMs);
    await db.owner.query("delete from energy.channels where id = $1", [channel]);
    expect(await deleteChannelData(channel)).toBe(5 * 133);
    const { rowCount } = await db.owner.query("select from telemetry.reading_days where channel_id = $1", [channel]);
    expect(rowCount).toBe(0);
  });
});
