import { presenceOf } from "../domain/health/presence.ts";
import { announce } from "./announce.ts";
import { asSystem } from "./as-system.ts";
import type { Sql } from "./client.ts";
import { signsOfAll, type SignsRow } from "./device-health.ts";

/** Which devices are silent, and since when, as webhooks were told. */

interface Watched extends SignsRow {
  organizationId: string;
  siteId: string;
  name: string;
  /** null: it was not silent. */
  silentSinceMs: number | null;
}

/** Organizations of which a webhook is told of silence. */
const listening = `select organization_id from energy.webhooks where off_since is null and events && '{device.silent,device.back}'`;

/** Compares the devices with what was noted, notes the difference and announces it. Answers how many there were. */
export async function watchSilence(nowMs: number): Promise<number> {
  return asSystem(async (sql) => {
    await sql.query(`delete from energy.silent_devices where organization_id not in (${listening})`);
    const { rows } = await sql.query<Watched>(
      `select s.*, d.organization_id as "organizationId", d.site_id as "siteId", d.name, extract(epoch from n.since)::float8 * 1000 as "silentSinceMs"
       from (${signsOfAll}) s join energy.devices d on d.id = s.id left join energy.silent_devices n on n.device_id = d.id
       where d.organization_id in (${listening}) and d.deleted_at is null and d.merged_into is null and d.ignored_at is null
         and (d.gateway_id is null or d.accepted_at is not null)`,
    );
    let changed = 0;
    for (const device of rows) if (await watchDevice(sql, device, nowMs)) changed++;
    return changed;
  });
}

async function watchDevice(sql: Sql, device: Watched, nowMs: number): Promise<boolean> {
  const { id: deviceId, name: deviceName, siteId, organizationId, silentSinceMs, lastHeardMs } = device;
  const { presence, missedFromMs } = presenceOf({ ...device, nowMs });
  const isAway = (presence === "silent" || presence === "offline") && lastHeardMs !== null;
  if (isAway === (silentSinceMs !== null)) return false;
  const about = { deviceId, deviceName, siteId };
  if (!isAway) {
    await sql.query("delete from energy.silent_devices where device_id = $1", [deviceId]);
    const silentSince = new Date(silentSinceMs!).toISOString();
    await announce(sql, "device.back", { ...about, silentSince }, { organizationId });
    return true;
  }
  const since = new Date(presence === "offline" ? device.will!.timeMs : missedFromMs!);
  const { rowCount } = await sql.query(
    "insert into energy.silent_devices (device_id, organization_id, since) values ($1, $2, $3) on conflict do nothing",
    [deviceId, organizationId, since],
  );
  if (!rowCount) return false;
  const lastHeardAt = new Date(lastHeardMs).toISOString();
  await announce(sql, "device.silent", { ...about, presence, lastHeardAt }, { organizationId, occurredAt: since });
  return true;
}
