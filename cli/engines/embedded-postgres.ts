import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { realpathSync } from "node:fs";
import pg from "pg";
import { postgresBinaries } from "./binaries.ts";
import { clusterFolder, readState, writeState, type ClusterState } from "./cluster-folder.ts";
import { EngineError } from "./engine-error.ts";
import { giveTo, unprivilegedUser, type OsUser } from "./os-user.ts";

/**
 * A real Postgres under DATA_DIR, from the npm package's binaries: fsync on, passwords on, loopback only. It runs as a process of
 * its own that outlives a killed parent; the next start finds it and takes it over, or recovers what it left.
 */
export interface EmbeddedPostgres {
  /** Superuser, for migrations. */
  ownerUrl: string;
  /** The run-time login, without rights of its own. */
  appUrl: string;
  /** Whether this call started the server (false: it ran already). */
  started: boolean;
  /** Stops the server if this call started it, or took it over (`own`). */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  dataDir: string;
  log: (line: string) => void;
  /** This process answers for the server: one that runs already is stopped by `stop` as well. */
  own?: boolean;
}

const database = "energy";
const appLogin = "energy_app";
const startTimeoutMs = 60_000;
const stopTimeoutMs = 30_000;

/** @throws EngineError: one sentence that says what is wrong and what to do. */
export async function openEmbeddedPostgres({ dataDir, log, own = false }: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const running = await findRunning(dataDir);
  if (running) return { ...running, started: false, stop: own ? () => stopServer(running.pid) : async () => {} };
  const user = unprivilegedUser();
  const { folder: binaries } = postgresBinaries(user, log);
  const folder = realpathSync(clusterFolder(dataDir, user, log));
  const server: Server = { folder, binaries, user };
  const state = await stateOf(dataDir, server, log);
  await startServer(server, state);
  const urls = urlsOf(state);
  await prepare(state, urls);
  const pid = pidOf(folder)!;
  return { ...urls, started: true, stop: () => stopServer(pid) };
}

/** The running server of a DATA_DIR, or null. */
export async function findRunning(dataDir: string): Promise<{ ownerUrl: string; appUrl: string; pid: number } | null> {
  const folder = join(resolve(dataDir), "postgres");
  const pid = pidOf(folder);
  const state = readState(dataDir);
  if (!pid || !state || !isAlive(pid)) return null;
  // A pid may have been given to another program meanwhile: only what answers with our password and folder is ours.
  if (!(await isOurs(state, folder))) return null;
  return { ...urlsOf(state), pid };
}

interface Server {
  folder: string;
  binaries: string;
  user: OsUser | null;
}

async function stateOf(dataDir: string, server: Server, log: (line: string) => void): Promise<ClusterState> {
  const version = join(server.folder, "PG_VERSION");
  const known = readState(dataDir);
  if (!existsSync(version)) {
    const state = { port: await freePort(), ownerPassword: secret(), appPassword: secret() };
    log("making the database (once)");
    initialise(server, state);
    writeState(dataDir, state);
    return state;
  }
  const major = readFileSync(version, "utf8").trim();
  if (major !== "17") {
    throw new EngineError(
      `${server.folder} was made by Postgres ${major}, this version needs 17: back it up with the version that made it, and restore it into a new DATA_DIR.`,
    );
  }
  if (!known) throw new EngineError(`${resolve(dataDir)}/postgres.json is missing: it holds the embedded database's passwords. Restore it from a backup.`);
  const state = { ...known, port: (await isFree(known.port)) ? known.port : await freePort() };
  writeState(dataDir, state);
  return state;
}

