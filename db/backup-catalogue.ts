import pg from "pg";
import type { Bucket } from "../domain/rollup/bucket.ts";
import type { Sql } from "./client.ts";
import type { ChannelEnergy, Contents, SequenceValue, Table } from "./backup-manifest.ts";
import { dayColumns, unpackDays, type DayRow } from "./rollup-days.ts";

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

interface Amounts {
  startMs: number;
  buckets: number;
  energyKwh: number;
  reverseKwh: number;
  estimatedKwh: number;
  coveredS: number;
}

/** Floating point sums depend on their order, so each is taken in the order of time: the same data give the same digits. */
export async function energyByChannel(sql: Sql): Promise<ChannelEnergy[]> {
  const { rows: channels } = await sql.query<{ id: number }>(
    "select channel_id as id from telemetry.rollup_buckets union select channel_id from telemetry.rollup_days order by 1",
  );
  const packed = await packedDays(sql);
  const found: ChannelEnergy[] = [];
  for (const { id } of channels) {
    const rows = await sql.query<Amounts>(
      `select extract(epoch from start)::float8 * 1000 as "startMs", 1 as buckets, energy_kwh as "energyKwh", reverse_kwh as "reverseKwh",
         estimated_kwh as "estimatedKwh", covered_s as "coveredS" from telemetry.rollup_buckets where channel_id = $1`,
      [id],
    );
    const days = await sql.query<DayRow>(`select ${dayColumns} from ${packed} where channel_id = $1`, [id]);
    const stored = [...rows.rows, ...days.rows.map(sumOfDay)];
    const sum = (name: Exclude<keyof Amounts, "startMs">) =>
      stored
        .sort((a, b) => a.startMs - b.startMs || a[name] - b[name])
        .reduce((total, amounts) => total + amounts[name], 0);
    const [buckets, energyKwh, reverseKwh] = [sum("buckets"), sum("energyKwh"), sum("reverseKwh")];
    const [estimatedKwh, coveredS] = [sum("estimatedKwh"), sum("coveredS")];
    found.push({ channelId: id, buckets, energyKwh, reverseKwh, estimatedKwh, coveredS });
  }
  return found;
}

function sumOfDay(day: DayRow): Amounts {
  const buckets = unpackDays([day], -Infinity, Infinity);
  const sum = (pick: (bucket: Bucket) => number) => buckets.reduce((total, bucket) => total + pick(bucket), 0);
  return {
    startMs: day.dayMs,
    buckets: buckets.length,
    energyKwh: sum((b) => b.energyKwh),
    reverseKwh: sum((b) => b.reverseKwh),
    estimatedKwh: sum((b) => b.estimatedKwh),
    coveredS: sum((b) => b.coveredS),
  };
}

/** The packed days; of a backup of before migration 0028, which is checked as its version left it, their arrays as bytes. */
async function packedDays(sql: Sql): Promise<string> {
  const { rows } = await sql.query<{ type: string }>(
    `select format_type(atttypid, atttypmod) as type from pg_attribute
     where attrelid = 'telemetry.rollup_days'::regclass and attname = 'energy_kwh'`,
  );
  if (rows[0]!.type === "bytea") return "telemetry.rollup_days";
  const bytes = (column: string, one: string) =>
    `(select string_agg(${one}, '' order by i) from unnest(${column}) with ordinality as slot(v, i)) as ${column}`;
  const doubles = "energy_kwh reverse_kwh estimated_kwh estimated_reverse_kwh covered_s mean min max last".split(" ");
  const columns = [
    ...doubles.map((name) => bytes(name, "float8send(coalesce(v, 'NaN'))")),
    bytes("count", "int4send(v)"),
  ];
  return `(select channel_id, day, ${columns.join(", ")} from telemetry.rollup_days) d`;
}
