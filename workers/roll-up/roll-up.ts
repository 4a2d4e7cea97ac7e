import { asSystem } from "../../db/as-system.ts";
import type { Sql } from "../../db/client.ts";
import { notify } from "../../db/live.ts";
import { gapsThatHangOn, saveRegisters, type RegisterStretch } from "../../db/meter-events.ts";
import { rollUpChannels, takeMarks, type Mark, type RollUpChannel } from "../../db/roll-up.ts";
import { lockRollups, saveBuckets, type ChannelBuckets } from "../../db/rollups.ts";
import { estimatedGaps } from "../../domain/energy/counter.ts";
import { profileWeeksMs } from "../../domain/energy/profile.ts";
import { bucketCeil, bucketStart } from "../../domain/rollup/bucket.ts";
import { fold } from "../../domain/rollup/fold.ts";
import { counter } from "../../platform/metrics.ts";
import { affectedTo, rememberStored } from "./converge.ts";
import { deferUnclear } from "./defer-unclear.ts";
import { learnRules } from "./learn.ts";
import { load, type Loaded } from "./load.ts";
import { planWindows } from "./plan.ts";
import { shapesFor } from "./shapes.ts";
import { joinOverlapping, type Window } from "./window.ts";

/** Marks taken at once, and the time folded at once: bounds for memory, whatever a history brings. */
const marksAtOnce = 20_000;
const pieceMs = 7 * 86_400_000;
const piecesAtOnce = 2_000;
const timeAtOnceMs = 16 * pieceMs;

const readingsFolded = counter("rolled_up_readings_total", "Readings read by the roll-up");
const bucketsWritten = counter("rolled_up_buckets_total", "Buckets written by the roll-up");

/**
 * One pass: takes marks, recomputes the buckets that they can have changed from the raw readings, and stores them with the events
 * of registers, all in one transaction. Readings that are committed meanwhile carry marks of their own, for the next pass.
 * @returns how many channel stretches were recomputed; 0: nothing was marked.
 */
export function rollUpOnce(): Promise<number> {
  return asSystem(async (sql) => {
    await lockRollups(sql);
    const taken = await takeMarks(sql, marksAtOnce);
    if (!taken.marks.length) return 0;
    const marks = await deferUnclear(sql, taken, Date.now());
    if (marks.length) await notify(sql, { rollups: await recomputeMarked(sql, marks) });
    return taken.marks.length;
  });
}

/** Recomputes what marks (merged, ascending) can have changed. @returns the channels that are still there. */
export async function recomputeMarked(sql: Sql, marks: readonly Mark[]): Promise<number[]> {
  const channels = await rollUpChannels(sql, [...new Set(marks.map((m) => m.channelId))]);
  const living = marks.filter((m) => channels.has(m.channelId) && channels.get(m.channelId)!.kind !== "state");
  const widened = await learnRules(sql, channels, unfrozen(channels, living));
  const windows = unfrozen(channels, await planWindows(sql, channels, widened, Date.now()));
  await recomputeAll(sql, channels, windows);
  await recomputeHanging(sql, channels, windows);
  return [...channels.keys()];
}

/** What lies in time whose raw readings are gone stays as it is. */
function unfrozen<T extends Mark>(channels: Map<number, RollUpChannel>, stretches: readonly T[]): T[] {
  const frozenBefore = ({ channelId }: Mark) => channels.get(channelId)!.frozenBeforeMs;
  return stretches
    .filter((stretch) => stretch.toMs >= frozenBefore(stretch))
    .map((stretch) => ({ ...stretch, fromMs: Math.max(stretch.fromMs, frozenBefore(stretch)) }));
}

/** Estimated stretches whose shape comes from buckets that were written. They teach no profile: nothing hangs on them in turn. */
async function recomputeHanging(
  sql: Sql,
  channels: Map<number, RollUpChannel>,
  written: readonly Window[],
): Promise<void> {
  const gaps = await gapsThatHangOn(sql, written, profileWeeksMs);
  if (!gaps.length) return;
  const others = await rollUpChannels(sql, [...new Set(gaps.map((gap) => gap.channelId))]);
  for (const [id, channel] of others) channels.set(id, channel);
  // The energy of a stretch is laid as a whole: one that reaches into frozen time stays as it is.
  const free = gaps.filter(({ channelId, startMs }) => startMs >= (others.get(channelId)?.frozenBeforeMs ?? Infinity));
  const windows = free.map(({ channelId, startMs, endMs }) => ({
    channelId,
    fromMs: bucketStart(startMs),
    toMs: bucketCeil(endMs),
    changedToMs: -Infinity,
    stored: [],
    storedToMs: -Infinity,
  }));
  await recomputeAll(sql, others, joinOverlapping(windows));
}

