import type { Writable } from "node:stream";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { columnList, energyByChannel, jobs, quoted, schemas, tablesOf } from "./backup-catalogue.ts";
import { BackupError, tableName, type Contents, type Manifest, type Table } from "./backup-manifest.ts";
import { lockDatabase } from "./migrate.ts";
import { replay } from "./migration-level.ts";

export interface Restore {
  manifest: Manifest;
  contents: Contents;
  /** Whether what is there is to be replaced. */
  replace: boolean;
  /** Reads the archive once more: asks for a writer for each table, in the archive's order, and ends each before the next. */
  load(open: (name: string) => Writable): Promise<void>;
  onProgress(line: string): void;
}

/** Who and what lives in a database. */
export interface Occupants {
  organizations: number;
  users: number;
  devices: number;
}

/** The database must be migrated. */
export function occupantsOf(ownerUrl: string): Promise<Occupants> {
  return withOwner(ownerUrl, countOccupants);
}

/**
 * Replaces all that a migrated database holds by a backup, in one transaction: the tables are made anew as the backup's own
 * version made them, filled, and compared with what the backup says of itself. Whatever goes wrong or is killed on the way
 * leaves the database as it was. Migrate afterwards, to bring it to this version.
 * @throws BackupError when somebody uses the database, when it is not empty, or when what was loaded is not what was backed up
 */
export function restore(ownerUrl: string, given: Restore): Promise<void> {
  return withOwner(ownerUrl, async (client) => {
    await lockDatabase(client, given.onProgress);
    await refuseWhenUsed(client);
    if (!given.replace) await refuseWhenOccupied(client);
    await replaceAll(client, given).catch((error: Error) => {
      if (error instanceof BackupError || error.name === "AbortError") throw error;
      throw new BackupError(`The restore ended (${error.message}). Nothing was changed.`, {
        cause: error,
      });
    });
    given.onProgress("gathering statistics");
    await client.query(`analyze ${given.manifest.tables.filter(isOwn).map(quoted).join(", ")}`);
  });
}

async function replaceAll(client: pg.Client, given: Restore): Promise<void> {
  await client.query("begin; set local lock_timeout = '10s'");
  await clear(client);
  await replay(client, given.manifest.migrations);
  await fill(client, given);
  given.onProgress("comparing with the backup");
  await compare(client, given.contents);
  await client.query("commit");
}

async function withOwner<T>(ownerUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: "energy restore" });
  client.on("error", () => {});
  await client.connect();
  try {
    await client.query("set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set timezone = 'UTC'");
    return await work(client);
  } finally {
    // Ends the transaction as well, where one was left open.
    await client.end();
  }
}

async function countOccupants(client: pg.Client): Promise<Occupants> {
  const { rows } = await client.query<Occupants>(
    `select (select count(*) from energy.organizations)::int as organizations, (select count(*) from auth.users)::int as users,
       (select count(*) from energy.devices)::int as devices`,
  );
  return rows[0]!;
}

async function refuseWhenOccupied(client: pg.Client): Promise<void> {
  const { organizations, users } = await countOccupants(client);
  if (organizations + users > 0) {
    throw new BackupError(
      `The database is not empty (organizations: ${organizations}, accounts: ${users}): restore into an empty one, or use --replace.`,
    );
  }
}

/** A process that goes on writing would wait for our locks, and then write its old ids into the restored tables. */
async function refuseWhenUsed(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query(
    "select from pg_stat_activity where datname = current_database() and application_name like 'energy-%'",
  );
  if (rowCount) {
    throw new BackupError(
      `The database is in use (connections of Energy Tracking: ${rowCount}): stop the installation first.`,
    );
  }
}

/** What migrations make outside our schemas (policies on the queue's tables) goes as well, for they make it again. */
async function clear(client: pg.Client): Promise<void> {
  await client.query(`drop schema if exists ${schemas.join(", ")} cascade`);
  const { rows: policies } = await client.query<{ name: string; table: string }>(
    "select policyname as name, tablename as table from pg_policies where schemaname = 'graphile_worker'",
  );
  for (const { name, table } of policies) {
    const on = quoted({ schema: "graphile_worker", name: table });
    await client.query(`drop policy ${pg.escapeIdentifier(name)} on ${on}`);
  }
  await client.query("delete from public._prisma_migrations; delete from graphile_worker._private_jobs");
}

