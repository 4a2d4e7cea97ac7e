import type { Learned } from "../domain/energy/learned.ts";
import type { Reading } from "../domain/reading.ts";
import { millisIn, sentArray } from "./binary-arrays.ts";
import type { Sql } from "./client.ts";
import { timeBefore, timeFrom, valueAt } from "./reading-lookups.ts";

/** What was learned of channels, a version for each UTC day that has readings: interval and pace. */
const dayOf = (ms: string) => `(to_timestamp(${ms} / 1000.0) at time zone 'UTC')::date`;
const learnedColumns = `extract(epoch from day::timestamptz)::float8 * 1000 as "dayMs", interval_s as "intervalS", differences, pace`;

/** The versions of a channel that are in force in [fromMs, toMs], ascending; in an organization's context. */
export async function learnedOf(
  sql: Sql,
  channelId: number,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<Learned[]> {
  const { rows } = await sql.query<Learned>(
    `select ${learnedColumns} from energy.channel_cadence where channel_id = $1 and day <= ${dayOf("$3")}
       and day >= coalesce((select max(day) from energy.channel_cadence where channel_id = $1 and day <= ${dayOf("$2")}), ${dayOf("$2")})
     order by day`,
    [channelId, fromMs, toMs],
  );
  return rows;
}

/** A version, and the readings that it was learned from. */
export interface Version extends Learned {
  /** Readings from here to `sampledToMs` were sampled for the interval: a later one of that day cannot change it. */
  sampledFromMs: number;
  sampledToMs: number;
  /** The newest reading that was sampled for the pace; null: no pace is learned, or nothing was there. */
  pacedToMs: number | null;
  /** The pace of each of the day's 24 hours, whose median is the day's; an hour without a rise: null. Null: not looked at. */
  hourlyPaces: (number | null)[] | null;
}

/** A stretch of a channel's time, epoch milliseconds; closed. */
interface Stretch {
  channelId: number;
  fromMs: number;
  toMs: number;
}

const columnsOfStretches = (stretches: readonly Stretch[]) => [
  stretches.map((s) => s.channelId),
  stretches.map((s) => s.fromMs),
  stretches.map((s) => s.toMs),
];

/** The versions that readings in some stretches can have changed: those days', and later ones' that looked back as far. */
export async function versionsTouched(sql: Sql, stretches: readonly Stretch[]): Promise<Map<number, Version[]>> {
  return selectVersions(
    sql,
    `k.day >= ${dayOf("m.f")} and (k.day <= ${dayOf("m.t")} or k.sampled_from <= to_timestamp(m.t / 1000.0))`,
    stretches,
  );
}

/** The versions that are in force in some stretches, ascending. */
export async function versionsIn(sql: Sql, stretches: readonly Stretch[]): Promise<Map<number, Version[]>> {
  return selectVersions(
    sql,
    `k.day <= ${dayOf("m.t")} and k.day >= coalesce(
       (select max(day) from telemetry.cadence where channel_id = m.c and day <= ${dayOf("m.f")}), ${dayOf("m.f")})`,
    stretches,
  );
}

async function selectVersions(
  sql: Sql,
  condition: string,
  stretches: readonly Stretch[],
): Promise<Map<number, Version[]>> {
  const { rows } = await sql.query<Version & { channelId: number }>(
    `select distinct k.channel_id as "channelId", ${learnedColumns}, extract(epoch from sampled_from)::float8 * 1000 as "sampledFromMs",
       extract(epoch from sampled_to)::float8 * 1000 as "sampledToMs", extract(epoch from paced_to)::float8 * 1000 as "pacedToMs",
       hourly_paces as "hourlyPaces"
     from unnest($1::int4[], $2::float8[], $3::float8[]) as m(c, f, t)
     join telemetry.cadence k on k.channel_id = m.c and ${condition} order by 1, 2`,
    columnsOfStretches(stretches),
  );
  const found = new Map<number, Version[]>();
  for (const { channelId, ...version } of rows) {
    const list = found.get(channelId);
    if (list) list.push(version);
    else found.set(channelId, [version]);
  }
  return found;
}

/** How many readings a day's interval is learned from. */
export const cadenceSample = 101;

export interface ChannelDay {
  channelId: number;
  dayMs: number;
}

const columnsOf = (days: readonly ChannelDay[]) => [days.map((d) => d.channelId), days.map((d) => d.dayMs)];

export interface CadenceSample {
  /** Times of the day's first readings; where the day has fewer than four, of the last ones up to its end. Epoch ms, ascending. */
  times: number[];
  /** The reading before the day's first one; null: there is none, or the day has no readings. */
  previousMs: number | null;
}

export async function cadenceSamples(sql: Sql, days: readonly ChannelDay[]): Promise<CadenceSample[]> {
  const { rows } = await sql.query<{ first: string | null; last: string | null; previousMs: number | null }>(
    `select ${sentArray("f.times")} as first, date_part('epoch', ${timeBefore("m.c", "f.first")}) * 1000 as "previousMs",
       case when coalesce(cardinality(f.times), 0) < 4 then (
         select ${sentArray("array_agg(time order by time)")} from telemetry.times_before(m.c, w.end, $3)) end as last
     from unnest($1::int4[], $2::float8[]) with ordinality as m(c, d, i)
     cross join lateral (select to_timestamp(m.d / 1000) as start, to_timestamp(m.d / 1000) + interval '1 day' as "end" offset 0) w
     cross join lateral (select array_agg(time order by time) as times, min(time) as first
       from telemetry.times_from(m.c, w.start, w.end, $3)) f
     order by m.i`,
    [...columnsOf(days), cadenceSample],
  );
  return rows.map(({ first, last, previousMs }) => ({ times: millisIn(last ?? first ?? ""), previousMs }));
}

/** A day, and the hour (0 to 23) from which on its pairs are wanted; that of its first reading is given in any case. */
export interface HoursWanted extends ChannelDay {
  fromHour: number;
}

/**
 * Pairs of successive readings of a register, as stored, to learn a day's pace from: the first reading of each of its hours with
 * the one before it. So a day at any rhythm is seen from morning to night at the cost of some tens of look-ups.
 */
export async function hourlyPairs(sql: Sql, days: readonly HoursWanted[]): Promise<(readonly [Reading, Reading])[][]> {
  type Pairs = Record<"at" | "value" | "beforeMs" | "beforeValue", number[]>;
  // Days without a pair have one row of nothing.
  const column = (value: string) => `array_agg(${value} order by x.time) filter (where x.time is not null)`;
  const { rows } = await sql.query<Pairs | { at: null }>(
    `select ${column("date_part('epoch', x.time) * 1000")} as at, ${column("x.value")} as value,
       ${column("date_part('epoch', x.before) * 1000")} as "beforeMs", ${column("x.before_value")} as "beforeValue"
     from unnest($1::int4[], $2::float8[], $3::int4[]) with ordinality as m(c, d, h, i)
     cross join lateral (select to_timestamp(m.d / 1000) as start, to_timestamp(m.d / 1000) + interval '1 day' as "end" offset 0) w
     cross join lateral (select ${timeFrom("m.c", "w.start")} as first, ${timeBefore("m.c", 'w."end"')} as last,
       exists (select from telemetry.reading_days where channel_id = m.c and day = (w.start at time zone 'UTC')::date) as packed offset 0) day
     left join lateral (
       select first.time, ${valueAt("m.c", "first.time")} as value, previous.time as before, ${valueAt("m.c", "previous.time")} as before_value
       -- offset 0: which hours, is settled before any of them is looked at.
       from (select hour.* from generate_series(0, 23) h
         cross join lateral (select w.start + h * interval '1 hour' as start, w.start + (h + 1) * interval '1 hour' as "end") hour
         where not day.packed and day.last >= hour.start
           and (h >= m.h or day.first >= hour.start and day.first < hour."end") offset 0) hour
       cross join lateral (select ${timeFrom("m.c", "hour.start")} as time offset 0) first
       cross join lateral (select ${timeBefore("m.c", "first.time")} as time offset 0) previous
       where first.time < hour."end" and previous.time is not null
       union all
       -- A packed day is unpacked once: the first reading of an hour is one whose previous one is in another.
       select p.time, p.value, p.before, p.before_value from (
         select r.time, r.value, lag(r.time) over (order by r.time) as before, lag(r.value) over (order by r.time) as before_value
         from (select coalesce(${timeBefore("m.c", "w.start")}, w.start) as low where day.packed offset 0) f
         cross join lateral telemetry.readings_between(m.c, f.low, w."end" - interval '1 microsecond') r) p
       where p.time >= w.start and date_trunc('hour', p.before, 'UTC') < date_trunc('hour', p.time, 'UTC')
         and (p.time >= w.start + m.h * interval '1 hour' or p.time = day.first)) x on true
     group by m.i order by m.i`,
    [...columnsOf(days), days.map((d) => d.fromHour)],
  );
  return rows.map((row) => {
    if (!row.at) return [];
    const { at, value, beforeMs, beforeValue } = row;
    return at.map((timeMs, i) => [
      { timeMs: beforeMs[i]!, value: beforeValue[i]! },
      { timeMs, value: value[i]! },
    ]);
  });
}

/** The last readings up to a day's end, as stored, ascending: for a day that has no rise of its own. */
export async function lastReadings(sql: Sql, days: readonly ChannelDay[]): Promise<Reading[][]> {
  const { rows } = await sql.query<{ times: number[] | null; values: number[] }>(
    `select array_agg(date_part('epoch', l.time) * 1000 order by l.time) as times, array_agg(l.value order by l.time) as values
     from unnest($1::int4[], $2::float8[]) with ordinality as m(c, d, i)
     left join lateral (select time, value from telemetry.readings_between(m.c,
       (select min(time) from telemetry.times_before(m.c, to_timestamp(m.d / 1000.0) + interval '1 day', $3)),
       to_timestamp(m.d / 1000.0) + interval '1 day' - interval '1 microsecond')) l on true
     group by m.i order by m.i`,
    [...columnsOf(days), cadenceSample],
  );
  return rows.map(({ times, values }) =>
    times && values[0] !== null ? times.map((timeMs, i) => ({ timeMs, value: values[i]! })) : [],
  );
}

export async function saveVersions(sql: Sql, versions: readonly (Version & { channelId: number })[]): Promise<void> {
  if (!versions.length) return;
  await sql.query(
    `insert into telemetry.cadence (channel_id, day, interval_s, differences, pace, sampled_from, sampled_to, paced_to, hourly_paces)
     select c, ${dayOf("d")}, i, n, p, to_timestamp(f / 1000.0), to_timestamp(s / 1000.0), to_timestamp(t / 1000.0), h::float8[]
     from unnest($1::int4[], $2::float8[], $3::float8[], $4::int4[], $5::float8[], $6::float8[], $7::float8[], $8::float8[], $9::text[])
       as x(c, d, i, n, p, f, s, t, h)
     on conflict (channel_id, day) do update set interval_s = excluded.interval_s, differences = excluded.differences,
       pace = excluded.pace, sampled_from = excluded.sampled_from, sampled_to = excluded.sampled_to, paced_to = excluded.paced_to,
       hourly_paces = excluded.hourly_paces`,
    [
      versions.map((v) => v.channelId),
      versions.map((v) => v.dayMs),
      versions.map((v) => v.intervalS),
      versions.map((v) => v.differences),
      versions.map((v) => v.pace),
      versions.map((v) => v.sampledFromMs),
      versions.map((v) => v.sampledToMs),
      versions.map((v) => v.pacedToMs),
      versions.map((v) => v.hourlyPaces && `{${v.hourlyPaces.map((pace) => pace ?? "NULL").join()}}`),
    ],
  );
}
