import pg from "pg";
import type { Sql } from "./client.ts";
import type { ChannelEnergy, Contents, SequenceValue, Table } from "./backup-manifest.ts";

/**
 * What of a database belongs to the installation, asked of its catalogue: a table that a migration adds is in the next backup
 * without anybody thinking of it.
 */
export const schemas = ["auth", "energy", "telemetry", "analytics", "audit"];

/** Tables that say something of the database itself, not of what is kept in it. */
export const notTaken = [
  { what: "energy.exports", why: "an export is made anew when it is asked for" },
  { what: "energy.export_chunks", why: "an export is made anew when it is asked for" },
  { what: "telemetry.engine", why: "it says which engine a database was made for; the restored one says it of itself" },
];

/**
 * The jobs that wait, as `graphile_worker.add_job` takes them. Its own tables are not copied: they hold locks of running
 * workers. What the schedule puts in by itself (`_cron`) and what has failed for good is left out.
 */
export const jobs: Table & { select: string } = {
  schema: "graphile_worker",
  name: "jobs",
  columns: ["identifier", "payload", "queue_name", "run_at", "max_attempts", "job_key", "priority"],
  select: `select t.identifier, j.payload, q.queue_name, j.run_at, j.max_attempts, j.key as job_key, j.priority
    from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
    left join graphile_worker._private_job_queues q on q.id = j.job_queue_id
    where j.attempts < j.max_attempts and not j.payload::jsonb ? '_cron'`,
};

/** As an SQL identifier. */
export const quoted = ({ schema, name }: { schema: string; name: string }): string =>
  `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;

export const columnList = ({ columns }: Table): string => columns.map((name) => pg.escapeIdentifier(name)).join(", ");

/** Every table with its stored columns; partitions and chunks are part of their parent. */
export async function tablesOf(sql: Sql): Promise<Table[]> {
  const { rows } = await sql.query<Table>(
    `select n.nspname as schema, c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     where n.nspname = any ($1) and c.relkind in ('r', 'p') and not c.relispartition
       and n.nspname || '.' || c.relname <> all ($2)
     group by 1, 2 order by 1, 2`,
    [schemas, notTaken.map(({ what }) => what)],
  );
  return rows;
}

export async function sequencesOf(sql: Sql): Promise<SequenceValue[]> {
  const { rows } = await sql.query<{ schema: string; name: string }>(
    `select schemaname as schema, sequencename as name from pg_sequences where schemaname = any ($1) order by 1, 2`,
    [schemas],
  );
  const values: SequenceValue[] = [];
  for (const sequence of rows) {
    const found = await sql.query<{ value: string; isCalled: boolean }>(
      `select last_value::text as value, is_called as "isCalled" from ${quoted(sequence)}`,
    );
    values.push({ ...sequence, ...found.rows[0]! });
  }
  return values;
}

/** Postgres writes infinite and very early times otherwise than JavaScript: they stay text. */
export async function readingsRange(sql: Sql): Promise<Contents["readings"]> {
  const { rows } = await sql.query<{ from: string | null; to: string | null }>(
    "select min(time)::text as from, max(time)::text as to from telemetry.readings",
  );
  const { from, to } = rows[0]!;
  return from !== null && to !== null ? { from, to } : null;
}

/** Floating point sums depend on their order, so each is taken in the order of time: the same data give the same digits. */
export async function energyByChannel(sql: Sql): Promise<ChannelEnergy[]> {
  const { rows } = await sql.query<ChannelEnergy>(
    `with stored as (
       select channel_id, start as time, 1 as n, energy_kwh as e, reverse_kwh as r, estimated_kwh as s, covered_s as c
       from telemetry.rollup_buckets
       union all
       select channel_id, day::timestamptz, u.n, u.e, u.r, u.s, u.c from telemetry.rollup_days d
       cross join lateral (
         select count(*) filter (where e <> 0 or c <> 0 or k <> 0)::int as n, sum(e) as e, coalesce(sum(r), 0) as r,
           coalesce(sum(s), 0) as s, sum(c) as c
         from unnest(d.energy_kwh, d.reverse_kwh, d.estimated_kwh, d.covered_s, d.count) as slot(e, r, s, c, k)) u)
     select channel_id as "channelId", sum(n)::float8 as buckets, sum(e order by time, e) as "energyKwh", sum(r order by time, r) as "reverseKwh",
       sum(s order by time, s) as "estimatedKwh", sum(c order by time, c) as "coveredS"
     from stored group by channel_id order by channel_id`,
  );
  return rows;
}
