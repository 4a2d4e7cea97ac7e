import type { Step } from "../domain/local-time/steps.ts";
import type { Bucket } from "../domain/rollup/bucket.ts";
import type { Sql } from "./client.ts";
import { bucketsOf } from "./rollups.ts";

/**
 * Energy over long steps (local days, months) without carrying every bucket of a year through the driver: the part of a step
 * that lies in one UTC day is summed where it is stored. Ten channels over a year are 3,650 sums instead of 350,000 buckets.
 */
const dayMs = 86_400_000;
const slotMs = 900_000;

/** What of a step lies in one UTC day; slots 1 to 96, both inclusive. */
interface Piece {
  day: string;
  from: number;
  to: number;
}

/**
 * The energy and covered time of channels over steps (ascending, beginning and ending on bucket edges), as buckets that begin
 * inside their step: at most one for each UTC day of a step, and 15-minute ones where the time is recent. `compose` adds them up.
 * They have energies and covered seconds only; mean, min, max and last are null. In an organization's context.
 */
export async function energyOf(
  sql: Sql,
  channelIds: readonly number[],
  steps: readonly Step[],
): Promise<Map<number, Bucket[]>> {
  const found = new Map<number, Bucket[]>(channelIds.map((id) => [id, []]));
  const first = steps[0];
  const last = steps.at(-1);
  if (!channelIds.length || !first || !last) return found;
  const recentMs = await firstRow(sql, channelIds, { startMs: first.startMs, endMs: last.endMs });
  const packedSteps = steps
    .map(({ startMs, endMs }) => ({ startMs, endMs: Math.min(endMs, recentMs) }))
    .filter((s) => s.startMs < s.endMs);
  await addPacked(sql, found, packedSteps);
  const recent = await bucketsOf(sql, channelIds, Math.max(first.startMs, recentMs), last.endMs);
  for (const [id, buckets] of recent) found.get(id)!.push(...buckets);
  return found;
}

/** The UTC day from which on buckets lie as rows, which win over packed days. */
async function firstRow(sql: Sql, channelIds: readonly number[], { startMs, endMs }: Step): Promise<number> {
  const { rows } = await sql.query<{ ms: number | null }>(
    `select extract(epoch from min(start))::float8 * 1000 as ms from energy.channel_rollup_buckets
     where channel_id = any ($1) and start >= to_timestamp($2 / 1000.0) and start < to_timestamp($3 / 1000.0)`,
    [channelIds, startMs, endMs],
  );
  const ms = rows[0]?.ms ?? endMs;
  return Math.max(startMs, Math.floor(ms / dayMs) * dayMs);
}

// Unnested in the list of what is selected, the slots are not put aside first: two thirds of the time.
const total = (column: string) => `coalesce((select sum(x) from (select unnest(d.${column}[p.a:p.b]) as x) slots), 0)`;

async function addPacked(sql: Sql, found: Map<number, Bucket[]>, steps: readonly Step[]): Promise<void> {
  const pieces = steps.flatMap(piecesOf);
  if (!pieces.length) return;
  const { rows } = await sql.query<Bucket & { channelId: number }>(
    `select d.channel_id as "channelId", extract(epoch from d.day::timestamptz)::float8 * 1000 + (p.a - 1) * ${slotMs} as "startMs",
       ${total("energy_kwh")} as "energyKwh", ${total("reverse_kwh")} as "reverseKwh", ${total("estimated_kwh")} as "estimatedKwh",
       ${total("estimated_reverse_kwh")} as "estimatedReverseKwh", ${total("covered_s")} as "coveredS",
       null as mean, null as min, null as max, 0 as count, null as last
     from unnest($2::date[], $3::int[], $4::int[]) as p(day, a, b)
     join energy.channel_rollup_days d on d.day = p.day and d.channel_id = any ($1)
     order by d.channel_id, 2`,
    [[...found.keys()], pieces.map((p) => p.day), pieces.map((p) => p.from), pieces.map((p) => p.to)],
  );
  for (const { channelId, ...bucket } of rows) found.get(channelId)!.push(bucket);
}

function piecesOf({ startMs, endMs }: Step): Piece[] {
  const pieces: Piece[] = [];
  for (let dayStart = Math.floor(startMs / dayMs) * dayMs; dayStart < endMs; dayStart += dayMs) {
    const from = Math.max(0, Math.floor((startMs - dayStart) / slotMs));
    const to = Math.min(dayMs / slotMs, Math.ceil((endMs - dayStart) / slotMs));
    pieces.push({ day: new Date(dayStart).toISOString().slice(0, 10), from: from + 1, to });
  }
  return pieces;
}
