/**
 * Brings a database to this version: creates it if need be, runs the job queue's own migrations, then ours from
 * `prisma/migrations`. The Prisma CLI is not needed for that, yet its records are kept as it keeps them, so that
 * `prisma migrate status` agrees with what happened here.
 */
import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { runMigrations as migrateJobQueue } from "graphile-worker";
import pg from "pg";

const OLDEST_SERVER = 15;
/** The number Prisma's own engine locks with: a `prisma migrate` running at the same moment waits for us, and we for it. */
const DATABASE_LOCK = 72707369;
/** Roles belong to the whole cluster, so two of its databases must not create them at once. */
const CLUSTER_LOCK = 72707370;
const ROLE_RACE_ATTEMPTS = 5;

/** A migration that cannot go on. The message is one sentence that says what is wrong and what to do. */
export class MigrationError extends Error {
  readonly expected = true;
  override name = "MigrationError";
}

export interface MigrateOptions {
  /** A folder as Prisma keeps it: `<name>/migration.sql`. Default: `prisma/migrations` of this version. */
  dir?: string;
  /** Called with one line for each thing done. */
  onProgress?: (line: string) => void;
}

export interface Migration {
  name: string;
  sql: string;
}

interface MigrationRecord {
  migration_name: string;
  checksum: string;
  started_at: Date;
  finished_at: Date | null;
}

/** The migrations that belong to this code. */
export const ownMigrations = fileURLToPath(new URL("../prisma/migrations", import.meta.url));

/**
 * Applies what is missing, each migration in a transaction of its own: a failing one leaves nothing behind and is
 * tried again by the next run. A second run changes nothing. Safe to call from several processes at once.
 *
 * `ownerUrl` must reach the server itself (not a pooler in transaction mode) as a role that may create what the
 * migrations create.
 *
 * @returns the names of the migrations applied by this call
 * @throws MigrationError when the server cannot be reached or is too old, when an applied file was changed, when an
 *   earlier run of Prisma's failed half way, or when a migration fails
 */
export async function migrate(
  ownerUrl: string,
  { dir = ownMigrations, onProgress = () => {} }: MigrateOptions = {},
): Promise<{ applied: string[] }> {
  const migrations = await readMigrations(dir);
  const database = databaseOf(ownerUrl);
  const cluster = await connectToMaintenance(ownerUrl);
  try {
    await cluster?.query(`select pg_advisory_lock(${CLUSTER_LOCK})`);
    const client = await connectCreating(ownerUrl, { database, cluster, onProgress });
    try {
      await checkServer(client);
      await lockDatabase(client, onProgress);
      await keepUtc(client, database);
      await migrateJobQueue({ connectionString: ownerUrl });
      const applied = await applyPending(client, migrations, onProgress);
      return { applied };
    } finally {
      await client.end();
    }
  } finally {
    await cluster?.end();
  }
}

/** Reads the folder in the order in which the migrations apply: by name, which begins with a time stamp. */
export async function readMigrations(dir = ownMigrations): Promise<Migration[]> {
  let entries;
  try {
    entries = await readdir(dir, { withFileTypes: true });
  } catch {
    throw new MigrationError(`There are no migrations at ${dir}: install this version completely and run again.`);
  }
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return Promise.all(
    names.map(async (name) => {
      try {
        return { name, sql: await readFile(path.join(dir, name, "migration.sql"), "utf8") };
      } catch {
        throw new MigrationError(
          `Migration ${name} has no migration.sql: restore the file or remove the folder ${path.join(dir, name)}.`,
        );
      }
    }),
  );
}

function databaseOf(url: string): string {
  let name = "";
  try {
    name = decodeURIComponent(new URL(url).pathname.slice(1));
  } catch {
    throw new MigrationError(
      "The database address is not a URL: write it as postgresql://user:password@host:5432/database.",
    );
  }
  if (name === "")
    throw new MigrationError("The database address names no database: end it with /energy or another name.");
  return name;
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: "energy migrate" });
  // A connection that breaks while idle has no query to reject; the next query reports it.
  client.on("error", () => {});
  await client.connect();
  return client;
}

