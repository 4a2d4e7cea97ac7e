import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { migrate, ownMigrations } from "../../db/migrate.ts";
import { createTestDatabase, unusedDatabase, type TestDatabase } from "../support/database.ts";

let database: TestDatabase;
let dir: string;

beforeEach(() => {
  database = unusedDatabase();
  dir = mkdtempSync(path.join(tmpdir(), "energy-migrations-"));
});

afterEach(async () => {
  await database.drop();
  rmSync(dir, { recursive: true, force: true });
});

function write(name: string, sql: string): void {
  mkdirSync(path.join(dir, name), { recursive: true });
  writeFileSync(path.join(dir, name, "migration.sql"), sql);
}

async function rows<T extends pg.QueryResultRow>(sql: string, url = database.ownerUrl): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

const names = () => rows<{ migration_name: string }>("select migration_name from public._prisma_migrations order by 1");

describe("a database that does not exist yet", () => {
  test("is created, in UTC, with the migrations in order and the queue's own before them", async () => {
    write("0002_b", "insert into t values (2); select graphile_worker.add_job('x');");
    write("0001_a", "create table t (n int); do $$ begin insert into t values (1); end $$; -- a ; in a comment");
    const lines: string[] = [];
    const result = await migrate(database.ownerUrl, { dir, onProgress: (line) => lines.push(line) });
    expect(result).toEqual({ applied: ["0001_a", "0002_b"] });
    expect(lines.map((line) => line.split(" ")[0])).toEqual(["created", "applied", "applied"]);
    expect(await rows("select n from t order by n")).toEqual([{ n: 1 }, { n: 2 }]);
    expect(await rows("select task_identifier from graphile_worker.jobs")).toEqual([{ task_identifier: "x" }]);
    expect(await rows("show timezone")).toEqual([{ TimeZone: "UTC" }]);
  });

  test("is created once by several that come at the same moment", async () => {
    write("0001_a", "create table t (n int); select pg_sleep(0.2);");
    const results = await Promise.all([1, 2, 3, 4].map(() => migrate(database.ownerUrl, { dir })));
    expect(results.flatMap((result) => result.applied)).toEqual(["0001_a"]);
  });
});

test("a second run changes nothing, and a third applies what was added", async () => {
  write("0001_a", "create table t (n int)");
  await migrate(database.ownerUrl, { dir });
  const before = await rows("select * from public._prisma_migrations");
  expect(await migrate(database.ownerUrl, { dir })).toEqual({ applied: [] });
  expect(await rows("select * from public._prisma_migrations")).toEqual(before);
  write("0002_b", "alter table t add m int");
  expect(await migrate(database.ownerUrl, { dir })).toEqual({ applied: ["0002_b"] });
});

test("the records are those that Prisma keeps", async () => {
  write("0001_a", "select 1\r\n");
  await migrate(database.ownerUrl, { dir });
  const [record] = await rows("select *, finished_at >= started_at as in_order from public._prisma_migrations");
  expect(record).toMatchObject({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    checksum: "1c5836e195e79f745ae3d114a279cf7c4a157ff7146c838736adea274c42f97a",
    migration_name: "0001_a",
    rolled_back_at: null,
    logs: null,
    applied_steps_count: 1,
    in_order: true,
  });
});

test("the same file with other line ends is the same file", async () => {
  write("0001_a", "select 1;\nselect 2;\n");
  await migrate(database.ownerUrl, { dir });
  write("0001_a", "select 1;\r\nselect 2;\r\n");
  expect(await migrate(database.ownerUrl, { dir })).toEqual({ applied: [] });
});

test("a failing migration is undone, named with its line, and tried again", async () => {
  write("0001_a", "create table t (n int)");
  write("0002_b", "create table u (n int);\ncreate table t (n int);");
  await expect(migrate(database.ownerUrl, { dir })).rejects.toThrow(
    'Migration 0002_b failed and was undone: relation "t" already exists.',
  );
  write("0002_b", "create table u (n int);\nselect wrong from t;");
  await expect(migrate(database.ownerUrl, { dir })).rejects.toThrow('column "wrong" does not exist (line 2).');
  expect(await names()).toEqual([{ migration_name: "0001_a" }]);
  write("0002_b", "create table u (n int)");
  expect(await migrate(database.ownerUrl, { dir })).toEqual({ applied: ["0002_b"] });
});

