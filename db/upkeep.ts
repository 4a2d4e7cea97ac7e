import { asSystem, systemPool } from "./as-system.ts";
import type { Sql } from "./client.ts";

/** The partitions of this month and the next two, where the engine has partitions. */
export async function makePartitionsAhead(sql: Sql): Promise<void> {
  await sql.query("select telemetry.ensure_partitions(now() - interval '1 day', now() + interval '2 months')");
}

const perDelete = 50_000;

/**
 * Removes a device that a person deleted, and the devices it spoke for as a gateway: readings in pieces, then the rest.
 * @returns how many readings were removed. A device that is not marked as deleted is left alone (0).
 */
export async function deleteDeviceData(organizationId: string, deviceId: string): Promise<number> {
  const { rows } = await systemPool().query<{ id: string; channels: number[] }>(
    `select d.id, coalesce(array_agg(c.id) filter (where c.id is not null), '{}') as channels
     from energy.devices d left join energy.channels c on c.device_id = d.id
     where d.organization_id = $1 and (d.id = $2 or d.gateway_id = $2)
       and exists (select from energy.devices x where x.id = $2 and x.deleted_at is not null)
     group by d.id`,
    [organizationId, deviceId],
  );
  const channels = rows.flatMap((row) => row.channels);
  let removed = 0;
  for (const channel of channels) removed += await deleteReadings(channel);
  await asSystem(async (sql) => {
    await deleteRest(sql, channels);
    const devices = rows.map((row) => row.id);
    for (const table of tablesOfDevices) {
      await sql.query(`delete from telemetry.${table} where device_id = any ($1)`, [devices]);
    }
    await sql.query("delete from energy.devices where id = any ($1)", [devices]);
  });
  return removed;
}

/**
 * Removes what is stored of a channel that was deleted; its number is never given out again.
 * @returns how many readings were removed. A channel that still exists is left alone (0).
 */
export async function deleteChannelData(channelId: number): Promise<number> {
  const { rowCount } = await systemPool().query("select from energy.channels where id = $1", [channelId]);
  if (rowCount) return 0;
  const removed = await deleteReadings(channelId);
  await asSystem((sql) => deleteRest(sql, [channelId]));
  return removed;
}

/** All of telemetry that is kept by device. */
export const tablesOfDevices = ["rejects", "messages", "decoder_states", "parked", "device_hours"] as const;

/** All of telemetry that is kept by channel, but the readings. */
const tablesOfChannels = "states latest dirty rollup_buckets rollup_days cadence meter_events estimated_gaps".split(
  " ",
);

export async function deleteRest(sql: Sql, channels: readonly number[]): Promise<void> {
  for (const table of tablesOfChannels) {
    await sql.query(`delete from telemetry.${table} where channel_id = any ($1)`, [channels]);
  }
}

/** All readings of a channel, rows in pieces. The packed days go last, so that what is packed meanwhile goes with them. */
export async function deleteReadings(channel: number): Promise<number> {
  let removed = 0;
  for (let some = 1; some > 0; removed += some) {
    const { rowCount } = await systemPool().query(
      `delete from telemetry.readings where channel_id = $1 and time <= (
         select max(time) from (select time from telemetry.readings where channel_id = $1 order by time limit $2) first)`,
      [channel, perDelete],
    );
    some = rowCount ?? 0;
  }
  const { rows } = await systemPool().query<{ count: number }>(
    "delete from telemetry.reading_days where channel_id = $1 returning count",
    [channel],
  );
  return rows.reduce((sum, { count }) => sum + count, removed);
}
