import type { Sql } from "./client.ts";

/** The interval that was learned for a channel and is in force at an instant, in seconds; in an organization's context. */
export async function learnedInterval(sql: Sql, channelId: number, atMs: number): Promise<number | null> {
  const { rows } = await sql.query<{ interval: number | null }>(
    `select interval_s as interval from energy.channel_cadence
     where channel_id = $1 and day <= (to_timestamp($2 / 1000.0) at time zone 'UTC')::date order by day desc limit 1`,
    [channelId, atMs],
  );
  return rows[0]?.interval ?? null;
}
