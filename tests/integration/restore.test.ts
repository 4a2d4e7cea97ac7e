import { cpSync, createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createGunzip, gzipSync } from "node:zlib";
import pg from "pg";
import { extract, pack } from "tar-stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { backupToFile } from "../../cli/backup.ts";
import type { Engine } from "../../cli/database.ts";
import { checkBackup, restoreInto } from "../../cli/restore.ts";
import type { Contents, Manifest } from "../../db/backup-manifest.ts";
import { closeDatabase, openDatabase } from "../../db/client.ts";
import { migrate, ownMigrations } from "../../db/migrate.ts";
import { createTestDatabase, unusedDatabase, type TestDatabase } from "../support/database.ts";
import { furnishInstallation } from "../support/installation.ts";
import { makeTenant } from "../support/tenants.ts";

const never = new AbortController().signal;
const folder = mkdtempSync(path.join(tmpdir(), "energy-restore-"));
const fileNamed = (name: string) => path.join(folder, name);
const file = fileNamed("good.tar.gz");

let source: TestDatabase;

beforeAll(async () => {
  source = await createTestDatabase();
  await connected(source.ownerUrl, async (owner) => {
    openDatabase(source.appUrl);
    await furnishInstallation(owner);
    await closeDatabase();
  });
  await backupToFile(file, installationOf(source), { force: false, signal: never });
});

afterAll(async () => {
  await closeDatabase();
  await source.drop();
  rmSync(folder, { recursive: true, force: true });
});

const installationOf = ({ ownerUrl }: TestDatabase) => ({ ownerUrl, dataDir: folder });
const engineOf = ({ ownerUrl, appUrl }: TestDatabase): Engine => ({ ownerUrl, appUrl, stop: async () => {} });

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  return work(client).finally(() => client.end());
}

const query = <T extends pg.QueryResultRow>(url: string, sql: string): Promise<T[]> =>
  connected(url, async (client) => (await client.query<T>(sql)).rows);

const organizationsIn = async ({ ownerUrl }: TestDatabase): Promise<string[]> =>
  (await query<{ name: string }>(ownerUrl, "select name from energy.organizations order by 1")).map(({ name }) => name);

async function restored(name: string, target: TestDatabase, replace = false): Promise<void> {
  await restoreInto(engineOf(target), await checkBackup(name, never), { replace, dataDir: folder, signal: never });
}

/** The good backup with one of its two descriptions changed, as a well-formed archive. */
async function changed(
  name: string,
  entry: "manifest.json" | "contents.json",
  change: (json: never) => void,
): Promise<string> {
  const from = createReadStream(file).pipe(createGunzip()).pipe(extract());
  const to = pack();
  for await (const found of from) {
    const chunks: Buffer[] = [];
    for await (const chunk of found) chunks.push(chunk as Buffer);
    let body = Buffer.concat(chunks);
    if (found.header.name === entry) {
      const json = JSON.parse(body.toString()) as never;
      change(json);
      body = Buffer.from(JSON.stringify(json));
    }
    to.entry({ name: found.header.name }, body);
  }
  to.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of to) chunks.push(chunk as Buffer);
  writeFileSync(fileNamed(name), gzipSync(Buffer.concat(chunks)));
  return fileNamed(name);
}

function bytesChanged(name: string, change: (bytes: Buffer) => Buffer): string {
  writeFileSync(fileNamed(name), change(readFileSync(file)));
  return fileNamed(name);
}

function flipped(bytes: Buffer, at: number): Buffer {
  bytes[at]! ^= 16;
  return bytes;
}

const usersOf = ({ tables }: Contents) => tables.find(({ name }) => name === "auth.users")!;

