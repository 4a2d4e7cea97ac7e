import { asSystem, systemPool } from "./as-system.ts";
import type { Sql } from "./client.ts";
import {
  overlayReadings,
  packReadings,
  readingDayColumns,
  unpackReadings,
  type ReadingDay,
  type Readings,
} from "./reading-days.ts";

/**
 * Writes packed days of readings. What arrives is always a row (db/store-readings.ts), however old; upkeep packs rows that have
 * grown older than a week, over what is packed already: the later arrival wins.
 */

const dayMs = 86_400_000;
const rowsForMs = 7 * dayMs;
const channelsAtOnce = 20;
const channelsPerLook = 500;

/** A channel's readings of one UTC day, or a part of them. */
export interface ChannelDay extends Readings {
  channelId: number;
  dayMs: number;
}

/**
 * Packs the readings of whole UTC days that are older than a week, and gives back the room of partitions that are empty then.
 * Ingest and roll-up go on meanwhile. `signal` ends it between two pieces. @returns how many readings were packed.
 */
export async function packOldReadings(nowMs: number, signal?: AbortSignal): Promise<number> {
  const horizonMs = Math.floor((nowMs - rowsForMs) / dayMs) * dayMs;
  let packed = 0;
  for (let after: number | null = -1; after !== null && !signal?.aborted;) {
    const { channels, last } = await channelsAfter(after, horizonMs);
    for (let i = 0; i < channels.length && !signal?.aborted; i += channelsAtOnce)
      packed += await packChannels(channels.slice(i, i + channelsAtOnce), horizonMs, signal);
    after = last;
  }
  await systemPool().query("select telemetry.release_emptied(to_timestamp($1 / 1000.0))", [horizonMs]);
  return packed;
}

/** Channels after a number that have rows before the horizon; `last`: the last one looked at, null: there are no more. */
async function channelsAfter(after: number, horizonMs: number): Promise<{ channels: number[]; last: number | null }> {
  const { rows } = await systemPool().query<{ id: number; isOld: boolean }>(
    `select c.id, exists (select from telemetry.readings r where r.channel_id = c.id and r.time < to_timestamp($2 / 1000.0)) as "isOld"
     from (select id from energy.channels where id > $1 order by id limit $3) c order by c.id`,
    [after, horizonMs, channelsPerLook],
  );
  return { channels: rows.filter(({ isOld }) => isOld).map(({ id }) => id), last: rows.at(-1)?.id ?? null };
}

/** Each pass takes the next day of each channel that has rows before the horizon; what comes late behind it waits for next time. */
async function packChannels(channels: readonly number[], horizonMs: number, signal?: AbortSignal): Promise<number> {
  let packed = 0;
  let next = channels.map((channelId) => ({ channelId, dayMs: 0 }));
  while (next.length && !signal?.aborted) {
    const taken = await asSystem((sql) => packFirstDays(sql, next, horizonMs));
    packed += taken.reduce((sum, { micros }) => sum + micros.length, 0);
    next = taken.map(({ channelId, dayMs: day }) => ({ channelId, dayMs: day + dayMs }));
  }
  return packed;
}

async function packFirstDays(
  sql: Sql,
  from: readonly { channelId: number; dayMs: number }[],
  horizonMs: number,
): Promise<ChannelDay[]> {
  await lockReadingDays(sql);
  const { rows: firsts } = await sql.query<{ channelId: number; dayMs: number }>(
    `select w.c as "channelId", floor(date_part('epoch', f.time) / 86400) * 86400000 as "dayMs" from unnest($1::int4[], $2::float8[]) as w(c, d)
     cross join lateral (select time from telemetry.readings
       where channel_id = w.c and time >= to_timestamp(w.d / 1000) and time < to_timestamp($3 / 1000.0) order by time limit 1) f`,
    [from.map((one) => one.channelId), from.map((one) => one.dayMs), horizonMs],
  );
  if (!firsts.length) return [];
  const days = firsts.map((first) => first.dayMs);
  const { rows: taken } = await sql.query<ChannelDay>(
    `with taken as (
       delete from telemetry.readings r using unnest($1::int4[], $2::float8[]) as w(c, d)
       where r.channel_id = w.c and r.time >= to_timestamp(w.d / 1000) and r.time < to_timestamp(w.d / 1000 + 86400)
         and r.time >= to_timestamp($3 / 1000.0) and r.time < to_timestamp($4 / 1000.0)
       returning w.c, w.d, r.time, r.value)
     select c as "channelId", d as "dayMs", array_agg(round(date_part('epoch', time) * 1000000) order by time) as micros,
       array_agg(value order by time) as values from taken group by c, d`,
    [firsts.map((first) => first.channelId), days, Math.min(...days), Math.max(...days) + dayMs],
  );
  await saveReadingDays(sql, taken, overlayReadings);
  return taken;
}

