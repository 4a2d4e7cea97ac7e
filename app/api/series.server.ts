import { asOrganization } from "../../db/as-organization.ts";
import type { ChannelRow } from "../../db/channels.ts";
import type { Sql } from "../../db/client.ts";
import { learnedInterval } from "../../db/cadence.ts";
import { readingsAroundRange } from "../../db/readings.ts";
import { bucketsOf } from "../../db/rollups.ts";
import { resolveGap } from "../../domain/energy/channel-config.ts";
import { localSteps, type StepName } from "../../domain/local-time/steps.ts";
import { bucketMs, bucketStart, type Bucket } from "../../domain/rollup/bucket.ts";
import { compose } from "../../domain/rollup/compose.ts";
import { fold } from "../../domain/rollup/fold.ts";
import { reachMs } from "../../domain/rollup/affected.ts";
import { encodeCursor, iso } from "./operation.server.ts";
import { ApiProblem } from "./problem.server.ts";

const longestMs = 50 * 366 * 86_400_000;

/** The steps of a channel in [fromMs, toMs): at most `limit`, and where the next page begins. */
export async function channelSteps(
  organizationId: string,
  channel: ChannelRow,
  { fromMs, toMs, step, limit }: { fromMs: number; toMs: number; step: StepName; limit: number },
) {
  if (toMs - fromMs > longestMs) throw new ApiProblem(400, "from and to lie further apart than 50 years.", { errors: [{ path: "query.to", message: "at most 50 years after from" }] });
  const steps = firstSteps(channel.timezone, step, fromMs, toMs, limit + 1);
  const shown = steps.slice(0, limit);
  const endMs = shown.at(-1)?.endMs ?? fromMs;
  const buckets = await asOrganization(organizationId, (sql) => bucketsIn(sql, channel, fromMs, endMs));
  const isEnergy = channel.kind === "counter" || channel.kind === "delta" || (channel.kind === "gauge" && channel.quantity === "power");
  const isGauge = channel.kind === "gauge";
  const items = compose(buckets, shown).map((s) => ({
    start: iso(s.startMs),
    end: iso(s.endMs),
    ...(isEnergy && { energyKwh: s.energyKwh, estimatedKwh: s.estimatedKwh }),
    ...(isEnergy && channel.direction === "both" && { reverseKwh: s.reverseKwh }),
    ...(isGauge && { mean: s.mean, min: s.min, max: s.max }),
    completeness: s.completeness,
  }));
  const next = steps[limit];
  return { items, nextCursor: next ? encodeCursor(next.startMs) : null };
}

/** Steps are made a stretch at a time: fifty years of quarter-hours would be two million. */
function firstSteps(timezone: string, step: StepName, fromMs: number, toMs: number, count: number) {
  const typicalMs = { "15m": bucketMs, hour: 3_600_000, day: 86_400_000, month: 31 * 86_400_000, year: 366 * 86_400_000 }[step];
  const reached = Math.min(toMs, fromMs + typicalMs * (count + 1));
  return localSteps(timezone, step, fromMs, reached);
}

/** The buckets of a window; those that its edges cut hold only the part inside, folded from the readings themselves. */
async function bucketsIn(sql: Sql, channel: ChannelRow, fromMs: number, toMs: number): Promise<Bucket[]> {
  const stored = (await bucketsOf(sql, [channel.id], bucketStart(fromMs), toMs)).get(channel.id)!;
  const edges = new Set([fromMs, toMs].filter((ms) => ms % bucketMs !== 0).map(bucketStart));
  if (!edges.size) return stored;
  const buckets = stored.filter((b) => !edges.has(b.startMs));
  for (const startMs of edges) {
    const part = { fromMs: Math.max(fromMs, startMs), toMs: Math.min(toMs, startMs + bucketMs) };
    const gap = resolveGap(channel, await learnedInterval(sql, channel.id, startMs));
    const reach = reachMs(channel, gap);
    const readings = await readingsAroundRange(sql, channel.id, { fromMs: part.fromMs - reach, toMs: part.toMs + reach });
    buckets.push(...fold({ channel, gapOf: () => gap, readings, ...part }));
  }
  return buckets.sort((a, b) => a.startMs - b.startMs);
}
