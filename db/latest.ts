import type { Sql } from "./client.ts";

/** [channel, epoch milliseconds, value]: the newest reading of each channel, in an organization's context. */
export type Latest = [channelId: number, timeMs: number, value: number | string];

export async function latestOf(sql: Sql, channelIds: readonly number[]): Promise<Latest[]> {
  const { rows } = await sql.query<{ id: number; timeMs: number; value: number | null; text: string | null }>(
    `select channel_id as id, extract(epoch from time)::float8 * 1000 as "timeMs", value, text from energy.channel_latest where channel_id = any ($1)`,
    [channelIds],
  );
  return rows.map(({ id, timeMs, value, text }) => [id, timeMs, value ?? text ?? ""]);
}