function initialise({ folder, binaries, user }: Server, { ownerPassword }: ClusterState): void {
  const scratch = mkdtempSync(join(tmpdir(), "energy-initdb-"));
  const passwordFile = join(scratch, "password");
  try {
    writeFileSync(passwordFile, ownerPassword, { mode: 0o600 });
    giveTo(user, scratch);
    giveTo(user, passwordFile);
    const flags = ["-D", folder, "-U", "postgres", "-A", "scram-sha-256", `--pwfile=${passwordFile}`, "--encoding=UTF8", "--locale=C"];
    const made = spawnSync(join(binaries, "bin/initdb"), flags, { ...user, cwd: "/", env: environment(), encoding: "utf8" });
    if (made.status !== 0) throw new EngineError(`The database could not be made in ${folder}: ${lastLine(made.stderr || String(made.error))}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What a small server needs; all else is Postgres' own default. */
const settings: Record<string, string> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  timezone: "UTC",
  log_timezone: "UTC",
  fsync: "on",
  synchronous_commit: "on",
  shared_buffers: "256MB",
  max_wal_size: "2GB",
  wal_compression: "on",
  jit: "off",
  max_connections: "100",
};

async function startServer({ folder, binaries, user }: Server, { port }: ClusterState): Promise<void> {
  removeStalePid(folder);
  const logFile = join(folder, "server.log");
  const log = openSync(logFile, "a", 0o600);
  giveTo(user, logFile);
  const flags = ["-D", realpathSync(folder), "-p", String(port), ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
  // Detached: Ctrl-C in the terminal must reach us alone, who stop it in order.
  const child = spawn(join(binaries, "bin/postgres"), flags, {
    ...user,
    cwd: "/",
    env: environment(),
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  let ended: string | null = null;
  child.once("error", (error) => (ended = error.message));
  child.once("exit", (code) => (ended ??= `it ended with code ${code}`));
  const until = Date.now() + startTimeoutMs;
  while (Date.now() < until && ended === null) {
    if (isReady(folder)) {
      child.unref();
      return;
    }
    await pause(25);
  }
  const said = existsSync(logFile) ? lastLine(readFileSync(logFile, "utf8")) : "";
  throw new EngineError(`The database in ${folder} does not start (${ended ?? "it took too long"}): ${said} See ${logFile}.`);
}

/** postmaster.pid, line 8: the server writes "ready" there when it takes connections. */
function isReady(folder: string): boolean {
  const file = join(folder, "postmaster.pid");
  return existsSync(file) && readFileSync(file, "utf8").split("\n")[7]?.trim() === "ready";
}

/** After a crash the pid file stays behind, and its number may belong to another program by now. */
function removeStalePid(folder: string): void {
  const pid = pidOf(folder);
  if (pid && !(isAlive(pid) && commandOf(pid).includes("postgres"))) rmSync(join(folder, "postmaster.pid"), { force: true });
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    // No /proc (macOS, Windows): Postgres itself looks whether the pid is one of its own.
    return "postgres";
  }
}

async function prepare({ appPassword }: ClusterState, { ownerUrl }: { ownerUrl: string }): Promise<void> {
  const maintenance = new URL(ownerUrl);
  maintenance.pathname = "/postgres";
  await withClient(maintenance.href, async (client) => {
    const { rows } = await client.query("select 1 from pg_roles where rolname = $1", [appLogin]);
    if (!rows.length) await client.query(`create role ${appLogin} login noinherit password ${pg.escapeLiteral(appPassword)}`);
    const { rows: databases } = await client.query("select 1 from pg_database where datname = $1", [database]);
    if (!databases.length) await client.query(`create database ${database}`);
  });
}

async function stopServer(pid: number): Promise<void> {
  if (!isAlive(pid)) return;
  // SIGINT is Postgres' "fast" shutdown: sessions end, everything is written.
  process.kill(pid, "SIGINT");
  const until = Date.now() + stopTimeoutMs;
  while (isAlive(pid)) {
    if (Date.now() > until) throw new EngineError(`The database (process ${pid}) did not stop in ${stopTimeoutMs / 1000} s: it goes on stopping by itself.`);
    await pause(25);
  }
}

function urlsOf({ port, ownerPassword, appPassword }: ClusterState): { ownerUrl: string; appUrl: string } {
  const url = (login: string, password: string) => `postgresql://${login}:${password}@127.0.0.1:${port}/${database}`;
  return { ownerUrl: url("postgres", ownerPassword), appUrl: url(appLogin, appPassword) };
}

async function isOurs({ port, ownerPassword }: ClusterState, folder: string): Promise<boolean> {
  try {
    return await withClient(`postgresql://postgres:${ownerPassword}@127.0.0.1:${port}/postgres`, async (client) => {
      const { rows } = await client.query<{ data_directory: string }>("show data_directory");
      return rows[0]?.data_directory === realpathSync(folder);
    });
  } catch {
    return false;
  }
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function pidOf(folder: string): number | null {
  const file = join(folder, "postmaster.pid");
  if (!existsSync(file)) return null;
  const pid = Number(readFileSync(file, "utf8").split("\n")[0]);
  return Number.isInteger(pid) && pid > 0 ? pid : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** The server must not see our secrets. */
function environment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot } = process.env;
  const passed: Record<string, string | undefined> = { PATH, LC_ALL: "C", TZ: "UTC", ...(SystemRoot && { SystemRoot }) };
  return passed as NodeJS.ProcessEnv;
}
const secret = () => randomBytes(24).toString("hex");
const lastLine = (text: string) => text.trim().split("\n").at(-1) ?? "";
const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
