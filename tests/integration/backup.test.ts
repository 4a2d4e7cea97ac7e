import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Transform } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { backupTo, backupToFile } from "../../cli/backup.ts";
import { openEngine, type Engine } from "../../cli/database.ts";
import { freePort } from "../../cli/engines/cluster-state.ts";
import { checkBackup, restoreInto } from "../../cli/restore.ts";
import { asSystem } from "../../db/as-system.ts";
import { closeDatabase, openDatabase } from "../../db/client.ts";
import { packOldReadings } from "../../db/pack-readings.ts";
import { bucketsOfSystem } from "../../db/rollups.ts";
import { readEnvironment } from "../../platform/env.ts";
import { until } from "../support/clients.ts";
import { createTestDatabase, unusedDatabase, type TestDatabase } from "../support/database.ts";
import { furnishInstallation } from "../support/installation.ts";

const never = new AbortController().signal;
const folder = mkdtempSync(path.join(tmpdir(), "energy-backup-"));
// Where the tests run as root, Postgres does not: in a folder that it may enter, its files are removed with it.
chmodSync(folder, 0o755);
const fileNamed = (name: string) => path.join(folder, name);
const dataDir = fileNamed("empty");
const otherDir = fileNamed("other");

/** A message that came at QoS 0 while the database was away. */
const spooled = '{"credentialId":"x","message":{"payload":""}}\n';

let source: TestDatabase;
let owner: pg.Client;
let channels: number[];
let restored: Engine;

beforeAll(async () => {
  source = await createTestDatabase();
  openDatabase(source.appUrl);
  owner = new pg.Client({ connectionString: source.ownerUrl });
  await owner.connect();
  ({ channels } = await furnishInstallation(owner));
  // What an older version writes here becomes a correction by a trigger: a restore must not make it one a second time.
  await owner.query(
    `insert into energy.meter_replacements (organization_id, channel_id, at, final_value)
     select organization_id, id, '2026-01-02Z', 12.5 from energy.channels where id = $1`,
    [channels[0]],
  );
  expect(await packOldReadings(Date.now())).toBe(300);
  mkdirSync(fileNamed("source/spool"), { recursive: true });
  writeFileSync(fileNamed("source/spool/host-1-a-0.ndjson"), spooled);
});

afterAll(async () => {
  await closeDatabase();
  await owner.end();
  await restored?.stop();
  await source.drop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

const installation = () => ({ ownerUrl: source.ownerUrl, dataDir: fileNamed("source") });
const engineOf = ({ ownerUrl, appUrl }: TestDatabase): Engine => ({ ownerUrl, appUrl, stop: async () => {} });
const embedded = () => openEngine(readEnvironment({ DATA_DIR: dataDir, LOG_LEVEL: "warn" }), { own: true });

async function query<T>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as T[];
  } finally {
    await client.end();
  }
}

/** Every table that is not the server's, an extension's or the queue's, whatever schema it lies in: with all of its rows. */
async function everything(url: string): Promise<Record<string, string[]>> {
  const tables = await query<{ name: string }>(
    url,
    `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^pg_|^_timescaledb|^timescaledb'
       and n.nspname not in ('information_schema', 'graphile_worker') and c.relname <> '_prisma_migrations' order by 1`,
  );
  const found: Record<string, string[]> = {};
  for (const { name } of tables.filter(({ name }) => name !== "telemetry.engine")) {
    found[name] = (await query<{ row: string }>(url, `select t::text as row from ${name} t order by 1`)).map(
      ({ row }) => row,
    );
  }
  return found;
}

const jobsIn = (url: string) =>
  query(
    url,
    `select t.identifier, j.payload, j.run_at, j.max_attempts, j.key from graphile_worker._private_jobs j
     join graphile_worker._private_tasks t on t.id = j.task_id order by 1, 2::text`,
  );

async function bucketsIn(url: string): Promise<unknown> {
  await closeDatabase();
  openDatabase(url);
  return asSystem(async (sql) => [...(await bucketsOfSystem(sql, channels, 0, Date.now() + 86_400_000))]);
}

