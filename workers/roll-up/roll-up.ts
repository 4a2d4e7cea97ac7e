import { asSystem } from "../../db/as-system.ts";
import type { Sql } from "../../db/client.ts";
import { notify } from "../../db/live.ts";
import {
  neighbours,
  readingsAround,
  rollUpChannels,
  takeMarks,
  type Mark,
  type RollUpChannel,
} from "../../db/roll-up.ts";
import { lockRollups, saveBuckets, type ChannelBuckets } from "../../db/rollups.ts";
import type { Reading } from "../../domain/reading.ts";
import { affectedWindow, reachMs } from "../../domain/rollup/affected.ts";
import { bucketCeil } from "../../domain/rollup/bucket.ts";
import { fold } from "../../domain/rollup/fold.ts";
import type { Gap } from "../../domain/energy/channel-config.ts";
import { counter } from "../../platform/metrics.ts";
import { learnGaps, type GapsOf } from "./gaps.ts";
import { profilesFor } from "./profiles.ts";

/** Marks taken at once, and the time folded at once per channel: bounds for memory, whatever a history brings. */
const marksAtOnce = 20_000;
const pieceMs = 7 * 86_400_000;
const piecesAtOnce = 16;

const readingsFolded = counter("rolled_up_readings_total", "Readings read by the roll-up");
const bucketsWritten = counter("rolled_up_buckets_total", "Buckets written by the roll-up");

/**
 * One pass: takes marks, recomputes the buckets that they can have changed from the raw readings, and stores them, all in one
 * transaction. Readings that are committed meanwhile carry marks of their own, for the next pass.
 * @returns how many channel stretches were recomputed; 0: nothing was marked.
 */
export function rollUpOnce(): Promise<number> {
  return asSystem(async (sql) => {
    await lockRollups(sql);
    const marks = await takeMarks(sql, marksAtOnce);
    if (!marks.length) return 0;
    const channels = await rollUpChannels(sql, [...new Set(marks.map((m) => m.channelId))]);
    // Marks of channels that were deleted meanwhile are done with.
    const living = marks.filter((m) => channels.has(m.channelId) && channels.get(m.channelId)!.kind !== "state");
    const { gapsOf, marks: widened } = await learnGaps(sql, channels, living);
    const windows = await windowsOf(sql, channels, gapsOf, widened, Date.now());
    for (const round of rounds(windows)) await recompute(sql, channels, gapsOf, round);
    await notify(sql, { rollups: [...channels.keys()] });
    return marks.length;
  });
}

/** The buckets that each mark can have changed; overlapping windows of a channel are one. */
async function windowsOf(
  sql: Sql,
  channels: Map<number, RollUpChannel>,
  gapsOf: GapsOf,
  marks: readonly Mark[],
  nowMs: number,
): Promise<Mark[]> {
  if (!marks.length) return [];
  const around = await neighbours(sql, marks);
  const windows = marks.map(({ channelId, fromMs, toMs }, i) => {
    const { previousMs, nextMs } = around[i]!;
    const gapOf = gapsOf(channelId);
    const gap = wider(gapOf(fromMs), gapOf(nextMs ?? toMs));
    const channel = channels.get(channelId)!;
    const window = affectedWindow({ channel, gap, changedFromMs: fromMs, changedToMs: toMs, previousMs, nextMs });
    // What a channel on change holds has not happened beyond now.
    return { channelId, fromMs: window.fromMs, toMs: Math.min(window.toMs, bucketCeil(Math.max(nowMs, toMs + 1))) };
  });
  return joinOverlapping(windows);
}

function wider(a: Gap, b: Gap): Gap {
  const expected = Math.max(a.expectedIntervalS ?? 0, b.expectedIntervalS ?? 0);
  return { maxGapS: Math.max(a.maxGapS, b.maxGapS), expectedIntervalS: expected || null };
}

function joinOverlapping(windows: Mark[]): Mark[] {
  const sorted = [...windows].sort((a, b) => a.channelId - b.channelId || a.fromMs - b.fromMs);
  const joined: Mark[] = [];
  for (const window of sorted) {
    const last = joined.at(-1);
    if (last && last.channelId === window.channelId && window.fromMs <= last.toMs)
      last.toMs = Math.max(last.toMs, window.toMs);
    else joined.push({ ...window });
  }
  return joined;
}

/**
 * Windows cut into pieces of a week, in rounds that hold at most one piece of a channel: a piece is stored before the
 * next one of its channel is folded, since an outage's profile looks back on what is stored.
 */
function* rounds(windows: readonly Mark[]): Generator<Mark[]> {
  const queues = new Map<number, Mark[]>();
  for (const { channelId, fromMs, toMs } of windows) {
    const queue = queues.get(channelId) ?? [];
    queues.set(channelId, queue);
    for (let from = fromMs; from < toMs; from += pieceMs)
      queue.push({ channelId, fromMs: from, toMs: Math.min(toMs, from + pieceMs) });
  }
  // Short windows (the live stream) go together, long ones a few at a time.
  const shortOnes = [...queues.values()].filter((queue) => queue.length === 1).map((queue) => queue[0]!);
  for (let i = 0; i < shortOnes.length;) {
    let length = 0;
    const round: Mark[] = [];
    while (i < shortOnes.length && (round.length === 0 || length < pieceMs * piecesAtOnce) && round.length < 2_000) {
      const piece = shortOnes[i++]!;
      round.push(piece);
      length += piece.toMs - piece.fromMs;
    }
    yield round;
  }
  const longOnes = [...queues.values()].filter((queue) => queue.length > 1);
  for (let i = 0; i < longOnes.length; i += piecesAtOnce) {
    const some = longOnes.slice(i, i + piecesAtOnce);
    for (let k = 0; some.some((queue) => k < queue.length); k++) yield some.flatMap((queue) => queue[k] ?? []);
  }
}

async function recompute(
  sql: Sql,
  channels: Map<number, RollUpChannel>,
  gapsOf: GapsOf,
  pieces: readonly Mark[],
): Promise<void> {
  const reached = pieces.map((piece) => {
    const reach = reachMs(channels.get(piece.channelId)!, gapsOf(piece.channelId)(piece.toMs));
    return { ...piece, fromMs: piece.fromMs - reach, toMs: piece.toMs + reach };
  });
  const raw = await readingsAround(sql, reached);
  const folded: ChannelBuckets[] = [];
  for (const [i, { channelId, fromMs, toMs }] of pieces.entries()) {
    const channel = channels.get(channelId)!;
    const readings = canonical(channel, raw[i]!);
    const input = { channel, gapOf: gapsOf(channelId), readings, fromMs, toMs };
    const profileOf = await profilesFor(sql, channel, input);
    folded.push({ channelId, buckets: fold({ ...input, profileOf }) });
    readingsFolded.inc(readings.length);
    bucketsWritten.inc((toMs - fromMs) / 900_000);
  }
  await saveBuckets(sql, folded, Date.now());
}

function canonical({ scale, shift }: RollUpChannel, readings: Reading[]): Reading[] {
  if (scale === 1 && shift === 0) return readings;
  return readings.map(({ timeMs, value }) => ({ timeMs, value: value * scale + shift }));
}
