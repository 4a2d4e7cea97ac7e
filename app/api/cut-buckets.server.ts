import { learnedOf } from "../../db/cadence.ts";
import type { ChannelRow } from "../../db/channels.ts";
import type { Sql } from "../../db/client.ts";
import { gapsOf, startsBefore } from "../../db/meter-events.ts";
import { readingsAroundRange } from "../../db/readings.ts";
import { bucketsOf } from "../../db/rollups.ts";
import { estimatedGaps, type Outage } from "../../domain/energy/counter.ts";
import { rulesOf, type Rules } from "../../domain/energy/learned.ts";
import { learnProfile, profileWeeksMs } from "../../domain/energy/profile.ts";
import { readRegister } from "../../domain/energy/register.ts";
import { shapeOfProfile, type Shape } from "../../domain/energy/shape.ts";
import type { Step } from "../../domain/energy/step.ts";
import type { Reading } from "../../domain/reading.ts";
import { reachMs } from "../../domain/rollup/affected.ts";
import { bucketCeil, bucketStart, type Bucket } from "../../domain/rollup/bucket.ts";
import { fold } from "../../domain/rollup/fold.ts";

/** Readings beyond a bucket that may say what those in it are; most often these are enough. */
const firstAhead = 4;
const furtherAhead = 16;

/** A part of one bucket, folded from its readings as the roll-up folds the whole: the parts add up to it. */
export async function cutBuckets(sql: Sql, channel: ChannelRow, fromMs: number, toMs: number): Promise<Bucket[]> {
  const [startMs, endMs] = [bucketStart(fromMs), bucketCeil(toMs)];
  if (channel.kind === "counter") return cutRegister(sql, channel, { fromMs, toMs });
  const [rule] = [await rulesAround(sql, channel, [], { fromMs: endMs, toMs: endMs })];
  const reach = reachMs(channel, rule.gapOf(endMs));
  const readings = await readingsAroundRange(sql, channel.id, { fromMs: startMs - reach, toMs: endMs + reach });
  const { gapOf } = await rulesAround(sql, channel, readings, { fromMs: startMs, toMs: endMs });
  return fold({ channel, gapOf, readings, fromMs, toMs });
}

interface Range {
  fromMs: number;
  toMs: number;
}

async function cutRegister(sql: Sql, channel: ChannelRow, { fromMs, toMs }: Range): Promise<Bucket[]> {
  const whole = { fromMs: bucketStart(fromMs), toMs: bucketCeil(toMs) };
  const [start] = await startsBefore(sql, "organization", [{ channelId: channel.id, atMs: whole.fromMs }]);
  for (let ahead = firstAhead; ; ahead *= furtherAhead) {
    const range = { fromMs: start!.beforeMs, toMs: whole.toMs, ahead };
    const readings = await readingsAroundRange(sql, channel.id, range);
    const hasMore = readings.filter(({ timeMs }) => timeMs >= whole.toMs).length === ahead;
    const { gapOf, limitOf } = await rulesAround(sql, channel, readings, whole);
    const register = readRegister({ channel, readings, limitOf, startRange: start!.range ?? 0, hasMore });
    if (hasMore && register.decidedToMs < whole.toMs) continue;
    const shapeOf = await profilesOf(sql, channel, whole, register.steps, gapOf);
    return fold({ channel, gapOf, shapeOf, readings, steps: register.steps, fromMs, toMs });
  }
}

/** The rules in force, by UTC day: the versions that the roll-up learned. */
async function rulesAround(
  sql: Sql,
  channel: ChannelRow,
  readings: readonly Reading[],
  { fromMs, toMs }: Range,
): Promise<Rules> {
  const first = Math.min(fromMs, readings[0]?.timeMs ?? fromMs);
  const last = Math.max(toMs, readings.at(-1)?.timeMs ?? toMs);
  return rulesOf(channel, await learnedOf(sql, channel.id, { fromMs: first, toMs: last }));
}

/** How the outages that reach into a bucket are laid: by the weeks before each. */
async function profilesOf(
  sql: Sql,
  channel: ChannelRow,
  { fromMs, toMs }: Range,
  steps: readonly Step[],
  gapOf: Rules["gapOf"],
): Promise<(outage: Outage) => Shape | null> {
  const shapes = new Map<number, Shape | null>();
  for (const { startMs, endMs } of estimatedGaps(steps, gapOf)) {
    if (startMs >= toMs || endMs <= fromMs) continue;
    const before = { fromMs: bucketStart(startMs - profileWeeksMs), toMs: startMs };
    const history = (await bucketsOf(sql, [channel.id], before.fromMs, before.toMs)).get(channel.id)!;
    const estimated = await gapsOf(sql, "organization", channel.id, before);
    const profile = learnProfile(history, startMs, channel.timezone, estimated);
    shapes.set(startMs, profile && shapeOfProfile(profile));
  }
  return ({ startMs }) => shapes.get(startMs) ?? null;
}