describe("a backup of a running installation", () => {
  const file = fileNamed("all.tar.gz");

  test("is a file that only its owner can read, and is not overwritten by the way", async () => {
    const made = await backupToFile(file, installation(), { force: false, signal: never });
    expect(made).toMatchObject({ file, fileBytes: statSync(file).size });
    if (process.platform !== "win32") expect(statSync(file).mode & 0o777).toBe(0o600);
    await expect(backupToFile(file, installation(), { force: false, signal: never })).rejects.toThrow(
      /is there already.*--force/,
    );
    await backupToFile(file, installation(), { force: true, signal: never });
    expect(existsSync(`${file}.partial`)).toBe(false);
  });

  test("brings everything back into an empty folder: equal rows, buckets, energy, jobs and numbers to come", async () => {
    const backup = await checkBackup(file, never);
    restored = await embedded();
    await restoreInto(restored, backup, { replace: false, dataDir, signal: never });
    const before = await everything(source.ownerUrl);
    expect(Object.keys(before).length).toBeGreaterThan(20);
    expect(before["telemetry.readings"]).toHaveLength(600);
    expect(before["telemetry.reading_days"]!.length).toBeGreaterThan(0);
    expect(before["telemetry.rollup_days"]!.length).toBeGreaterThan(0);
    expect(before["telemetry.rollup_buckets"]!.length).toBeGreaterThan(0);
    expect(await everything(restored.ownerUrl)).toEqual(before);
    const [energy, energyBefore] = [await bucketsIn(restored.appUrl), await bucketsIn(source.appUrl)];
    expect(energy).toEqual(energyBefore);
    const next = await query(
      restored.ownerUrl,
      "select nextval('energy.channels_id_seq')::int as channel, nextval('telemetry.parked_id_seq')::int as parked",
    );
    expect(next).toEqual([{ channel: 1001, parked: 2 }]);
  });

  test("messages that wait on the disk for the database are in it, under the name of no living process", () => {
    expect(readdirSync(path.join(dataDir, "spool"))).toEqual(["restored-host-1-a-0.ndjson"]);
    expect(readFileSync(path.join(dataDir, "spool/restored-host-1-a-0.ndjson"), "utf8")).toBe(spooled);
  });

  test("the jobs that wait are in it; those of the schedule and those that failed for good are not", async () => {
    const [deleting, rollingUp, ...more] = (await jobsIn(restored.ownerUrl)) as Record<string, unknown>[];
    expect(more).toEqual([]);
    expect(rollingUp).toMatchObject({ identifier: "roll-up", key: "roll-up", run_at: new Date("2100-01-01Z") });
    expect(deleting).toMatchObject({ identifier: "delete-device", max_attempts: 25 });
    expect(await jobsIn(source.ownerUrl)).toEqual(expect.arrayContaining([deleting, rollingUp]));
  });

  test("references are held, and everybody sees what was theirs, as before", async () => {
    const constraints = (url: string) =>
      query(
        url,
        "select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint where contype = 'f' and connamespace::regnamespace::text in ('auth', 'energy', 'telemetry') order by 1, 2",
      );
    expect(await constraints(restored.ownerUrl)).toEqual(await constraints(source.ownerUrl));
    // Triggers that did not fire while their tables were filled, and do from then on.
    const triggers = (url: string) =>
      query(
        url,
        `select distinct tgname, tgenabled from pg_trigger where not tgisinternal and tgname <> 'ts_insert_blocker'
         and tgrelid::regclass::text ~ '^(auth|energy|telemetry|analytics|audit)[.]' order by 1`,
      );
    expect(await triggers(source.ownerUrl)).toEqual(
      [
        ...["announce_member", "audit", "first_is_unlimited", "forget_invitations", "keep_an_owner", "keep_quota"],
        ...["refuse_change", "refuse_truncate", "replacement_becomes_correction", "tell_access"],
      ].map((tgname) => ({
        ...{ tgname, tgenabled: "O" },
      })),
    );
    expect(await triggers(restored.ownerUrl)).toEqual(await triggers(source.ownerUrl));
    const policies = (url: string) =>
      query(
        url,
        "select schemaname, tablename, policyname, roles::text, qual, with_check from pg_policies order by 1, 2, 3",
      );
    expect(await policies(restored.ownerUrl)).toEqual(await policies(source.ownerUrl));
    await expect(
      query(restored.appUrl, "set role energy_organization; select from telemetry.readings"),
    ).rejects.toThrow(/permission denied/);
  });

  test("a backup of what was restored holds the same, on the other engine as well", async () => {
    const again = fileNamed("again.tar.gz");
    await backupToFile(again, { ownerUrl: restored.ownerUrl, dataDir }, { force: false, signal: never });
    const back = unusedDatabase();
    const backup = await checkBackup(again, never);
    expect(backup.manifest.engine).toBe("native");
    await restoreInto(engineOf(back), backup, { replace: false, dataDir: otherDir, signal: never });
    expect(await everything(back.ownerUrl)).toEqual(await everything(restored.ownerUrl));
    const [engine] = await query<{ name: string }>(back.ownerUrl, "select name from telemetry.engine");
    expect(engine!.name).toBe(inject("cluster").timescale ? "timescaledb" : "native");
    await back.drop();
  });

  test("what was restored serves: a login and the dashboard", { timeout: 120_000 }, async () => {
    await restored.stop();
    const server = await startServer();
    try {
      const body = new URLSearchParams({ email: "anna@example.org", password: "correct horse battery", next: "/" });
      const login = await fetch(`${server.url}/login`, {
        method: "POST",
        body,
        redirect: "manual",
        headers: { origin: server.url },
      });
      expect(login.status).toBe(302);
      const cookie = login.headers.get("set-cookie")!.split(";")[0]!;
      const page = await fetch(server.url, { headers: { cookie } });
      expect(page.status).toBe(200);
      expect(new URL(page.url).pathname).toMatch(/^\/sites\//);
      expect(await page.text()).toContain("anna@example.org");
    } finally {
      await server.stop();
    }
  });
});

async function startServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await freePort();
  const env = {
    ...process.env,
    NODE_ENV: "test",
    DATA_DIR: dataDir,
    DATABASE_URL: "",
    MQTT_URL: "",
    LOG_LEVEL: "warn",
    PORT: String(port),
    MQTT_PORT: String(await freePort()),
  };
  const energy = path.join(import.meta.dirname, "../../cli/energy.mjs");
  const child: ChildProcess = spawn(process.execPath, [energy, "start"], {
    env: env as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout!.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await until(() => said.includes("ready "), 40_000);
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      const exit = once(child, "exit");
      child.kill("SIGTERM");
      await exit;
      // Where the web app is not built, vite ends the process before its database is stopped.
      await (await embedded()).stop();
    },
  };
}

