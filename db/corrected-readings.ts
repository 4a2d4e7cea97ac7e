import {
  afterExclusion,
  beforeExclusion,
  correctedWindow,
  manualTimes,
  type Around,
  type WantedWindow,
} from "../domain/energy/corrected-window.ts";
import type { Correction } from "../domain/energy/corrections.ts";
import type { Reading } from "../domain/reading.ts";
import type { Sql } from "./client.ts";
import { readingsAroundRange } from "./readings.ts";
import { neighbours, readingsAround, type Mark, type RollUpChannel, type Wanted } from "./roll-up.ts";

/** What the roll-up folds: readings in their channel's unit, after their corrections. Most channels have none. */

type Channels = ReadonlyMap<number, RollUpChannel>;

/** `readingsAround` of raw readings, in the channel's unit and corrected. In the system's context. */
export async function correctedAround(sql: Sql, channels: Channels, windows: readonly Wanted[]): Promise<Around[]> {
  const found = (await readingsAround(sql, windows)).map((around, i) => canonicalAround(channels, windows[i]!, around));
  for (const [i, wanted] of windows.entries()) {
    const { corrections } = channels.get(wanted.channelId)!;
    if (!corrections.length) continue;
    const near = async (atMs: number) => {
      const beside: Wanted = { ...wanted, fromMs: atMs, toMs: atMs, ahead: 0 };
      return canonicalAround(channels, beside, (await readingsAround(sql, [beside]))[0]!).readings;
    };
    const { readings, hasMore } = found[i]!;
    const counted = await pastExclusions(readings, wanted, corrections, near);
    found[i] = correctedWindow(wanted, { readings: counted, hasMore }, corrections);
  }
  return found;
}

function canonicalAround(channels: Channels, { channelId }: Wanted, around: Around): Around {
  const { scale, shift } = channels.get(channelId)!;
  if (scale === 1 && shift === 0) return around;
  const readings: Reading[] = around.readings.map(({ timeMs, value }) => ({ timeMs, value: value * scale + shift }));
  return { ...around, readings };
}

/**
 * Where the nearest reading before a window is excluded, the last one before the exclusion is the nearest; so after it, where only
 * one is wanted there. @param near the readings around an instant: the last before it, and the first from it on.
 */
async function pastExclusions(
  raw: readonly Reading[],
  { fromMs, toMs, ahead }: WantedWindow,
  corrections: readonly Correction[],
  near: (atMs: number) => Promise<readonly Reading[]>,
): Promise<Reading[]> {
  const readings = [...raw];
  for (let first; (first = readings[0]) && first.timeMs < fromMs;) {
    const atMs = beforeExclusion(corrections, first.timeMs);
    if (atMs === undefined) break;
    readings.splice(0, 1, ...(await near(atMs)).filter(({ timeMs }) => timeMs < atMs));
  }
  for (let last; ahead === 0 && (last = readings.at(-1)) && last.timeMs >= toMs;) {
    const atMs = afterExclusion(corrections, last.timeMs);
    if (atMs === undefined) break;
    readings.splice(-1, 1, ...(await near(atMs)).filter(({ timeMs }) => timeMs >= atMs));
  }
  return readings;
}

interface Neighbours {
  previousMs: number | null;
  nextMs: number | null;
}

/** For each stretch the times of the nearest readings around it that count. In the system's context. */
export async function correctedNeighbours(sql: Sql, channels: Channels, marks: readonly Mark[]): Promise<Neighbours[]> {
  const found = await neighbours(sql, marks);
  for (const [i, mark] of marks.entries()) {
    const { corrections } = channels.get(mark.channelId)!;
    if (corrections.length) found[i] = await nearestCounted(sql, mark, corrections, found[i]!);
  }
  return found;
}

async function nearestCounted(
  sql: Sql,
  mark: Mark,
  corrections: readonly Correction[],
  raw: Neighbours,
): Promise<Neighbours> {
  let { previousMs, nextMs } = raw;
  const around = async (atMs: number) => (await neighbours(sql, [{ ...mark, fromMs: atMs, toMs: atMs }]))[0]!;
  for (let atMs; previousMs !== null && (atMs = beforeExclusion(corrections, previousMs)) !== undefined;)
    ({ previousMs } = await around(atMs));
  for (let atMs; nextMs !== null && (atMs = afterExclusion(corrections, nextMs)) !== undefined;)
    // A reading at the exclusion's very end counts.
    ({ nextMs } = await around(atMs - 0.001));
  const manual = manualTimes(corrections);
  const before = manual.findLast((ms) => ms < mark.fromMs) ?? null;
  const after = manual.find((ms) => ms > mark.toMs) ?? null;
  return { previousMs: nearest(Math.max, previousMs, before), nextMs: nearest(Math.min, nextMs, after) };
}

function nearest(pick: (a: number, b: number) => number, a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : pick(a, b);
}

/**
 * The same as `correctedAround` for one channel, in an organization's context.
 * @param convert what the readings are, where the channel is taken for another than it is stored as.
 */
export async function correctedRange(
  sql: Sql,
  channelId: number,
  wanted: WantedWindow,
  corrections: readonly Correction[],
  convert: (readings: Reading[]) => Reading[] = (readings) => readings,
): Promise<Around> {
  const read = async (range: WantedWindow) => convert(await readingsAroundRange(sql, channelId, range));
  const ahead = Math.max(1, wanted.ahead);
  const raw = await read({ ...wanted, ahead });
  const hasMore = raw.filter(({ timeMs }) => timeMs >= wanted.toMs).length === ahead;
  const near = (atMs: number) => read({ fromMs: atMs, toMs: atMs, ahead: 1 });
  const readings = await pastExclusions(raw, wanted, corrections, near);
  return correctedWindow(wanted, { readings, hasMore }, corrections);
}
