import { learnedOf } from "../../db/cadence.ts";
import type { Sql } from "../../db/client.ts";
import { correctedRange } from "../../db/corrected-readings.ts";
import { gapsOf, startsBefore } from "../../db/meter-events.ts";
import { isHeld, offlineTimes } from "../../db/offline.ts";
import { shapeGauges, type RollUpChannel } from "../../db/roll-up.ts";
import { bucketsOf } from "../../db/rollups.ts";
import { estimatedGaps, type Outage } from "../../domain/energy/counter.ts";
import type { MeterEvent } from "../../domain/energy/event.ts";
import { rulesOf, type Rules } from "../../domain/energy/learned.ts";
import { learnProfile, profileWeeksMs } from "../../domain/energy/profile.ts";
import { readRegister } from "../../domain/energy/register.ts";
import { shapeOfGauge, shapeOfProfile, type Shape } from "../../domain/energy/shape.ts";
import { gaugeOf } from "../../domain/energy/shape-gauge.ts";
import type { Step } from "../../domain/energy/step.ts";
import type { Reading } from "../../domain/reading.ts";
import { reachMs } from "../../domain/rollup/affected.ts";
import { bucketCeil, bucketStart, type Bucket } from "../../domain/rollup/bucket.ts";
import { fold } from "../../domain/rollup/fold.ts";

/**
 * A stretch of a channel folded from its readings in an organization's context, as the roll-up folds it: for what is not stored.
 * Parts of buckets, why a figure is what it is, and what it would be after a correction.
 */

/** Readings beyond a stretch that may say what those in it are; most often these are enough. */
const firstAhead = 4;
const furtherAhead = 16;

export interface Stretch {
  fromMs: number;
  toMs: number;
  /** What was stored of registers from here on is not relied on; absent: all of it is. */
  changedMs?: number | undefined;
}

export interface Folded extends Rules {
  buckets: Bucket[];
  /** In the channel's unit, after their corrections, with the neighbours that the stretch needs. */
  readings: Reading[];
  /** When the device went offline, ascending: of a channel that reports on change. */
  offlineMs?: readonly number[] | undefined;
  /** Of a register. */
  steps: Step[] | undefined;
  events: MeterEvent[];
  /** By what each outage is laid, and which of the two it was. */
  shapeOf: (outage: Outage) => Shape | null;
  laidBy: (outage: Outage) => "gauge" | "profile" | "line";
}

type Convert = (readings: Reading[]) => Reading[];

/** @param convert what the readings are, where the channel is taken for another than it is stored as. */
export async function foldStretch(
  sql: Sql,
  channel: RollUpChannel,
  stretch: Stretch,
  convert: Convert = (readings) => readings,
): Promise<Folded> {
  const { fromMs, toMs } = stretch;
  if (channel.kind === "counter") return foldRegister(sql, channel, stretch, convert);
  const [startMs, endMs] = [bucketStart(fromMs), bucketCeil(toMs)];
  const { gapOf: rule } = await rulesAround(sql, channel, [], { fromMs: endMs, toMs: endMs });
  const reach = reachMs(channel, rule(endMs));
  const wanted = { fromMs: startMs - reach, toMs: endMs + reach, ahead: 0 };
  const { readings } = await correctedRange(sql, channel.id, wanted, channel.corrections, convert);
  const rules = await rulesAround(sql, channel, readings, { fromMs: startMs, toMs: endMs });
  const span = { channelId: channel.id, fromMs: Math.min(startMs, readings[0]?.timeMs ?? startMs), toMs: endMs };
  const [offlineMs] = isHeld(channel) ? await offlineTimes(sql, "organization", [span]) : [];
  const buckets = fold({ channel, gapOf: rules.gapOf, readings, offlineMs, fromMs, toMs });
  return {
    buckets,
    readings,
    offlineMs,
    steps: undefined,
    events: [],
    shapeOf: () => null,
    laidBy: () => "line",
    ...rules,
  };
}

