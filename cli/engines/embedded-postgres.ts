import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { postgresBinaries } from "./binaries.ts";
import { existingCluster, makeCluster, makeDataDir } from "./cluster-folder.ts";
import { newState, readState, withLock, writeState, type ClusterState } from "./cluster-state.ts";
import { EngineError } from "./engine-error.ts";
import { countSessions, hold } from "./holder.ts";
import { ownerOf, unprivilegedUser } from "./os-user.ts";
import { isServing, readPid, resetOwnerPassword, startServer, stopServer, type Server } from "./server-process.ts";

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
  /**
   * Lets go of the server, and stops it when nobody else holds it: if this call started it, `own` was given, or whoever held it
   * before has left meanwhile. A server found without a holder is left as it was found.
   * @throws EngineError when it does not stop within 30 s.
   */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** The installation's folder; made if need be. */
  dataDir: string;
  /** Told in one line each what the owner of the machine may want to know. */
  log: (line: string) => void;
  /**
   * This process answers for the server: one that runs already is stopped by `stop` as well, and one that dies while it is
   * held is started again.
   */
  own?: boolean;
  /** Instead of one chosen once and remembered. */
  port?: number;
  /** Over our own settings of the server: tests turn fsync off. */
  settings?: Record<string, string>;
}

export interface RunningPostgres {
  ownerUrl: string;
  appUrl: string;
  pid: number;
}

const database = "energy";
const appLogin = "energy_app";
const patienceMs = 30_000;
const farewellMs = 1_000;

/**
 * Finds the server of a DATA_DIR, or makes and starts it.
 * @throws EngineError: one sentence that says what is wrong and what to do.
 */
export async function openEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { dataDir, log, own = false } = options;
  const base = makeDataDir(dataDir);
  return withLock(base, log, async () => {
    const found = await findServing(base);
    const holdersBefore = found ? (await countSessions(maintenance(found.ownerUrl))).holders : 0;
    const urls = found ?? (await openOrMeet(base, options));
    const holder = await hold(maintenance(urls.ownerUrl), async () => {
      if (own) await bringBack(base, options);
    });
    const mayStop = !found || own || holdersBefore > 0;
    let stopped: Promise<void> | null = null;
    const stop = async () => {
      await holder.release();
      if (mayStop) await withLock(base, log, () => stopUnlessHeld(base, urls.ownerUrl));
    };
    return { ownerUrl: urls.ownerUrl, appUrl: urls.appUrl, started: !found, stop: () => (stopped ??= stop()) };
  });
}

/** The running server of a DATA_DIR, or null. */
export async function findRunning(dataDir: string): Promise<RunningPostgres | null> {
  const base = resolve(dataDir);
  const folder = existingCluster(base);
  const state = readState(base);
  const pid = folder && readPid(folder);
  if (!folder || !state || !pid || !isServing(folder)) return null;
  const urls = urlsOf(state);
  // A pid or a port may have been given to another program meanwhile: only what answers with our password and folder is ours.
  return (await isOurs(urls.ownerUrl, folder)) ? { ...urls, pid } : null;
}

/** As findRunning, under the lock: a server that starts or stops just now is waited for, because a second one cannot run. */
async function findServing(base: string): Promise<RunningPostgres | null> {
  const until = Date.now() + patienceMs;
  for (;;) {
    const running = await findRunning(base);
    if (running) return running;
    const folder = existingCluster(base);
    if (!folder || !isServing(folder)) return null;
    const pid = readPid(folder);
    const why = readState(base)
      ? "does not answer"
      : `cannot be used, because ${join(base, "postgres.json")} with its passwords is gone`;
    if (Date.now() > until || !readState(base)) {
      throw new EngineError(
        `A database server (process ${pid}) runs in ${folder} and ${why}: stop it (kill -INT ${pid}) and start again.`,
      );
    }
    await pause(100);
  }
}

/**
 * A server that was killed while it brought its Postgres back leaves one that is starting, or workers that are still ending:
 * whichever it is, the folder is free or served again in a moment.
 */
async function openOrMeet(base: string, options: EmbeddedOptions): Promise<{ ownerUrl: string; appUrl: string }> {
  const until = Date.now() + patienceMs;
  for (;;) {
    try {
      return await openStopped(base, options);
    } catch (error) {
      const isMet = /postmaster\.pid" already exists|pre-existing shared memory block/.test((error as Error).message);
      if (!isMet || Date.now() > until) throw error;
      await pause(300);
      const served = await findServing(base);
      if (served) return served;
    }
  }
}

