import { onChangeMaxGapS, type EnergyChannel } from "../domain/energy/channel-config.ts";
import type { Sql } from "./client.ts";
import { enqueue } from "./jobs.ts";

/**
 * When devices went offline, by what they (or their gateway) said of themselves: a will is an `online` state that is false. What a
 * channel that reports on change showed last is held no longer than that.
 */

/** Whether it matters to a channel that its device goes offline. */
export const isHeld = ({ kind, reporting, stamp }: EnergyChannel): boolean =>
  kind === "gauge" && reporting === "on-change" && stamp === "instant";

/**
 * Marks what is held at present, so that its buckets follow the clock: channels that report on change whose newest reading is not
 * older than it may be held.
 */
export async function markHeld(sql: Sql): Promise<void> {
  await sql.query(
    `insert into telemetry.dirty (channel_id, from_time, to_time)
     select c.id, l.time, l.time from energy.channels c join telemetry.latest l on l.channel_id = c.id
     where c.kind = 'gauge' and c.reporting = 'on-change' and c.stamp = 'instant' and c.merged_into is null
       and l.time > now() - make_interval(secs => coalesce(c.max_gap_s, $1) + 1800)`,
    [onChangeMaxGapS],
  );
  await enqueue(sql, "roll-up", {}, { key: "roll-up" });
}

const states = { organization: "energy.channel_states", system: "telemetry.states" };

/** For each stretch of a channel (epoch milliseconds, closed) the instants at which its device went offline, ascending. */
export async function offlineTimes(
  sql: Sql,
  context: keyof typeof states,
  stretches: readonly { channelId: number; fromMs: number; toMs: number }[],
): Promise<number[][]> {
  if (!stretches.length) return [];
  const { rows } = await sql.query<{ times: number[] | null }>(
    `select (select array_agg(distinct date_part('epoch', s.time) * 1000)
       from energy.channels c join energy.devices d on d.id = c.device_id
       join energy.channels o on o.device_id in (d.id, d.gateway_id) and o.metric = 'online' and o.kind = 'state'
       join ${states[context]} s on s.channel_id = o.id and s.value = 'false'
         and s.time between to_timestamp(m.f / 1000) and to_timestamp(m.t / 1000)
       where c.id = m.c) as times
     from unnest($1::int4[], $2::float8[], $3::float8[]) with ordinality as m(c, f, t, i) order by m.i`,
    [stretches.map((s) => s.channelId), stretches.map((s) => s.fromMs), stretches.map((s) => s.toMs)],
  );
  return rows.map(({ times }) => times ?? []);
}
