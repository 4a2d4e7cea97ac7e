import { isInterval } from "../domain/energy/channel-config.ts";
import { bucketStart } from "../domain/rollup/bucket.ts";
import { asSystem, systemPool } from "./as-system.ts";
import { cadenceSample } from "./cadence.ts";
import type { Sql } from "./client.ts";
import { correctedNeighbours } from "./corrected-readings.ts";
import { startsBefore } from "./meter-events.ts";
import { lockReadingDays } from "./pack-readings.ts";
import { rollUpChannels, type RollUpChannel } from "./roll-up.ts";
import { lockRollups } from "./rollups.ts";

/**
 * Removes raw readings that an organization does not keep any longer (docs/decisions/0016). A channel's buckets before an instant
 * are frozen first; what the buckets after it are made of stays, and so do rollups, events and learned rules.
 */

const dayMs = 86_400_000;
const perDelete = 50_000;

/** The organization's channels that have readings before an instant. */
export async function channelsWithReadingsBefore(organizationId: string, beforeMs: number): Promise<number[]> {
  const { rows } = await systemPool().query<{ id: number }>(
    `select c.id from energy.channels c
     where c.organization_id = $1 and c.kind <> 'state' and (
       exists (select from telemetry.readings r where r.channel_id = c.id and r.time < to_timestamp($2::float8 / 1000))
       or exists (select from telemetry.reading_days d where d.channel_id = c.id and d.first_time < to_timestamp($2::float8 / 1000)))
     order by c.id`,
    [organizationId, beforeMs],
  );
  return rows.map(({ id }) => id);
}

/**
 * Freezes a channel's buckets as far as no reading from `edgeMs` on can change them.
 * @param edgeMs a UTC midnight; no reading before it is accepted any more.
 * @returns the instant before which its raw readings may be removed; null: none yet. "waiting": marks before it wait for the roll-up.
 */
export function freezeChannel(channelId: number, edgeMs: number): Promise<number | null | "waiting"> {
  return asSystem(async (sql) => {
    await lockRollups(sql);
    const channels = await rollUpChannels(sql, [channelId]);
    const channel = channels.get(channelId);
    if (!channel) return null;
    if (await hasMarksBefore(sql, channelId, edgeMs)) return "waiting";
    const frozenMs = await frozenBefore(sql, channels, channel, edgeMs);
    if (frozenMs === null) return null;
    const neededMs = await neededFrom(sql, channels, channel, frozenMs);
    if (neededMs === null) return null;
    await sql.query(
      "update energy.channels set frozen_before = greatest(frozen_before, to_timestamp($2::float8 / 1000)) where id = $1",
      [channelId, frozenMs],
    );
    return neededMs;
  });
}

async function hasMarksBefore(sql: Sql, channelId: number, edgeMs: number): Promise<boolean> {
  const { rowCount } = await sql.query(
    "select from telemetry.dirty where channel_id = $1 and from_time < to_timestamp($2::float8 / 1000) limit 1",
    [channelId, edgeMs],
  );
  return Boolean(rowCount);
}

type Channels = ReadonlyMap<number, RollUpChannel>;

/**
 * A reading from the edge on changes buckets back to the last reading before it, or to before an event there that it can make
 * another one. @returns the bucket of that; null: nothing is before the edge.
 */
async function frozenBefore(
  sql: Sql,
  channels: Channels,
  channel: RollUpChannel,
  edgeMs: number,
): Promise<number | null> {
  const last = await lastCounted(sql, channels, channel, edgeMs, edgeMs);
  if (last === null) return null;
  // An interval reaches further back, but no further than a hundred others.
  const sampled = isInterval(channel) ? await sampleStart(sql, channel.id, edgeMs) : last;
  return sampled === null ? null : bucketStart(Math.min(last, sampled, edgeMs - dayMs));
}

/** What buckets from an instant on are made of, and what their day's rules are learned from. null: all that there is. */
async function neededFrom(
  sql: Sql,
  channels: Channels,
  channel: RollUpChannel,
  frozenMs: number,
): Promise<number | null> {
  const midnightMs = Math.floor(frozenMs / dayMs) * dayMs;
  const sampled = await sampleStart(sql, channel.id, midnightMs);
  const last = await lastCounted(sql, channels, channel, midnightMs);
  return sampled === null || last === null ? null : Math.min(sampled, last);
}

/** The last reading before an instant at which the channel is as it seems: none of its events is open there. */
async function lastCounted(
  sql: Sql,
  channels: Channels,
  { id: channelId, kind }: RollUpChannel,
  atMs: number,
  changedMs?: number,
): Promise<number | null> {
  const instant = { channelId, atMs, ...(changedMs !== undefined && { changedMs }) };
  const beforeMs = kind === "counter" ? (await startsBefore(sql, "system", [instant]))[0]!.beforeMs : atMs;
  const [around] = await correctedNeighbours(sql, channels, [{ channelId, fromMs: beforeMs, toMs: beforeMs }]);
  return around!.previousMs;
}

/** Where the sample begins that a day's rules are learned from, if it has no readings itself; null: there are not so many. */
async function sampleStart(sql: Sql, channelId: number, beforeMs: number): Promise<number | null> {
  const { rows } = await sql.query<{ ms: number; n: number }>(
    "select date_part('epoch', min(time)) * 1000 as ms, count(*) as n from telemetry.times_before($1, to_timestamp($2::float8 / 1000), $3)",
    [channelId, beforeMs, cadenceSample],
  );
  return rows[0]!.n < cadenceSample ? null : rows[0]!.ms;
}

/** Removes a channel's raw readings before an instant: rows in pieces, and packed days that lie wholly before it. */
export async function removeReadings(channelId: number, beforeMs: number): Promise<number> {
  let removed = 0;
  for (let some = 1; some > 0; removed += some) {
    const { rowCount } = await systemPool().query(
      `delete from telemetry.readings where channel_id = $1 and time < to_timestamp($2::float8 / 1000) and time <= (
         select max(time) from (select time from telemetry.readings where channel_id = $1 order by time limit $3) first)`,
      [channelId, beforeMs, perDelete],
    );
    some = rowCount ?? 0;
  }
  const days = await asSystem(async (sql) => {
    await lockReadingDays(sql);
    const { rows } = await sql.query<{ count: number }>(
      "delete from telemetry.reading_days where channel_id = $1 and last_time < to_timestamp($2::float8 / 1000) returning count",
      [channelId, beforeMs],
    );
    return rows.reduce((sum, { count }) => sum + count, 0);
  });
  return removed + days;
}