async function fill(client: pg.Client, { manifest, contents, load, onProgress }: Restore): Promise<void> {
  await checkShape(client, manifest.tables);
  const foreignKeys = await dropForeignKeys(client);
  const triggers = await disableTriggers(client);
  await client.query(`truncate ${manifest.tables.filter(isOwn).map(quoted).join(", ")}`);
  await client.query(`create temporary table restored_jobs (identifier text, payload json, queue_name text, run_at timestamptz,
    max_attempts int, job_key text, priority int) on commit drop`);
  const { readings } = contents;
  if (readings) await client.query("select telemetry.ensure_partitions($1, $2)", [readings.from, readings.to]);
  const tables = new Map(manifest.tables.map((table) => [tableName(table), table]));
  await load((name) => writerOf(client, tables.get(name)!));
  await client.query(
    "select graphile_worker.add_job(identifier, payload, queue_name, run_at, max_attempts, job_key, priority) from restored_jobs",
  );
  for (const { value, isCalled, ...sequence } of contents.sequences) {
    await client.query("select setval($1::regclass, $2, $3)", [quoted(sequence), value, isCalled]);
  }
  onProgress("checking references");
  for (const statement of [...foreignKeys, ...triggers]) await client.query(statement);
}

const isOwn = (table: Table) => tableName(table) !== tableName(jobs);

function writerOf(client: pg.Client, table: Table): Writable {
  const target = isOwn(table) ? quoted(table) : "restored_jobs";
  return client.query(copyFrom(`copy ${target} (${columnList(table)}) from stdin`));
}

/** The archive names tables and columns; only such as the migrations have just made are spoken to. */
async function checkShape(client: pg.Client, given: readonly Table[]): Promise<void> {
  const shape = (tables: readonly Table[]) =>
    new Set(tables.map((t) => `${tableName(t)} (${[...t.columns].sort().join(", ")})`));
  const made = shape([...(await tablesOf(client)), jobs]);
  const wanted = shape(given);
  const different = [...[...wanted].filter((t) => !made.has(t)), ...[...made].filter((t) => !wanted.has(t))];
  if (different.length) {
    throw new BackupError(
      `The backup's tables are not those that its migrations make (${different[0]}): the database that it was made of had been changed by hand.`,
    );
  }
}

/** Rows come in any order and may refer to rows of their own table. @returns the statements that put the keys back, and check them */
async function dropForeignKeys(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ drop: string; add: string }>(
    `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
       format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as add
     from pg_constraint where contype = 'f' and conparentid = 0 and connamespace::regnamespace::text = any ($1)`,
    [schemas],
  );
  for (const { drop } of rows) await client.query(drop);
  return rows.map(({ add }) => add);
}

/** What a trigger made of a row is in the backup itself. @returns the statements that let them fire again */
async function disableTriggers(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ off: string; on: string }>(
    `select format('alter table %s disable trigger %I', t.tgrelid::regclass, tgname) as off,
       format('alter table %s enable trigger %I', t.tgrelid::regclass, tgname) as on
     from pg_trigger t join pg_class c on c.oid = t.tgrelid
     where not t.tgisinternal and t.tgname <> 'ts_insert_blocker' and c.relnamespace::regnamespace::text = any ($1)`,
    [schemas],
  );
  for (const { off } of rows) await client.query(off);
  return rows.map(({ on }) => on);
}

async function compare(client: pg.Client, contents: Contents): Promise<void> {
  for (const { name, rows } of contents.tables.filter((table) => table.name !== tableName(jobs))) {
    const [schema, table] = name.split(".") as [string, string];
    const found = await client.query<{ rows: number }>(
      `select count(*)::float8 as rows from ${quoted({ schema, name: table })}`,
    );
    if (found.rows[0]!.rows !== rows) throw differs(`${name} has ${found.rows[0]!.rows} rows instead of ${rows}`);
  }
  const stored = new Map((await energyByChannel(client)).map((one) => [one.channelId, JSON.stringify(one)]));
  if (stored.size !== contents.energy.length) {
    throw differs(`${stored.size} channels have buckets instead of ${contents.energy.length}`);
  }
  for (const wanted of contents.energy) {
    const found = stored.get(wanted.channelId);
    if (found !== JSON.stringify(wanted)) {
      throw differs(`channel ${wanted.channelId} has ${found ?? "no buckets"} instead of ${JSON.stringify(wanted)}`);
    }
  }
}

const differs = (what: string) =>
  new BackupError(`What was loaded is not what was backed up: ${what}. Nothing was changed.`);
