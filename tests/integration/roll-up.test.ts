import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemPool } from "../../db/as-system.ts";
import { closeDatabase, openDatabase } from "../../db/client.ts";
import { updateChannel } from "../../db/channels.ts";
import { createDevice } from "../../db/devices.ts";
import { bucketsOfSystem, packOldBuckets } from "../../db/rollups.ts";
import { asSystem } from "../../db/as-system.ts";
import type { Identity } from "../../db/identities.ts";
import { findCredentialByUsername } from "../../db/identities.ts";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { createOrganization } from "../../cli/org.ts";
import type { DecodedReading } from "../../domain/reading.ts";
import { openIntake } from "../../ingest/intake.ts";
import type { Receive } from "../../ingest/receive.ts";
import { log } from "../../platform/log.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";
import { createTestDatabase } from "../support/database.ts";

/** Whatever order, batches and repeats history comes in, and however often the roll-up runs between: the same buckets. */
const hour = 3_600_000;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let organization: { organizationId: string; siteId: string };
let receive: Receive;

beforeAll(async () => {
  database = await createTestDatabase();
  openDatabase(database.appUrl);
  organization = await createOrganization({
    name: "R",
    email: "r@example.org",
    password: "correct horse",
    timezone: "Europe/Berlin",
    currency: "EUR",
  });
  receive = openIntake({ log }).receive;
});

afterAll(async () => {
  await closeDatabase();
  await database.drop();
});

async function addDevice(): Promise<Identity> {
  const { kept } = newCredential();
  await createDevice(
    organization.organizationId,
    { siteId: organization.siteId, name: randomBytes(4).toString("hex"), kind: "device" },
    kept,
  );
  return (await findCredentialByUsername(kept.username))!.identity;
}

const reading = (
  metric: string,
  kind: DecodedReading["kind"],
  unit: string,
  timeMs: number,
  value: number,
): DecodedReading => ({ device: "@token", metric, kind, unit, timeMs, value });

async function channelOf(identity: Identity, metric: string): Promise<number> {
  const { rows } = await systemPool().query<{ id: number }>(
    "select id from energy.channels where device_id = $1 and metric = $2",
    [identity.deviceId, metric],
  );
  return rows[0]!.id;
}

async function rollUpAll(): Promise<void> {
  while ((await rollUpOnce()) > 0);
}

const stored = (channel: number) =>
  asSystem(async (sql) => (await bucketsOfSystem(sql, [channel], 0, Date.now() + hour)).get(channel)!);

/** A reproducible shuffle and pick. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}

describe.each([1, 2, 3])("history in any order, seed %i", (seed) => {
  test("recomputing what is dirty gives what recomputing everything gives, bit for bit", async () => {
    const random = seeded(seed);
    const identity = await addDevice();
    const start = Date.UTC(2026, 9, 23);
    const history: DecodedReading[] = [];
    let register = 1_000;
    for (let t = start, i = 0; i < 2_000; i++) {
      t += random() < 0.01 ? 6 * hour * random() : 60_000 + Math.floor(random() * 120_000);
      register += random() * 0.1;
      history.push(
        reading("energy.import", "counter", "kWh", t, Number(register.toFixed(3))),
        reading("power", "gauge", "W", t, Math.round(random() * 3_000 - 1_000)),
      );
    }
    const shuffled = [...history, ...history.slice(0, 300)]
      .map((r) => ({ r, at: random() }))
      .sort((a, b) => a.at - b.at);
    for (let i = 0; i < shuffled.length;) {
      const size = 1 + Math.floor(random() * 400);
      await receive.readings(
        identity,
        shuffled.slice(i, i + size).map(({ r }) => r),
        Date.now(),
      );
      i += size;
      if (random() < 0.3) await Promise.all([rollUpOnce(), rollUpOnce()]);
    }
    await rollUpAll();
    for (const metric of ["energy.import", "power"]) {
      const channel = await channelOf(identity, metric);
      const before = await stored(channel);
      await systemPool().query("select energy.mark_channel_dirty($1)", [channel]);
      await rollUpAll();
      expect(await stored(channel)).toEqual(before);
      if (metric === "power") continue;
      const total = before.reduce((sum, b) => sum + b.energyKwh, 0);
      const registers = history.filter((r) => r.metric === metric).map((r) => Number(r.value));
      expect(total).toBeCloseTo(registers.at(-1)! - registers[0]!, 6);
    }
  });
});

test("readings that arrive while the roll-up computes keep their own marks: nothing is lost", async () => {
  const identity = await addDevice();
  const base = Math.floor(Date.now() / hour) * hour - 3 * hour;
  let written = 0;
  const writing = (async () => {
    for (let i = 0; i < 120; i++) {
      await receive.readings(identity, [reading("energy.import", "counter", "kWh", base + i * 60_000, i)], Date.now());
      written++;
    }
  })();
  while (written < 120) await rollUpOnce();
  await writing;
  await rollUpAll();
  const buckets = await stored(await channelOf(identity, "energy.import"));
  expect(buckets.reduce((sum, b) => sum + b.energyKwh, 0)).toBeCloseTo(119, 9);
  expect(buckets.reduce((sum, b) => sum + b.count, 0)).toBe(120);
});

test("a failed pass leaves its marks; packing old buckets changes nothing of what is read", async () => {
  const identity = await addDevice();
  const base = Math.floor(Date.now() / hour) * hour - 5 * 24 * hour;
  const hours = Array.from({ length: 100 }, (_, i) =>
    reading("energy.import", "counter", "kWh", base + i * hour, i * 2),
  );
  await receive.readings(identity, hours, Date.now());
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  await owner.query("alter table telemetry.rollup_buckets rename to away");
  await expect(rollUpOnce()).rejects.toThrow();
  await owner.query("alter table telemetry.away rename to rollup_buckets");
  const { rows } = await owner.query<{ n: string }>("select count(*) as n from telemetry.dirty");
  expect(Number(rows[0]!.n)).toBeGreaterThan(0);
  await owner.end();
  await rollUpAll();
  const channel = await channelOf(identity, "energy.import");
  const before = await stored(channel);
  while ((await asSystem((sql) => packOldBuckets(sql, Date.now() + 30 * 24 * hour))) > 0);
  expect(await stored(channel)).toEqual(before.filter((b) => b.coveredS > 0 || b.count > 0 || b.energyKwh > 0));
  expect(before.reduce((sum, b) => sum + b.energyKwh, 0)).toBeCloseTo(198, 9);
});

test("what a person said of a meter's total holds for phases that are heard later", async () => {
  const identity = await addDevice();
  const at = Date.now() - hour;
  const both = [reading("energy.import", "counter", "kWh", at, 5), reading("energy.export", "counter", "kWh", at, 1)];
  await receive.readings(identity, both, Date.now());
  const total = await channelOf(identity, "energy.import");
  await updateChannel(organization.organizationId, total, { role: "consumer", isPrimary: true });
  await receive.readings(identity, [reading("energy.import.l1", "counter", "kWh", at, 2)], Date.now());
  const { rows } = await systemPool().query<{ metric: string; role: string; primary: boolean }>(
    `select metric, role, is_primary as primary from energy.channels where device_id = $1 and metric like 'energy.import%' order by metric`,
    [identity.deviceId],
  );
  expect(rows).toEqual([
    { metric: "energy.import", role: "consumer", primary: true },
    { metric: "energy.import.l1", role: "consumer", primary: false },
  ]);
});
