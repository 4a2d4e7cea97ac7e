import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { Writable } from "node:stream";
import { Command } from "commander";
import { recordBackup, withSnapshot } from "../db/backup.ts";
import { BackupError, tableName, type Contents } from "../db/backup-manifest.ts";
import { readEnvironment, type Environment } from "../platform/env.ts";
import { abortOnSignals } from "./backup/interrupt.ts";
import { progress } from "./backup/progress.ts";
import { openSpool, type SpoolFile } from "./backup/spool-files.ts";
import { writeArchive } from "./backup/write-archive.ts";
import { openEngine } from "./database.ts";
import { existingCluster } from "./engines/cluster-folder.ts";
import { productVersion } from "./version.ts";

export interface BackupSummary {
  takenAt: string;
  tables: number;
  rows: number;
  /** Uncompressed. */
  bytes: number;
}

/** What is backed up. */
export interface Source {
  /** The database's owner, who sees every row. */
  ownerUrl: string;
  dataDir: string;
}

/** Writes all of one instant of the installation to `out`, while it runs. */
export async function backupTo(out: Writable, source: Source, signal: AbortSignal): Promise<BackupSummary> {
  const spool = await openSpool(source.dataDir);
  return writeSnapshot(out, { ownerUrl: source.ownerUrl, spool, signal }).finally(() =>
    Promise.all(spool.map(({ handle }) => handle.close())),
  );
}

function writeSnapshot(
  out: Writable,
  { ownerUrl, spool, signal }: { ownerUrl: string; spool: SpoolFile[]; signal: AbortSignal },
): Promise<BackupSummary> {
  return withSnapshot(ownerUrl, async (snapshot) => {
    const archive = writeArchive(out, signal);
    const { takenAt, tables } = snapshot.manifest;
    await archive.json("manifest.json", { ...snapshot.manifest, version: productVersion() });
    const written: Contents["tables"] = [];
    for (const table of tables) {
      const name = tableName(table);
      const say = progress(`backup: ${name}`);
      const { data, rows } = snapshot.copy(table);
      const { bytes, sha256 } = await archive.pieces(`tables/${name}`, data, say);
      written.push({ name, rows: await rows(), bytes, sha256 });
    }
    const files: Contents["spool"] = [];
    for (const { name, handle } of spool) {
      // Not the handle's own stream, which would keep it from being closed.
      const data = createReadStream("", { fd: handle.fd, autoClose: false });
      files.push({ name, ...(await archive.pieces(`spool/${name}`, data)) });
    }
    const contents: Contents = { tables: written, spool: files, ...(await snapshot.rest()) };
    await archive.json("contents.json", contents);
    await archive.end();
    const sum = (pick: (table: Contents["tables"][number]) => number) =>
      written.reduce((n, table) => n + pick(table), 0);
    return { takenAt, tables: written.length, rows: sum((t) => t.rows), bytes: sum((t) => t.bytes) };
  });
}

/** As backupTo, into a file that has its name only when it is complete and on the disk. */
export async function backupToFile(
  file: string,
  source: Source,
  { force, signal }: { force: boolean; signal: AbortSignal },
): Promise<BackupSummary & { file: string; fileBytes: number }> {
  if (!force) refuseExisting(file);
  const partial = `${file}.partial`;
  await rm(partial, { force: true });
  // Whoever can read it has everybody's data.
  const handle = await open(partial, "wx", 0o600);
  try {
    const summary = await backupTo(createWriteStream("", { fd: handle.fd, autoClose: false }), source, signal);
    await handle.sync();
    const { ino, size } = await handle.stat();
    if ((await stat(partial)).ino !== ino) throw new BackupError(`Another backup is being written to ${file}.`);
    if (!force) refuseExisting(file);
    await rename(partial, file);
    await syncFolder(path.dirname(file));
    return { file, fileBytes: size, ...summary };
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

function refuseExisting(file: string): void {
  if (existsSync(file)) throw new BackupError(`${file} is there already: choose another name, or use --force.`);
}

/** The new name as well must survive a power cut. Windows can and need not open folders. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
}

/** Never makes a database only to back it up, and never migrates it: a backup is what one makes before. */
async function withOwner<T>(env: Environment, work: (source: Source) => Promise<T>): Promise<T> {
  if (!env.DATABASE_URL && !existingCluster(path.resolve(env.DATA_DIR))) {
    throw new BackupError(
      `There is no installation in ${env.DATA_DIR}: set DATA_DIR or DATABASE_URL to the one that is meant.`,
    );
  }
  const engine = await openEngine(env);
  return work({ ownerUrl: engine.ownerUrl, dataDir: env.DATA_DIR }).finally(() => engine.stop());
}

export const command = new Command("backup")
  .description(
    "writes the whole installation, as it is at one instant, into FILE (a .tar.gz; - is stdout), while it runs; prints what is in it as JSON",
  )
  .argument("<file>", "where to write it")
  .option("--force", "overwrite the file", false)
  .action(async (file: string, { force }: { force: boolean }) => {
    const signal = abortOnSignals();
    await withOwner(readEnvironment(), async (source) => {
      if (file === "-") {
        if (process.stdout.isTTY) throw new BackupError("A backup is not for the screen: send it to a file or a pipe.");
        // Not process.stdout: a reader that leaves ends the program with success, and this must not be one.
        await backupTo(createWriteStream("", { fd: 1, autoClose: false }), source, signal);
      } else {
        process.stdout.write(`${JSON.stringify(await backupToFile(file, source, { force, signal }))}\n`);
      }
      await recordBackup(source.ownerUrl, file);
    });
    process.stderr.write(
      "backup: complete. APP_SECRET and the other settings are not in it: keep them beside it, sealed passwords open with no other.\n",
    );
  });
