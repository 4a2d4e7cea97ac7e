import type { Bucket } from "../domain/rollup/bucket.ts";
import { byteaArray, float8Array, int4Array } from "./binary-arrays.ts";
import type { Sql } from "./client.ts";
import { dayColumns, packDay, unpackDays, type DayRow } from "./rollup-days.ts";

/**
 * The 15-minute buckets, and where they lie: those of the last days as rows, which are cheap to change while readings
 * arrive; older days packed, one row a channel and day with 96 slots a column, which a year's chart reads in a few pages.
 * A row wins over its slot in a packed day, so late data are written as rows and packed in again later. Measured in
 * docs/decisions.
 */

/** Days younger than this stay rows; what is written for older days goes to the packed day at once. */
const rowsForMs = 2 * 86_400_000;
const dayMs = 86_400_000;

const bucketColumns = `extract(epoch from start)::float8 * 1000 as "startMs", energy_kwh as "energyKwh", reverse_kwh as "reverseKwh",
  estimated_kwh as "estimatedKwh", estimated_reverse_kwh as "estimatedReverseKwh", covered_s as "coveredS", mean, min, max, count, last`;

/** The relations of a context: the views in an organization's, the tables in the system's. */
const relations = {
  organization: { buckets: "energy.channel_rollup_buckets", days: "energy.channel_rollup_days" },
  system: { buckets: "telemetry.rollup_buckets", days: "telemetry.rollup_days" },
};

/**
 * The stored buckets of channels in [fromMs, toMs) (epoch milliseconds), ascending; a bucket without anything in it may be
 * missing. In an organization's context, other organizations' channels give nothing.
 */
export function bucketsOf(
  sql: Sql,
  channelIds: readonly number[],
  fromMs: number,
  toMs: number,
): Promise<Map<number, Bucket[]>> {
  return read(sql, relations.organization, channelIds, fromMs, toMs);
}

/** The same in the system's context. */
export function bucketsOfSystem(
  sql: Sql,
  channelIds: readonly number[],
  fromMs: number,
  toMs: number,
): Promise<Map<number, Bucket[]>> {
  return read(sql, relations.system, channelIds, fromMs, toMs);
}

async function read(
  sql: Sql,
  { buckets, days }: (typeof relations)["system"],
  channelIds: readonly number[],
  fromMs: number,
  toMs: number,
): Promise<Map<number, Bucket[]>> {
  const found = new Map<number, Bucket[]>(channelIds.map((id) => [id, []]));
  if (!channelIds.length || fromMs >= toMs) return found;
  const values = [channelIds, fromMs, toMs];
  // Rows first: what is packed between the two questions is then in both answers, and the other way round in neither.
  const rows = await sql.query<Bucket & { channelId: number }>({
    name: `whole-bucket-rows-${buckets}`,
    text: `select channel_id as "channelId", ${bucketColumns} from ${buckets} where channel_id = any ($1)
       and start >= to_timestamp($2 / 1000.0) and start < to_timestamp($3 / 1000.0) order by channel_id, start`,
    values,
  });
  const packed = await sql.query<DayRow & { channelId: number }>({
    name: `whole-bucket-days-${days}`,
    text: `select ${dayColumns} from ${days} where channel_id = any ($1)
       and day >= (to_timestamp($2 / 1000.0) at time zone 'UTC')::date and day <= (to_timestamp($3 / 1000.0) at time zone 'UTC')::date
     order by channel_id, day`,
    values,
  });
  const rowsByChannel = groupBy(rows.rows);
  const daysByChannel = groupBy(packed.rows);
  for (const id of channelIds) {
    found.set(id, overlay(unpackDays(daysByChannel.get(id) ?? [], fromMs, toMs), rowsByChannel.get(id) ?? []));
  }
  return found;
}

