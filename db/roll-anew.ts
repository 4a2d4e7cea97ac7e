import type { Sql } from "./client.ts";
import { enqueue } from "./jobs.ts";

/**
 * Has everything that is stored of channels read anew, in the caller's transaction: of one channel, because a person
 * corrected what it is; of a site's or a device's counters, because their zone changed, by which outages are laid.
 */
export async function rollAnew(
  sql: Sql,
  of: { channelId: number } | { siteId: string; deviceId?: string },
): Promise<void> {
  if ("channelId" in of) await sql.query("select energy.mark_channel_dirty($1)", [of.channelId]);
  else {
    await sql.query(
      `select energy.mark_channel_dirty(c.id) from energy.channels c join energy.devices d on d.id = c.device_id
       where d.site_id = $1 and ($2::uuid is null or d.id = $2 or d.gateway_id = $2) and c.kind = 'counter'`,
      [of.siteId, of.deviceId ?? null],
    );
  }
  await enqueue(sql, "roll-up", {}, { key: "roll-up" });
}
