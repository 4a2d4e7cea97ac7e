import type { Outage } from "../domain/energy/counter.ts";
import type { MeterEvent } from "../domain/energy/event.ts";
import type { Sql } from "./client.ts";

/** What registers did besides counting up, and their estimated stretches: written by the roll-up with the buckets. */
const ms = (column: string) => `extract(epoch from ${column})::float8 * 1000`;
const eventColumns = `e.channel_id as "channelId", e.type, ${ms("e.time")} as "timeMs", e.before, e.after, e.counted, e.added,
  ${ms("e.confirmed_at")} as "confirmedMs", ${ms("e.plain_from")} as "plainFromMs", ${ms("e.settled_at")} as "settledMs", e.range,
  e.by_person as "byPerson"`;

/** The relations of a context: the views in an organization's, the tables in the system's. */
const relations = {
  organization: { events: "energy.channel_events", gaps: "energy.channel_estimated_gaps" },
  system: { events: "telemetry.meter_events", gaps: "telemetry.estimated_gaps" },
};
export type Context = keyof typeof relations;

/** The events of channels in [fromMs, toMs), ascending, at most `limit` in all; in an organization's context, others' channels give none. */
export async function eventsOf(
  sql: Sql,
  channelIds: readonly number[],
  { fromMs, toMs, limit = null }: { fromMs: number; toMs: number; limit?: number | null },
): Promise<Map<number, MeterEvent[]>> {
  const { rows } = await sql.query<MeterEvent & { channelId: number }>(
    `select ${eventColumns} from energy.channel_events e where e.channel_id = any ($1) and e.time >= to_timestamp($2 / 1000.0)
       and e.time < to_timestamp($3 / 1000.0) order by e.channel_id, e.time limit $4`,
    [channelIds, fromMs, toMs, limit],
  );
  return byChannel(rows);
}

/** An instant of a channel. */
export interface ChannelInstant {
  channelId: number;
  atMs: number;
}

/**
 * When an event is over: the register is plain again, and no later reading makes it another event. Nearly all are over within a
 * day; the others have an index of their own, so that those open at an instant are found among a day's, however many there are.
 */
const reach = "greatest(e.plain_from, e.settled_at)";
const isLong = `case when ${reach} = 'infinity' then true else ${reach} - e.time > interval '24:00:00' end`;

/** Selects from a register's events those that began before an instant and are open there. */
const openAt = (select: string, { events, channel, time }: { events: string; channel: string; time: string }) => `
  select ${select} from ${events} e where e.channel_id = ${channel} and e.time < ${time} and e.time >= ${time} - interval '24:00:00'
    and ${reach} >= ${time}
  union all
  select ${select} from ${events} e where e.channel_id = ${channel} and e.time < ${time} - interval '24:00:00' and ${isLong}
    and ${reach} >= ${time}`;

/** Of each channel the events that are open at an instant or begin from there on, up to `toMs`, ascending. In the system's context. */
export async function eventsReaching(
  sql: Sql,
  instants: readonly (ChannelInstant & { toMs?: number })[],
): Promise<Map<number, MeterEvent[]>> {
  const { events } = relations.system;
  const { rows } = await sql.query<MeterEvent & { channelId: number }>(
    `select found.* from unnest($1::int4[], $2::float8[], $3::float8[]) as m(c, t, u)
     cross join lateral (select to_timestamp(m.t / 1000) as at, to_timestamp(m.u / 1000) as until offset 0) w
     cross join lateral (
       ${openAt(eventColumns, { events, channel: "m.c", time: "w.at" })}
       union all
       select ${eventColumns} from ${events} e where e.channel_id = m.c and e.time >= w.at and e.time <= w.until) found
     order by "channelId", "timeMs"`,
    [
      instants.map((i) => i.channelId),
      instants.map((i) => i.atMs),
      instants.map((i) => i.toMs ?? Number.POSITIVE_INFINITY),
    ],
  );
  return byChannel(rows);
}

/** Readings of a register one after the other that nothing returned from and nothing continued. */
export interface PendingRun {
  channelId: number;
  firstMs: number;
  lastMs: number;
}

