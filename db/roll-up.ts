import type { Direction, Kind, Medium, Quantity, Reporting, Role, Stamp } from "../domain/channel.ts";
import type { Replacement } from "../domain/energy/channel-config.ts";
import { correct } from "../domain/energy/corrections.ts";
import type { Judgements } from "../domain/energy/judgement.ts";
import type { Reading } from "../domain/reading.ts";
import type { Gauge } from "../domain/energy/shape-gauge.ts";
import type { Around } from "../domain/energy/corrected-window.ts";
import { float8sIn, millisIn, sentArray } from "./binary-arrays.ts";
import type { Sql } from "./client.ts";
import { correctionsInForce, type CorrectionInForce } from "./corrections.ts";
import { timeAhead, timeBefore, timeFrom } from "./reading-lookups.ts";

/** A stretch of a channel's time, epoch milliseconds; closed. */
export interface Mark {
  channelId: number;
  fromMs: number;
  toMs: number;
}

/** Each mark of an import is a batch of readings, not one: years of them in one pass would keep the live stream's waiting. */
const historyAtOnce = 100;

export interface TakenMarks {
  /** Merged per channel and in order. */
  marks: Mark[];
  /** Channels with a mark among them that had to wait, and is due now. */
  dueChannels: Set<number>;
}

/**
 * Takes marks off the queue inside the caller's transaction: if that fails, they are there again. Two workers never take
 * the same ones.
 */
export async function takeMarks(sql: Sql, limit: number): Promise<TakenMarks> {
  const { rows } = await sql.query<Mark & { isDue: boolean }>(
    `with taken as (
       delete from telemetry.dirty where ctid = any (
         array(select ctid from telemetry.dirty where due_at = '-infinity' limit $1 for update skip locked)
         || array(select ctid from telemetry.dirty where due_at > '-infinity' and due_at <= now()
                  order by from_time limit ${historyAtOnce} for update skip locked))
       returning channel_id, from_time, to_time, due_at > '-infinity' as is_due)
     select channel_id as "channelId", extract(epoch from from_time)::float8 * 1000 as "fromMs",
       extract(epoch from to_time)::float8 * 1000 as "toMs", is_due as "isDue" from taken order by 1, 2`,
    [limit],
  );
  const dueChannels = new Set(rows.flatMap(({ channelId, isDue }) => (isDue ? [channelId] : [])));
  return { marks: mergeMarks(rows.map(({ isDue: _, ...mark }) => mark)), dueChannels };
}

/** Puts marks back, for later. */
export async function deferMarks(sql: Sql, marks: readonly (Mark & { dueMs: number })[]): Promise<void> {
  if (!marks.length) return;
  await sql.query(
    `insert into telemetry.dirty (channel_id, from_time, to_time, due_at)
     select c, to_timestamp(f / 1000), to_timestamp(t / 1000), to_timestamp(d / 1000)
     from unnest($1::int4[], $2::float8[], $3::float8[], $4::float8[]) as x(c, f, t, d)`,
    [marks.map((m) => m.channelId), marks.map((m) => m.fromMs), marks.map((m) => m.toMs), marks.map((m) => m.dueMs)],
  );
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
  /** What people corrected of its readings, in their order; and what that says of a register. */
  corrections: readonly CorrectionInForce[];
  judgements: Judgements;
  replacements: Replacement[];
  role: Role;
  /** Which part of its device it measures (domain/energy/shape-gauge.ts). */
  place: string;
  timezone: string;
  scale: number;
  shift: number;
  /** Buckets before it stay as they are, epoch milliseconds; -Infinity: none. */
  frozenBeforeMs: number;
}

/** Tags and phase, and the number in a metric's name (`power.ch1`), with its medium. */
const place = `concat_ws(' ', c.medium, c.tags::text, c.phase, substring(c.metric from '\\.((ch)?\\d+)$'))`;

/** The power gauges beside a channel: those of its device. */
export async function shapeGauges(sql: Sql, channelId: number): Promise<Gauge[]> {
  const { rows } = await sql.query<Gauge>(
    `select c.id, c.metric, c.direction, c.role, ${place} as place from energy.channels c
     where c.device_id = (select device_id from energy.channels where id = $1) and c.kind = 'gauge' and c.quantity = 'power'
       and c.merged_into is null`,
    [channelId],
  );
  return rows;
}

