import { spawnSync } from "node:child_process";
import { chownSync } from "node:fs";
import { EngineError } from "./engine-error.ts";

/** Whom the embedded Postgres runs as. Postgres refuses root, so root needs somebody else; everybody else is themselves. */
export interface OsUser {
  uid: number;
  gid: number;
}

const account = "postgres";

/** null: the user who runs us will do. @throws EngineError when root has no other account and cannot make one. */
export function unprivilegedUser(): OsUser | null {
  if (process.platform === "win32" || process.getuid?.() !== 0) return null;
  const found = lookUp();
  if (found) return found;
  spawnSync("useradd", ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin", account]);
  const made = lookUp();
  if (made) return made;
  throw new EngineError(
    `Postgres does not run as root, and there is no OS user "${account}": make one (useradd --system ${account}), or run as an ordinary user.`,
  );
}

function lookUp(): OsUser | null {
  const id = (flag: string) => Number(spawnSync("id", [flag, account], { encoding: "utf8" }).stdout || NaN);
  const [uid, gid] = [id("-u"), id("-g")];
  return Number.isInteger(uid) && uid > 0 ? { uid, gid } : null;
}

/** Whether that user can get to a path and read it: asked of the system itself, by trying. */
export function canReach(user: OsUser | null, path: string, need: "read" | "execute" = "read"): boolean {
  if (!user) return true;
  const test = spawnSync("/bin/sh", ["-c", `test -${need === "read" ? "r" : "x"} "$0"`, path], { ...user, cwd: "/" });
  return test.status === 0;
}

export function giveTo(user: OsUser | null, path: string): void {
  if (user) chownSync(path, user.uid, user.gid);
}
