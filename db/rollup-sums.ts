import type { Step } from "../domain/local-time/steps.ts";
import type { Bucket } from "../domain/rollup/bucket.ts";
import { daySums } from "../domain/rollup/day-sums.ts";
import { energyColumnsOf, type ReadEnergies } from "./bucket-columns.ts";
import type { Sql } from "./client.ts";
import { stretchOf } from "./quarters.ts";
import { bucketsOf } from "./rollups.ts";

const dayMs = 86_400_000;
/** Read together: the columns of a year of so many channels are 15 MB. */
const channelsAtOnce = 20;

/**
 * The energy and covered time of channels over long steps (local days, months; ascending, beginning and ending on bucket edges), as
 * buckets that begin inside their step: at most one for each UTC day of a step, and 15-minute ones where the time is recent.
 * `compose` adds them up. Those of a day have energies and covered seconds only; mean, min, max and last are null. What is in `read`
 * already is not read again. In an organization's context.
 */
export async function energyOf(
  sql: Sql,
  channelIds: readonly number[],
  steps: readonly Step[],
  read?: ReadEnergies,
): Promise<Map<number, Bucket[]>> {
  const found = new Map<number, Bucket[]>(channelIds.map((id) => [id, []]));
  const first = steps[0];
  const last = steps.at(-1);
  if (!channelIds.length || !first || !last) return found;
  const recentMs = await firstRow(sql, channelIds, { startMs: first.startMs, endMs: last.endMs });
  const packed = steps
    .map(({ startMs, endMs }) => ({ startMs, endMs: Math.min(endMs, recentMs) }))
    .filter((step) => step.startMs < step.endMs);
  for (let at = 0; packed.length && at < channelIds.length; at += channelsAtOnce) {
    const some = channelIds.slice(at, at + channelsAtOnce);
    const stretch = stretchOf({ startMs: first.startMs, endMs: packed.at(-1)!.endMs });
    for (const [id, columns] of await energyColumnsOf(sql, some, stretch, read))
      found.set(id, daySums(columns, stretch.startMs, packed));
  }
  const recent = await bucketsOf(sql, channelIds, Math.max(first.startMs, recentMs), last.endMs);
  for (const [id, buckets] of recent) for (const bucket of buckets) found.get(id)!.push(bucket);
  return found;
}

/** The UTC day from which on buckets lie as rows, which win over packed days. */
async function firstRow(sql: Sql, channelIds: readonly number[], { startMs, endMs }: Step): Promise<number> {
  const { rows } = await sql.query<{ ms: number | null }>({
    name: "first-bucket-row",
    text: `select extract(epoch from min(start))::float8 * 1000 as ms from energy.channel_rollup_buckets
     where channel_id = any ($1) and start >= to_timestamp($2::float8 / 1000) and start < to_timestamp($3::float8 / 1000)`,
    values: [channelIds, startMs, endMs],
  });
  const ms = rows[0]?.ms ?? endMs;
  return Math.max(startMs, Math.floor(ms / dayMs) * dayMs);
}