/** Of channels those with more than so many pending readings. In the system's context. */
export async function pendingRuns(sql: Sql, channelIds: readonly number[], more: number): Promise<PendingRun[]> {
  const pending = `from telemetry.meter_events e where e.channel_id = c and e.type = 'pending' and ${isLong}`;
  const { rows } = await sql.query<PendingRun>({
    name: "pending-runs",
    text: `select c as "channelId", ${ms("f.time")} as "firstMs", ${ms("l.time")} as "lastMs"
      from unnest($1::int4[]) as c
        cross join lateral (select e.time ${pending} order by e.time limit 1) f
        cross join lateral (select e.time ${pending} order by e.time desc limit 1) l
      where (select count(*) from (select ${pending} limit $2 + 1) n) > $2`,
    values: [channelIds, more],
  });
  return rows;
}

function byChannel(rows: readonly (MeterEvent & { channelId: number })[]): Map<number, MeterEvent[]> {
  const found = new Map<number, MeterEvent[]>();
  for (const { channelId, ...event } of rows) {
    const list = found.get(channelId);
    if (list) list.push(event);
    else found.set(channelId, [event]);
  }
  return found;
}

/** Where the reading of a register can be taken up: the last reading before `beforeMs` is plain. */
export interface Start {
  beforeMs: number;
  /** The register's range by the readings up to there; null: no event came before, the reading's own value says it. */
  range: number | null;
}

/**
 * For each instant the latest start at or before it. With `changedMs`, events that a change at or after that instant can still
 * make others are not relied on.
 */
export async function startsBefore(
  sql: Sql,
  context: Context,
  instants: readonly (ChannelInstant & { changedMs?: number })[],
): Promise<Start[]> {
  const { events } = relations[context];
  const { rows } = await sql.query<Start>(
    `select ${ms("s.x")} as "beforeMs", (select e.range from ${events} e
         where e.channel_id = m.c and e.time < s.x order by e.time desc limit 1) as range
     from unnest($1::int4[], $2::float8[], $3::float8[]) with ordinality as m(c, t, changed, i)
     cross join lateral (
       with recursive back(x) as (
         select to_timestamp(m.t / 1000.0)
         union all
         select e.time from back cross join lateral (select min(o.time) as time from (
           ${openAt("e.time, e.plain_from, e.settled_at", { events, channel: "m.c", time: "back.x" })}) o
           where o.plain_from >= back.x or o.settled_at >= to_timestamp(m.changed / 1000.0)) e
         where e.time is not null)
       select min(x) as x from back) s
     order by m.i`,
    [
      instants.map((i) => i.channelId),
      instants.map((i) => i.atMs),
      instants.map((i) => i.changedMs ?? Number.POSITIVE_INFINITY),
    ],
  );
  return rows;
}

/** What was read anew of a register between two instants: events after `lowMs`, estimated stretches from `lowMs` on, before `toMs`. */
export interface RegisterStretch {
  channelId: number;
  lowMs: number;
  toMs: number;
  events: readonly MeterEvent[];
  gaps: readonly Outage[];
}

export async function saveRegisters(sql: Sql, stretches: readonly RegisterStretch[]): Promise<void> {
  if (!stretches.length) return;
  const bounds = [stretches.map((s) => s.channelId), stretches.map((s) => s.lowMs), stretches.map((s) => s.toMs)];
  await sql.query(
    `with stretch as (select c, to_timestamp(l / 1000.0) as low, to_timestamp(t / 1000.0) as high
         from unnest($1::int4[], $2::float8[], $3::float8[]) as x(c, l, t)),
       gaps as (delete from telemetry.estimated_gaps g using stretch s where g.channel_id = s.c and g.start >= s.low and g.start < s.high)
     delete from telemetry.meter_events e using stretch s where e.channel_id = s.c and e.time > s.low and e.time < s.high`,
    bounds,
  );
  await insertGaps(
    sql,
    stretches.flatMap(({ channelId, gaps }) => gaps.map((gap) => ({ channelId, ...gap }))),
  );
  await insertEvents(
    sql,
    stretches.flatMap(({ channelId, events }) => events.map((event) => ({ channelId, ...event }))),
  );
}

