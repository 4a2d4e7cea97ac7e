import type { Step } from "../domain/local-time/steps.ts";
import type { Bucket } from "../domain/rollup/bucket.ts";
import { daySums } from "../domain/rollup/day-sums.ts";
import { energyColumnsOf, type ReadEnergies } from "./bucket-columns.ts";
import type { Sql } from "./client.ts";
import { stretchOf } from "./quarters.ts";

/** Read together: the columns of a year of so many channels are 15 MB. */
const channelsAtOnce = 20;

/**
 * The energy and covered time of channels over long steps (local days, months; ascending, beginning and ending on bucket edges), as
 * buckets that begin inside their step: at most one for each UTC day of a step, whatever its 15-minute ones lie in. `compose` adds
 * them up. They have energies and covered seconds only; mean, min, max and last are null. What is in `read` already is not read
 * again. In an organization's context.
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
  if (!first || !last) return found;
  const stretch = stretchOf({ startMs: first.startMs, endMs: last.endMs });
  for (let at = 0; at < channelIds.length; at += channelsAtOnce) {
    const some = channelIds.slice(at, at + channelsAtOnce);
    for (const [id, columns] of await energyColumnsOf(sql, some, stretch, read))
      found.set(id, daySums(columns, stretch.startMs, steps));
  }
  return found;
}
