import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { packagedVersion, systemFolder, type PostgresBinaries } from "./binaries.ts";
import { EngineError } from "./engine-error.ts";
import { canReach, giveTo, type OsUser } from "./os-user.ts";
import { isServing, serverEnvironment } from "./server-process.ts";

/**
 * DATA_DIR as an absolute path, made if need be.
 * @throws EngineError when it is a file or may not be written.
 */
export function makeDataDir(dataDir: string): string {
  const base = resolve(dataDir);
  try {
    fs.mkdirSync(base, { recursive: true, mode: 0o755 });
    if (!fs.statSync(base).isDirectory()) throw Object.assign(new Error(), { code: "ENOTDIR" });
    fs.accessSync(base, fs.constants.W_OK | fs.constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "EEXIST" || code === "ENOTDIR" ? "is a file or lies below one" : `cannot be written (${code})`;
    throw new EngineError(`DATA_DIR ${base} ${why}: set DATA_DIR to a folder that this user may write.`);
  }
  return base;
}

/**
 * The real path of the cluster of a DATA_DIR, or null when none was made yet.
 * @throws EngineError when something else is in its place, or another major version of Postgres made it.
 */
export function existingCluster(base: string): string | null {
  const place = join(base, "postgres");
  const entry = fs.lstatSync(place, { throwIfNoEntry: false });
  if (!entry) return null;
  if (!fs.existsSync(place)) {
    throw new EngineError(
      `${place} is a link to ${fs.readlinkSync(place)}, which is gone, and the database with it: put it back, or remove the link and restore a backup.`,
    );
  }
  if (!fs.statSync(place).isDirectory()) {
    throw new EngineError(
      `${place} is a file, where the database's folder should be: move it away or set DATA_DIR to another folder.`,
    );
  }
  const folder = fs.realpathSync(place);
  const found = readVersion(folder);
  if (found === null) {
    if (fs.readdirSync(folder).length === 0 && !entry.isSymbolicLink()) return null;
    throw new EngineError(
      `${place} holds files but no database: move it away, or put back what is missing from a backup.`,
    );
  }
  const wanted = packagedVersion().split(".")[0];
  if (found !== wanted) {
    throw new EngineError(
      `${place} was made by Postgres ${found}, and this version needs ${wanted}: make a backup with the version that made it, and restore it into a new DATA_DIR.`,
    );
  }
  return folder;
}

function readVersion(folder: string): string | null {
  try {
    return fs.readFileSync(join(folder, "PG_VERSION"), "utf8").trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return null;
    throw new EngineError(
      `The database in ${folder} belongs to another user (${code}): run as that user, or set DATA_DIR to a folder of your own.`,
    );
  }
}

interface NewCluster {
  user: OsUser | null;
  binaries: PostgresBinaries;
  ownerPassword: string;
  log: (line: string) => void;
}

/**
 * Makes the cluster: in DATA_DIR/postgres, or, where the database's user cannot get to DATA_DIR, in the system's folder with
 * a link to it. Made under another name and renamed, so that one that was cut short is never taken for a whole one.
 * @returns its real path
 * @throws EngineError when initdb fails or no place can be reached.
 */
export function makeCluster(base: string, given: NewCluster): string {
  const { user } = given;
  const here = join(base, "postgres");
  const draft = makeDraft(here, user);
  if (canReach(user, draft)) {
    initialise(draft, given);
    // An empty folder may wait there, made by hand or by an installer.
    if (fs.existsSync(here)) fs.rmdirSync(here);
    fs.renameSync(draft, here);
    return fs.realpathSync(here);
  }
  fs.rmSync(draft, { recursive: true, force: true });
  return makeElsewhere(base, here, given);
}

function makeElsewhere(base: string, here: string, given: NewCluster): string {
  const { user, log } = given;
  const name = createHash("sha256").update(fs.realpathSync(base)).digest("hex").slice(0, 16);
  const place = join(systemFolder(), `cluster-${name}`);
  setAside(place, base, log);
  const draft = makeDraft(place, user);
  if (!canReach(user, draft)) {
    throw new EngineError(
      `The database's user can reach neither ${here} nor ${place}: set DATA_DIR to a folder below one that everybody may enter, such as /srv.`,
    );
  }
  initialise(draft, given);
  fs.renameSync(draft, place);
  if (fs.existsSync(here)) fs.rmdirSync(here);
  fs.symlinkSync(place, here);
  log(`the database's user may not enter ${base}: its files are in ${place}, and ${here} is a link to them`);
  return fs.realpathSync(place);
}

/** DATA_DIR was removed and made anew: what it once held is not today's database, but nor is it ours to throw away at once. */
function setAside(place: string, base: string, log: (line: string) => void): void {
  if (!fs.existsSync(place)) return;
  if (isServing(place)) {
    throw new EngineError(
      `A database of an earlier ${base} still runs in ${place}: stop it (kill -INT $(head -1 ${place}/postmaster.pid)) and start again.`,
    );
  }
  const old = `${place}.old`;
  fs.rmSync(old, { recursive: true, force: true });
  fs.renameSync(place, old);
  log(`the database of an earlier ${base} was moved to ${old}: remove it when nobody misses it`);
}

function makeDraft(place: string, user: OsUser | null): string {
  const draft = `${place}.new`;
  fs.rmSync(draft, { recursive: true, force: true });
  fs.mkdirSync(draft, { mode: 0o700 });
  giveTo(user, draft);
  return draft;
}

function initialise(folder: string, { user, binaries, ownerPassword }: NewCluster): void {
  const scratch = fs.mkdtempSync(join(tmpdir(), "energy-initdb-"));
  const passwordFile = join(scratch, "password");
  try {
    fs.writeFileSync(passwordFile, ownerPassword, { mode: 0o600 });
    giveTo(user, scratch);
    giveTo(user, passwordFile);
    // The builtin locale sorts and folds case alike on every system; checksums tell a failing disk from a bug.
    const flags = [
      "-D",
      folder,
      "-U",
      "postgres",
      "-A",
      "scram-sha-256",
      `--pwfile=${passwordFile}`,
      "--encoding=UTF8",
    ];
    flags.push("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums");
    const options = { ...user, cwd: dirname(scratch), env: serverEnvironment(), encoding: "utf8" as const };
    const made = spawnSync(join(binaries.folder, "bin/initdb"), flags, options);
    if (made.status === 0) return;
    const lines = (made.stderr || String(made.error ?? made.signal)).trim().split("\n");
    const why = lines.find((line) => /error|fatal/i.test(line)) ?? lines.at(-1);
    fs.rmSync(folder, { recursive: true, force: true });
    throw new EngineError(
      `The database could not be made in ${folder} (${why}): free some space or set DATA_DIR to another folder.`,
    );
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}
