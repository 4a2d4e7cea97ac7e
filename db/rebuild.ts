import { manualTimes } from "../domain/energy/corrected-window.ts";
import { systemPool } from "./as-system.ts";
import { isUuid, type Sql } from "./client.ts";
import { correctionsInForce } from "./corrections.ts";
import type { Mark } from "./roll-up.ts";

/** Which channels to rebuild; nothing given: all. */
export interface RebuildScope {
  channelId?: number | undefined;
  deviceId?: string | undefined;
  siteId?: string | undefined;
  organizationId?: string | undefined;
  /** Only those with a greater number: where an interrupted rebuild goes on. */
  afterId?: number | undefined;
}

/** The channels of a scope that can have buckets, ascending. A device's are also those of the devices that it speaks for. */
export async function channelsToRebuild(scope: RebuildScope): Promise<number[]> {
  const ids = [scope.deviceId, scope.siteId, scope.organizationId];
  if (ids.some((id) => id !== undefined && !isUuid(id))) return [];
  const { rows } = await systemPool().query<{ id: number }>(
    `select c.id from energy.channels c join energy.devices d on d.id = c.device_id
     where c.kind <> 'state' and c.merged_into is null and c.id > $5
       and ($1::int is null or c.id = $1) and ($2::uuid is null or d.id = $2 or d.gateway_id = $2)
       and ($3::uuid is null or d.site_id = $3) and ($4::uuid is null or c.organization_id = $4)
     order by c.id`,
    [
      scope.channelId ?? null,
      scope.deviceId ?? null,
      scope.siteId ?? null,
      scope.organizationId ?? null,
      scope.afterId ?? 0,
    ],
  );
  return rows.map(({ id }) => id);
}

/**
 * Forgets what the roll-up made of a channel's readings, in the caller's transaction. What lies before its first reading, or is
 * frozen, stays: the readings it came of are gone. @returns the stretch of its readings; null: it has none.
 */
export async function forgetRolledUp(sql: Sql, channelId: number): Promise<Mark | null> {
  const { rows } = await sql.query<{ fromMs: number | null; toMs: number | null }>(
    `select greatest(date_part('epoch', min(first)), (select date_part('epoch', frozen_before) from energy.channels where id = $1)) * 1000
       as "fromMs", extract(epoch from max(last))::float8 * 1000 as "toMs" from (
       select min(time) as first, max(time) as last from telemetry.readings where channel_id = $1
       union all
       select min(first_time), max(last_time) from telemetry.reading_days where channel_id = $1) r`,
    [channelId],
  );
  const { fromMs, toMs } = rows[0]!;
  if (fromMs === null || toMs === null || toMs < fromMs) return null;
  const since = { meter_events: "time", estimated_gaps: "start", rollup_buckets: "start" };
  for (const [table, column] of Object.entries(since))
    await sql.query(
      `delete from telemetry.${table} where channel_id = $1 and ${column} >= date_bin('15 minutes', to_timestamp($2 / 1000.0), 'epoch')`,
      [channelId, fromMs],
    );
  for (const [table, column] of Object.entries({ rollup_days: "day", cadence: "day" }))
    await sql.query(
      `delete from telemetry.${table} where channel_id = $1 and ${column} > (to_timestamp($2 / 1000.0) at time zone 'UTC')::date`,
      [channelId, fromMs],
    );
  const manual = manualTimes((await correctionsInForce(sql, [channelId]))(channelId));
  return { channelId, fromMs, toMs: Math.max(toMs, manual.at(-1) ?? toMs) };
}
