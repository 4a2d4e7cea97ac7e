import { asOrganization } from "../../db/as-organization.ts";
import type { ChannelRow } from "../../db/channels.ts";
import { readingsOf, statesOf } from "../../db/readings.ts";
import { energyOf } from "../../db/rollup-sums.ts";
import { bucketsOf } from "../../db/rollups.ts";
import { learnInterval } from "../../domain/energy/cadence.ts";
import { resolveGap } from "../../domain/energy/channel-config.ts";
import { localSteps } from "../../domain/local-time/steps.ts";
import { bucketMs, bucketStart } from "../../domain/rollup/bucket.ts";
import { compose, type Composed } from "../../domain/rollup/compose.ts";
import { drawnLine } from "../charts/downsample.ts";
import { energySteps, meanSteps, type RangeWindow } from "./ranges.ts";
import type { EnergySeries, LineSeries, Series, StateSeries } from "./series.ts";

const mostPoints = 1_000;
/** A day at two readings a second. Beyond it the newest are missing, and the chart says so. */
const mostReadings = 200_000;
const mostStates = 2_000;
/** A state of before the window holds into it. */
const statesBeforeMs = 31 * 86_400_000;

/** A channel over a window: its readings up to a day (thinned, extremes kept), means of longer stretches, energy of registers, or states. */
export async function loadSeries(organizationId: string, channel: ChannelRow, window: RangeWindow): Promise<Series> {
  if (channel.kind === "state") return stateSeries(organizationId, channel, window);
  if (channel.kind === "counter" || channel.kind === "delta") return energySeries(organizationId, channel, window);
  return meanSteps[window.name] === null
    ? readingSeries(organizationId, channel, window)
    : meanSeries(organizationId, channel, window);
}

async function readingSeries(
  organizationId: string,
  channel: ChannelRow,
  { fromMs, toMs }: RangeWindow,
): Promise<LineSeries> {
  const readings = await readingsOf(organizationId, channel.id, { fromMs, toMs: toMs + 1, limit: mostReadings });
  const maxGapMs = 1000 * resolveGap(channel, learnInterval(readings.map((r) => r.timeMs))).maxGapS;
  const line = drawnLine(readings, mostPoints, maxGapMs);
  const values = readings.map((r) => r.value);
  return {
    shape: "line",
    fromMs,
    toMs,
    ...line,
    low: null,
    high: null,
    edges: null,
    maxGapMs,
    count: readings.length,
    isCut: readings.length === mostReadings,
    extremes: values.length
      ? { min: values.reduce((a, b) => Math.min(a, b)), max: values.reduce((a, b) => Math.max(a, b)) }
      : null,
  };
}

async function meanSeries(
  organizationId: string,
  channel: ChannelRow,
  { name, fromMs, toMs }: RangeWindow,
): Promise<LineSeries> {
  const steps = localSteps(channel.timezone, meanSteps[name]!, bucketStart(fromMs), toMs);
  const buckets = await asOrganization(organizationId, (sql) =>
    bucketsOf(sql, [channel.id], bucketStart(fromMs), toMs),
  );
  const composed = compose(buckets.get(channel.id) ?? [], steps);
  const known = composed.filter((step) => step.mean !== null);
  return {
    shape: "line",
    fromMs,
    toMs,
    times: composed.map((step) => (step.startMs + step.endMs) / 2),
    values: composed.map((step) => step.mean),
    low: composed.map((step) => step.min),
    high: composed.map((step) => step.max),
    edges: [...steps.map(({ startMs }) => startMs), steps.at(-1)?.endMs ?? toMs],
    maxGapMs: null,
    count: composed.reduce((sum, step) => sum + step.count, 0),
    isCut: false,
    extremes: known.length
      ? { min: Math.min(...known.map((s) => s.min!)), max: Math.max(...known.map((s) => s.max!)) }
      : null,
  };
}

async function energySeries(
  organizationId: string,
  channel: ChannelRow,
  { name, fromMs, toMs }: RangeWindow,
): Promise<EnergySeries> {
  const steps = localSteps(channel.timezone, energySteps[name], bucketStart(fromMs), toMs);
  const isFine = energySteps[name] === "15m" || energySteps[name] === "hour";
  const buckets = await asOrganization(organizationId, (sql) =>
    isFine ? bucketsOf(sql, [channel.id], bucketStart(fromMs), toMs + bucketMs) : energyOf(sql, [channel.id], steps),
  );
  const bars = compose(buckets.get(channel.id) ?? [], steps).map(barOf);
  const whole = localSteps(channel.timezone, energySteps[name], bucketStart(fromMs), toMs + 32 * 86_400_000);
  return {
    shape: "bars",
    fromMs,
    toMs,
    step: energySteps[name],
    bars: bars.map((bar, i) => ({ ...bar, isRunning: whole[i]!.endMs > bar.endMs })),
  };
}

const barOf = ({
  startMs,
  endMs,
  energyKwh,
  reverseKwh,
  estimatedKwh,
  estimatedReverseKwh,
  completeness,
}: Composed) => ({
  startMs,
  endMs,
  amount: energyKwh,
  reverse: reverseKwh,
  estimated: estimatedKwh + estimatedReverseKwh,
  completeness,
});

async function stateSeries(
  organizationId: string,
  channel: ChannelRow,
  { fromMs, toMs }: RangeWindow,
): Promise<StateSeries> {
  const [before, inside] = await Promise.all([
    statesOf(organizationId, channel.id, { fromMs: fromMs - statesBeforeMs, toMs: fromMs, limit: mostStates }),
    statesOf(organizationId, channel.id, { fromMs, toMs: toMs + 1, limit: mostStates }),
  ]);
  const { latest } = channel;
  const held = before.length < mostStates ? before.at(-1)?.value : undefined;
  const initial = held ?? (latest && latest.timeMs < fromMs ? String(latest.value) : undefined);
  const changes = [...(initial === undefined ? [] : [{ timeMs: fromMs, value: initial }]), ...inside].filter(
    (state, i, all) => state.value !== all[i - 1]?.value,
  );
  const labels = [...new Set(changes.map((state) => state.value))].sort();
  return {
    shape: "steps",
    fromMs,
    toMs,
    times: changes.map((s) => s.timeMs),
    values: changes.map((s) => labels.indexOf(s.value)),
    labels,
    isCut: inside.length === mostStates,
  };
}
