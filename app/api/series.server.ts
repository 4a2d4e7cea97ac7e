import { bucketColumnsOf } from "../../db/bucket-columns.ts";
import type { ChannelRow } from "../../db/channels.ts";
import type { Sql } from "../../db/client.ts";
import { stretchOf } from "../../db/quarters.ts";
import { energyOf } from "../../db/rollup-sums.ts";
import { bucketsOf } from "../../db/rollups.ts";
import { localSteps, type Step, type StepName } from "../../domain/local-time/steps.ts";
import { bucketCeil, bucketMs, bucketStart, type Bucket } from "../../domain/rollup/bucket.ts";
import { compose, composeColumns, type SeriesColumns, type SeriesStep } from "../../domain/rollup/compose.ts";
import { cutBuckets } from "./cut-buckets.server.ts";

/** Longer than any step of its name, so that a window of n of them holds at least n. */
const dayMs = 86_400_000;
export const longest: Record<StepName, number> = {
  "15m": bucketMs,
  hour: 3 * 3_600_000,
  day: 2 * dayMs,
  month: 33 * dayMs,
  year: 368 * dayMs,
};

/** Buckets are read for this much time at once, whatever the window. */
const stretchMs = 400 * dayMs;

export interface SeriesQuery {
  fromMs: number;
  toMs: number;
  step: StepName;
  limit: number;
}

type Composer = (step: Step) => SeriesStep;

/** The steps of a window, at most `limit`; each is composed when it is asked for. `nextMs`: where the next page begins. */
export interface SeriesPage {
  count: number;
  stepAt(i: number): SeriesStep;
  nextMs: number | null;
}

export const seriesPage = (sql: Sql, channel: ChannelRow, query: SeriesQuery): Promise<SeriesPage> =>
  query.step === "15m" ? quarterHourPage(sql, channel, query) : stepPage(sql, channel, query);

async function stepPage(
  sql: Sql,
  channel: ChannelRow,
  { fromMs, toMs, step, limit }: SeriesQuery,
): Promise<SeriesPage> {
  const horizonMs = Math.min(toMs, fromMs + (limit + 1) * longest[step]);
  const all = localSteps(channel.timezone, step, fromMs, horizonMs);
  const steps = all.slice(0, limit);
  const composers: Composer[] = [];
  for (const stretch of stretches(steps)) {
    const composer = await composerOf(sql, channel, stretch);
    stretch.forEach(() => composers.push(composer));
  }
  return { count: steps.length, stepAt: (i) => composers[i]!(steps[i]!), nextMs: all[limit]?.startMs ?? null };
}

/** Quarter-hours begin where arithmetic says: tens of thousands of them need no list. */
async function quarterHourPage(
  sql: Sql,
  channel: ChannelRow,
  { fromMs, toMs, limit }: SeriesQuery,
): Promise<SeriesPage> {
  const firstMs = bucketStart(fromMs);
  const all = Math.ceil((toMs - firstMs) / bucketMs);
  const count = Math.min(all, limit);
  const endMs = Math.min(toMs, firstMs + count * bucketMs);
  const columns: SeriesColumns[] = [];
  for (let startMs = fromMs; startMs < endMs; startMs = bucketStart(startMs) + stretchMs)
    columns.push(
      await columnsWithin(sql, channel, { startMs, endMs: Math.min(endMs, bucketStart(startMs) + stretchMs) }),
    );
  const stepAt = (i: number) => {
    const startMs = firstMs + i * bucketMs;
    const step = { startMs: Math.max(fromMs, startMs), endMs: Math.min(toMs, startMs + bucketMs) };
    return composeColumns(columns[Math.floor((i * bucketMs) / stretchMs)]!, step);
  };
  return { count, stepAt, nextMs: count < all ? firstMs + count * bucketMs : null };
}

/** Reads what steps are composed of. @returns composes any one of them */
async function composerOf(sql: Sql, channel: ChannelRow, steps: readonly Step[]): Promise<Composer> {
  if (!isSummed(channel, steps)) {
    const columns = await columnsWithin(sql, channel, { startMs: steps[0]!.startMs, endMs: steps.at(-1)!.endMs });
    return (step) => composeColumns(columns, step);
  }
  const composed = compose(await bucketsWithin(sql, channel, steps), steps);
  const byStart = new Map(composed.map((one) => [one.startMs, one]));
  return ({ startMs }) => byStart.get(startMs)!;
}