function groupBy<T extends { channelId: number }>(rows: readonly T[]): Map<number, Omit<T, "channelId">[]> {
  const groups = new Map<number, Omit<T, "channelId">[]>();
  for (const { channelId, ...rest } of rows) {
    const group = groups.get(channelId);
    if (group) group.push(rest);
    else groups.set(channelId, [rest]);
  }
  return groups;
}

/** Both ascending; of the same start, the row wins. */
function overlay(packed: Bucket[], rows: Bucket[]): Bucket[] {
  if (!packed.length) return rows;
  if (!rows.length) return packed;
  const taken = new Set(rows.map((row) => row.startMs));
  return [...packed.filter((bucket) => !taken.has(bucket.startMs)), ...rows].sort((a, b) => a.startMs - b.startMs);
}

/** Buckets to store, of one channel. */
export interface ChannelBuckets {
  channelId: number;
  buckets: readonly Bucket[];
}

/** Stores recomputed buckets in the caller's transaction: recent ones as rows, old ones into their packed days. */
export async function saveBuckets(sql: Sql, channels: readonly ChannelBuckets[], nowMs: number): Promise<void> {
  const horizon = Math.floor((nowMs - rowsForMs) / dayMs) * dayMs;
  const recent = channels.map((c) => ({ ...c, buckets: c.buckets.filter((b) => b.startMs >= horizon) }));
  const old = channels.map((c) => ({ ...c, buckets: c.buckets.filter((b) => b.startMs < horizon) }));
  await saveRows(sql, recent);
  await saveDays(sql, old);
}

async function saveRows(sql: Sql, channels: readonly ChannelBuckets[]): Promise<void> {
  const rows = channels.flatMap(({ channelId, buckets }) => buckets.map((bucket) => ({ channelId, ...bucket })));
  if (!rows.length) return;
  const column = (pick: (row: Bucket & { channelId: number }) => number | null) =>
    `{${rows.map((row) => pick(row) ?? "NULL").join()}}`;
  await sql.query(
    `insert into telemetry.rollup_buckets
     select c, to_timestamp(s / 1000.0), e, r, ee, er, cs, mean, min, max, n, last
     from unnest($1::int4[], $2::float8[], $3::float8[], $4::float8[], $5::float8[], $6::float8[], $7::float8[], $8::float8[],
       $9::float8[], $10::float8[], $11::int4[], $12::float8[]) as x(c, s, e, r, ee, er, cs, mean, min, max, n, last)
     on conflict (channel_id, start) do update set energy_kwh = excluded.energy_kwh, reverse_kwh = excluded.reverse_kwh,
       estimated_kwh = excluded.estimated_kwh, estimated_reverse_kwh = excluded.estimated_reverse_kwh, covered_s = excluded.covered_s,
       mean = excluded.mean, min = excluded.min, max = excluded.max, count = excluded.count, last = excluded.last`,
    [
      column((r) => r.channelId),
      column((r) => r.startMs),
      column((r) => r.energyKwh),
      column((r) => r.reverseKwh),
      column((r) => r.estimatedKwh),
      column((r) => r.estimatedReverseKwh),
      column((r) => r.coveredS),
      column((r) => r.mean),
      column((r) => r.min),
      column((r) => r.max),
      column((r) => r.count),
      column((r) => r.last),
    ],
  );
}

async function saveDays(sql: Sql, channels: readonly ChannelBuckets[]): Promise<void> {
  const wanted = channels.flatMap(({ channelId, buckets }) => {
    const days = new Map<number, Bucket[]>();
    for (const bucket of buckets) {
      const day = Math.floor(bucket.startMs / dayMs) * dayMs;
      const list = days.get(day);
      if (list) list.push(bucket);
      else days.set(day, [bucket]);
    }
    return [...days].map(([day, list]) => ({ channelId, dayMs: day, buckets: list }));
  });
  if (!wanted.length) return;
  const before = await daysForUpdate(sql, wanted);
  const packed = wanted.map(({ channelId, dayMs: day, buckets }) => {
    const known = before.get(`${channelId} ${day}`);
    const merged = known ? overlay(unpackDays([known], day, day + dayMs), [...buckets]) : buckets;
    return { channelId, ...packDay(day, merged) };
  });
  await upsertDays(sql, packed);
}