export async function rollUpChannels(sql: Sql, ids: readonly number[]): Promise<Map<number, RollUpChannel>> {
  const { rows } = await sql.query<Omit<RollUpChannel, "corrections" | "judgements" | "replacements">>(
    `select c.id, c.medium, c.quantity, c.kind, c.unit, c.direction, c.stamp, c.reporting, c.expected_interval_s as "expectedIntervalS",
       c.max_gap_s as "maxGapS", c.max_power_w as "maxPowerW", c.register_max as "registerMax", c.restarts_daily as "restartsDaily",
       c.role, ${place} as place, s.timezone, c.scale, c.shift,
       coalesce(date_part('epoch', c.frozen_before) * 1000, '-infinity') as "frozenBeforeMs"
     from energy.channels c join energy.devices d on d.id = c.device_id join energy.sites s on s.id = d.site_id
     where c.id = any ($1)`,
    [ids],
  );
  const correctionsOf = await correctionsInForce(sql, ids);
  return new Map(
    rows.map((row) => {
      const corrections = correctionsOf(row.id);
      const { judgements, replacements } = correct([], corrections);
      return [row.id, { ...row, corrections, judgements, replacements }];
    }),
  );
}

/** For each stretch the times of the nearest readings before its beginning and after its end. */
export async function neighbours(
  sql: Sql,
  marks: readonly Mark[],
): Promise<{ previousMs: number | null; nextMs: number | null }[]> {
  const { rows } = await sql.query<{ previousMs: number | null; nextMs: number | null }>(
    `select date_part('epoch', ${timeBefore("m.c", "w.f")}) * 1000 as "previousMs",
       date_part('epoch', ${timeFrom("m.c", "w.t")}) * 1000 as "nextMs"
     from unnest($1::int4[], $2::float8[], $3::float8[]) with ordinality as m(c, f, t, i)
     cross join lateral (select to_timestamp(m.f / 1000) as f, to_timestamp(m.t / 1000) + interval '1 microsecond' as t offset 0) w
     order by m.i`,
    columns(marks),
  );
  return rows;
}

/** A window [fromMs, toMs), and how far beyond it readings are wanted. */
export interface Wanted extends Mark {
  /** Readings beyond the first one after the window: as many, and those of a quarter-hour; 0: none. */
  ahead: number;
}

/** The readings of each window with the last one before it, the first one after it, and those ahead; ascending, as stored. */
export async function readingsAround(sql: Sql, windows: readonly Wanted[]): Promise<Around[]> {
  const { rows } = await sql.query<{ times: string | null; values: string | null; hasMore: boolean }>(
    `select r.times, r.values, e.high < 'infinity' as "hasMore"
     from unnest($1::int4[], $2::float8[], $3::float8[], $4::int4[]) with ordinality as m(c, f, t, n, i)
     -- offset 0: the ends are looked up once, not for each reading between them.
     cross join lateral (select to_timestamp(m.f / 1000) as f, to_timestamp(m.t / 1000) as t offset 0) w
     cross join lateral (select coalesce(${timeBefore("m.c", "w.f")}, w.f) as low,
       case when m.n > 0 then coalesce((select greatest(a.time, w.t + interval '15 minutes')
           from (select ${timeAhead("m.c", "w.t", "m.n")} as time offset 0) a where a.time is not null), 'infinity')
         else coalesce(${timeFrom("m.c", "w.t")}, w.t) end as high offset 0) e
     cross join lateral (select ${sentArray("array_agg(time order by time)")} as times, ${sentArray("array_agg(value order by time)")} as values
       from telemetry.readings_between(m.c, e.low, e.high)) r
     order by m.i`,
    [...columns(windows), windows.map((w) => w.ahead)],
  );
  return rows.map(({ times, values, hasMore }) => ({ readings: readingsOf(times, values), hasMore }));
}

function readingsOf(times: string | null, values: string | null): Reading[] {
  const all = float8sIn(values ?? "");
  return millisIn(times ?? "").map((timeMs, i) => ({ timeMs, value: all[i]! }));
}

function columns(marks: readonly Mark[]): [number[], number[], number[]] {
  return [marks.map((m) => m.channelId), marks.map((m) => m.fromMs), marks.map((m) => m.toMs)];
}
