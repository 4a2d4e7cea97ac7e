import { asOrganization } from "../../db/as-organization.ts";
import type { ChannelRow } from "../../db/channels.ts";
import { readingsOf, statesOf } from "../../db/readings.ts";
import { bucketsOf } from "../../db/rollups.ts";
import { localSteps, type StepName } from "../../domain/local-time/steps.ts";
import { compose } from "../../domain/rollup/compose.ts";
import { thin } from "../../domain/rollup/thin.ts";

export const ranges = { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000, month: 31 * 86_400_000, year: 366 * 86_400_000 } as const;
export type RangeName = keyof typeof ranges;

const mostPoints = 800;
const mostReadings = 100_000;
/** How finely a range is cut: means of gauges, and energy of registers. */
const meanSteps: Record<RangeName, StepName> = { hour: "15m", day: "15m", week: "15m", month: "hour", year: "day" };
const energySteps: Record<RangeName, StepName> = { hour: "15m", day: "hour", week: "day", month: "day", year: "month" };

/** A chart of one channel: a line of readings, or bars of energy. Times in epoch milliseconds. */
export interface ChannelSeries {
  shape: "line" | "bars" | "states";
  times: number[];
  values: (number | null)[];
  /** The stretch of time that was asked for. */
  fromMs: number;
  toMs: number;
  /** A line of readings themselves: the newest can be added to it as they come. */
  isLive: boolean;
  texts?: string[];
}

/** Readings themselves up to a day (thinned, keeping extremes), buckets beyond; registers as energy per step. */
export async function channelSeries(organizationId: string, channel: ChannelRow, range: RangeName, nowMs: number): Promise<ChannelSeries> {
  const fromMs = nowMs - ranges[range];
  const span = { fromMs, toMs: nowMs };
  if (channel.kind === "state") {
    const states = await statesOf(organizationId, channel.id, { fromMs, toMs: nowMs + 1, limit: 1_000 });
    return { ...span, shape: "states", isLive: false, times: states.map((s) => s.timeMs), values: [], texts: states.map((s) => s.value) };
  }
  const isEnergy = channel.kind === "counter" || channel.kind === "delta";
  if (!isEnergy && (range === "hour" || range === "day")) {
    const readings = await readingsOf(organizationId, channel.id, { fromMs, toMs: nowMs + 1, limit: mostReadings });
    const thinned = thin(readings, mostPoints);
    return { ...span, shape: "line", isLive: true, times: thinned.map((r) => r.timeMs), values: thinned.map((r) => r.value) };
  }
  const wanted = localSteps(channel.timezone, (isEnergy ? energySteps : meanSteps)[range], startOf(fromMs), nowMs);
  const buckets = await asOrganization(organizationId, (sql) => bucketsOf(sql, [channel.id], startOf(fromMs), nowMs));
  const composed = compose(buckets.get(channel.id)!, wanted);
  return {
    ...span,
    isLive: false,
    shape: isEnergy ? "bars" : "line",
    times: composed.map((c) => c.startMs),
    values: composed.map((c) => (isEnergy ? (c.coveredS ? c.energyKwh : null) : c.mean)),
  };
}

const startOf = (ms: number) => Math.floor(ms / 900_000) * 900_000;
