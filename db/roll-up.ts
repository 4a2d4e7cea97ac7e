import type { Direction, Kind, Medium, Quantity, Reporting, Stamp } from "../domain/channel.ts";
import type { Replacement } from "../domain/energy/channel-config.ts";
import type { Reading } from "../domain/reading.ts";
import type { Sql } from "./client.ts";

/** A stretch of a channel's time, epoch milliseconds; closed. */
export interface Mark {
  channelId: number;
  fromMs: number;
  toMs: number;
}

/** Each mark of an import is a batch of readings, not one: years of them in one pass would keep the live stream's waiting. */
const historyAtOnce = 100;

/**
 * Takes marks off the queue inside the caller's transaction: if that fails, they are there again. Two workers never take
 * the same ones. Answers them merged per channel and in order.
 */
export async function takeMarks(sql: Sql, limit: number): Promise<Mark[]> {
  const { rows } = await sql.query<Mark>(
    `with taken as (
       delete from telemetry.dirty where ctid = any (
         array(select ctid from telemetry.dirty where due_at = '-infinity' limit $1 for update skip locked)
         || array(select ctid from telemetry.dirty where due_at > '-infinity' and due_at <= now()
                  order by from_time limit ${historyAtOnce} for update skip locked))
       returning channel_id, from_time, to_time)
     select channel_id as "channelId", extract(epoch from from_time)::float8 * 1000 as "fromMs",
       extract(epoch from to_time)::float8 * 1000 as "toMs" from taken order by 1, 2`,
    [limit],
  );
  return mergeMarks(rows);
}

/** Marks of a channel that touch or nearly touch become one: fewer look-ups of neighbours. Sorted input. */
export function mergeMarks(marks: readonly Mark[]): Mark[] {
  const merged: Mark[] = [];
  for (const mark of marks) {
    const last = merged.at(-1);
    if (last && last.channelId === mark.channelId && mark.fromMs - last.toMs <= 2 * 3_600_000) {
      last.toMs = Math.max(last.toMs, mark.toMs);
    } else merged.push({ ...mark });
  }
  return merged;
}

/** How many marks wait and are due. */
export async function waitingMarks(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ n: number }>("select count(*) as n from telemetry.dirty where due_at <= now()");
  return rows[0]!.n;
}

/** What the rules of energy need to know of a channel. */
export interface RollUpChannel {
  id: number;
  medium: Medium;
  quantity: Quantity;
  kind: Kind;
  unit: string | null;
  direction: Direction | null;
  stamp: Stamp;
  reporting: Reporting;
  expectedIntervalS: number | null;
  maxGapS: number | null;
  maxPowerW: number | null;
  registerMax: number | null;
  restartsDaily: boolean;
  replacements: Replacement[];
  timezone: string;
  scale: number;
  shift: number;
}