describe("what is not a whole backup is refused by a sentence before any database is touched", () => {
  test.each<[string, () => string | Promise<string>, RegExp]>([
    ["a missing file", () => fileNamed("none"), /^There is no file .*none\.$/],
    ["an empty file", () => bytesChanged("empty", () => Buffer.alloc(0)), /empty ends too early/],
    [
      "another file",
      () => bytesChanged("text", () => Buffer.from("hello")),
      /text is not a backup of Energy Tracking\.$/,
    ],
    ["another archive", () => bytesChanged("gz", () => gzipSync("hello")), /gz is not a backup of Energy Tracking/],
    ["half a file", () => bytesChanged("half", (bytes) => bytes.subarray(0, bytes.length / 2)), /half ends too early/],
    ["all but its last byte", () => bytesChanged("cut", (bytes) => bytes.subarray(0, -1)), /cut ends too early/],
    [
      "a flipped bit at its head",
      () => bytesChanged("head", (bytes) => flipped(bytes, 40)),
      /head is (damaged|not a backup)/,
    ],
    [
      "a flipped bit in the middle",
      () => bytesChanged("middle", (bytes) => flipped(bytes, bytes.length >> 1)),
      /middle is damaged/,
    ],
    [
      "a flipped bit in its checksum",
      () => bytesChanged("crc", (bytes) => flipped(bytes, bytes.length - 6)),
      /crc is damaged/,
    ],
    [
      "data other than its end says",
      () => changed("digest", "contents.json", (json: Contents) => (usersOf(json).sha256 = "0".repeat(64))),
      /damaged \(the data of tables\/auth\.users are not what was written\)/,
    ],
    [
      "a table that is missing",
      () => changed("missing", "contents.json", (json: Contents) => json.tables.pop()),
      /damaged \(tables\/graphile_worker\.jobs is missing\)/,
    ],
    [
      "an archive of another program",
      () => changed("other", "manifest.json", (json: Manifest) => Object.assign(json, { product: "other" })),
      /other is not a backup of Energy Tracking/,
    ],
    [
      "a newer format",
      () =>
        changed("format", "manifest.json", (json: Manifest) => Object.assign(json, { format: 2, version: "9.1.0" })),
      /newer format than this version reads: it was made by 9\.1\.0/,
    ],
    [
      "a newer version's tables",
      () =>
        changed("newer", "manifest.json", (json: Manifest) =>
          json.migrations.push({ name: "9999_later", checksum: "x" }),
        ),
      /^The backup is newer than this version.*9999_later\. Install that version/,
    ],
    [
      "a migration of another text",
      () => changed("edited", "manifest.json", (json: Manifest) => (json.migrations[2]!.checksum = "0".repeat(64))),
      /^Migration 0003_telemetry of the backup is not the one of this version/,
    ],
  ])("%s", async (_name, make, sentence) => {
    const name = await make();
    await expect(checkBackup(name, never)).rejects.toMatchObject({
      expected: true,
      message: expect.stringMatching(sentence),
    });
  });
});

