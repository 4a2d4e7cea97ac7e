import type { Step } from "../domain/local-time/steps.ts";
import { bucketMs, bucketStart } from "../domain/rollup/bucket.ts";
import type { Quarters, Stretch } from "../domain/site/quarters.ts";
import { energyColumnsOf, type ReadEnergies } from "./bucket-columns.ts";
import type { Sql } from "./client.ts";

/** The buckets that a window touches. */
export const stretchOf = ({ startMs, endMs }: Step): Stretch => ({
  startMs: bucketStart(startMs),
  count: Math.max(0, Math.ceil((endMs - bucketStart(startMs)) / bucketMs)),
});

/** The energies of channels by the quarter-hour, for reading only. In an organization's context; other organizations' channels are empty. */
export async function quartersOf(
  sql: Sql,
  channelIds: readonly number[],
  stretch: Stretch,
  read?: ReadEnergies,
): Promise<Map<number, Quarters>> {
  if (!channelIds.length) return new Map();
  const begins = await beginsOf(sql, channelIds);
  const columns = await energyColumnsOf(sql, channelIds, stretch, read);
  return new Map([...columns].map(([id, energies]) => [id, { ...energies, beganMs: begins.get(id) ?? null }]));
}

/** The day (or bucket) that each channel's buckets begin with, epoch milliseconds. */
async function beginsOf(sql: Sql, channelIds: readonly number[]): Promise<Map<number, number>> {
  const { rows } = await sql.query<{ id: number; ms: number | null }>({
    name: "buckets-begin",
    text: `select c as id, extract(epoch from least(
       (select min(day)::timestamptz from energy.channel_rollup_days where channel_id = c),
       (select min(start) from energy.channel_rollup_buckets where channel_id = c)))::float8 * 1000 as ms
     from unnest($1::int[]) as c`,
    values: [channelIds],
  });
  return new Map(rows.flatMap(({ id, ms }) => (ms === null ? [] : [[id, ms] as const])));
}
