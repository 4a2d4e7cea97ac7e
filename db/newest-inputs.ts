import { systemPool } from "./as-system.ts";

/** The newest value of a channel, under the name that its device was sent with and its metric. */
export interface NewestInput {
  device: string;
  metric: string;
  timeMs: number;
  value: number;
}

/**
 * The newest values, as they were sent, of a credential's device and of those it speaks for. `device`: only of the one that is
 * sent under this name. Merged devices and channels answer under their old names too, since the sender goes on with these.
 */
export async function newestInputs(deviceId: string, device: string | null): Promise<NewestInput[]> {
  const { rows } = await systemPool().query<NewestInput>(
    `select d.external_id as device, c.metric, extract(epoch from l.time)::float8 * 1000 as "timeMs", l.value
     from energy.devices d
     join energy.channels c on c.device_id = coalesce(d.merged_into, d.id)
     join telemetry.latest l on l.channel_id = coalesce(c.merged_into, c.id)
     where (d.id = $1 or d.gateway_id = $1) and d.deleted_at is null and d.external_id = coalesce($2, d.external_id)
       and l.value is not null
     order by d.external_id, c.metric`,
    [deviceId, device],
  );
  return rows;
}
