import { systemPool } from "./as-system.ts";
import { deleteChannelData, tablesOfDevices } from "./upkeep.ts";

/**
 * Telemetry has no foreign keys: a batch that was on its way when its channel was deleted is stored all the same. Every batch writes
 * the newest value of its channels, so telemetry.latest names them all.
 * @returns how many channels and devices had something left behind
 */
export async function clearOrphans(): Promise<number> {
  const { rows } = await systemPool().query<{ id: number }>(
    `select l.channel_id as id from telemetry.latest l left join energy.channels c on c.id = l.channel_id where c.id is null`,
  );
  for (const { id } of rows) await deleteChannelData(id);
  let devices = 0;
  for (const table of tablesOfDevices) {
    // From one device to the next along the index, however many rows each has.
    const { rowCount } = await systemPool().query(
      `with recursive known as (
         (select device_id from telemetry.${table} order by device_id limit 1)
         union all
         select (select t.device_id from telemetry.${table} t where t.device_id > known.device_id order by t.device_id limit 1)
         from known where known.device_id is not null)
       delete from telemetry.${table} where device_id in (
         select device_id from known where device_id is not null and not exists (select from energy.devices d where d.id = device_id))`,
    );
    devices += rowCount ?? 0;
  }
  return rows.length + devices;
}
