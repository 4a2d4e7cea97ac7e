import { randomUUID } from "node:crypto";
import type pg from "pg";
import { asSystem } from "../../db/as-system.ts";
import { createDevice } from "../../db/devices.ts";
import { enqueue } from "../../db/jobs.ts";
import { packOldBuckets } from "../../db/rollups.ts";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";
import { addChannel, makeTenant } from "./tenants.ts";

const quarter = 900_000;
const dayMs = 86_400_000;

/** Something of everything that is hard to carry: two tenants, odd texts, rows that refer to their own table, old and new days. */
export async function furnishInstallation(owner: pg.Client): Promise<{ channels: number[] }> {
  const anna = await makeTenant("anna", "Europe/Berlin");
  const bert = await makeTenant("bert");
  const devices: string[] = [];
  for (const { organizationId, siteId } of [anna, bert]) {
    const made = await createDevice(
      organizationId,
      { siteId, name: 'Zähler\t"1"\\N\n', kind: "device" },
      newCredential().kept,
    );
    devices.push(made!.id);
  }
  const now = Math.floor(Date.now() / quarter) * quarter;
  const readings = (from: number, valueOf: (i: number) => number): [number, number][] =>
    Array.from({ length: 300 }, (_, i) => [from + i * quarter, valueOf(i)]);
  const given = [
    {
      organizationId: anna.organizationId,
      deviceId: devices[0]!,
      metric: "power",
      readings: readings(now - 3 * dayMs, (i) => 1000 / (i + 3)),
    },
    {
      ...{
        organizationId: anna.organizationId,
        deviceId: devices[0]!,
        metric: "energy.import",
        quantity: "energy",
        unit: "kWh",
      },
      ...{ kind: "counter", readings: readings(now - 400 * dayMs, (i) => i * 0.1) },
    },
    {
      organizationId: bert.organizationId,
      deviceId: devices[1]!,
      metric: "power",
      readings: readings(now - 3 * dayMs, (i) => i),
    },
  ];
  const channels: number[] = [];
  for (const one of given) channels.push(await addChannel(owner, one));
  while (await rollUpOnce());
  await asSystem((sql) => packOldBuckets(sql, now));
  await refer(owner, channels, devices);
  await queue(owner, anna.organizationId, devices[0]!);
  return { channels };
}

/** The row that refers lies before the one it refers to, as after an update; and a number that the table has jumped over. */
async function refer(owner: pg.Client, [first, second]: number[], [deviceId]: string[]): Promise<void> {
  await owner.query("update energy.channels set parent_id = $2 where id = $1", [first, second]);
  await owner.query("update energy.channels set parent_id = $2 where id = $1", [second, first]);
  await owner.query("update energy.devices set gateway_id = id, external_id = 'self' where id = $1", [deviceId]);
  await owner.query("select setval('energy.channels_id_seq', 1000)");
  await owner.query(
    `insert into telemetry.parked (device_id, awaits, expires_at, received_at, envelope, payload)
     values ($1, 'birth', now(), now(), '{"topic": "a\\\\b"}', $2)`,
    [deviceId, Buffer.from([0, 1, 10, 9, 92, 255])],
  );
  await owner.query("insert into telemetry.states values ($1, now(), $2)", [first, "\\N"]);
}

async function queue(owner: pg.Client, organizationId: string, deviceId: string): Promise<void> {
  await asSystem((sql) => enqueue(sql, "roll-up", {}, { key: "roll-up", runAt: new Date("2100-01-01Z") }));
  const later = { runAt: new Date("2100-01-01Z") };
  await asSystem((sql) => enqueue(sql, "delete-device", { organizationId, deviceId: randomUUID() }, later));
  await owner.query("select graphile_worker.add_job('upkeep', $1::json)", [{ _cron: { ts: "2026-01-01T00:00:00Z" } }]);
  await owner.query("select graphile_worker.add_job('delete-device', $1::json, max_attempts => 1)", [
    { organizationId, deviceId },
  ]);
  await owner.query("update graphile_worker._private_jobs set attempts = 1 where max_attempts = 1");
}