/** Stores days in the caller's transaction, which holds the lock; `merge` says what becomes of a day that is packed already. */
export async function saveReadingDays(
  sql: Sql,
  days: readonly ChannelDay[],
  merge: (packed: Readings, given: Readings) => Readings,
): Promise<void> {
  if (!days.length) return;
  const before = await readingDays(sql, days);
  const packed = days.map(({ channelId, dayMs: day, ...given }) => {
    const known = before.get(`${channelId} ${day}`);
    return { channelId, day, ...packReadings(known ? merge(unpackReadings(known), given) : given) };
  });
  await sql.query(
    `insert into telemetry.reading_days (channel_id, day, first_time, last_time, count, step_us, tick_us, gaps, wide_gaps, divisor,
       first_whole, changes, wide_changes, plain)
     select c, (to_timestamp(d / 1000) at time zone 'UTC')::date, '1970-01-01Z'::timestamptz + f * interval '1 microsecond',
       '1970-01-01Z'::timestamptz + l * interval '1 microsecond', n, step, tick, g::int2[], wg::int8[], divisor, whole, ch::int2[], wch::int8[],
       p::float8[]
     from unnest($1::int4[], $2::float8[], $3::float8[], $4::float8[], $5::int4[], $6::int8[], $7::int4[], $8::text[], $9::text[],
       $10::int4[], $11::int8[], $12::text[], $13::text[], $14::text[]) as x(c, d, f, l, n, step, tick, g, wg, divisor, whole, ch, wch, p)
     on conflict (channel_id, day) do update set first_time = excluded.first_time, last_time = excluded.last_time,
       count = excluded.count, step_us = excluded.step_us, tick_us = excluded.tick_us, gaps = excluded.gaps,
       wide_gaps = excluded.wide_gaps, divisor = excluded.divisor, first_whole = excluded.first_whole, changes = excluded.changes,
       wide_changes = excluded.wide_changes, plain = excluded.plain`,
    [
      packed.map((p) => p.channelId),
      packed.map((p) => p.day),
      packed.map((p) => p.firstMicros),
      packed.map((p) => p.lastMicros),
      packed.map((p) => p.count),
      packed.map((p) => p.stepMicros),
      packed.map((p) => p.tickMicros),
      packed.map((p) => literal(p.gaps, isNarrow)),
      packed.map((p) => literal(p.gaps, isWide)),
      packed.map((p) => p.divisor),
      packed.map((p) => p.firstWhole),
      packed.map((p) => literal(p.changes, isNarrow)),
      packed.map((p) => literal(p.changes, isWide)),
      packed.map((p) => p.plain && `{${p.plain.map((value) => (Object.is(value, -0) ? "-0" : value)).join()}}`),
    ],
  );
}

const isNarrow = (numbers: readonly number[]) => numbers.every((number) => number >= -32_768 && number <= 32_767);
const isWide = (numbers: readonly number[]) => !isNarrow(numbers);
const literal = (numbers: readonly number[] | null, fits: (numbers: readonly number[]) => boolean) =>
  numbers && fits(numbers) ? `{${numbers.join()}}` : null;

async function readingDays(
  sql: Sql,
  days: readonly { channelId: number; dayMs: number }[],
): Promise<Map<string, ReadingDay>> {
  const { rows } = await sql.query<ReadingDay & { channelId: number; dayMs: number }>(
    `select ${readingDayColumns} from telemetry.reading_days
     where (channel_id, day) in (select c, (to_timestamp(d / 1000) at time zone 'UTC')::date from unnest($1::int4[], $2::float8[]) as x(c, d))`,
    [days.map((d) => d.channelId), days.map((d) => d.dayMs)],
  );
  return new Map(rows.map((row) => [`${row.channelId} ${row.dayMs}`, row]));
}

/** The next packed days of a channel after a day (epoch milliseconds), unpacked, ascending. */
export async function readingDaysAfter(
  sql: Sql,
  channelId: number,
  afterMs: number,
  limit: number,
): Promise<ChannelDay[]> {
  const { rows } = await sql.query<ReadingDay & { channelId: number; dayMs: number }>(
    `select ${readingDayColumns} from telemetry.reading_days
     where channel_id = $1 and day > coalesce((to_timestamp($2::float8 / 1000) at time zone 'UTC')::date, '-infinity') order by day limit $3`,
    [channelId, Number.isFinite(afterMs) ? afterMs : null, limit],
  );
  return rows.map((row) => ({ channelId, dayMs: row.dayMs, ...unpackReadings(row) }));
}

/** One writer of packed days at a time, in whatever process. Held until the transaction ends. */
export async function lockReadingDays(sql: Sql): Promise<void> {
  await sql.query("select pg_advisory_xact_lock(hashtext('telemetry.reading_days'))");
}
