import type { Step } from "../domain/local-time/steps.ts";
import { bucketMs, bucketStart } from "../domain/rollup/bucket.ts";
import { noQuarters, placeBucket, type Quarters, type Stretch } from "../domain/site/quarters.ts";
import type { Sql } from "./client.ts";

/**
 * The energies of channels by the quarter-hour, over long stretches: packed days come as JSON, which costs a third of reading
 * them as Postgres arrays, and without the columns of gauges.
 */
interface PackedDay {
  channelId: number;
  dayMs: number;
  energy: number[];
  reverse: number[] | null;
  estimated: number[] | null;
  estimatedReverse: number[] | null;
  covered: number[];
}

/** The buckets that a window touches. */
export const stretchOf = ({ startMs, endMs }: Step): Stretch => ({
  startMs: bucketStart(startMs),
  count: Math.max(0, Math.ceil((endMs - bucketStart(startMs)) / bucketMs)),
});

/** Of each channel, in an organization's context; other organizations' channels are empty. */
export async function quartersOf(
  sql: Sql,
  channelIds: readonly number[],
  { startMs, count }: Stretch,
): Promise<Map<number, Quarters>> {
  if (!channelIds.length) return new Map();
  const begins = await beginsOf(sql, channelIds);
  const found = new Map(channelIds.map((id) => [id, noQuarters(count, begins.get(id) ?? null)]));
  const window = [channelIds, startMs, startMs + count * bucketMs];
  // Rows first: what is packed between the two questions is then in both answers.
  const { rows } = await sql.query<{ channelId: number } & Parameters<typeof placeBucket>[2]>(
    `select channel_id as "channelId", extract(epoch from start)::float8 * 1000 as "startMs", energy_kwh as "energyKwh",
       reverse_kwh as "reverseKwh", estimated_kwh as "estimatedKwh", estimated_reverse_kwh as "estimatedReverseKwh", covered_s as "coveredS"
     from energy.channel_rollup_buckets where channel_id = any ($1)
       and start >= to_timestamp($2 / 1000.0) and start < to_timestamp($3 / 1000.0)`,
    window,
  );
  const { rows: days } = await sql.query<PackedDay>(
    `select channel_id as "channelId", extract(epoch from day::timestamptz)::float8 * 1000 as "dayMs", to_json(energy_kwh) as energy,
       to_json(reverse_kwh) as reverse, to_json(estimated_kwh) as estimated, to_json(estimated_reverse_kwh) as "estimatedReverse",
       to_json(covered_s) as covered
     from energy.channel_rollup_days where channel_id = any ($1)
       and day >= (to_timestamp($2 / 1000.0) at time zone 'UTC')::date and day <= (to_timestamp($3 / 1000.0) at time zone 'UTC')::date`,
    window,
  );
  for (const day of days) placeDay(found.get(day.channelId)!, startMs, day);
  // A row wins over its slot in a packed day.
  for (const row of rows) placeBucket(found.get(row.channelId)!, startMs, row);
  return found;
}

function placeDay(quarters: Quarters, startMs: number, day: PackedDay): void {
  const first = Math.round((day.dayMs - startMs) / bucketMs);
  const { length } = quarters.energy;
  for (let slot = Math.max(0, -first); slot < day.energy.length && first + slot < length; slot++) {
    const at = first + slot;
    quarters.energy[at] = day.energy[slot]!;
    quarters.covered[at] = day.covered[slot]!;
    if (day.reverse) quarters.reverse[at] = day.reverse[slot]!;
    if (day.estimated) quarters.estimated[at] = day.estimated[slot]!;
    if (day.estimatedReverse) quarters.estimatedReverse[at] = day.estimatedReverse[slot]!;
  }
}

/** The day (or bucket) that each channel's buckets begin with, epoch milliseconds. */
async function beginsOf(sql: Sql, channelIds: readonly number[]): Promise<Map<number, number>> {
  const { rows } = await sql.query<{ id: number; ms: number | null }>(
    `select c as id, extract(epoch from least(
       (select min(day)::timestamptz from energy.channel_rollup_days where channel_id = c),
       (select min(start) from energy.channel_rollup_buckets where channel_id = c)))::float8 * 1000 as ms
     from unnest($1::int[]) as c`,
    [channelIds],
  );
  return new Map(rows.flatMap(({ id, ms }) => (ms === null ? [] : [[id, ms] as const])));
}
