import { asOrganization } from "./as-organization.ts";
import { lastReadings } from "./readings.ts";

/** A reading (canonical unit) or a state (its text). */
export interface ValueAt {
  timeMs: number;
  value: number | string;
}

/** Readings of a channel before an instant (epoch milliseconds; null: from the newest on), newest first. */
export async function newestReadings(
  organizationId: string,
  channelId: number,
  { kind, beforeMs, limit }: { kind: "readings" | "states"; beforeMs: number | null; limit: number },
): Promise<ValueAt[]> {
  return asOrganization(organizationId, async (sql) => {
    if (kind === "readings") return lastReadings(sql, channelId, { beforeMs, limit });
    const { rows } = await sql.query<ValueAt>(
      `select extract(epoch from time)::float8 * 1000 as "timeMs", value from energy.channel_states
       where channel_id = $1 and time < coalesce(to_timestamp($2 / 1000.0), 'infinity') order by time desc limit $3`,
      [channelId, beforeMs, limit],
    );
    return rows;
  });
}