async function daysForUpdate(
  sql: Sql,
  days: readonly { channelId: number; dayMs: number }[],
): Promise<Map<string, DayRow>> {
  const { rows } = await sql.query<DayRow & { channelId: number }>(
    `select ${dayColumns} from telemetry.rollup_days
     where (channel_id, day) in (select c, (to_timestamp(d / 1000.0) at time zone 'UTC')::date from unnest($1::int4[], $2::float8[]) as x(c, d))
     for update`,
    [days.map((d) => d.channelId), days.map((d) => d.dayMs)],
  );
  return new Map(rows.map((row) => [`${row.channelId} ${row.dayMs}`, row]));
}

async function upsertDays(sql: Sql, days: readonly (DayRow & { channelId: number })[]): Promise<void> {
  await sql.query(
    `insert into telemetry.rollup_days
     select c, (to_timestamp(d / 1000.0) at time zone 'UTC')::date, e, r, ee, er, cs, mean, min, max, n, last
     from unnest($1::int4[], $2::float8[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bytea[], $8::bytea[], $9::bytea[],
       $10::bytea[], $11::bytea[], $12::bytea[]) as x(c, d, e, r, ee, er, cs, mean, min, max, n, last)
     on conflict (channel_id, day) do update set energy_kwh = excluded.energy_kwh, reverse_kwh = excluded.reverse_kwh,
       estimated_kwh = excluded.estimated_kwh, estimated_reverse_kwh = excluded.estimated_reverse_kwh, covered_s = excluded.covered_s,
       mean = excluded.mean, min = excluded.min, max = excluded.max, count = excluded.count, last = excluded.last`,
    [
      int4Array(days.map((d) => d.channelId)),
      float8Array(days.map((d) => d.dayMs)),
      byteaArray(days.map((d) => d.energyKwh)),
      byteaArray(days.map((d) => d.reverseKwh)),
      byteaArray(days.map((d) => d.estimatedKwh)),
      byteaArray(days.map((d) => d.estimatedReverseKwh)),
      byteaArray(days.map((d) => d.coveredS)),
      byteaArray(days.map((d) => d.mean)),
      byteaArray(days.map((d) => d.min)),
      byteaArray(days.map((d) => d.max)),
      byteaArray(days.map((d) => d.count)),
      byteaArray(days.map((d) => d.last)),
    ],
  );
}

const packAtOnce = 500;

/**
 * Packs days that have grown old out of rows, some channel-days a call. @returns how many; 0: nothing is left to pack.
 * Run it beside no roll-up of the same days: upkeep and roll-up both hold the transaction-wide lock below.
 */
export async function packOldBuckets(sql: Sql, nowMs: number): Promise<number> {
  await lockRollups(sql);
  const horizon = Math.floor((nowMs - rowsForMs) / dayMs) * dayMs;
  const { rows } = await sql.query<Bucket & { channelId: number }>(
    `with old as (
       select distinct channel_id, date_trunc('day', start, 'UTC') as day from telemetry.rollup_buckets
       where start < to_timestamp($1 / 1000.0) limit $2
     ), taken as (
       delete from telemetry.rollup_buckets b using old
       where b.channel_id = old.channel_id and b.start >= old.day and b.start < old.day + interval '1 day' returning b.*
     )
     select channel_id as "channelId", ${bucketColumns} from taken order by 1, 2`,
    [horizon, packAtOnce],
  );
  const channels = [...groupBy(rows)].map(([channelId, buckets]) => ({ channelId, buckets }));
  await saveDays(sql, channels);
  return rows.length;
}

/** One writer of buckets at a time, roll-up or packing, in whatever process. Held until the transaction ends, or its process dies. */
export async function lockRollups(sql: Sql): Promise<void> {
  await sql.query("select pg_advisory_xact_lock(hashtext('telemetry.rollups'))");
}