test("an applied file that was changed is refused in a sentence", async () => {
  write("0001_a", "create table t (n int)");
  await migrate(database.ownerUrl, { dir });
  write("0001_a", "create table t (n bigint)");
  await expect(migrate(database.ownerUrl, { dir })).rejects.toThrow(
    /^Migration 0001_a was changed after it was applied on \d{4}-\d\d-\d\d: put the file back .* new migration[.]$/,
  );
});

test("one that Prisma left half way is refused, until it is marked as rolled back", async () => {
  write("0001_a", "create table t (n int)");
  await migrate(database.ownerUrl, { dir });
  await rows("insert into public._prisma_migrations (id, checksum, migration_name) values ('x', 'y', '0002_b')");
  write("0002_b", "alter table t add m int");
  await expect(migrate(database.ownerUrl, { dir })).rejects.toThrow(/^Migration 0002_b failed on .* left half way/);
  await rows("update public._prisma_migrations set rolled_back_at = now() where id = 'x'");
  expect(await migrate(database.ownerUrl, { dir })).toEqual({ applied: ["0002_b"] });
});

test("a database of a newer version is left alone", async () => {
  write("0001_a", "create table t (n int)");
  write("0002_b", "alter table t add m int");
  await migrate(database.ownerUrl, { dir });
  rmSync(path.join(dir, "0002_b"), { recursive: true });
  const lines: string[] = [];
  expect(await migrate(database.ownerUrl, { dir, onProgress: (line) => lines.push(line) })).toEqual({ applied: [] });
  expect(lines).toEqual(["the database is newer than this version: 0002_b"]);
});

test("roles that another database creates at the same moment do not disturb", async () => {
  const others = Array.from({ length: 4 }, unusedDatabase);
  const role = `r_${path.basename(dir).replaceAll("-", "_").toLowerCase()}`;
  write(
    "0001_role",
    `do $$ begin
      if not exists (select from pg_roles where rolname = '${role}') then create role ${role}; end if;
    end $$; alter role ${role} nologin; grant ${role} to current_user;`,
  );
  try {
    await Promise.all(others.map((other) => migrate(other.ownerUrl, { dir })));
  } finally {
    for (const other of others) await other.drop();
    await migrate(database.ownerUrl, { dir });
    await rows(`drop role ${role}`);
  }
});

test("a server that is not there, a folder that is not there, and an address without a database: a sentence each", async () => {
  await expect(migrate("postgresql://a:b@127.0.0.1:1/energy", { dir })).rejects.toThrow(
    /^The database server at 127[.]0[.]0[.]1:1 did not let us in .*ECONNREFUSED/,
  );
  await expect(migrate(database.ownerUrl, { dir: `${dir}/none` })).rejects.toThrow(/^There are no migrations at /);
  await expect(migrate("postgresql://127.0.0.1", { dir })).rejects.toThrow(/names no database/);
  await expect(migrate("energy", { dir })).rejects.toThrow(/is not a URL/);
  mkdirSync(path.join(dir, "0001_empty"));
  await expect(migrate(database.ownerUrl, { dir })).rejects.toThrow(/^Migration 0001_empty has no migration[.]sql/);
});

test("the product's own migrations are in the databases of the tests, whose login has the three contexts", async () => {
  const own = await createTestDatabase();
  try {
    expect(await migrate(own.ownerUrl)).toEqual({ applied: [] });
    expect(readFileSync(path.join(ownMigrations, "migration_lock.toml"), "utf8")).toContain("postgresql");
    const roles = "energy_organization,energy_user,energy_system".split(",");
    const set = roles.map((role) => `set role ${role}`).join("; ");
    await rows(`${set}; select 1`, own.appUrl);
    await expect(rows("select * from auth.users", own.appUrl)).rejects.toThrow(/permission denied/);
    expect(await rows("show timezone", own.appUrl)).toEqual([{ TimeZone: "UTC" }]);
  } finally {
    await own.drop();
  }
});
