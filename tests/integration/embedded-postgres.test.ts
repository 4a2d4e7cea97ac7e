import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findRunning, openEmbeddedPostgres, type EmbeddedOptions } from "../../cli/engines/embedded-postgres.ts";

const weAreRoot = process.getuid?.() === 0;
const scratch = fs.mkdtempSync(path.join(tmpdir(), "energy-embedded-"));
fs.chmodSync(scratch, 0o755);
const lines: string[] = [];

afterAll(async () => {
  // A test that failed half way may have left a server running.
  for (const name of fs.readdirSync(scratch)) {
    const left = await findRunning(folder(name)).catch(() => null);
    if (left) process.kill(left.pid, "SIGINT");
  }
  await pause(100);
  fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

const folder = (name: string) => path.join(scratch, name);
const open = (dataDir: string, more: Partial<EmbeddedOptions> = {}) =>
  openEmbeddedPostgres({ dataDir, log: (line) => lines.push(line), ...more });
const pidIn = (dataDir: string) =>
  Number(fs.readFileSync(path.join(dataDir, "postgres/postmaster.pid"), "utf8").split("\n")[0]);

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function openInChild(dataDir: string): Promise<{ child: ChildProcess; ownerUrl: string; started: boolean }> {
  const file = path.join(import.meta.dirname, "../support/open-embedded.ts");
  const child = spawn(process.execPath, ["--import", "tsx", file, dataDir], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface({ input: child.stdout! }), "line")) as [string];
  return { child, ...(JSON.parse(line) as { ownerUrl: string; started: boolean }) };
}

async function killed(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
}

describe("one installation, through everything that may happen to it", () => {
  const dataDir = folder("one");

  test("its parent is killed: the server lives on, is found and taken over, and holds what was written", async () => {
    const { child, ownerUrl, started } = await openInChild(dataDir);
    expect(started).toBe(true);
    await query(ownerUrl, "create table t as select 1 as n");
    await killed(child);
    expect((await findRunning(dataDir))?.ownerUrl).toBe(ownerUrl);

    const visitor = await open(dataDir);
    expect(visitor).toMatchObject({ started: false, ownerUrl });
    await visitor.stop();
    expect(await findRunning(dataDir)).not.toBeNull();

    const owner = await open(dataDir, { own: true });
    expect(owner.started).toBe(false);
    expect(await query(owner.ownerUrl, "select n from t")).toEqual([{ n: 1 }]);
    await owner.stop();
    expect(await findRunning(dataDir)).toBeNull();
  });

  test("it is durable, in UTC, and nobody gets in without a password", async () => {
    const engine = await open(dataDir);
    const names = ["fsync", "synchronous_commit", "full_page_writes", "timezone", "listen_addresses", "data_checksums"];
    const values = await query(
      engine.ownerUrl,
      `select ${names.map((name) => `current_setting('${name}') as ${name}`)}`,
    );
    expect(values).toEqual([
      {
        fsync: "on",
        synchronous_commit: "on",
        full_page_writes: "on",
        timezone: "UTC",
        listen_addresses: "127.0.0.1",
        data_checksums: "on",
      },
    ]);
    const stranger = new URL(engine.ownerUrl);
    stranger.password = "guess";
    await expect(query(stranger.href, "select 1")).rejects.toThrow(/password authentication failed/);
    const [login] = await query(
      engine.appUrl,
      "select rolsuper, rolinherit, rolcreatedb from pg_roles where rolname = current_user",
    );
    expect(login).toEqual({ rolsuper: false, rolinherit: false, rolcreatedb: false });
    if (process.platform !== "win32") expect(fs.statSync(path.join(dataDir, "postgres.json")).mode & 0o777).toBe(0o600);
    await engine.stop();
  });

  test("the server itself is killed while nobody answers for it: the next start recovers what was committed", async () => {
    const engine = await open(dataDir);
    await query(engine.ownerUrl, "insert into t values (2)");
    process.kill(pidIn(dataDir), "SIGKILL");
    await engine.stop();
    const again = await open(dataDir);
    expect(again.started).toBe(true);
    expect(await query(again.ownerUrl, "select n from t order by n")).toEqual([{ n: 1 }, { n: 2 }]);
    await again.stop();
  });

  test("the server is killed under the process that answers for it: it comes back by itself at the same address", async () => {
    const engine = await open(dataDir, { own: true });
    const pid = pidIn(dataDir);
    process.kill(pid, "SIGKILL");
    await expect
      .poll(() => query(engine.appUrl, "select 1 as n").catch(() => null), { timeout: 20_000 })
      .toEqual([{ n: 1 }]);
    expect(pidIn(dataDir)).not.toBe(pid);
    await engine.stop();
    expect(await findRunning(dataDir)).toBeNull();
  });

  test("two processes open it at once: one starts it, and the last to leave stops it", async () => {
    const [here, there] = await Promise.all([open(dataDir), openInChild(dataDir)]);
    expect([here.started, there.started].sort()).toEqual([false, true]);
    await here.stop();
    expect(await query(there.ownerUrl, "select 1 as n")).toEqual([{ n: 1 }]);
    const last = await open(dataDir);
    await killed(there.child);
    // The system closes what the killed process had open; the server notices a moment later.
    await pause(200);
    await last.stop();
    expect(await findRunning(dataDir)).toBeNull();
  });

  test("its port is taken by a stranger: it moves to another", async () => {
    const { port } = JSON.parse(fs.readFileSync(path.join(dataDir, "postgres.json"), "utf8")) as { port: number };
    const stranger = createServer().listen(port, "127.0.0.1");
    await once(stranger, "listening");
    await expect(open(dataDir, { port })).rejects.toThrow(
      /^Port \d+, which the embedded database should have, is taken/,
    );
    const engine = await open(dataDir);
    expect(Number(new URL(engine.ownerUrl).port)).not.toBe(port);
    stranger.close();
    await engine.stop();
  });

  test.runIf(process.platform === "linux")(
    "its pid now belongs to another program, as in a restarted container",
    async () => {
      fs.writeFileSync(path.join(dataDir, "postgres/postmaster.pid"), `${process.pid}\n${dataDir}/postgres\n`);
      expect(await findRunning(dataDir)).toBeNull();
      const engine = await open(dataDir);
      expect(engine.started).toBe(true);
      await engine.stop();
    },
  );

  test("the file with its passwords is lost: the owner of the files gets new ones", async () => {
    fs.rmSync(path.join(dataDir, "postgres.json"));
    const engine = await open(dataDir);
    expect(await query(engine.ownerUrl, "select n from t order by n")).toEqual([{ n: 1 }, { n: 2 }]);
    expect(await query(engine.appUrl, "select current_user::text as login")).toEqual([{ login: "energy_app" }]);
    await engine.stop();
  });

  test("the file holds the passwords of another: a sentence", async () => {
    const file = path.join(dataDir, "postgres.json");
    const state = JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, unknown>;
    fs.writeFileSync(file, JSON.stringify({ ...state, ownerPassword: "another" }));
    await expect(open(dataDir)).rejects.toThrow(/^.*postgres[.]json does not hold the passwords .* remove the file/);
    fs.writeFileSync(file, JSON.stringify(state));
    expect(await findRunning(dataDir)).toBeNull();
  });

  test("its files are damaged: a sentence that names the log", async () => {
    const control = path.join(dataDir, "postgres/global/pg_control");
    fs.writeFileSync(control, Buffer.alloc(fs.statSync(control).size));
    await expect(open(dataDir)).rejects.toThrow(
      /^The database in .* is damaged or cannot start \(.*restore a backup.*postgres[.]log/,
    );
  });
});

test("two installations run side by side", async () => {
  const [left, right] = await Promise.all([open(folder("left")), open(folder("right"))]);
  expect(left.ownerUrl).not.toBe(right.ownerUrl);
  await query(left.ownerUrl, "create table only_left (n int)");
  expect(await query(right.ownerUrl, "select to_regclass('only_left') as found")).toEqual([{ found: null }]);
  await left.stop();
  expect(await query(right.ownerUrl, "select 1 as n")).toEqual([{ n: 1 }]);
  await right.stop();
});

describe("a DATA_DIR that will not do is named in a sentence that says what to do", () => {
  beforeAll(() => {
    fs.writeFileSync(folder("file"), "");
    for (const name of ["file-inside", "newer", "foreign", "dangling"]) fs.mkdirSync(folder(name));
    fs.writeFileSync(folder("file-inside/postgres"), "");
    fs.mkdirSync(folder("newer/postgres"));
    fs.writeFileSync(folder("newer/postgres/PG_VERSION"), "18\n");
    fs.mkdirSync(folder("foreign/postgres"));
    fs.writeFileSync(folder("foreign/postgres/notes.txt"), "");
    fs.symlinkSync(folder("nowhere"), folder("dangling/postgres"));
  });

  test.each([
    ["file", /^DATA_DIR .*file is a file or lies below one: set DATA_DIR to a folder/],
    ["file/below", /^DATA_DIR .*below is a file or lies below one/],
    ["file-inside", /postgres is a file, where the database's folder should be: move it away/],
    ["newer", /postgres was made by Postgres 18, and this version needs 17: make a backup/],
    ["foreign", /postgres holds files but no database: move it away/],
    ["dangling", /postgres is a link to .*nowhere, which is gone.*restore a backup/],
  ])("%s", async (name, message) => {
    await expect(open(folder(name))).rejects.toThrow(message);
    await expect(open(folder(name))).rejects.toMatchObject({ name: "EngineError", expected: true });
  });

  test.skipIf(weAreRoot)("one that may not be written", async () => {
    fs.mkdirSync(folder("closed"), { mode: 0o500 });
    await expect(open(folder("closed"))).rejects.toThrow(/^DATA_DIR .*closed cannot be written/);
  });
});

test.runIf(weAreRoot)(
  "root, in a folder that nobody else may enter: the files go elsewhere, with a link to them",
  async () => {
    const closed = fs.mkdtempSync(path.join(homedir(), "energy-closed-"));
    const dataDir = path.join(closed, "data");
    lines.length = 0;
    const engine = await open(dataDir);
    const place = fs.realpathSync(path.join(dataDir, "postgres"));
    try {
      expect(fs.statSync(closed).mode & 0o777).toBe(0o700);
      expect(lines.filter((line) => line.includes(place))).toHaveLength(1);
      await query(engine.ownerUrl, "create table t as select 1 as n");
      await engine.stop();
      const again = await open(dataDir);
      expect(await query(again.ownerUrl, "select n from t")).toEqual([{ n: 1 }]);
      await again.stop();

      // A DATA_DIR that was removed begins anew, without throwing away at once what it held.
      fs.rmSync(dataDir, { recursive: true });
      const fresh = await open(dataDir);
      expect(await query(fresh.ownerUrl, "select to_regclass('t') as found")).toEqual([{ found: null }]);
      expect(fs.existsSync(`${place}.old/PG_VERSION`)).toBe(true);
      await fresh.stop();
    } finally {
      for (const left of [closed, place, `${place}.old`]) fs.rmSync(left, { recursive: true, force: true });
    }
  },
);
