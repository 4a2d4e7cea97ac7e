import { createWriteStream, mkdirSync } from "node:fs";
import { open, readdir, rename, rm, type FileHandle } from "node:fs/promises";
import path from "node:path";
import type { Writable } from "node:stream";

/**
 * The messages that wait on the disk for the database (ingest/spool.ts) belong to a backup as well. Opened before the snapshot
 * is taken: what is stored and removed meanwhile is still read, and a message that is in both is stored once.
 */
export interface SpoolFile {
  name: string;
  handle: FileHandle;
}

const folderOf = (dataDir: string) => path.join(dataDir, "spool");
const suffix = ".ndjson";

export async function openSpool(dataDir: string): Promise<SpoolFile[]> {
  const names = await readdir(folderOf(dataDir)).catch(absent<string[]>([]));
  const files: SpoolFile[] = [];
  for (const name of names.filter((one) => one.endsWith(suffix)).sort()) {
    const handle = await open(path.join(folderOf(dataDir), name), "r").catch(absent(null));
    if (handle) files.push({ name, handle });
  }
  return files;
}

/** Puts spooled files into a restored installation: written on the way, named when the database has been restored. */
export class RestoredSpool {
  readonly #folder: string;
  readonly #names: string[] = [];

  constructor(dataDir: string) {
    this.#folder = folderOf(dataDir);
  }

  open(name: string): Writable {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#names.push(name);
    return createWriteStream(this.#path(name, ".partial"), { mode: 0o600 });
  }

  async keep(): Promise<void> {
    for (const name of this.#names) await rename(this.#path(name, ".partial"), this.#path(name));
  }

  async discard(): Promise<void> {
    for (const name of this.#names) await rm(this.#path(name, ".partial"), { force: true });
  }

  /** A name of no living process: the ingest leaves those alone. */
  #path(name: string, end = ""): string {
    return path.join(this.#folder, `restored-${path.basename(name)}${end}`);
  }
}

function absent<T>(instead: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === "ENOENT") return instead;
    throw error;
  };
}