/** The columns of a window; a bucket that an edge cuts holds the part inside. */
async function columnsWithin(sql: Sql, channel: ChannelRow, window: Step): Promise<SeriesColumns> {
  const stretch = stretchOf(window);
  const read = (await bucketColumnsOf(sql, [channel.id], stretch, "series")).get(channel.id)!;
  const cuts = cutEdges(window);
  if (!cuts.length) return { startMs: stretch.startMs, ...read };
  const columns = Object.fromEntries(
    Object.entries(read).map(([name, column]) => [name, column.slice()]),
  ) as typeof read;
  for (const { startMs, endMs } of cuts) {
    const [bucket] = await cutBuckets(sql, channel, startMs, endMs);
    const at = Math.floor((startMs - stretch.startMs) / bucketMs);
    columns.energy[at] = bucket?.energyKwh ?? 0;
    columns.reverse[at] = bucket?.reverseKwh ?? 0;
    columns.estimated[at] = bucket?.estimatedKwh ?? 0;
    columns.covered[at] = bucket?.coveredS ?? 0;
    columns.mean[at] = bucket?.mean ?? NaN;
    columns.min[at] = bucket?.min ?? NaN;
    columns.max[at] = bucket?.max ?? NaN;
  }
  return { startMs: stretch.startMs, ...columns };
}

/** The parts of buckets at the edges of a window that does not begin or end on a bucket's edge. */
function cutEdges({ startMs, endMs }: Step): Step[] {
  const [firstWholeMs, lastWholeMs] = [bucketCeil(startMs), bucketStart(endMs)];
  if (firstWholeMs > lastWholeMs) return [{ startMs, endMs }];
  const edges = [
    { startMs, endMs: firstWholeMs },
    { startMs: lastWholeMs, endMs },
  ];
  return edges.filter((edge) => edge.startMs < edge.endMs);
}

function stretches(steps: readonly Step[]): Step[][] {
  const found: Step[][] = [];
  for (const step of steps) {
    const last = found.at(-1);
    if (last && step.endMs - last[0]!.startMs <= stretchMs) last.push(step);
    else found.push([step]);
  }
  return found;
}

/** Whose long steps need nothing but sums, which are made where the buckets lie. */
const isSummed = ({ kind }: ChannelRow, steps: readonly Step[]) =>
  kind !== "gauge" && steps.some(({ startMs, endMs }) => endMs - startMs > 12 * 3_600_000);

/** The buckets of steps; one that an edge cuts holds the part inside. */
export async function bucketsWithin(sql: Sql, channel: ChannelRow, steps: readonly Step[]): Promise<Bucket[]> {
  const [fromMs, toMs] = [steps[0]!.startMs, steps.at(-1)!.endMs];
  const [firstWholeMs, lastWholeMs] = [bucketCeil(fromMs), bucketStart(toMs)];
  if (firstWholeMs > lastWholeMs) return cutBuckets(sql, channel, fromMs, toMs);
  const head = fromMs < firstWholeMs ? await cutBuckets(sql, channel, fromMs, firstWholeMs) : [];
  const whole = await wholeBuckets(sql, channel, steps, { startMs: firstWholeMs, endMs: lastWholeMs });
  const tail = lastWholeMs < toMs ? await cutBuckets(sql, channel, lastWholeMs, toMs) : [];
  return [...head, ...whole, ...tail];
}

async function wholeBuckets(
  sql: Sql,
  channel: ChannelRow,
  steps: readonly Step[],
  { startMs, endMs }: Step,
): Promise<Bucket[]> {
  if (!isSummed(channel, steps)) return (await bucketsOf(sql, [channel.id], startMs, endMs)).get(channel.id)!;
  const within = steps.map((step) => ({
    startMs: Math.max(step.startMs, startMs),
    endMs: Math.min(step.endMs, endMs),
  }));
  const filled = within.filter((step) => step.startMs < step.endMs);
  return (await energyOf(sql, [channel.id], filled)).get(channel.id)!;
}