/** A channel's windows, which are recomputed piece by piece in the order of time: each piece builds on what was stored before it. */
interface Course {
  windows: Window[];
  /** Up to where the first of them is done. */
  atMs: number;
}

/** The windows become as long as it turned out that they are. */
async function recomputeAll(sql: Sql, channels: Map<number, RollUpChannel>, windows: Window[]): Promise<void> {
  const courses = new Map<number, Course>();
  for (const window of windows) {
    const course = courses.get(window.channelId);
    if (course) course.windows.push(window);
    else courses.set(window.channelId, { windows: [window], atMs: window.fromMs });
  }
  const isGauge = ({ windows: [window] }: Course) => Number(channels.get(window!.channelId)!.kind !== "counter");
  // Gauges first: they may lay what registers turned over an outage.
  let queue = [...courses.values()].sort((a, b) => isGauge(b) - isGauge(a));
  while (queue.length) {
    const round = nextRound(queue);
    const loaded = await recompute(sql, channels, round);
    for (const [i, course] of round.entries()) advance(course, loaded[i]!);
    queue = [...queue.slice(round.length), ...round.filter((course) => course.windows.length)];
  }
}

function pieceOf({ windows: [window], atMs }: Course): Mark {
  return { channelId: window!.channelId, fromMs: atMs, toMs: Math.min(window!.toMs, atMs + pieceMs) };
}

/** The first of the queue that fit into one round. */
function nextRound(queue: readonly Course[]): Course[] {
  let length = 0;
  let taken = 0;
  while (taken < queue.length && taken < piecesAtOnce && (taken === 0 || length < timeAtOnceMs)) {
    const piece = pieceOf(queue[taken++]!);
    length += piece.toMs - piece.fromMs;
  }
  return queue.slice(0, taken);
}

function advance(course: Course, loaded: Loaded): void {
  const [window, next] = course.windows;
  course.atMs = loaded.toMs;
  if (loaded.toMs < window!.toMs) return;
  if (loaded.register && window!.changedToMs > -Infinity)
    window!.toMs = Math.max(window!.toMs, affectedTo(window!, loaded));
  if (next && next.fromMs <= window!.toMs) {
    window!.toMs = Math.max(window!.toMs, next.toMs);
    window!.changedToMs = Math.max(window!.changedToMs, next.changedToMs);
    course.windows.splice(1, 1);
  }
  if (course.atMs < window!.toMs) return;
  course.windows.shift();
  if (course.windows[0]) course.atMs = course.windows[0].fromMs;
}

/** Recomputes the next piece of each. @returns what was loaded for it, in their order. */
async function recompute(sql: Sql, channels: Map<number, RollUpChannel>, round: readonly Course[]): Promise<Loaded[]> {
  const pieces = round.map(pieceOf);
  const loaded = await load(sql, channels, pieces);
  const folded: ChannelBuckets[] = [];
  for (const input of loaded) {
    const { channel, readings, offlineMs, gapOf, fromMs, toMs, register } = input;
    const shapeOf = await shapesFor(sql, input);
    const steps = register?.steps;
    const buckets = fold({ channel, gapOf, shapeOf, steps, readings, offlineMs, fromMs, toMs });
    folded.push({ channelId: channel.id, buckets });
    readingsFolded.inc(readings.length);
    bucketsWritten.inc((toMs - fromMs) / 900_000);
  }
  const byChannel = new Map(loaded.map((one) => [one.channel.id, one]));
  await rememberStored(
    sql,
    round.map(({ windows: [window] }) => ({ window: window!, loaded: byChannel.get(window!.channelId)! })),
  );
  await saveRegisters(sql, loaded.flatMap(registerStretch));
  await saveBuckets(sql, folded, Date.now());
  return pieces.map(({ channelId }) => byChannel.get(channelId)!);
}

function registerStretch({ channel, gapOf, toMs, register }: Loaded): RegisterStretch[] {
  if (!register) return [];
  const { lowMs } = register;
  const gaps = estimatedGaps(register.steps, gapOf).filter(({ startMs }) => startMs >= lowMs && startMs < toMs);
  const events = register.events.filter(({ timeMs }) => timeMs > lowMs && timeMs < toMs);
  return [{ channelId: channel.id, lowMs, toMs, events, gaps }];
}
