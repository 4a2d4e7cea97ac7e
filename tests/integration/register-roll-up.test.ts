import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asSystem } from "../../db/as-system.ts";
import type { Sql } from "../../db/client.ts";
import { createDevice } from "../../db/devices.ts";
import { eventsReaching } from "../../db/meter-events.ts";
import { bucketsOfSystem } from "../../db/rollups.ts";
import { sealPassword } from "../../db/credentials.ts";
import type { EnergyChannel } from "../../domain/energy/channel-config.ts";
import type { MeterEvent } from "../../domain/energy/event.ts";
import { meter } from "../../domain/energy/meter.ts";
import type { Reading } from "../../domain/reading.ts";
import { bucketCeil, bucketStart, type Bucket } from "../../domain/rollup/bucket.ts";
import { rebuildChannel } from "../../workers/roll-up/rebuild.ts";
import { recomputeMarked, rollUpOnce } from "../../workers/roll-up/roll-up.ts";
import { registerHistory } from "../support/register-history.ts";
import { addChannel, makeTenant, openTestDatabase, sha256, type OpenDatabase } from "../support/tenants.ts";

/** Registers through the real database: whatever came when, the stored buckets and events are those of the whole history. */
let db: OpenDatabase;
let place: { organizationId: string; deviceId: string };

beforeAll(async () => {
  db = await openTestDatabase();
  const { organizationId, siteId } = await makeTenant("registers", "Australia/Lord_Howe");
  const kept = {
    username: "r",
    passwordHash: sha256("p"),
    tokenHash: sha256("t"),
    passwordSealed: sealPassword("r", "p"),
  };
  const device = await createDevice(organizationId, { siteId, name: "r", kind: "device" }, kept);
  place = { organizationId, deviceId: device!.id };
  const start = new Date(noon - 40 * 86_400_000);
  await db.owner.query("select telemetry.ensure_partitions($1, $2)", [start, new Date(noon + 40 * 86_400_000)]);
});

afterAll(() => db.close());

const noon = Date.UTC(2026, 9, 3, 12);

const rules: EnergyChannel = {
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

let made = 0;
async function addRegister(maxPowerW: number | null = 50_000, expectedIntervalS: number | null = 60): Promise<number> {
  const given = { kind: "counter", quantity: "energy", unit: "kWh", direction: "import" };
  const metric = `energy.import.${++made}`;
  const id = await addChannel(db.owner, {
    ...place,
    ...given,
    metric,
    expectedIntervalS: expectedIntervalS ?? undefined,
  });
  await db.owner.query("update energy.channels set max_power_w = $2 where id = $1", [id, maxPowerW]);
  return id;
}

async function arrive(channel: number, readings: readonly Reading[]): Promise<void> {
  const times = readings.map((r) => r.timeMs);
  await db.owner.query(
    `with given as (select to_timestamp(t / 1000.0) as time, v as value from unnest($2::float8[], $3::float8[]) as x(t, v)),
       stored as (insert into telemetry.readings select $1, time, value from given
         on conflict (channel_id, time) do update set value = excluded.value)
     insert into telemetry.dirty select $1, min(time), max(time) from given`,
    [channel, times, readings.map((r) => r.value)],
  );
}

async function rollUpAll(): Promise<void> {
  while ((await rollUpOnce()) > 0);
}

interface Stored {
  buckets: Bucket[];
  events: MeterEvent[];
}

const isSomething = (b: Bucket) => b.coveredS > 0 || b.count > 0 || b.energyKwh > 0;

async function stored(channel: number): Promise<Stored> {
  return asSystem(async (sql) => {
    const buckets = (await bucketsOfSystem(sql, [channel], 0, Date.now() + 1e9)).get(channel)!;
    const events = (await eventsReaching(sql, [{ channelId: channel, atMs: 0 }])).get(channel) ?? [];
    return { buckets: buckets.filter(isSomething), events };
  });
}

function whole(readings: readonly Reading[], channel = rules): Stored {
  const times = readings.map((r) => r.timeMs);
  const fromMs = bucketStart(Math.min(...times));
  const toMs = bucketCeil(Math.max(...times) + 1);
  const { buckets, events } = meter({
    channel,
    arrivals: readings,
    timezone: "Australia/Lord_Howe",
    fromMs,
    toMs,
  });
  return { buckets: buckets.filter(isSomething), events };
}

interface Delivery {
  history: Reading[];
  order: number[];
  sizes: number[];
}

const deliveries: fc.Arbitrary<Delivery> = registerHistory(noon, 60).chain((history) =>
  fc.record({
    history: fc.constant(history),
    order: fc.array(fc.nat({ max: 1000 }), { minLength: history.length, maxLength: history.length }),
    sizes: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 }),
  }),
);

