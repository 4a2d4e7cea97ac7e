import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { PostgresBinaries } from "./binaries.ts";
import { freePort, isAlive, isFree } from "./cluster-state.ts";
import { EngineError } from "./engine-error.ts";
import type { OsUser } from "./os-user.ts";

export interface Server {
  /** The cluster, by its real path. */
  folder: string;
  binaries: PostgresBinaries;
  user: OsUser | null;
  logFile: string;
  settings: Record<string, string>;
}

/** Crash recovery of a large database may take minutes; a server that is neither ready nor gone by then hangs. */
const startTimeoutMs = 600_000;
const stopTimeoutMs = 30_000;
/** How long the sessions of a killed server may take to notice that it is gone. */
const orphansTimeoutMs = 15_000;
const logLimitBytes = 5_000_000;
const hasProc = fs.existsSync("/proc/self/cwd");

/** What a small server needs; all else is Postgres' own default. */
const ownSettings: Record<string, string> = {
  listen_addresses: "127.0.0.1",
  // A PUBACK means committed, also when the power fails a moment later.
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  timezone: "UTC",
  log_timezone: "UTC",
  shared_buffers: "128MB",
  max_wal_size: "2GB",
  wal_compression: "on",
  jit: "off",
  max_connections: "100",
  // Readings have a partition a month, and one query may lock them all.
  max_locks_per_transaction: "256",
  random_page_cost: "1.1",
  // Failed statements are reported by who sent them; the server's file keeps what concerns the server.
  log_min_messages: "log",
  log_checkpoints: "off",
};

/**
 * Starts the server as a process of its own and waits until it takes connections.
 * @returns the port: another than asked for when a stranger has that one and `keepPort` is not set
 * @throws EngineError with what the server's log says.
 */
export async function startServer(
  server: Server,
  port: number,
  { keepPort = false, log = (_line: string) => {} } = {},
): Promise<number> {
  await clearStalePid(server.folder);
  const orphansUntil = Date.now() + orphansTimeoutMs;
  for (let chosen = port; ;) {
    if (!(await isFree(chosen))) {
      if (keepPort)
        throw new EngineError(
          `Port ${chosen}, which the embedded database should have, is taken by another program: stop that, or choose another port.`,
        );
      chosen = await freePort();
      log(`port ${port} of the embedded database is taken by another program: using ${chosen}`);
    }
    const failure = await tryStart(server, chosen, log);
    if (failure === null) return chosen;
    const portTaken = /could not bind|address already in use/i.test(failure);
    const orphansLeft = /pre-existing shared memory block|is the postmaster .* still running|in use by another/i.test(
      failure,
    );
    if (portTaken && !keepPort) continue;
    if (!orphansLeft || Date.now() > orphansUntil) throw new EngineError(explain(server, failure));
    await pause(250);
  }
}

