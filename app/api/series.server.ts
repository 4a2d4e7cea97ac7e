import { asOrganization } from "../../db/as-organization.ts";
import type { ChannelRow } from "../../db/channels.ts";
import type { Sql } from "../../db/client.ts";
import { energyOf } from "../../db/rollup-sums.ts";
import { bucketsOf } from "../../db/rollups.ts";
import { localSteps, type Step, type StepName } from "../../domain/local-time/steps.ts";
import { bucketCeil, bucketMs, bucketStart, type Bucket } from "../../domain/rollup/bucket.ts";
import { compose, type Composed } from "../../domain/rollup/compose.ts";
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

/** The steps of a window, at most `limit`, composed; `nextMs`: where the next page begins. */
export async function seriesPage(
  organizationId: string,
  channel: ChannelRow,
  { fromMs, toMs, step, limit }: SeriesQuery,
): Promise<{ steps: Composed[]; nextMs: number | null }> {
  const horizonMs = Math.min(toMs, fromMs + (limit + 1) * longest[step]);
  const all = localSteps(channel.timezone, step, fromMs, horizonMs);
  const steps = all.slice(0, limit);
  const composed = await asOrganization(organizationId, async (sql) => {
    const found: Composed[] = [];
    for (const stretch of stretches(steps)) {
      for (const one of compose(await bucketsWithin(sql, channel, stretch), stretch)) found.push(one);
    }
    return found;
  });
  return { steps: composed, nextMs: all[limit]?.startMs ?? null };
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
