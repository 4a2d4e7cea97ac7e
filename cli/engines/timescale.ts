import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import pg from "pg";

/** The server of scripts/timescaledb.sh, for tests and benchmarks: fsync is off and nobody needs a password. */
export interface TimescaleServer {
  /** Superuser, at the database `postgres`. */
  ownerUrl: string;
  /** The run-time login, which has no rights but those that the migrations give it. */
  appUrl: string;
  /** Stops it, if this start did not find it running. */
  stop(): void;
}

/** The engine that was asked for cannot run here. */
export class EngineUnavailable extends Error {}

/** @throws EngineUnavailable where it cannot be installed. */
export async function startTimescale(): Promise<TimescaleServer> {
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
  const stop = () => {
    if (!ranBefore) script("stop");
  };
  return { ownerUrl, appUrl: appUrl.href, stop };
}

const file = fileURLToPath(new URL("../../scripts/timescaledb.sh", import.meta.url));
const cannotHere = 3;

function script(command: string, { allowed = [0] } = {}): string {
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
  const address = new URL(url);
  address.pathname = `/${database}`;
  return address.href;
}
