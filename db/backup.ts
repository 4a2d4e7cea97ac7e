import type { Readable } from "node:stream";
import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import {
  columnList,
  energyByChannel,
  jobs,
  notTaken,
  quoted,
  readingsRange,
  sequencesOf,
  tablesOf,
} from "./backup-catalogue.ts";
import {
  BackupError,
  format,
  product,
  tableName,
  type Contents,
  type Manifest,
  type Table,
} from "./backup-manifest.ts";
import { levelOf } from "./migration-level.ts";

/** What one instant of a running database holds. */
export interface Snapshot {
  manifest: Omit<Manifest, "version">;
  /** A table's rows in Postgres' text format; `rows` counts them when they have been read to their end. */
  copy(table: Table): { data: Readable; rows(): Promise<number> };
  /** What belongs at the archive's end, next to what the tables turned out to be. */
  rest(): Promise<Omit<Contents, "tables" | "spool">>;
}

// Text that any server reads the same way: zones, digits of floats and escapes do not depend on how a server is set.
const settings = `set timezone = 'UTC'; set datestyle = 'ISO'; set intervalstyle = 'iso_8601'; set extra_float_digits = 1;
  set bytea_output = 'hex'; set client_encoding = 'UTF8'; set statement_timeout = 0; set idle_in_transaction_session_timeout = 0;
  set row_security = off`;

/**
 * Opens one read-only snapshot for `work`; writers go on meanwhile. `ownerUrl` must see every row: with another role Postgres
 * refuses (row_security is off), instead of leaving rows out.
 * @throws BackupError when there is nothing to back up
 */
export async function withSnapshot<T>(ownerUrl: string, work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: "energy backup" });
  client.on("error", () => {});
  await client.connect();
  try {
    await client.query(settings);
    await begin(client);
    return await work({
      manifest: await describe(client),
      copy(table) {
        const source =
          tableName(table) === tableName(jobs) ? jobs.select : `select ${columnList(table)} from ${quoted(table)}`;
        const data = client.query(copyTo(`copy (${source}) to stdout`));
        return {
          data,
          async rows() {
            // The number comes after the data, in front of the answer to the next question.
            await client.query("select");
            return data.rowCount;
          },
        };
      },
      async rest() {
        const [sequences, readings] = [await sequencesOf(client), await readingsRange(client)];
        return { sequences, readings, energy: await energyByChannel(client) };
      },
    });
  } finally {
    // Nothing was changed, so there is nothing to commit; a COPY that was given up ends with its connection.
    await client.end();
  }
}

/** The tables are locked (against migrations alone) before the snapshot is taken, so that none changes its shape in between. */
async function begin(client: pg.Client): Promise<void> {
  if (!(await levelOf(client)).length) {
    throw new BackupError("There is no installation in this database: nothing to back up.");
  }
  const tables = [...(await tablesOf(client)), ...(await queueTables(client))];
  await client.query("begin isolation level repeatable read read only");
  await client.query(`lock table ${tables.map(quoted).join(", ")} in access share mode`);
}

async function queueTables(client: pg.Client): Promise<{ schema: string; name: string }[]> {
  const { rows } = await client.query<{ schema: string; name: string }>(
    "select schemaname as schema, tablename as name from pg_tables where schemaname = 'graphile_worker'",
  );
  return rows;
}

async function describe(client: pg.Client): Promise<Omit<Manifest, "version">> {
  const { rows } = await client.query<{ takenAt: Date; engine: string; postgres: string }>(
    `select statement_timestamp() as "takenAt", (select name from telemetry.engine) as engine,
       current_setting('server_version') as postgres`,
  );
  const { takenAt, ...about } = rows[0]!;
  return {
    ...{ product, format, takenAt: takenAt.toISOString(), ...about },
    migrations: await levelOf(client),
    tables: [...(await tablesOf(client)), jobs].map(({ schema, name, columns }) => ({ schema, name, columns })),
    notIncluded: [...notTaken],
  };
}

/** Says in the audit log that everybody's data left the installation. A database of before that log has none. */
export async function recordBackup(ownerUrl: string, file: string): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: "energy backup" });
  client.on("error", () => {});
  await client.connect();
  try {
    const { rows } = await client.query<{ known: boolean }>("select to_regclass('audit.events') is not null as known");
    if (!rows[0]!.known) return;
    await client.query(
      `insert into audit.events (action, object_type, object_name, actor, actor_name)
       values ('backup.made', 'installation', $1, 'command', 'energy backup')`,
      [file],
    );
  } finally {
    await client.end();
  }
}