function* batches({ history, order, sizes }: Delivery): Generator<Reading[]> {
  // Half of the deliveries come nearly in order, as in life; some readings come late.
  const late = (i: number) => (order[0]! % 2 ? order[i]! : i * 20 + (order[i]! % 9 === 0 ? order[i]! : 0));
  const arrivals = history.map((r, i) => ({ r, at: late(i) })).sort((a, b) => a.at - b.at);
  for (let i = 0, k = 0; i < arrivals.length; k++) {
    const size = sizes[k % sizes.length]!;
    yield arrivals.slice(i, i + size).map(({ r }) => r);
    i += size;
  }
}

describe("after every pass the stored buckets and events are those of all readings so far", () => {
  test.each([11, 12, 13, 14])("seed %i", { timeout: 120_000 }, async (seed) => {
    for (const delivery of fc.sample(deliveries, { seed, numRuns: 3 })) {
      const channel = await addRegister();
      const soFar: Reading[] = [];
      for (const batch of batches(delivery)) {
        soFar.push(...batch);
        await arrive(channel, batch);
        await rollUpAll();
        expect(await stored(channel)).toEqual(whole(soFar));
      }
    }
  });
});

test(
  "late arrivals beside the roll-up, with rules that are learned: the same as a rebuild, bit for bit",
  { timeout: 120_000 },
  async () => {
    for (const delivery of fc.sample(deliveries, { seed: 21, numRuns: 4 })) {
      const channel = await addRegister(null, null);
      let isWriting = true;
      const rolling = (async () => {
        while (isWriting) await rollUpOnce();
      })();
      for (const batch of batches(delivery)) await arrive(channel, batch);
      isWriting = false;
      await rolling;
      await rollUpAll();
      const incremental = await stored(channel);
      await rebuildChannel(channel);
      expect(await stored(channel)).toEqual(incremental);
      expect(incremental.buckets.reduce((n, b) => n + b.count, 0)).toBe(delivery.history.length);
    }
  },
);

test("a late reading of a register of constant jitter reads what it can change, not all of the events after it", async () => {
  const channel = await addRegister();
  const history = Array.from({ length: 12_000 }, (_, i) => ({
    timeMs: noon + i * 60_000,
    value: Number((1_000 + i * 0.01 - (i % 2 ? 0.3 : 0)).toFixed(2)),
  }));
  await arrive(channel, history);
  await rollUpAll();
  const before = await stored(channel);
  expect(before.events.length).toBeGreaterThan(5_000);
  const late = { timeMs: history[90]!.timeMs + 1_000, value: history[90]!.value };
  await arrive(channel, [late]);
  await db.owner.query("delete from telemetry.dirty where channel_id = $1", [channel]);
  let rowsRead = 0;
  await asSystem(async (sql) => {
    const query = async (text: string, values: unknown[]) => {
      const result = await sql.query(text, values);
      rowsRead += result.rows.length;
      return result;
    };
    await recomputeMarked({ query } as Sql, [{ channelId: channel, fromMs: late.timeMs, toMs: late.timeMs }]);
  });
  expect(rowsRead).toBeLessThan(100);
  expect(await stored(channel)).toEqual(whole([...history, late]));
});

