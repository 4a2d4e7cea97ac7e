import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { migrate, ownMigrations } from "../../db/migrate.ts";
import { createTestDatabase, unusedDatabase, type TestDatabase } from "../support/database.ts";

const root = path.join(import.meta.dirname, "../..");

function prisma(
  words: string[],
  { url, cwd = root }: { url: string; cwd?: string },
): { code: number | null; output: string } {
  const env = { ...process.env, MIGRATE_DATABASE_URL: url, NO_COLOR: "1", CHECKPOINT_DISABLE: "1" };
  const bin = path.join(root, "node_modules/prisma/build/index.js");
  const run = spawnSync(process.execPath, [bin, ...words], { cwd, env, encoding: "utf8" });
  return { code: run.status, output: run.stdout + run.stderr };
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const shadows = (url: string) =>
  query(url, "select datname from pg_database where datname like 'prisma_migrate_shadow%'");

describe("the product's schema", () => {
  test("is what its migrations make", async () => {
    const database = await createTestDatabase();
    try {
      const words = [
        "migrate",
        "diff",
        "--from-migrations",
        "prisma/migrations",
        "--to-schema",
        "prisma/schema.prisma",
      ];
      const result = prisma([...words, "--exit-code"], { url: database.ownerUrl });
      expect(result).toMatchObject({ code: 0, output: expect.stringContaining("No difference detected") as string });
      expect(await shadows(database.ownerUrl)).toEqual([]);
    } finally {
      await database.drop();
    }
  });

  test("is what a migrated database holds", async () => {
    const database = await createTestDatabase();
    try {
      const words = [
        "migrate",
        "diff",
        "--from-config-datasource",
        "--to-schema",
        "prisma/schema.prisma",
        "--exit-code",
      ];
      expect(prisma(words, { url: database.ownerUrl })).toMatchObject({ code: 0 });
    } finally {
      await database.drop();
    }
  });
});

describe("our runner and Prisma's agree", () => {
  let database: TestDatabase;

  beforeEach(() => {
    database = unusedDatabase();
  });
  afterEach(() => database.drop());

  test("Prisma finds a database migrated by us up to date, and has nothing to deploy", async () => {
    await migrate(database.ownerUrl);
    const status = prisma(["migrate", "status"], { url: database.ownerUrl });
    expect(status).toMatchObject({
      code: 0,
      output: expect.stringContaining("Database schema is up to date") as string,
    });
    const deploy = prisma(["migrate", "deploy"], { url: database.ownerUrl });
    expect(deploy).toMatchObject({ code: 0, output: expect.stringContaining("No pending migrations") as string });
  });

  test("we find a database migrated by Prisma up to date", async () => {
    const deploy = prisma(["migrate", "deploy"], { url: database.ownerUrl });
    expect(deploy).toMatchObject({ code: 0, output: expect.stringContaining("successfully applied") as string });
    expect(await migrate(database.ownerUrl)).toEqual({ applied: [] });
  });

  test("Prisma names what we have not applied yet", async () => {
    await query(
      new URL("/postgres", database.ownerUrl).href,
      `create database ${new URL(database.ownerUrl).pathname.slice(1)}`,
    );
    const status = prisma(["migrate", "status"], { url: database.ownerUrl });
    expect(status).toMatchObject({ code: 1, output: expect.stringContaining("have not yet been applied") as string });
  });
});

describe("migrations are written with Prisma's own commands, without a download", () => {
  // Inside the repository, so that the configuration's imports resolve.
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(path.join(root, "tests/.prisma-"));
    mkdirSync(path.join(folder, "prisma/migrations"), { recursive: true });
    cpSync(path.join(ownMigrations, "migration_lock.toml"), path.join(folder, "prisma/migrations/migration_lock.toml"));
    const config = 'import config from "../../prisma.config.ts";\n';
    const paths = '{ ...config, schema: "prisma/schema.prisma", migrations: { path: "prisma/migrations" } }';
    writeFileSync(path.join(folder, "prisma.config.ts"), `${config}export default ${paths};\n`);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function writeSchema(fields: string): void {
    const generator = 'generator client {\n  provider = "prisma-client"\n  output = "../generated"\n}\n';
    const source = 'datasource db {\n  provider = "postgresql"\n}\n';
    const model = `model Lamp {\n  id Int @id\n${fields}}\n`;
    writeFileSync(path.join(folder, "prisma/schema.prisma"), generator + source + model);
  }

  function writeMigration(name: string, sql: string): void {
    mkdirSync(path.join(folder, "prisma/migrations", name), { recursive: true });
    writeFileSync(path.join(folder, "prisma/migrations", name, "migration.sql"), sql);
  }

  test("dev, SQL by hand, drift, reset, a failure, resolve", { timeout: 240_000 }, async () => {
    const database = unusedDatabase();
    const run = (...words: string[]) => prisma(["migrate", ...words], { url: database.ownerUrl, cwd: folder });
    const said = (text: string): string => expect.stringContaining(text) as string;
    try {
      writeSchema("");
      expect(run("dev", "--name", "lamps")).toMatchObject({ code: 0 });
      writeSchema("  power Float?\n");
      expect(run("dev", "--name", "power")).toMatchObject({ code: 0 });
      expect(await query(database.ownerUrl, 'select power from "Lamp"')).toEqual([]);

      // What Prisma's schema language has no words for, with semicolons inside.
      writeMigration(
        "20990101000000_by_hand",
        `create schema other; create table other.t (n int check (n > 0), note text default 'a;b');
         create function other.f() returns trigger language plpgsql as $$ begin new.n := 1; return new; end $$;
         create trigger g before insert on other.t for each row execute function other.f();
         alter table "Lamp" enable row level security; create index on "Lamp" ((power * 2)) where power > 0;`,
      );
      expect(run("deploy")).toMatchObject({ code: 0, output: said("successfully applied") });
      expect(run("dev")).toMatchObject({ code: 0, output: said("Already in sync") });

      await query(database.ownerUrl, 'alter table "Lamp" add drifted int');
      expect(run("dev")).toMatchObject({ output: said("Drift detected") });
      expect(run("reset", "--force")).toMatchObject({ code: 0 });
      expect(run("status")).toMatchObject({ code: 0, output: said("up to date") });

      writeMigration("20990102000000_wrong", "create table u (n int); select 1 / 0;");
      expect(run("deploy")).toMatchObject({ code: 1, output: said("division by zero") });
      expect(run("resolve", "--rolled-back", "20990102000000_wrong")).toMatchObject({ code: 0 });
      writeMigration("20990102000000_wrong", "create table u (n int);");
      expect(run("deploy")).toMatchObject({ code: 0 });
      expect(await shadows(database.ownerUrl)).toEqual([]);
    } finally {
      await database.drop();
    }
  });

  test("a server that is not there is a sentence, not a hang", () => {
    const result = prisma(["migrate", "status"], { url: "postgresql://a:b@127.0.0.1:1/energy", cwd: folder });
    expect(result.code).toBe(1);
    expect(result.output).toContain("ECONNREFUSED");
  });
});
