import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { EngineError } from "./engine-error.ts";

/** What must be known to find a running cluster again: DATA_DIR/postgres.json, readable by its owner alone. */
export interface ClusterState {
  port: number;
  ownerPassword: string;
  appPassword: string;
}

/** Null when there is none, or when it is damaged: the passwords can be set anew by whoever owns the files. */
export function readState(base: string): ClusterState | null {
  const file = join(base, "postgres.json");
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw new EngineError(
      `${file} cannot be read (${code}): run as the user who made it, or set DATA_DIR to a folder of your own.`,
    );
  }
  try {
    const state = JSON.parse(text) as ClusterState;
    return Number.isInteger(state.port) && state.ownerPassword && state.appPassword ? state : null;
  } catch {
    return null;
  }
}

/** Whole or not at all: a crash in between must not cost the passwords. */
export function writeState(base: string, state: ClusterState): void {
  const file = join(base, "postgres.json");
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(partial, file);
}

export async function newState(port?: number): Promise<ClusterState> {
  const secret = () => randomBytes(24).toString("hex");
  return { port: port ?? (await freePort()), ownerPassword: secret(), appPassword: secret() };
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

/** A port to keep: below those that systems hand out for outgoing connections, which come and go. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) return port;
  }
  throw new EngineError(
    "There is no free port between 20000 and 32000 on 127.0.0.1 for the embedded database: stop some of what listens there.",
  );
}

const lockWaitMs = 600_000;
const lockStaleMs = 60_000;
const queues = new Map<string, Promise<unknown>>();

/**
 * Lets one process at a time open or stop the cluster of a DATA_DIR: two that start together would both make it.
 * A lock whose process is gone, or that nobody has refreshed for a minute, is taken over.
 * @throws EngineError when the other process does not finish within ten minutes.
 */
export async function withLock<T>(base: string, log: (line: string) => void, work: () => Promise<T>): Promise<T> {
  const before = queues.get(base) ?? Promise.resolve();
  const mine = before.then(
    () => locked(base, log, work),
    () => locked(base, log, work),
  );
  queues.set(
    base,
    mine.catch(() => {}),
  );
  return mine;
}

async function locked<T>(base: string, log: (line: string) => void, work: () => Promise<T>): Promise<T> {
  const file = join(base, "postgres.lock");
  const mark = `${process.pid} ${randomBytes(6).toString("hex")}\n`;
  await takeLock(file, mark, log);
  const refresh = setInterval(() => utimesSync(file, new Date(), new Date()), 10_000);
  refresh.unref();
  try {
    return await work();
  } finally {
    clearInterval(refresh);
    if (readText(file) === mark) rmSync(file, { force: true });
  }
}

async function takeLock(file: string, mark: string, log: (line: string) => void): Promise<void> {
  const start = Date.now();
  let told = false;
  for (;;) {
    try {
      writeFileSync(file, mark, { flag: "wx", mode: 0o600 });
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EEXIST") {
        throw new EngineError(
          `${file} cannot be written (${code}): free some space, or set DATA_DIR to a folder that this user may write.`,
        );
      }
    }
    if (removeStaleLock(file)) continue;
    if (!told && Date.now() - start > 2_000) {
      told = true;
      log("waiting for another process that is opening or stopping the database");
    }
    if (Date.now() - start > lockWaitMs) {
      throw new EngineError(
        `Another process has held ${file} for ten minutes: end it, remove the file and start again.`,
      );
    }
    await pause(50);
  }
}

function removeStaleLock(file: string): boolean {
  const text = readText(file);
  if (text === null) return true;
  const pid = Number(text.split(" ")[0]);
  // Our own pid in a lock that we do not hold is that of a predecessor: containers hand out the same numbers again.
  const stale = pid === process.pid || (pid > 0 && !isAlive(pid)) || ageOf(file) > lockStaleMs;
  if (!stale) return false;
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    // Between our look and our act somebody else may have put a lock of their own there: give it back.
    if (readText(aside) === text) rmSync(aside, { force: true });
    else renameSync(aside, file);
  } catch {
    // Another process was faster.
  }
  return true;
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

function ageOf(file: string): number {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}

/** A process that has ended but that its parent has not collected yet counts as gone. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  // "16357 (postgres) S …": the state follows the name, which may hold anything.
  const state = readText(`/proc/${pid}/stat`)?.split(") ").at(-1)?.[0];
  return state !== "Z";
}
