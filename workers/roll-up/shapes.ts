import type { Sql } from "../../db/client.ts";
import { gapsOf } from "../../db/meter-events.ts";
import { shapeGauges, type RollUpChannel } from "../../db/roll-up.ts";
import { bucketsOfSystem } from "../../db/rollups.ts";
import { estimatedGaps, type Outage } from "../../domain/energy/counter.ts";
import { learnProfile, profileWeeksMs } from "../../domain/energy/profile.ts";
import { shapeOfGauge, shapeOfProfile, type Shape } from "../../domain/energy/shape.ts";
import { gaugeOf } from "../../domain/energy/shape-gauge.ts";
import { bucketCeil, bucketStart } from "../../domain/rollup/bucket.ts";
import { fold } from "../../domain/rollup/fold.ts";
import type { Loaded } from "./load.ts";

/**
 * By what the outages of a piece are laid, looked up before it is folded: by the device's power gauge where that covers one; else by
 * the measured buckets of the four weeks before it, the stored ones and the piece's own (they do not depend on any shape).
 */
export async function shapesFor(sql: Sql, loaded: Loaded): Promise<(outage: Outage) => Shape | null> {
  if (!loaded.register) return () => null;
  const { channel, fromMs, toMs } = loaded;
  const own = estimatedGaps(loaded.register.steps, loaded.gapOf);
  const outages = own.filter(({ startMs, endMs }) => startMs < toMs && endMs > fromMs);
  if (!outages.length) return () => null;
  const byGauge = await gaugeShapes(sql, channel, outages);
  const byProfile = await profileShapes(sql, loaded, own, outages);
  const shapes = new Map(outages.map((o) => [o.startMs, byGauge(o) ?? byProfile(o)]));
  return ({ startMs }) => shapes.get(startMs) ?? null;
}

async function gaugeShapes(
  sql: Sql,
  channel: RollUpChannel,
  outages: readonly Outage[],
): Promise<(outage: Outage) => Shape | null> {
  const gauge = gaugeOf(channel, await shapeGauges(sql, channel.id));
  if (!gauge) return () => null;
  const [first, last] = [outages[0]!.startMs, outages.at(-1)!.endMs];
  const buckets = (await bucketsOfSystem(sql, [gauge.id], bucketStart(first), bucketCeil(last))).get(gauge.id)!;
  return (outage) => shapeOfGauge(buckets, gauge.flow, outage);
}

async function profileShapes(
  sql: Sql,
  { channel, fromMs, toMs, readings, gapOf, register }: Loaded,
  own: readonly Outage[],
  outages: readonly Outage[],
): Promise<(outage: Outage) => Shape | null> {
  const oldest = outages[0]!.startMs - profileWeeksMs;
  const stored = (await bucketsOfSystem(sql, [channel.id], oldest, fromMs)).get(channel.id)!;
  const folded = fold({ channel, gapOf, readings, steps: register!.steps, fromMs, toMs });
  const { lowMs } = register!;
  const before = (await gapsOf(sql, "system", channel.id, { fromMs: oldest, toMs: lowMs })).filter(
    (g) => g.startMs < lowMs,
  );
  const [history, estimated] = [
    [...stored, ...folded],
    [...before, ...own],
  ];
  return ({ startMs }) => {
    const profile = learnProfile(history, startMs, channel.timezone, estimated);
    return profile && shapeOfProfile(profile);
  };
}