async function insertGaps(sql: Sql, gaps: readonly (Outage & { channelId: number })[]): Promise<void> {
  if (!gaps.length) return;
  await sql.query(
    `insert into telemetry.estimated_gaps
     select c, to_timestamp(s / 1000.0), to_timestamp(e / 1000.0) from unnest($1::int4[], $2::float8[], $3::float8[]) as x(c, s, e)
     on conflict (channel_id, start) do update set "end" = excluded."end"`,
    [gaps.map((g) => g.channelId), gaps.map((g) => g.startMs), gaps.map((g) => g.endMs)],
  );
}

async function insertEvents(sql: Sql, events: readonly (MeterEvent & { channelId: number })[]): Promise<void> {
  if (!events.length) return;
  const column = <K extends keyof MeterEvent>(key: K) => events.map((event) => event[key]);
  await sql.query(
    `insert into telemetry.meter_events
     select c, to_timestamp(t / 1000.0), y, b, a, n, d, to_timestamp(k / 1000.0), to_timestamp(p / 1000.0), to_timestamp(s / 1000.0), r, h
     from unnest($1::int4[], $2::float8[], $3::text[], $4::float8[], $5::float8[], $6::float8[], $7::float8[], $8::float8[],
       $9::float8[], $10::float8[], $11::float8[], $12::bool[]) as x(c, t, y, b, a, n, d, k, p, s, r, h)`,
    [
      events.map((event) => event.channelId),
      column("timeMs"),
      column("type"),
      column("before"),
      column("after"),
      column("counted"),
      column("added"),
      column("confirmedMs"),
      column("plainFromMs"),
      column("settledMs"),
      column("range"),
      column("byPerson"),
    ],
  );
}

/** The estimated stretches of a channel that touch [fromMs, toMs), ascending. */
export async function gapsOf(
  sql: Sql,
  context: Context,
  channelId: number,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<Outage[]> {
  const { rows } = await sql.query<Outage>(
    `select ${ms("start")} as "startMs", ${ms('"end"')} as "endMs" from ${relations[context].gaps}
     where channel_id = $1 and "end" > to_timestamp($2 / 1000.0) and start < to_timestamp($3 / 1000.0) order by 1`,
    [channelId, fromMs, toMs],
  );
  return rows;
}

/** Buckets of a channel were written in [fromMs, toMs). */
export interface Written {
  channelId: number;
  fromMs: number;
  toMs: number;
}

/**
 * The estimated stretches that hang on buckets which were written: those of the same register whose four weeks before hold them,
 * and those of registers of the same device over the same time, which a gauge may lay. What is inside of what was written itself
 * is left out where it was written after its history: a channel's stretches are written in the order of time.
 */
export async function gapsThatHangOn(
  sql: Sql,
  written: readonly Written[],
  profileMs: number,
): Promise<(Outage & { channelId: number })[]> {
  const { rows } = await sql.query<Outage & { channelId: number }>(
    `with w as (select c, to_timestamp(f / 1000.0) as low, to_timestamp(t / 1000.0) as high
       from unnest($1::int4[], $2::float8[], $3::float8[]) as x(c, f, t)),
     own as (
       select g.* from w join telemetry.estimated_gaps g on g.channel_id = w.c and g.start > w.low
         and g.start < w.high + make_interval(secs => $4::float8 / 1000)
       where not exists (select from w i where i.c = g.channel_id and i.low <= g.start and g."end" <= i.high)),
     shaped as (
       select g.* from w join energy.channels s on s.id = w.c and s.kind = 'gauge' and s.quantity = 'power'
         join energy.channels c on c.device_id = s.device_id and c.kind = 'counter'
         join telemetry.estimated_gaps g on g.channel_id = c.id and g.start < w.high and g."end" > w.low
           and g.start >= coalesce((select max(start) from telemetry.estimated_gaps where channel_id = c.id and start <= w.low), w.low))
     select channel_id as "channelId", ${ms("start")} as "startMs", ${ms('"end"')} as "endMs"
     from (select * from own union select * from shaped) g order by 1, 2`,
    [written.map((x) => x.channelId), written.map((x) => x.fromMs), written.map((x) => x.toMs), profileMs],
  );
  return rows;
}