async function openStopped(base: string, options: EmbeddedOptions): Promise<{ ownerUrl: string; appUrl: string }> {
  const { log, port } = options;
  const known = readState(base);
  const wanted = known ?? (await newState(port));
  const existing = existingCluster(base);
  const server = serverOf(base, existing, { options, ownerPassword: wanted.ownerPassword });
  if (!existing) log(`made the database in ${join(base, "postgres")}`);
  if (existing && !known) {
    log(`${join(base, "postgres.json")} was missing or damaged: set new passwords`);
    await resetOwnerPassword(server, wanted.ownerPassword);
  }
  const given = port ?? wanted.port;
  const state = { ...wanted, port: await startServer(server, given, { keepPort: port !== undefined, log }) };
  if (state.port !== known?.port) writeState(base, state);
  try {
    await prepare(state, { renewAppPassword: !known });
  } catch (error) {
    await stopServer(server.folder, server.binaries.folder);
    throw wrongPassword(error)
      ? new EngineError(
          `${join(base, "postgres.json")} does not hold the passwords of the database beside it: remove the file, and the next start sets new ones.`,
        )
      : error;
  }
  return urlsOf(state);
}

function serverOf(
  base: string,
  existing: string | null,
  given: { options: EmbeddedOptions; ownerPassword?: string },
): Server {
  const { log, settings = {} } = given.options;
  const user = existing ? ownerOf(existing) : unprivilegedUser();
  const binaries = postgresBinaries(user, base, log);
  const { ownerPassword } = given;
  if (!existing && !ownerPassword)
    throw new EngineError(`The database in ${base} was removed while it ran: restore a backup.`);
  const folder = existing ?? makeCluster(base, { user, binaries, ownerPassword: ownerPassword!, log });
  return { folder, binaries, user, settings, logFile: join(base, "postgres.log") };
}

/** The server died under us (out of memory, killed): start it again where it was, so that open pools find it. */
async function bringBack(base: string, options: EmbeddedOptions): Promise<void> {
  try {
    await withLock(base, options.log, async () => {
      const state = readState(base);
      const existing = existingCluster(base);
      if (!state || !existing || isServing(existing)) return;
      await startServer(serverOf(base, existing, { options }), state.port, { keepPort: true, log: options.log });
      options.log("the database had ended unexpectedly: started it again");
    });
  } catch (error) {
    options.log(`the database ended and does not start again: ${(error as Error).message}`);
    await pause(5_000, undefined, { ref: false });
  }
}

/** Idempotent: the run-time login and the database. The migrations give the login its roles. */
async function prepare(state: ClusterState, { renewAppPassword }: { renewAppPassword: boolean }): Promise<void> {
  await withClient(maintenance(urlsOf(state).ownerUrl), async (client) => {
    const password = pg.escapeLiteral(state.appPassword);
    const { rowCount: logins } = await client.query("select from pg_roles where rolname = $1", [appLogin]);
    if (!logins) await client.query(`create role ${appLogin} login noinherit password ${password}`);
    else if (renewAppPassword) await client.query(`alter role ${appLogin} password ${password}`);
    const { rowCount: databases } = await client.query("select from pg_database where datname = $1", [database]);
    if (!databases) await client.query(`create database ${database}`);
  });
}

async function stopUnlessHeld(base: string, ownerUrl: string): Promise<void> {
  const folder = existingCluster(base);
  if (!folder || !isServing(folder)) return;
  const until = Date.now() + farewellMs;
  for (;;) {
    // A server that does not let us in is nobody's to use.
    const sessions = await countSessions(maintenance(ownerUrl)).catch(() => ({ holders: 0, all: 0 }));
    if (sessions.holders > 0) return;
    // Pools that were ended a moment ago are still closing: put out now, they would raise errors nobody listens for.
    if (sessions.all === 0 || Date.now() > until) break;
    await pause(50);
  }
  await stopServer(folder, process.platform === "win32" ? postgresBinaries(null, base, () => {}).folder : null);
}

async function isOurs(ownerUrl: string, folder: string): Promise<boolean> {
  try {
    return await withClient(maintenance(ownerUrl), async (client) => {
      const { rows } = await client.query<{ data_directory: string }>("show data_directory");
      return resolve(rows[0]!.data_directory) === folder;
    });
  } catch {
    return false;
  }
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on("error", () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Two processes at once in a fresh DATA_DIR would need a database that exists before ours does. */
function maintenance(ownerUrl: string): string {
  const url = new URL(ownerUrl);
  url.pathname = "/postgres";
  return url.href;
}

function urlsOf({ port, ownerPassword, appPassword }: ClusterState): { ownerUrl: string; appUrl: string } {
  const url = (login: string, password: string) => `postgresql://${login}:${password}@127.0.0.1:${port}/${database}`;
  return { ownerUrl: url("postgres", ownerPassword), appUrl: url(appLogin, appPassword) };
}

const wrongPassword = (error: unknown): boolean => (error as { code?: string }).code === "28P01";
