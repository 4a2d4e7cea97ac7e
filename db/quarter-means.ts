import type { Stretch } from "../domain/site/quarters.ts";
import type { Sql } from "./client.ts";

const dayMs = 86_400_000;
const slotMs = 900_000;

/**
 * The means of gauges by the quarter-hour, weighted by time: NaN where nothing is known. Prices and the carbon of the grid are
 * read so. In an organization's context.
 */
export async function quarterMeansOf(
  sql: Sql,
  channelIds: readonly number[],
  { startMs, count }: Stretch,
): Promise<Map<number, Float64Array>> {
  const found = new Map(channelIds.map((id) => [id, new Float64Array(count).fill(NaN)]));
  if (!channelIds.length) return found;
  const window = [channelIds, startMs, startMs + count * slotMs];
  // Rows first: what is packed between the two questions is then in both answers.
  const recent = await sql.query<{ channelId: number; ms: number; mean: number }>(
    `select channel_id as "channelId", extract(epoch from start)::float8 * 1000 as ms, mean
     from energy.channel_rollup_buckets where channel_id = any ($1) and mean is not null
       and start >= to_timestamp($2 / 1000.0) and start < to_timestamp($3 / 1000.0)`,
    window,
  );
  const days = await sql.query<{ channelId: number; ms: number; means: (number | null)[] }>(
    `select channel_id as "channelId", extract(epoch from day::timestamptz)::float8 * 1000 as ms, to_json(mean) as means
     from energy.channel_rollup_days where channel_id = any ($1) and mean is not null
       and day >= (to_timestamp($2 / 1000.0) at time zone 'UTC')::date and day <= (to_timestamp($3 / 1000.0) at time zone 'UTC')::date`,
    window,
  );
  for (const { channelId, ms, means } of days.rows) {
    const column = found.get(channelId)!;
    const first = (ms - startMs) / slotMs;
    for (let slot = Math.max(0, -first); slot < dayMs / slotMs && first + slot < count; slot++)
      column[first + slot] = means[slot] ?? NaN;
  }
  for (const { channelId, ms, mean } of recent.rows) found.get(channelId)![(ms - startMs) / slotMs] = mean;
  return found;
}
