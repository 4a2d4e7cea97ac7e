import { createHash } from "node:crypto";
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, rmdirSync, symlinkSync, writeFileSync, accessSync, constants } from "node:fs";
import { join, resolve } from "node:path";
import { systemFolder } from "./binaries.ts";
import { EngineError } from "./engine-error.ts";
import { canReach, giveTo, type OsUser } from "./os-user.ts";

/**
 * DATA_DIR/postgres: the cluster's folder, or a link to it where the database's user cannot get to DATA_DIR.
 * @throws EngineError when DATA_DIR cannot hold it.
 */
export function clusterFolder(dataDir: string, user: OsUser | null, log: (line: string) => void): string {
  const base = resolve(dataDir);
  makeDataDir(base);
  const folder = join(base, "postgres");
  if (existsSync(folder)) {
    if (!lstatSync(folder).isSymbolicLink() && !lstatSync(folder).isDirectory()) {
      throw new EngineError(`${folder} is a file, where the database's folder should be: move it away or set DATA_DIR to another folder.`);
    }
    return folder;
  }
  mkdirSync(folder, { mode: 0o700 });
  giveTo(user, folder);
  if (canReach(user, folder)) return folder;
  return elsewhere(base, folder, user, log);
}

function makeDataDir(base: string): void {
  try {
    mkdirSync(base, { recursive: true, mode: 0o755 });
    accessSync(base, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "EEXIST" || code === "ENOTDIR" ? "is not a folder" : "cannot be written";
    throw new EngineError(`DATA_DIR ${base} ${why}: set DATA_DIR to a folder that this user may write.`);
  }
  if (!lstatSync(base).isDirectory() && !lstatSync(base).isSymbolicLink()) {
    throw new EngineError(`DATA_DIR ${base} is not a folder: set DATA_DIR to a folder that this user may write.`);
  }
}

function elsewhere(base: string, folder: string, user: OsUser | null, log: (line: string) => void): string {
  const name = createHash("sha256").update(base).digest("hex").slice(0, 16);
  const place = join(systemFolder(), `cluster-${name}`);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  chmodSync(place, 0o700);
  giveTo(user, place);
  if (!canReach(user, place)) {
    throw new EngineError(
      `The database's user can reach neither ${folder} nor ${place}: set DATA_DIR to a folder below one that everybody may enter, such as /srv.`,
    );
  }
  // The empty folder made above gives way to a link.
  rmdirSync(folder);
  symlinkSync(place, folder);
  log(`the database's user may not enter ${base}: its files are in ${place}, and ${folder} is a link to them`);
  return folder;
}

/** What must be known to find a running cluster again: DATA_DIR/postgres.json, readable by its owner alone. */
export interface ClusterState {
  port: number;
  ownerPassword: string;
  appPassword: string;
}

const stateFile = (dataDir: string) => join(resolve(dataDir), "postgres.json");

export function readState(dataDir: string): ClusterState | null {
  const file = stateFile(dataDir);
  if (!existsSync(file)) return null;
  try {
    const state = JSON.parse(readFileSync(file, "utf8")) as ClusterState;
    if (Number.isInteger(state.port) && state.ownerPassword && state.appPassword) return state;
  } catch {
    // Said below, with what to do.
  }
  throw new EngineError(`${file} is damaged: it holds the embedded database's passwords. Restore it from a backup, or move DATA_DIR away to begin anew.`);
}

export function writeState(dataDir: string, state: ClusterState): void {
  writeFileSync(stateFile(dataDir), `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
}