test("while it is made, writers go on, and it shows one instant: what one message wrote is there together or not at all", async () => {
  await closeDatabase();
  openDatabase(source.appUrl);
  const [first, second] = [channels[0]!, channels[2]!];
  await owner.query("select telemetry.ensure_partitions('2026-01-01Z', '2026-11-01Z')");
  await owner.query(
    "insert into telemetry.readings select $1, '2026-01-01Z'::timestamptz + i * interval '1 s', i from generate_series(1, 100000) i on conflict do nothing",
    [channels[1]],
  );
  let written = 0;
  let isWriting = true;
  const write = async () => {
    while (isWriting) {
      const at = written++;
      await asSystem(async (sql) => {
        await sql.query(
          "insert into telemetry.latest select id, to_timestamp($2), $2, null, now() from unnest($1::int[]) id on conflict (channel_id) do update set time = excluded.time, value = excluded.value",
          [[first, second], at],
        );
        await pause(1);
        await sql.query(
          "insert into telemetry.readings select id, '2026-10-01Z'::timestamptz + $2 * interval '1 s', $2 from unnest($1::int[]) id",
          [[first, second], at],
        );
      });
    }
  };
  const writing = write();
  const file = fileNamed("busy.tar.gz");
  const slow = new Transform({ transform: (chunk, _, done) => setTimeout(() => done(null, chunk), 20) });
  const complete = once(slow.pipe(createWriteStream(file)), "close");
  await until(() => written > 10);
  const before = written;
  await backupTo(slow, installation(), never);
  const after = written;
  isWriting = false;
  await writing;
  await complete;
  const target = unusedDatabase();
  await restoreInto(engineOf(target), await checkBackup(file, never), {
    replace: false,
    dataDir: otherDir,
    signal: never,
  });
  const counts = await query<{ count: number }>(
    target.ownerUrl,
    `select count(*)::int from telemetry.readings where channel_id in (${first}, ${second}) and time between '2026-10-01Z' and '2026-10-01T06:00Z' group by channel_id`,
  );
  expect(counts).toHaveLength(2);
  expect(counts[0]).toEqual(counts[1]);
  const latest = await query<{ value: number }>(
    target.ownerUrl,
    `select value from telemetry.latest where channel_id in (${first}, ${second})`,
  );
  expect(latest).toEqual([{ value: counts[0]!.count - 1 }, { value: counts[0]!.count - 1 }]);
  expect(counts[0]!.count).toBeGreaterThanOrEqual(before - 1);
  expect(after - counts[0]!.count, "writers were not held up").toBeGreaterThan(10);
  await target.drop();
});
