import type pg from "pg";
import { BackupError, type AppliedMigration } from "./backup-manifest.ts";
import { checksums, readMigrations, runScript } from "./migrate.ts";

/** The migrations that a database has, by name. None: it is not ours, or not made yet. */
export async function levelOf(client: pg.Client): Promise<AppliedMigration[]> {
  const { rows: found } = await client.query<{ present: boolean }>(
    "select to_regclass('public._prisma_migrations') is not null as present",
  );
  if (!found[0]!.present) return [];
  const { rows } = await client.query<AppliedMigration>(
    `select migration_name as name, checksum from public._prisma_migrations
     where rolled_back_at is null and finished_at is not null order by migration_name`,
  );
  return rows;
}

/** @throws BackupError when this version does not know a migration of the backup's, or knows it with another text. */
export async function checkLevel(level: readonly AppliedMigration[], madeBy: string): Promise<void> {
  const known = new Map((await readMigrations()).map((migration) => [migration.name, migration]));
  for (const { name, checksum } of level) {
    const own = known.get(name);
    if (!own) {
      throw new BackupError(
        `The backup is newer than this version: it was made by ${madeBy} and needs migration ${name}. Install that version, or a newer one, and restore with it.`,
      );
    }
    if (!checksums(own.sql).includes(checksum)) {
      throw new BackupError(
        `Migration ${name} of the backup is not the one of this version: restore with the version that made it (${madeBy}).`,
      );
    }
  }
}

/** Applies exactly these migrations in the caller's transaction, to a database that has none of them any more. */
export async function replay(client: pg.Client, level: readonly AppliedMigration[]): Promise<void> {
  const names = new Set(level.map(({ name }) => name));
  const migrations = await readMigrations();
  for (const migration of migrations.filter(({ name }) => names.has(name))) await runScript(client, migration);
}
