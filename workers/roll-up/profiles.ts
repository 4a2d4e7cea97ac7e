import type { Sql } from "../../db/client.ts";
import type { RollUpChannel } from "../../db/roll-up.ts";
import { bucketsOfSystem } from "../../db/rollups.ts";
import { estimatedGaps } from "../../domain/energy/counter.ts";
import { learnProfile, profileWeeksMs, type Profile } from "../../domain/energy/profile.ts";
import { fold, type FoldInput } from "../../domain/rollup/fold.ts";

/**
 * The profiles for the outages of a piece, looked up before it is folded: from the stored buckets of the four weeks before
 * each outage, and from the piece's own buckets before it (measured ones do not depend on any profile).
 */
export async function profilesFor(
  sql: Sql,
  channel: RollUpChannel,
  input: FoldInput,
): Promise<(gapStartMs: number) => Profile | null> {
  if (channel.kind !== "counter") return () => null;
  const gaps = estimatedGaps(channel, input.readings, input.gapOf);
  if (!gaps.length) return () => null;
  const oldest = gaps[0]!.startMs - profileWeeksMs;
  const stored = (await bucketsOfSystem(sql, [channel.id], oldest, input.fromMs)).get(channel.id)!;
  const own = fold(input);
  const history = [...stored, ...own];
  const profiles = new Map(gaps.map(({ startMs }) => [startMs, learnProfile(history, startMs, channel.timezone)]));
  return (gapStartMs) => profiles.get(gapStartMs) ?? null;
}