/** The `postgres` database of the same server, or null where the role may not use it or it does not exist. */
async function connectToMaintenance(ownerUrl: string): Promise<pg.Client | null> {
  const url = new URL(ownerUrl);
  url.pathname = "/postgres";
  try {
    return await connect(url.href);
  } catch (error) {
    if (isPostgresError(error)) return null;
    throw unreachable(ownerUrl, error);
  }
}

interface Creating {
  database: string;
  cluster: pg.Client | null;
  onProgress: (line: string) => void;
}

async function connectCreating(ownerUrl: string, { database, cluster, onProgress }: Creating): Promise<pg.Client> {
  try {
    return await connect(ownerUrl);
  } catch (error) {
    const missing = codeOf(error) === "3D000";
    if (!missing) throw unreachable(ownerUrl, error);
    if (!cluster) {
      throw new MigrationError(
        `Database "${database}" does not exist and this role cannot reach the "postgres" database to create it: create it by hand.`,
      );
    }
  }
  try {
    await cluster.query(`create database ${pg.escapeIdentifier(database)}`);
    onProgress(`created database ${database}`);
  } catch (error) {
    const createdMeanwhile = codeOf(error) === "42P04";
    if (!createdMeanwhile) {
      throw new MigrationError(
        `Database "${database}" does not exist and could not be created (${messageOf(error)}): create it by hand, or give MIGRATE_DATABASE_URL a role that may.`,
      );
    }
  }
  return connect(ownerUrl);
}

async function checkServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ number: string; version: string; encoding: string }>(
    `select current_setting('server_version_num') as number, current_setting('server_version') as version,
            current_setting('server_encoding') as encoding`,
  );
  const { number, version, encoding } = rows[0]!;
  if (Number(number) < OLDEST_SERVER * 10_000) {
    throw new MigrationError(
      `The database server is PostgreSQL ${version}, and ${OLDEST_SERVER} or newer is needed: upgrade the server or use another one.`,
    );
  }
  if (encoding !== "UTF8") {
    throw new MigrationError(
      `The database stores text as ${encoding}, and UTF8 is needed: create it anew with ENCODING 'UTF8' TEMPLATE template0.`,
    );
  }
}

/** Held until the connection ends, so nobody else migrates this database in the meantime. */
export async function lockDatabase(client: pg.Client, onProgress: (line: string) => void): Promise<void> {
  const { rows } = await client.query<{ free: boolean }>(`select pg_try_advisory_lock(${DATABASE_LOCK}) as free`);
  if (rows[0]!.free) return;
  onProgress("waiting for another migration of this database to end");
  await client.query(`select pg_advisory_lock(${DATABASE_LOCK})`);
}

/** Prisma's driver adapter reads timestamptz wrongly in a session of another zone, so UTC is the database's default. */
async function keepUtc(client: pg.Client, database: string): Promise<void> {
  const { rows } = await client.query(
    `select from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
     where d.datname = current_database() and s.setrole = 0
       and exists (select from unnest(s.setconfig) c where lower(c) = 'timezone=utc')`,
  );
  if (rows.length > 0) return;
  try {
    await client.query(`alter database ${pg.escapeIdentifier(database)} set timezone = 'UTC'`);
  } catch (error) {
    throw new MigrationError(
      `The time zone of database "${database}" could not be set to UTC (${messageOf(error)}): run this as the database's owner.`,
    );
  }
}

async function applyPending(
  client: pg.Client,
  migrations: Migration[],
  onProgress: (line: string) => void,
): Promise<string[]> {
  const records = await readRecords(client);
  const known = new Set(migrations.map((migration) => migration.name));
  const newer = records.filter((record) => !known.has(record.migration_name));
  if (newer.length > 0) {
    // Not an error: a release only expands the schema, so that the version before it can go on serving.
    onProgress(`the database is newer than this version: ${newer.map((record) => record.migration_name).join(", ")}`);
  }
  const applied: string[] = [];
  for (const migration of migrations) {
    const record = records.find((candidate) => candidate.migration_name === migration.name);
    if (record) {
      checkRecord(record, migration);
      continue;
    }
    await applyOne(client, migration, { retryRoleRaces: ROLE_RACE_ATTEMPTS });
    applied.push(migration.name);
    onProgress(`applied ${migration.name}`);
  }
  return applied;
}