/** Null when it runs; else what it wrote before it ended. */
async function tryStart(
  { folder, binaries, user, logFile, settings }: Server,
  port: number,
  log: (line: string) => void,
): Promise<string | null> {
  const size = fs.statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  const output = fs.openSync(logFile, size > logLimitBytes ? "w" : "a", 0o600);
  const before = fs.fstatSync(output).size;
  const sockets = process.platform === "win32" ? {} : { unix_socket_directories: "" };
  const all = { ...ownSettings, ...sockets, ...settings, port: String(port) };
  const flags = ["-D", folder, ...Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
  // Detached: Ctrl-C in the terminal must reach us alone, who stop it in order.
  const child = spawn(join(binaries.folder, "bin/postgres"), flags, {
    ...user,
    cwd: folder,
    env: serverEnvironment(),
    detached: true,
    windowsHide: true,
    stdio: ["ignore", output, output],
  });
  fs.closeSync(output);
  let ended: string | null = null;
  child.once("error", (error) => (ended = error.message));
  child.once("exit", (code, signal) => (ended ??= `it ended with ${signal ?? `code ${code}`}`));
  child.unref();
  const start = Date.now();
  let told = false;
  while (ended === null) {
    if (readPid(folder) === child.pid && isReady(folder)) return null;
    if (!told && Date.now() - start > 5_000) {
      told = true;
      log("the database is recovering after it was not stopped properly");
    }
    if (Date.now() - start > startTimeoutMs) {
      child.kill("SIGINT");
      ended = "it was not ready after ten minutes";
    }
    await pause(25);
  }
  return `${ended}\n${fs.readFileSync(logFile, "utf8").slice(before)}`;
}

function explain({ folder, logFile }: Server, failure: string): string {
  if (/No space left on device/i.test(failure))
    return `The disk that holds ${folder} is full: free some space and start again.`;
  if (/has wrong ownership|Permission denied/i.test(failure)) {
    return `The files in ${folder} do not all belong to the database's user: give them back to the owner of the folder (chown -R) and start again.`;
  }
  const lines = failure.trim().split("\n");
  const line = lines.filter((text) => /PANIC|FATAL/.test(text)).at(0) ?? lines.at(-1) ?? "";
  const why = line.replace(/^.*?(PANIC|FATAL): +/, "");
  return `The database in ${folder} is damaged or cannot start (${why}): restore a backup into a new DATA_DIR; ${logFile} has the whole story.`;
}

/**
 * Fast shutdown: sessions end, everything is written. Returns once the server is gone.
 * @throws EngineError when it takes longer than 30 s.
 */
export async function stopServer(folder: string, binaries: string | null): Promise<void> {
  const pid = readPid(folder);
  if (pid === null || !isAlive(pid)) return;
  if (process.platform === "win32" && binaries) {
    // Windows has no SIGINT for another process: it would be killed on the spot.
    spawnSync(join(binaries, "bin/pg_ctl"), ["stop", "-D", folder, "-m", "fast", "-W"], { env: serverEnvironment() });
  } else {
    process.kill(pid, "SIGINT");
  }
  const until = Date.now() + stopTimeoutMs;
  // A server whose pid file is gone has finished, even if nobody collects it: as pid 1 in a container we are its new parent.
  while (isAlive(pid) && readPid(folder) === pid) {
    if (Date.now() > until) {
      throw new EngineError(
        `The database (process ${pid}) did not stop within ${stopTimeoutMs / 1000} s: it goes on stopping by itself, and is recovered at the next start if it cannot.`,
      );
    }
    await pause(20);
  }
  for (let wait = 0; wait < 50 && isAlive(pid); wait++) await pause(20);
}

/** Sets the superuser's password with the server down: for the owner of the files, when the password is lost. */
export async function resetOwnerPassword({ folder, binaries, user }: Server, password: string): Promise<void> {
  await clearStalePid(folder);
  const run = spawnSync(join(binaries.folder, "bin/postgres"), ["--single", "-D", folder, "postgres"], {
    ...user,
    cwd: folder,
    env: serverEnvironment(),
    input: `alter role postgres password '${password}'\n`,
    encoding: "utf8",
  });
  if (run.status !== 0 || /(ERROR|FATAL|PANIC):/.test(run.stderr)) {
    const why = run.stderr.split("\n").find((line) => /(ERROR|FATAL|PANIC):/.test(line)) ?? `code ${run.status}`;
    throw new EngineError(
      `postgres.json with the passwords of ${folder} is lost, and they could not be set anew (${why}): restore the file or a backup.`,
    );
  }
}

/** The process that postmaster.pid names, running or not. */
export function readPid(folder: string): number | null {
  const pid = Number(readPidFile(folder)?.[0]);
  return Number.isInteger(pid) && pid > 0 ? pid : null;
}

/** postmaster.pid, line 8: the server writes "ready" there when it takes connections. */
function isReady(folder: string): boolean {
  return readPidFile(folder)?.[7]?.trim() === "ready";
}

function readPidFile(folder: string): string[] | null {
  try {
    return fs.readFileSync(join(folder, "postmaster.pid"), "utf8").split("\n");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw new EngineError(
      `The database in ${folder} belongs to another user (${code}): run as that user, or set DATA_DIR to a folder of your own.`,
    );
  }
}

/** Whether the process of postmaster.pid is a server of this folder, and not a stranger who got its number later. */
export function isServing(folder: string): boolean {
  const pid = readPid(folder);
  if (pid === null || !isAlive(pid)) return false;
  // Without /proc (macOS, Windows), Postgres' own look at the number has to do.
  return !hasProc || workingFolderOf(pid) === folder;
}

/**
 * After a crash the pid file stays behind, and its number may belong to another program by now: in a container nearly
 * always. Postgres would not start then. Only removed when certainly nobody works in the folder, because two servers in one
 * folder destroy it.
 */
async function clearStalePid(folder: string): Promise<void> {
  const pid = readPid(folder);
  if (pid === null || !hasProc) return;
  const until = Date.now() + orphansTimeoutMs;
  while (workersIn(folder).length > 0 && Date.now() < until) await pause(50);
  const stranger = isAlive(pid) && workersIn(folder).length === 0;
  if (stranger) fs.rmSync(join(folder, "postmaster.pid"), { force: true });
}

/** Every process of a Postgres server has the cluster as its working folder; a shell may have it too. */
function workersIn(folder: string): number[] {
  const pids = fs.readdirSync("/proc").map(Number).filter(Number.isInteger);
  return pids.filter((pid) => workingFolderOf(pid) === folder && programOf(pid).startsWith("postgres"));
}

function programOf(pid: number): string {
  try {
    return fs.readFileSync(`/proc/${pid}/comm`, "utf8");
  } catch {
    return "";
  }
}

function workingFolderOf(pid: number): string | null {
  try {
    return fs.readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}

/** Our own secrets are none of the server's business, and PG* variables would change what it does. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const kept = ["PATH", "SystemRoot", "SystemDrive", "TEMP", "TMP", "TMPDIR"];
  const entries = Object.entries(process.env).filter(([name]) => kept.includes(name));
  return Object.assign(Object.fromEntries(entries) as NodeJS.ProcessEnv, { LC_ALL: "C", TZ: "UTC" });
}