describe("an installation that is there already", () => {
  let target: TestDatabase;
  beforeAll(async () => {
    target = await createTestDatabase();
    openDatabase(target.appUrl);
    await makeTenant("here");
  });
  afterAll(() => target.drop());

  test("is not restored over while it runs, nor without being told to", async () => {
    await expect(restored(file, target, true)).rejects.toThrow(
      /^The database is in use .*: stop the installation first/,
    );
    await closeDatabase();
    await expect(restored(file, target)).rejects.toThrow(
      /^The database is not empty \(organizations: 1, accounts: 1\)/,
    );
    expect(await organizationsIn(target)).toEqual(["here"]);
  });

  test.each<[string, string, (json: Contents) => void, RegExp]>([
    [
      "a row is missing",
      "rows",
      (json) => usersOf(json).rows++,
      /auth\.users has 2 rows instead of 3\. Nothing was changed/,
    ],
    ["energy differs", "energy", (json) => (json.energy[1]!.energyKwh += 1e-12), /channel 2 has .* instead of /],
  ])("stays as it was when what was loaded is not what was backed up: %s", async (_name, name, change, sentence) => {
    const wrong = await changed(name, "contents.json", change as (json: never) => void);
    await expect(restored(wrong, target, true)).rejects.toThrow(sentence);
    expect(await organizationsIn(target)).toEqual(["here"]);
  });

  test("stays as it was when the restore's connection is cut while it loads, and can then be replaced", async () => {
    const backup = await checkBackup(file, never);
    await connected(source.ownerUrl, async (client) => {
      const cut = restoreInto(engineOf(target), backup, { replace: true, dataDir: folder, signal: never });
      const ended = expect(cut).rejects.toThrow(/^The restore ended .*\. Nothing was changed\.$/);
      for (;;) {
        const { rowCount } = await client.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and query like 'copy %'`,
          [new URL(target.ownerUrl).pathname.slice(1)],
        );
        if (rowCount) return ended;
      }
    });
    expect(await organizationsIn(target)).toEqual(["here"]);
    await restored(file, target, true);
    expect(await organizationsIn(target)).toEqual(["anna", "bert"]);
  });
});

test("a backup of an older version is brought to this one, as its own database would have been", async () => {
  const dir = fileNamed("older");
  for (const name of ["0001_accounts_and_energy", "0002_tenancy", "0003_telemetry", "0004_read_anew", "0005_key_use"]) {
    mkdirSync(path.join(dir, name), { recursive: true });
    cpSync(path.join(ownMigrations, name), path.join(dir, name), { recursive: true });
  }
  const old = unusedDatabase();
  await migrate(old.ownerUrl, { dir });
  await query(
    old.ownerUrl,
    `with o as (insert into energy.organizations (name) values ('old') returning id),
       s as (insert into energy.sites (organization_id, name, timezone, currency) select id, 'Home', 'UTC', 'EUR' from o returning id, organization_id)
     insert into energy.devices (organization_id, site_id, name, created_at) select organization_id, id, 'Meter', '2020-01-01Z' from s`,
  );
  await query(
    old.ownerUrl,
    `insert into telemetry.rollup_days (channel_id, day, energy_kwh, reverse_kwh, covered_s, mean, count, last)
     select 7, date '2020-01-01', array_agg(random() * 10 ^ (random() * 300 - 320)), array_agg(case when i = 3 then 0.1 else 0 end),
       array_fill(900::float8, array[96]), array_agg(case when i % 5 > 0 then -random() end), array_agg(i), null
     from generate_series(0, 95) i
     union all
     select 8, date '2020-01-02', array_fill(0::float8, array[96]), null, array_agg(case when i < 95 then 900 else 899.5 end), null,
       array_fill(0, array[96]), array_agg(48211.376 + i / 3e0) from generate_series(0, 95) i`,
  );
  const packed = "channel_id, energy_kwh, reverse_kwh, covered_s, mean, count, last";
  const arrays = await query(old.ownerUrl, `select ${packed} from telemetry.rollup_days order by 1`);
  const older = fileNamed("older.tar.gz");
  await backupToFile(older, installationOf(old), { force: false, signal: never });
  const target = await createTestDatabase();
  await restored(older, target);
  expect(await organizationsIn(target)).toEqual(["old"]);
  const devices = await query(target.ownerUrl, "select name, accepted_at from energy.devices");
  expect(devices).toEqual([{ name: "Meter", accepted_at: new Date("2020-01-01Z") }]);
  const asArrays = packed.replaceAll(/\w+_kwh|covered_s|mean|last/g, "telemetry.float8s($&) as $&");
  const bytes = await query(
    target.ownerUrl,
    `select ${asArrays.replace("count", "telemetry.int4s(count) as count")} from telemetry.rollup_days order by 1`,
  );
  // What says nothing is not stored.
  const [nothing, throughout] = [0, 900].map((value) => new Array<number>(96).fill(value));
  expect(bytes).toEqual([
    { ...arrays[0], covered_s: null },
    { ...arrays[1], energy_kwh: null, count: null },
  ]);
  expect(arrays).toMatchObject([{ covered_s: throughout }, { energy_kwh: nothing, count: nothing }]);
  expect(await migrate(target.ownerUrl)).toEqual({ applied: [] });
  await Promise.all([old.drop(), target.drop()]);
});

test("a database without an installation is nothing to back up", async () => {
  const empty = unusedDatabase();
  await connected(source.ownerUrl, (client) =>
    client.query(`create database ${new URL(empty.ownerUrl).pathname.slice(1)}`),
  );
  const attempt = backupToFile(fileNamed("nothing"), installationOf(empty), { force: false, signal: never });
  await expect(attempt).rejects.toThrow(/^There is no installation in this database/);
  await empty.drop();
});
