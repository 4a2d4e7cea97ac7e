import { once } from "node:events";
import { createInterface } from "node:readline";
import { Command } from "commander";
import { BackupError, type Contents, type Manifest } from "../db/backup-manifest.ts";
import { checkLevel } from "../db/migration-level.ts";
import { occupantsOf, restore, type Occupants } from "../db/restore.ts";
import { readEnvironment } from "../platform/env.ts";
import { abortOnSignals } from "./backup/interrupt.ts";
import { progress } from "./backup/progress.ts";
import { readArchive } from "./backup/read-archive.ts";
import { RestoredSpool } from "./backup/spool-files.ts";
import { migrateEngine, openEngine, type Engine } from "./database.ts";

export interface CheckedBackup {
  file: string;
  manifest: Manifest;
  contents: Contents;
}

/** Reads all of a backup, and changes nothing. @throws BackupError when it is damaged, or newer than this version */
export async function checkBackup(file: string, signal: AbortSignal): Promise<CheckedBackup> {
  const { manifest, contents } = await readArchive(file, { signal, onBytes: counting("checking") });
  await checkLevel(manifest.migrations, `version ${manifest.version}`);
  return { file, manifest, contents };
}

/**
 * Brings a checked backup into a database, which is then at this version. All or nothing: see db/restore.ts.
 * @param replace what is there, if anything is
 */
export async function restoreInto(
  engine: Engine,
  { file, manifest, contents }: CheckedBackup,
  { replace, dataDir, signal }: { replace: boolean; dataDir: string; signal: AbortSignal },
): Promise<void> {
  const spool = new RestoredSpool(dataDir);
  await migrateEngine(engine);
  await restore(engine.ownerUrl, {
    ...{ manifest, contents, replace },
    async load(openTable) {
      const open = (part: string) => {
        const name = part.slice(part.indexOf("/") + 1);
        return part.startsWith("tables/") ? openTable(name) : spool.open(name);
      };
      await readArchive(file, { signal, open, onBytes: counting("loading") });
      signal.throwIfAborted();
    },
    onProgress: say,
  }).catch(async (error: unknown) => {
    await spool.discard();
    throw error;
  });
  await spool.keep();
  await migrateEngine(engine);
}

const say = (line: string) => void process.stderr.write(`restore: ${line}\n`);

function counting(what: string): (bytes: number) => void {
  const report = progress(`restore: ${what}`);
  let total = 0;
  return (bytes) => report((total += bytes));
}

const word = "replace";

/** The word must be typed (or piped in): an answer that fits any question is given too easily. */
async function confirm({ organizations, users, devices }: Occupants): Promise<void> {
  process.stderr.write(
    `This database holds organizations: ${organizations}, accounts: ${users}, devices: ${devices}. All of it will be replaced.\nType "${word}" to go on: `,
  );
  const lines = createInterface({ input: process.stdin });
  const [answer] = (await Promise.race([once(lines, "line"), once(lines, "close")])) as [string?];
  lines.close();
  if (answer?.trim() !== word) throw new BackupError("Not confirmed: nothing was changed.");
}

function summary({ manifest, contents }: CheckedBackup): string {
  const total = contents.tables.reduce((sum, { rows }) => sum + rows, 0);
  const { takenAt, version } = manifest;
  return JSON.stringify({ takenAt, version, tables: contents.tables.length, rows: total });
}

export const command = new Command("restore")
  .description(
    "brings an installation back from a backup, into an empty database or DATA_DIR, and compares the two; prints what it held as JSON",
  )
  .argument("<file>", "what `energy backup` wrote")
  .option("--replace", "replace what is there; asks for a word first", false)
  .option("--check", "read and check the file only", false)
  .action(async (file: string, { replace, check }: { replace: boolean; check: boolean }) => {
    const signal = abortOnSignals();
    if (file === "-") throw new BackupError("A backup is read twice, to be checked first: give a file.");
    const backup = await checkBackup(file, signal);
    if (!check) {
      const env = readEnvironment();
      const engine = await openEngine(env);
      try {
        await migrateEngine(engine);
        const there = await occupantsOf(engine.ownerUrl);
        if (replace && there.organizations + there.users > 0) await confirm(there);
        await restoreInto(engine, backup, { replace, dataDir: env.DATA_DIR, signal });
      } finally {
        await engine.stop();
      }
      say("complete, and equal to the backup. Start it with the APP_SECRET of the installation that was backed up.");
    }
    process.stdout.write(`${summary(backup)}\n`);
  });