async function readRecords(client: pg.Client): Promise<MigrationRecord[]> {
  const { rows: found } = await client.query<{ present: boolean }>(
    `select to_regclass('public._prisma_migrations') is not null as present`,
  );
  if (!found[0]!.present) {
    await client.query(`
      create schema if not exists public;
      create table public._prisma_migrations (
        id                  varchar(36) primary key not null,
        checksum            varchar(64) not null,
        finished_at         timestamptz,
        migration_name      varchar(255) not null,
        logs                text,
        rolled_back_at      timestamptz,
        started_at          timestamptz not null default now(),
        applied_steps_count integer not null default 0
      )`);
  }
  const { rows } = await client.query<MigrationRecord>(
    `select migration_name, checksum, started_at, finished_at from public._prisma_migrations where rolled_back_at is null order by started_at`,
  );
  return rows;
}

function checkRecord(record: MigrationRecord, migration: Migration): void {
  if (record.finished_at === null) {
    throw new MigrationError(
      `Migration ${migration.name} failed on ${dayOf(record.started_at)} and was left half way: mend the database, then run "npx prisma migrate resolve --rolled-back ${migration.name}" and migrate again.`,
    );
  }
  if (!checksums(migration.sql).includes(record.checksum)) {
    throw new MigrationError(
      `Migration ${migration.name} was changed after it was applied on ${dayOf(record.finished_at)}: put the file back as it was and make the change in a new migration.`,
    );
  }
}

function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** As Prisma does, a file is the same whether git checked it out with LF or with CRLF. */
export function checksums(sql: string): string[] {
  const unix = sql.replaceAll("\r\n", "\n");
  return [sha256(sql), sha256(unix), sha256(unix.replaceAll("\n", "\r\n"))];
}

/** The script and its record commit together, so there is never a half-applied migration to clean up. */
async function applyOne(
  client: pg.Client,
  migration: Migration,
  { retryRoleRaces }: { retryRoleRaces: number },
): Promise<void> {
  try {
    await client.query("begin");
    await runScript(client, migration);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => {});
    if (retryRoleRaces > 1 && isRoleRace(error)) {
      await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 300));
      return applyOne(client, migration, { retryRoleRaces: retryRoleRaces - 1 });
    }
    throw new MigrationError(
      `Migration ${migration.name} failed and was undone: ${messageOf(error)}${lineOf(error, migration.sql)}.`,
      { cause: error },
    );
  }
}

/** The script and its record, in the caller's transaction. */
export async function runScript(client: pg.Client, { name, sql }: Migration): Promise<void> {
  const startedAt = new Date();
  // Unqualified names mean `public`, also when the role is called like one of our schemas.
  await client.query("set search_path = public; set timezone = 'UTC'; set statement_timeout = 0");
  await client.query(sql);
  await client.query(
    `insert into public._prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
     values ($1, $2, $3, $4, clock_timestamp(), 1)`,
    [randomUUID(), sha256(sql), name, startedAt],
  );
}

/** Another database of the cluster created or granted the same role between our look and our act; a second try sees it. */
function isRoleRace(error: unknown): boolean {
  const { code, table } = error as { code?: string; table?: string };
  const clusterTable = table?.startsWith("pg_auth") ?? false;
  return (
    messageOf(error) === "tuple concurrently updated" ||
    (code === "23505" && clusterTable) ||
    /^role ".*" already exists$/.test(messageOf(error))
  );
}

function lineOf(error: unknown, sql: string): string {
  const position = Number((error as { position?: string }).position);
  return position > 0 ? ` (line ${sql.slice(0, position).split("\n").length})` : "";
}

function unreachable(url: string, error: unknown): MigrationError {
  const { host } = new URL(url);
  return new MigrationError(
    `The database server at ${host} did not let us in (${messageOf(error)}): check the address, the role and its password.`,
    { cause: error },
  );
}

function isPostgresError(error: unknown): boolean {
  return error instanceof pg.DatabaseError;
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}

/** Node reports a refused connection to several addresses as an AggregateError with an empty message. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
