import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { openEmbeddedPostgres } from "../../cli/engines/embedded-postgres.ts";

/** The database server of a test run. */
export interface TestCluster {
  /** Superuser, at the database `postgres`. */
  ownerUrl: string;
  /** The run-time login, which has no rights but those that the migrations give it. */
  appUrl: string;
  timescale: boolean;
  stop(): Promise<void>;
}

/** The engine that was asked for cannot run here; the tests are named as skipped. */
export class EngineUnavailable extends Error {}

/** Starts it. @throws EngineUnavailable where TimescaleDB was asked for and cannot be installed. */
export async function startTestCluster(engine: string | undefined): Promise<TestCluster> {
  return engine === "timescaledb" ? startTimescale() : startEmbedded();
}

async function startEmbedded(): Promise<TestCluster> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "energy-tests-"));
  // Else root's server, which runs as another user, would keep its files outside and leave them behind.
  chmodSync(dataDir, 0o755);
  const lines: string[] = [];
  // Nothing in here outlives the run, so nothing waits for the disk.
  const settings = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };
  const engine = await openEmbeddedPostgres({ dataDir, settings, own: true, log: (line) => lines.push(line) });
  return {
    ownerUrl: atDatabase(engine.ownerUrl, "postgres"),
    appUrl: atDatabase(engine.appUrl, "postgres"),
    timescale: false,
    async stop() {
      await engine.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function startTimescale(): Promise<TestCluster> {
  const ranBefore = script("status", { allowed: [0, 1] }) === "running\n";
  if (!ranBefore) script("start");
  const ownerUrl = script("url").trim();
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  const { rowCount } = await client.query("select from pg_roles where rolname = 'energy_app'");
  if (!rowCount) await client.query("create role energy_app login noinherit");
  await client.end();
  const appUrl = new URL(ownerUrl);
  appUrl.username = "energy_app";
  return {
    ownerUrl,
    appUrl: appUrl.href,
    timescale: true,
    async stop() {
      if (!ranBefore) script("stop");
    },
  };
}

const cannotHere = 3;

function script(command: string, { allowed = [0] } = {}): string {
  const file = path.join(import.meta.dirname, "../../scripts/timescaledb.sh");
  // Its stderr is not piped: the server it starts would keep the pipe open.
  const run = spawnSync(file, [command], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  if (run.status === cannotHere) throw new EngineUnavailable("TimescaleDB cannot be installed on this machine");
  if (run.error || !allowed.includes(run.status ?? -1)) {
    throw new Error(`scripts/timescaledb.sh ${command} failed: ${run.error?.message ?? `code ${run.status}`}`);
  }
  return run.stdout;
}

/** The same server and login, another database. */
export function atDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