test("a register of which nothing is plausible is looked at the more seldom the longer that lasts, and comes to the same", async () => {
  const channel = await addRegister(1);
  const tooLow = { ...rules, maxPowerW: 1 };
  const at = (i: number) => ({ timeMs: noon + i * 60_000, value: 1_000 + i * 1.5 });
  const history = Array.from({ length: 300 }, (_, i) => at(i));
  await arrive(channel, history);
  await rollUpAll();
  const before = await stored(channel);
  expect(before).toEqual(whole(history, tooLow));
  expect(before.events.filter(({ type }) => type === "pending")).toHaveLength(299);
  const waiting = async () =>
    (await db.owner.query("select due_at > now() as later from telemetry.dirty where channel_id = $1", [channel])).rows;

  await arrive(channel, [at(300)]);
  await rollUpAll();
  expect([await waiting(), await stored(channel)]).toEqual([[{ later: true }], before]);
  await arrive(channel, [at(301)]);
  await db.owner.query("update telemetry.dirty set due_at = now() where due_at > '-infinity' and channel_id = $1", [
    channel,
  ]);
  await rollUpAll();
  const all = [...history, at(300), at(301)];
  expect([await waiting(), await stored(channel)]).toEqual([[], whole(all, tooLow)]);

  // What changes one of its readings, and what a person says of the channel, is looked at at once.
  const late = { timeMs: noon + 90_000, value: 5 };
  await arrive(channel, [late]);
  await rollUpAll();
  expect(await stored(channel)).toEqual(whole([...all, late], tooLow));
  await arrive(channel, [at(302)]);
  await rollUpAll();
  await db.owner.query("update energy.channels set max_power_w = 500000 where id = $1", [channel]);
  await db.owner.query("select energy.mark_channel_dirty($1)", [channel]);
  await rollUpAll();
  expect(await stored(channel)).toEqual(whole([...all, late, at(302)], { ...rules, maxPowerW: 500_000 }));
});

test("a change in the weeks before an outage lays its energy anew", { timeout: 60_000 }, async () => {
  const quarter = 900_000;
  const start = noon - 21 * 86_400_000;
  const channel = await addRegister(50_000, 900);
  const history = Array.from({ length: 21 * 96 + 1 }, (_, i) => ({ timeMs: start + i * quarter, value: 100 + i }));
  const back = { timeMs: noon + 8 * 3_600_000, value: history.at(-1)!.value + 40 };
  await arrive(channel, [...history, back]);
  await rollUpAll();
  const channelRules = { ...rules, expectedIntervalS: 900 };
  const lord = "Australia/Lord_Howe";
  const expected = (readings: readonly Reading[]) => {
    const { buckets } = meter({
      channel: channelRules,
      arrivals: readings,
      timezone: lord,
      fromMs: start,
      toMs: back.timeMs + quarter,
    });
    return buckets.filter(isSomething);
  };
  expect((await stored(channel)).buckets).toEqual(expected([...history, back]));
  // Two weeks earlier at the same time of the week more was used, less just after it.
  const changed = { ...history[7 * 96 + 4]!, value: history[7 * 96 + 4]!.value + 0.9 };
  await arrive(channel, [changed]);
  await rollUpAll();
  const now = history.map((r) => (r.timeMs === changed.timeMs ? changed : r));
  expect((await stored(channel)).buckets).toEqual(expected([...now, back]));
  expect(expected([...now, back])).not.toEqual(expected([...history, back]));
});

test("where the device's power gauge covers an outage of its register, it lays the energy; also when its readings come later", async () => {
  const channel = await addRegister(50_000, 60);
  const outage = [0, 4 * 3_600_000].map((ms, i) => ({ timeMs: noon + ms, value: 10 + 3 * i }));
  await arrive(channel, outage);
  await rollUpAll();
  const even = (await stored(channel)).buckets.map((b) => b.energyKwh);
  expect(even.slice(0, 16)).toEqual(Array<number>(16).fill(3 / 16));
  const gauge = await addChannel(db.owner, {
    ...place,
    metric: `power.${made}`,
    direction: "import",
    expectedIntervalS: 60,
  });
  await db.owner.query("update energy.channels set role = 'consumer' where id = any ($1)", [[channel, gauge]]);
  const watts = (i: number) => (i < 120 ? 0 : 1500);
  await arrive(
    gauge,
    Array.from({ length: 241 }, (_, i) => ({ timeMs: noon + i * 60_000, value: watts(i) })),
  );
  await rollUpAll();
  const { buckets } = await stored(channel);
  expect(buckets.reduce((sum, b) => sum + b.energyKwh, 0)).toBeCloseTo(3, 9);
  expect(buckets.reduce((sum, b) => sum + b.estimatedKwh, 0)).toBeCloseTo(3, 9);
  expect(buckets.slice(0, 7).every((b) => b.energyKwh === 0)).toBe(true);
  expect(buckets[12]!.energyKwh).toBeCloseTo(0.375, 2);
  await rebuildChannel(channel);
  expect((await stored(channel)).buckets).toEqual(buckets);
});