export async function rollUpChannels(sql: Sql, ids: readonly number[]): Promise<Map<number, RollUpChannel>> {
  const { rows } = await sql.query<RollUpChannel>(
    `select c.id, c.medium, c.quantity, c.kind, c.unit, c.direction, c.stamp, c.reporting, c.expected_interval_s as "expectedIntervalS",
       c.max_gap_s as "maxGapS", c.max_power_w as "maxPowerW", c.register_max as "registerMax", c.restarts_daily as "restartsDaily",
       s.timezone, c.scale, c.shift,
       coalesce((select json_agg(json_build_object('atMs', extract(epoch from m.at)::float8 * 1000, 'finalValue', m.final_value,
         'firstValue', m.first_value) order by m.at) from energy.meter_replacements m where m.channel_id = c.id), '[]') as replacements
     from energy.channels c join energy.devices d on d.id = c.device_id join energy.sites s on s.id = d.site_id
     where c.id = any ($1)`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** For each stretch the times of the nearest readings before its beginning and after its end. */
export async function neighbours(
  sql: Sql,
  marks: readonly Mark[],
): Promise<{ previousMs: number | null; nextMs: number | null }[]> {
  const { rows } = await sql.query<{ previousMs: number | null; nextMs: number | null }>(
    `select extract(epoch from telemetry.time_before(m.c, to_timestamp(m.f / 1000.0)))::float8 * 1000 as "previousMs",
       extract(epoch from telemetry.time_from(m.c, to_timestamp(m.t / 1000.0) + interval '1 microsecond'))::float8 * 1000 as "nextMs"
     from unnest($1::int4[], $2::float8[], $3::float8[]) with ordinality as m(c, f, t, i)
     order by m.i`,
    columns(marks),
  );
  return rows;
}

/**
 * The readings of each window with the last one before it and the first one after it, ascending, as stored (raw).
 * Window: [fromMs, toMs), epoch milliseconds.
 */
export async function readingsAround(sql: Sql, windows: readonly Mark[]): Promise<Reading[][]> {
  const { rows } = await sql.query<{ i: number; times: number[]; values: number[] }>(
    `select m.i::int4 as i, r.times, r.values
     from unnest($1::int4[], $2::float8[], $3::float8[]) with ordinality as m(c, f, t, i)
     -- offset 0: the neighbours are looked up once, not for each reading between them.
     cross join lateral (select
       coalesce(telemetry.time_before(m.c, to_timestamp(m.f / 1000.0)), to_timestamp(m.f / 1000.0)) as low,
       coalesce(telemetry.time_from(m.c, to_timestamp(m.t / 1000.0)), to_timestamp(m.t / 1000.0)) as high offset 0) e
     cross join lateral (select array_agg(extract(epoch from time)::float8 * 1000 order by time) as times, array_agg(value order by time) as values
       from telemetry.readings_between(m.c, e.low, e.high)) r
     order by m.i`,
    columns(windows),
  );
  return rows.map(({ times, values }) => (times ?? []).map((timeMs, i) => ({ timeMs, value: values[i]! })));
}

function columns(marks: readonly Mark[]): [number[], number[], number[]] {
  return [marks.map((m) => m.channelId), marks.map((m) => m.fromMs), marks.map((m) => m.toMs)];
}

/** A learned interval: one version a UTC day. `sampledToMs`: a later reading of that day cannot change it. */
export interface Cadence {
  dayMs: number;
  intervalS: number | null;
  sampledToMs: number;
}

/** The versions of each channel, ascending. */
export async function cadences(sql: Sql, channelIds: readonly number[]): Promise<Map<number, Cadence[]>> {
  const { rows } = await sql.query<Cadence & { channelId: number }>(
    `select channel_id as "channelId", extract(epoch from day::timestamptz)::float8 * 1000 as "dayMs", interval_s as "intervalS",
       extract(epoch from sampled_to)::float8 * 1000 as "sampledToMs"
     from telemetry.cadence where channel_id = any ($1) order by channel_id, day`,
    [channelIds],
  );
  const found = new Map<number, Cadence[]>();
  for (const { channelId, ...cadence } of rows) {
    const list = found.get(channelId);
    if (list) list.push(cadence);
    else found.set(channelId, [cadence]);
  }
  return found;
}

/** How many readings a day's interval is learned from. */
export const cadenceSample = 101;

/** Times of a day's first readings; where the day has fewer than four, of the last ones up to its end. Epoch ms, ascending. */
export async function cadenceSamples(
  sql: Sql,
  days: readonly { channelId: number; dayMs: number }[],
): Promise<number[][]> {
  const { rows } = await sql.query<{ first: number[]; last: number[] | null }>(
    `select f.times as first, case when cardinality(f.times) < 4 then (
         select array_agg(extract(epoch from time)::float8 * 1000 order by time)
         from telemetry.times_before(m.c, to_timestamp(m.d / 1000.0) + interval '1 day', $3)) end as last
     from unnest($1::int4[], $2::float8[]) with ordinality as m(c, d, i)
     cross join lateral (select coalesce(array_agg(extract(epoch from time)::float8 * 1000 order by time), '{}') as times
       from telemetry.times_from(m.c, to_timestamp(m.d / 1000.0), to_timestamp(m.d / 1000.0) + interval '1 day', $3)) f
     order by m.i`,
    [days.map((d) => d.channelId), days.map((d) => d.dayMs), cadenceSample],
  );
  return rows.map(({ first, last }) => last ?? first);
}

export async function saveCadences(sql: Sql, versions: readonly (Cadence & { channelId: number })[]): Promise<void> {
  if (!versions.length) return;
  await sql.query(
    `insert into telemetry.cadence (channel_id, day, interval_s, sampled_to)
     select c, (to_timestamp(d / 1000.0) at time zone 'UTC')::date, i, to_timestamp(s / 1000.0)
     from unnest($1::int4[], $2::float8[], $3::float8[], $4::float8[]) as x(c, d, i, s)
     on conflict (channel_id, day) do update set interval_s = excluded.interval_s, sampled_to = excluded.sampled_to`,
    [
      versions.map((v) => v.channelId),
      versions.map((v) => v.dayMs),
      versions.map((v) => v.intervalS),
      versions.map((v) => v.sampledToMs),
    ],
  );
}
