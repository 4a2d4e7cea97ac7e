import { spawnSync } from "node:child_process";
import { chownSync, statSync } from "node:fs";
import { EngineError } from "./engine-error.ts";

/** Whom the embedded Postgres runs as. Postgres refuses root, so root needs somebody else; everybody else is themselves. */
export interface OsUser {
  uid: number;
  gid: number;
}

const account = "postgres";

const weAreRoot = (): boolean => process.platform !== "win32" && process.getuid?.() === 0;

/** null: the user who runs us will do. @throws EngineError when root has no other account and cannot make one. */
export function unprivilegedUser(): OsUser | null {
  if (!weAreRoot()) return null;
  const found = lookUp();
  if (found) return found;
  spawnSync("useradd", ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin", account]);
  const made = lookUp();
  if (made) return made;
  throw new EngineError(
    `Postgres does not run as root, and there is no OS user "${account}": make one (useradd --system ${account}), or run as an ordinary user.`,
  );
}

/** Who has to run a cluster that exists: its owner, also when it was made without root and root starts it today. */
export function ownerOf(folder: string): OsUser | null {
  if (!weAreRoot()) return null;
  const { uid, gid } = statSync(folder);
  if (uid !== 0) return { uid, gid };
  throw new EngineError(
    `${folder} belongs to root, and Postgres does not run as root: give it to another user (chown -R ${account} ${folder}).`,
  );
}

function lookUp(): OsUser | null {
  const id = (flag: string) => Number(spawnSync("id", [flag, account], { encoding: "utf8" }).stdout || NaN);
  const [uid, gid] = [id("-u"), id("-g")];
  return Number.isInteger(uid) && uid > 0 ? { uid, gid } : null;
}

/** Whether that user can get to a path and read (a folder: enter) or execute it: asked of the system itself, by trying. */
export function canReach(user: OsUser | null, path: string, need: "read" | "execute" = "read"): boolean {
  if (!user) return true;
  const script = need === "read" ? 'test -r "$0" && { test ! -d "$0" || test -x "$0"; }' : 'test -x "$0"';
  return spawnSync("/bin/sh", ["-c", script, path], { ...user, cwd: "/" }).status === 0;
}

/** Makes a path that user's own; nothing to do where we are not root. */
export function giveTo(user: OsUser | null, path: string): void {
  if (user) chownSync(path, user.uid, user.gid);
}
