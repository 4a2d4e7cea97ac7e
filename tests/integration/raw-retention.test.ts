import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { faultOf } from "../../app/corrections/check.ts";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { asSystem } from "../../db/as-system.ts";
import { listChannels } from "../../db/channels.ts";
import { addCorrection, undoCorrection } from "../../db/corrections.ts";
import { createDevice } from "../../db/devices.ts";
import { findCredentialByUsername, type Identity } from "../../db/identities.ts";
import { continueChannel } from "../../db/merge.ts";
import { eventsReaching } from "../../db/meter-events.ts";
import { packOldReadings } from "../../db/pack-readings.ts";
import { getRawRetention, setRawRetention } from "../../db/raw-retention.ts";
import { bucketsOfSystem } from "../../db/rollups.ts";
import { rawKeptFrom } from "../../domain/retention.ts";
import type { Reading } from "../../domain/reading.ts";
import { openIntake } from "../../ingest/intake.ts";
import { log } from "../../platform/log.ts";
import { rebuildChannel } from "../../workers/roll-up/rebuild.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";
import removeReadings from "../../workers/tasks/remove-readings.ts";
import { apiWith, type Call } from "../support/api.ts";
import { makeTenant, openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

/**
 * Two organizations with the same meters and readings; one of them keeps raw readings for 40 days. Whatever comes after, both have
 * the same buckets and events, to the bit.
 */
const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
const keptDays = 40;
const nowMs = Date.now();
const edgeMs = rawKeptFrom(nowMs - hour, keptDays);

interface Place {
  organizationId: string;
  call: Call;
  identity: Identity;
  channels: number[];
}

let db: OpenDatabase;
let keeps: Place;
let forgets: Place;

beforeAll(async () => {
  db = await openTestDatabase();
  await db.owner.query("select telemetry.ensure_partitions($1, $2)", [new Date(nowMs - 90 * day), new Date(nowMs)]);
  [keeps, forgets] = [await makePlace("keeps"), await makePlace("forgets")];
}, 60_000);

afterAll(() => db.close());

async function makePlace(name: string): Promise<Place> {
  const { organizationId, siteId, apiKey } = await makeTenant(name, "Australia/Lord_Howe");
  const { kept } = newCredential();
  const device = await createDevice(organizationId, { siteId, name, kind: "device" }, kept);
  const channels: number[] = [];
  for (const [i, series] of histories.entries()) {
    const { rows } = await db.owner.query<{ id: number }>(
      `insert into energy.channels (organization_id, device_id, key, metric, medium, quantity, kind, unit, direction, stamp, reporting)
       values ($1, $2, $3, $3, 'electricity', $4, $5, $6, 'import', $7, $8) returning id`,
      [organizationId, device!.id, `m${i}`, series.quantity, series.kind, series.unit, series.stamp, series.reporting],
    );
    channels.push(rows[0]!.id);
    await arrive(rows[0]!.id, series.readings);
  }
  await rollUpAll();
  const { identity } = (await findCredentialByUsername(kept.username))!;
  return { organizationId, call: apiWith(apiKey), identity, channels };
}

async function arrive(channel: number, readings: readonly Reading[]): Promise<void> {
  await db.owner.query(
    `with given as (select to_timestamp(t / 1000.0) as time, v as value from unnest($2::float8[], $3::float8[]) as x(t, v)),
       stored as (insert into telemetry.readings select $1, time, value from given
         on conflict (channel_id, time) do update set value = excluded.value)
     insert into telemetry.dirty select $1, min(time), max(time) from given`,
    [channel, readings.map((r) => r.timeMs), readings.map((r) => r.value)],
  );
}

async function rollUpAll(): Promise<void> {
  while ((await rollUpOnce()) > 0);
}

/** What the two are compared by: everything that is stored of a channel but its number. */
async function stored({ channels }: Place) {
  return asSystem(async (sql) => {
    const buckets = await bucketsOfSystem(sql, channels, 0, nowMs + day);
    const events = await eventsReaching(
      sql,
      channels.map((channelId) => ({ channelId, atMs: 0 })),
    );
    const isSomething = (b: { coveredS: number; count: number }) => b.coveredS > 0 || b.count > 0;
    return channels.map((id) => ({ buckets: buckets.get(id)!.filter(isSomething), events: events.get(id) ?? [] }));
  });
}

async function readingsOf({ channels }: Place): Promise<{ count: number; firstMs: number }[]> {
  const { rows } = await db.owner.query<{ count: number; firstMs: number }>(
    `select sum(n)::int4 as count, min(first) as "firstMs" from (
       select channel_id, count(*) as n, date_part('epoch', min(time)) * 1000 as first from telemetry.readings group by 1
       union all select channel_id, sum(count), date_part('epoch', min(first_time)) * 1000 from telemetry.reading_days group by 1) r
     where channel_id = any ($1) group by channel_id order by channel_id`,
    [channels],
  );
  return rows;
}

const run = (signal = new AbortController().signal) => removeReadings({}, { log, signal });

describe("an organization that keeps raw readings for 40 days", () => {
  test("nothing goes within a day of the choice", async () => {
    await packOldReadings(nowMs);
    await setRawRetention(forgets.organizationId, keptDays);
    const before = await readingsOf(forgets);
    await run();
    expect(await readingsOf(forgets)).toEqual(before);
    expect((await getRawRetention(forgets.organizationId, nowMs)).removed).toBeNull();
  });

  test("then older ones go, but not what the buckets after them are made of; buckets and events stay", async () => {
    await db.owner.query("update energy.raw_retention set changed_at = now() - interval '25 hours'");
    const before = await readingsOf(forgets);
    await run();
    const after = await readingsOf(forgets);
    for (const [i, { kind, goes }] of histories.entries()) {
      expect([kind, after[i]!.count < before[i]!.count]).toEqual([kind, goes]);
      if (goes) expect(after[i]!.firstMs).toBeGreaterThan(edgeMs - 6 * day);
    }
    const gone = before.reduce((n, b) => n + b.count, 0) - after.reduce((n, a) => n + a.count, 0);
    const { removed } = await getRawRetention(forgets.organizationId, nowMs);
    expect(removed).toMatchObject({ beforeMs: edgeMs, readings: gone, waitingChannels: 0 });
    expect(await readingsOf(keeps)).toEqual(before);
    expect(await stored(forgets)).toEqual(await stored(keeps));
  });

  test("a second pass finds nothing more", async () => {
    const before = await readingsOf(forgets);
    await run();
    expect(await readingsOf(forgets)).toEqual(before);
  });

  test.each([0, 1, 2])("late readings after the edge, round %i: the same as where all is kept", async (round) => {
    for (const { channels } of [keeps, forgets])
      for (const [i, { readings }] of histories.entries()) await arrive(channels[i]!, late(readings, round));
    await rollUpAll();
    expect(await stored(forgets)).toEqual(await stored(keeps));
  });

  test("a rebuild keeps what is frozen, and gives the same", async () => {
    for (const { channels } of [keeps, forgets]) for (const channel of channels) await rebuildChannel(channel);
    expect(await stored(forgets)).toEqual(await stored(keeps));
  });

  test("all that is stored being read anew, because a person corrected what the channel is, keeps it too", async () => {
    for (const { channels } of [keeps, forgets])
      for (const channel of channels) await db.owner.query("select energy.mark_channel_dirty($1)", [channel]);
    await rollUpAll();
    expect(await stored(forgets)).toEqual(await stored(keeps));
  });

  test("an older reading is refused, and counted with its reason; where all is kept it is stored", async () => {
    const { receive } = openIntake({ log });
    const old = { device: "@token", metric: "energy", kind: "counter" as const, unit: "kWh", value: 1 };
    const send = ({ identity }: Place, timeMs: number) => receive.readings(identity, [{ ...old, timeMs }], nowMs);
    const refused = await send(forgets, rawKeptFrom(nowMs, keptDays) - 1);
    expect(refused).toMatchObject({ stored: 0, drops: [{ reason: "before-retention" }] });
    expect(refused.drops[0]!.detail).toContain("keeps raw readings for 40 days");
    expect(await send(forgets, rawKeptFrom(nowMs, keptDays))).toMatchObject({ stored: 1, drops: [] });
    expect(await send(keeps, rawKeptFrom(nowMs, keptDays) - 1)).toMatchObject({ stored: 1 });
  });

  test("a mark before the edge that waits holds the channel back", async () => {
    const [channel] = forgets.channels;
    await db.owner.query(
      "insert into telemetry.dirty values ($1, to_timestamp($2 / 1000.0), to_timestamp($2 / 1000.0), now() + interval '1 hour')",
      [channel, edgeMs - 10 * day],
    );
    await run();
    expect((await getRawRetention(forgets.organizationId, nowMs)).removed!.waitingChannels).toBe(1);
    await db.owner.query("delete from telemetry.dirty where channel_id = $1", [channel]);
  });

  test("what is frozen can be neither corrected nor merged, nor a correction of it undone", async () => {
    const [first, second] = forgets.channels;
    const channel = (await listChannels(forgets.organizationId)).find(({ id }) => id === first)!;
    const correction = { what: "exclude", fromMs: edgeMs - 10 * day, toMs: edgeMs - 9 * day } as const;
    expect(faultOf(channel, correction, nowMs)).toMatchObject({ field: "from" });
    expect(faultOf(channel, { ...correction, fromMs: edgeMs + day, toMs: edgeMs + 2 * day }, nowMs)).toBeNull();
    const given = { correction, reason: "", userId: null };
    const { id } = await addCorrection(forgets.organizationId, first!, given);
    expect(await undoCorrection(forgets.organizationId, id, { reason: "", userId: null })).toBe("frozen");
    const merging = { channelId: first!, withChannelId: second! };
    expect(await continueChannel(forgets.organizationId, merging, { isAnotherMeter: false, userId: null })).toEqual({
      ok: false,
      fault: "frozen",
    });
  });
});

describe("a channel with frozen time that is corrected", () => {
  const frozenMs = async (channel: number) =>
    (await listChannels(forgets.organizationId)).find(({ id }) => id === channel)!.frozenBeforeMs!;

  test("another quantity is refused: what is stored would be read in a unit that it is not in", async () => {
    const channel = forgets.channels[0]!;
    const change = { quantity: "volume", unit: "m3", acceptFrozen: true };
    const { status, body } = await forgets.call("PATCH", `/channels/${channel}`, change);
    expect([status, body.errors[0].path]).toEqual([409, "unit"]);
    expect(body.detail).toContain("is frozen in it");
    expect((await forgets.call("POST", `/channels/${channel}/preview`, change)).status).toBe(409);
    const shown = (await forgets.call("GET", `/channels/${channel}`)).body;
    expect(shown).toMatchObject({ quantity: "energy", unit: "kWh" });
    expect(Date.parse(shown.frozenBefore)).toBe(await frozenMs(channel));
    expect((await keeps.call("GET", `/channels/${keeps.channels[0]!}`)).body.frozenBefore).toBeNull();
  });

  test.each([
    ["a register that counts Wh", 0, { unit: "Wh" }],
    ["a register that may fall", 1, { direction: "both" }],
    ["a power in kW", 2, { unit: "kW" }],
    ["an amount that is stamped at its start", 4, { stamp: "start" }],
  ])(
    "%s: after somebody's word what comes after is as where all is kept, what is frozen stays",
    async (_, i, change) => {
      const [channel, twin] = [forgets.channels[i]!, keeps.channels[i]!];
      const edge = await frozenMs(channel);
      const before = (await stored(forgets))[i]!;
      const refused = await forgets.call("PATCH", `/channels/${channel}`, change);
      expect([refused.status, refused.body.errors[0].path]).toEqual([409, "acceptFrozen"]);
      const preview = await forgets.call("POST", `/channels/${channel}/preview`, change);
      expect(Date.parse(preview.body.frozenBefore)).toBe(edge);
      expect(Date.parse(preview.body.from)).toBeGreaterThanOrEqual(edge);
      for (const [place, id] of [
        [forgets, channel],
        [keeps, twin],
      ] as const)
        expect((await place.call("PATCH", `/channels/${id}`, { ...change, acceptFrozen: true })).status).toBe(200);
      await rollUpAll();
      const [after, all] = [(await stored(forgets))[i]!, (await stored(keeps))[i]!];
      const isFrozen = ({ startMs }: { startMs: number }) => startMs < edge;
      expect(after.buckets.filter(isFrozen)).toEqual(before.buckets.filter(isFrozen));
      expect(after.buckets.filter((b) => !isFrozen(b))).toEqual(all.buckets.filter((b) => !isFrozen(b)));
      // The range that a register's events before the edge have learned is frozen with them: `registerMax` says it where it matters.
      const later = ({ events }: typeof all) =>
        events.filter(({ timeMs }) => timeMs >= edge).map(({ range: _, ...event }) => event);
      expect(later(after)).toEqual(later(all));
    },
  );

  test("why a figure of then is what it is: it says since when there are readings", async () => {
    const [channel] = forgets.channels;
    const edge = await frozenMs(channel!);
    const ask = async (fromMs: number) =>
      (await forgets.call("GET", `/channels/${channel}/explain?from=${new Date(fromMs).toISOString()}&to=${new Date(fromMs + day).toISOString()}`)).body; // prettier-ignore
    expect(Date.parse((await ask(edge - 2 * day)).frozenBefore)).toBe(edge);
    expect((await ask(edge + 900_000)).frozenBefore).toBeNull();
  });

  test("what a choice would take away is said before it is made", async () => {
    const { body } = await keeps.call("GET", "/retention/preview?days=40");
    const before = await readingsOf(keeps);
    expect(body).toMatchObject({ keptFrom: new Date(rawKeptFrom(Date.now(), 40)).toISOString(), channels: 8 });
    expect(body.devices).toEqual([expect.objectContaining({ device: "keeps", channels: 8, readings: body.readings })]);
    expect(body.readings).toBeGreaterThan(before.reduce((sum, { count }) => sum + count, 0) / 3);
    expect((await keeps.call("GET", "/retention/preview?days=3")).status).toBe(400);
    expect((await keeps.call("GET", "/retention")).body.frozen).toBeNull();
    expect((await forgets.call("GET", "/retention")).body.frozen).toMatchObject({ channels: 6 });
  });
});

/** A reproducible choice. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}

/** Some readings change, some are new; many near the edge. */
function late(readings: readonly Reading[], round: number): Reading[] {
  const random = seeded(round + 100);
  const after = readings.filter(({ timeMs }) => timeMs >= edgeMs);
  const near = after.slice(0, 3 + round);
  return [...near, ...after.filter(() => random() < 0.01)].map(({ timeMs, value }, i) => ({
    timeMs: timeMs + (i % 3 === 2 ? 1_000 : 0),
    value: Math.max(0, value + (i % 4 === 3 ? -round : round / 10)),
  }));
}

interface Series {
  kind: string;
  quantity: string;
  unit: string;
  stamp: string;
  reporting: string;
  readings: Reading[];
  /** Whether some of its readings go: a series of few keeps what its rules are learned from. */
  goes: boolean;
}

/** Twelve days before the edge and ten after it; `gap` hours of silence across it. */
function series(seed: number, everyMs: number, gap: number, given: Omit<Series, "readings">): Series {
  const random = seeded(seed);
  const readings: Reading[] = [];
  const isSilent = (ms: number) => ms > edgeMs - (gap * hour) / 2 && ms < edgeMs + (gap * hour) / 2;
  let total = 90_000;
  for (let timeMs = edgeMs - 12 * day; timeMs < edgeMs + 10 * day; timeMs += everyMs) {
    const at = timeMs + Math.floor(random() * 2_000);
    const turned = random() * 0.3;
    if (isSilent(at)) continue;
    total += turned;
    if (random() < 0.0005) total = 0.1;
    const isWrong = random() < 0.002;
    const value = given.kind === "counter" ? (isWrong ? total / 2 : total) : turned * 5_000;
    readings.push({ timeMs: at, value: Number(value.toFixed(3)) });
  }
  return { ...given, readings };
}

const counter = { kind: "counter", quantity: "energy", unit: "kWh", stamp: "instant", reporting: "periodic" };
const power = { kind: "gauge", quantity: "power", unit: "W", stamp: "instant", reporting: "periodic" };

const histories: Series[] = [
  series(1, 10 * minute, 0, { ...counter, goes: true }),
  series(2, 15 * minute, 50, { ...counter, goes: true }),
  series(3, 10 * minute, 0, { ...power, goes: true }),
  series(4, 30 * minute, 5, { ...power, reporting: "on-change", goes: true }),
  series(5, 15 * minute, 0, { ...counter, kind: "delta", stamp: "end", goes: true }),
  series(6, 15 * minute, 3, { ...power, stamp: "start", goes: true }),
  // Four times a day: of its last hundred before the edge none goes.
  series(7, 6 * hour, 0, { ...counter, goes: false }),
];