async function foldRegister(
  sql: Sql,
  channel: RollUpChannel,
  { fromMs, toMs, changedMs }: Stretch,
  convert: Convert,
): Promise<Folded> {
  const whole = { fromMs: bucketStart(fromMs), toMs: bucketCeil(toMs) };
  const start = { channelId: channel.id, atMs: whole.fromMs, ...(changedMs !== undefined && { changedMs }) };
  const [{ beforeMs, range }] = (await startsBefore(sql, "organization", [start])) as [
    { beforeMs: number; range: number | null },
  ];
  for (let ahead = firstAhead; ; ahead *= furtherAhead) {
    const wanted = { fromMs: beforeMs, toMs: whole.toMs, ahead };
    const { readings, hasMore } = await correctedRange(sql, channel.id, wanted, channel.corrections, convert);
    const rules = await rulesAround(sql, channel, readings, whole);
    const { limitOf, gapOf } = rules;
    const { judgements } = channel;
    const register = readRegister({ channel, readings, limitOf, judgements, startRange: range ?? 0, hasMore });
    if (hasMore && register.decidedToMs < whole.toMs) continue;
    const { steps, events } = register;
    const { shapeOf, laidBy } = await shapesOf(sql, channel, whole, estimatedGaps(steps, gapOf));
    const buckets = fold({ channel, gapOf, shapeOf, readings, steps, fromMs, toMs });
    const isInside = ({ timeMs }: MeterEvent) => timeMs >= fromMs && timeMs < toMs;
    return { buckets, readings, steps, events: events.filter(isInside), shapeOf, laidBy, ...rules };
  }
}

/** The rules in force, by UTC day: the versions that the roll-up learned. */
async function rulesAround(
  sql: Sql,
  channel: RollUpChannel,
  readings: readonly Reading[],
  { fromMs, toMs }: Stretch,
): Promise<Rules> {
  const first = Math.min(fromMs, readings[0]?.timeMs ?? fromMs);
  const last = Math.max(toMs, readings.at(-1)?.timeMs ?? toMs);
  return rulesOf(channel, await learnedOf(sql, channel.id, { fromMs: first, toMs: last }));
}

/** How the outages that reach into a stretch are laid: by the device's power gauge, else by the weeks before each. */
async function shapesOf(
  sql: Sql,
  channel: RollUpChannel,
  { fromMs, toMs }: Stretch,
  outages: readonly Outage[],
): Promise<Pick<Folded, "shapeOf" | "laidBy">> {
  const reaching = outages.filter(({ startMs, endMs }) => startMs < toMs && endMs > fromMs);
  const gauge = reaching.length ? gaugeOf(channel, await shapeGauges(sql, channel.id)) : null;
  const shapes = new Map<number, { shape: Shape; by: "gauge" | "profile" }>();
  for (const outage of reaching) {
    const { startMs, endMs } = outage;
    if (gauge) {
      const beside = (await bucketsOf(sql, [gauge.id], bucketStart(startMs), bucketCeil(endMs))).get(gauge.id)!;
      const shape = shapeOfGauge(beside, gauge.flow, outage);
      if (shape) shapes.set(startMs, { shape, by: "gauge" });
      if (shape) continue;
    }
    const before = { fromMs: bucketStart(startMs - profileWeeksMs), toMs: startMs };
    const history = (await bucketsOf(sql, [channel.id], before.fromMs, before.toMs)).get(channel.id)!;
    const estimated = await gapsOf(sql, "organization", channel.id, before);
    const profile = learnProfile(history, startMs, channel.timezone, estimated);
    if (profile) shapes.set(startMs, { shape: shapeOfProfile(profile), by: "profile" });
  }
  return {
    shapeOf: ({ startMs }) => shapes.get(startMs)?.shape ?? null,
    laidBy: ({ startMs }) => shapes.get(startMs)?.by ?? "line",
  };
}
