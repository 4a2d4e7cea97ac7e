import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { closeDatabase, openDatabase } from "../../db/client.ts";
import { createDevice, deleteDevice } from "../../db/devices.ts";
import { log } from "../../platform/log.ts";
import { startWorkers } from "../../workers/main.ts";
import { until } from "../support/clients.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { addChannel, makeTenant } from "../support/tenants.ts";
import pg from "pg";

/** A worker that is killed with a job in its hands: the queue would keep that locked for 4 hours. */
let database: TestDatabase;
let owner: pg.Client;
let worker: ChildProcess;

beforeAll(async () => {
  database = await createTestDatabase();
  openDatabase(database.appUrl);
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
});
afterAll(async () => {
  worker?.kill("SIGKILL");
  await closeDatabase();
  await owner.end();
  await database.drop();
});

const lockedJobs = async () => {
  const { rows } = await owner.query<{ n: number }>(
    `select count(*)::int as n from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
     where t.identifier = 'delete-device' and j.locked_by is not null`,
  );
  return rows[0]!.n;
};

/** How often the worker of this process has looked. */
const seen = new Set<number>();
async function beatsAgain(): Promise<number> {
  const { rows } = await owner.query<{ at: Date }>("select beat_at as at from energy.processes where pid = $1", [
    process.pid,
  ]);
  for (const { at } of rows) seen.add(at.getTime());
  return seen.size;
}

test("another worker goes on with it, and not with the job of one that lives", async () => {
  const { organizationId, siteId } = await makeTenant("anna");
  const device = (await createDevice(organizationId, { siteId, name: "Old", kind: "device" }, newCredential().kept))!;
  await addChannel(owner, { organizationId, deviceId: device.id, metric: "power", readings: [[Date.now(), 1]] });
  const env = { ...process.env, DATABASE_URL: database.appUrl, LOG_LEVEL: "warn" };
  worker = spawn(process.execPath, ["cli/energy.mjs", "worker"], { env, stdio: ["ignore", "pipe", "inherit"] });
  await once(worker.stdout!, "data");

  // Its job waits for this lock, so it is under way as long as we like.
  const holder = new pg.Client({ connectionString: database.ownerUrl });
  await holder.connect();
  await holder.query("begin; lock table telemetry.readings");
  await deleteDevice(organizationId, device.id);
  await until(async () => (await lockedJobs()) === 1, 20_000);
  const another = await startWorkers(log, { beatMs: 300, silentMs: 1_000 });
  try {
    // Longer than the silence that counts as death: its number is held.
    await owner.query("update energy.processes set beat_at = now() - interval '1 minute' where pid = $1", [worker.pid]);
    await owner.query(
      "update graphile_worker._private_jobs set locked_at = now() - interval '2 minutes' where locked_by is not null",
    );
    await until(async () => (await beatsAgain()) > 2);
    expect(await lockedJobs()).toBe(1);

    worker.kill("SIGKILL");
    await once(worker, "exit");
    await holder.query("commit");
    const isGone = async () => !(await owner.query("select from energy.devices where id = $1", [device.id])).rowCount;
    await until(isGone, 30_000);
    await until(async () => (await lockedJobs()) === 0);
  } finally {
    await holder.end();
    await another.stop();
  }
});
