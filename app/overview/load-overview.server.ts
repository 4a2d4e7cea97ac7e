import { asOrganization } from "../../db/as-organization.ts";
import { channelsOf, type ChannelRow } from "../../db/channels.ts";
import { listDevices } from "../../db/devices.ts";
import { bucketsOf } from "../../db/rollups.ts";
import type { Site } from "../../db/sites.ts";
import {
  addLocalDays,
  addLocalMonths,
  localSteps,
  sameTimeYesterday,
  startOfLocalDay,
  startOfLocalMonth,
  startOfLocalYear,
  type Step,
} from "../../domain/local-time/steps.ts";
import { bucketMs, bucketStart, type Bucket } from "../../domain/rollup/bucket.ts";
import { compose } from "../../domain/rollup/compose.ts";
import { flowChannels, isGrid, paidKwh, siteFlows, type Flows } from "../../domain/site/flows.ts";
import { powerShapes } from "../../domain/site/power-now.ts";
import { flatCost } from "../../domain/tariff/flat.ts";

const dayMs = 86_400_000;

/** Everything that the dashboard shows, composed once. Money as decimal text, energies in kWh, times in epoch milliseconds. */
export async function loadOverview(organizationId: string, site: Site, nowMs: number, chosen: { monthMs: number; yearMs: number }) {
  const { timezone } = site;
  const today = startOfLocalDay(timezone, nowMs);
  const month = startOfLocalMonth(timezone, chosen.monthMs);
  const year = startOfLocalYear(timezone, chosen.yearMs);
  const fromMs = Math.min(month, year, startOfLocalMonth(timezone, nowMs), addLocalDays(timezone, nowMs, -1), nowMs - dayMs);
  const { channels, buckets } = await asOrganization(organizationId, async (sql) => {
    const rows = await channelsOf(sql, { siteId: site.id });
    return { channels: rows, buckets: await bucketsOf(sql, flowChannels(rows).map((c) => c.id), bucketStart(fromMs), nowMs + bucketMs) };
  });
  const flowsOf = (steps: Step[]) => siteFlows(channels, composeAll(buckets, steps));
  const [soFar] = flowsOf([{ startMs: today, endMs: nowMs }]);
  const yesterday = addLocalDays(timezone, nowMs, -1);
  const [yesterdaySoFar] = flowsOf([{ startMs: yesterday, endMs: sameTimeYesterday(timezone, nowMs) }]);
  const [monthSoFar] = flowsOf([{ startMs: startOfLocalMonth(timezone, nowMs), endMs: nowMs }]);
  const counted = flowChannels(channels);
  const devices = await listDevices(organizationId, { siteId: site.id });
  return {
    nowMs,
    hasGrid: counted.some(isGrid),
    hasProduction: counted.some((c) => c.role === "production"),
    today: summary(channels, soFar, site),
    yesterday: summary(channels, yesterdaySoFar, site),
    month: summary(channels, monthSoFar, site),
    completeToMs: completeTo(counted, buckets),
    lastDay: lastDay(flowsOf, nowMs),
    days: bars(flowsOf(localSteps(timezone, "day", month, Math.min(addLocalMonths(timezone, month, 1), bucketCeilOf(nowMs))))),
    months: bars(flowsOf(localSteps(timezone, "month", year, Math.min(startOfLocalYear(timezone, year + 380 * dayMs), bucketCeilOf(nowMs))))),
    chosen: { monthMs: month, yearMs: year },
    power: powerShapes(channels).map(({ id, deviceId, role, direction, latest }) => ({
      id,
      deviceId,
      role,
      direction,
      valueW: typeof latest?.value === "number" ? latest.value : null,
      timeMs: latest?.timeMs ?? null,
    })),
    devices: devices.map(({ id, name, kind, lastHeardMs }) => ({ id, name, kind, lastHeardMs })),
  };
}

export type Overview = Awaited<ReturnType<typeof loadOverview>>;

const bucketCeilOf = (ms: number) => Math.ceil(ms / bucketMs) * bucketMs;

function composeAll(buckets: Map<number, Bucket[]>, steps: Step[]) {
  return new Map([...buckets].map(([id, own]) => [id, compose(own, steps)]));
}

export interface Summary {
  consumptionKwh: number;
  importKwh: number;
  exportKwh: number;
  productionKwh: number;
  selfSufficiency: number | null;
  /** null: no price is set. */
  cost: string | null;
  completeness: number;
  estimatedKwh: number;
}

function summary(channels: readonly ChannelRow[], flows: Flows | undefined, site: Site): Summary | null {
  if (!flows) return null;
  const { consumptionKwh, importKwh, exportKwh, productionKwh, completeness, estimatedKwh } = flows;
  return {
    consumptionKwh,
    importKwh,
    exportKwh,
    productionKwh,
    completeness,
    estimatedKwh,
    selfSufficiency: consumptionKwh > 0 && productionKwh > 0 ? Math.max(0, 1 - importKwh / consumptionKwh) : null,
    cost: site.pricePerKwh === null ? null : flatCost(paidKwh(channels, flows), site.pricePerKwh).toString(),
  };
}

/** Until when every channel that counts has been heard: the end of its last covered bucket. */
function completeTo(counted: readonly ChannelRow[], buckets: Map<number, Bucket[]>): number | null {
  const ends = counted.map((c) => {
    const last = buckets.get(c.id)?.findLast((b) => b.coveredS > 0);
    return last ? last.startMs + Math.min(bucketMs, last.coveredS * 1000) : null;
  });
  return ends.some((end) => end !== null) ? Math.min(...ends.filter((end) => end !== null)) : null;
}

export interface PowerPoint {
  timeMs: number;
  consumptionW: number | null;
  productionW: number | null;
  importW: number | null;
  exportW: number | null;
}

/** The last 24 hours by quarter-hours: mean powers; null where less than half of the quarter-hour is known. */
function lastDay(flowsOf: (steps: Step[]) => Flows[], nowMs: number): PowerPoint[] {
  const end = bucketStart(nowMs) + bucketMs;
  const steps = Array.from({ length: 97 }, (_, i) => ({ startMs: end - (97 - i) * bucketMs, endMs: end - (96 - i) * bucketMs }));
  return flowsOf(steps).map((flows) => {
    // The quarter-hour that is going on is only as long as it has lasted.
    const lengthS = (Math.min(flows.endMs, nowMs) - flows.startMs) / 1000;
    const isKnown = flows.completeness * 900 >= lengthS / 2 && flows.completeness > 0;
    const seconds = flows.completeness * 900;
    const watts = (kwh: number) => (isKnown ? Math.round((kwh * 3_600_000) / seconds) : null);
    return {
      timeMs: flows.startMs,
      consumptionW: watts(flows.consumptionKwh),
      productionW: watts(flows.productionKwh),
      importW: watts(flows.importKwh),
      exportW: watts(flows.exportKwh),
    };
  });
}

export interface Bar {
  startMs: number;
  endMs: number;
  kwh: number;
  estimatedKwh: number;
  productionKwh: number;
  importKwh: number;
  exportKwh: number;
  completeness: number;
}

const bars = (flows: Flows[]): Bar[] =>
  flows.map(({ startMs, endMs, consumptionKwh, estimatedKwh, productionKwh, importKwh, exportKwh, completeness }) => ({
    startMs,
    endMs,
    kwh: consumptionKwh,
    estimatedKwh,
    productionKwh,
    importKwh,
    exportKwh,
    completeness,
  }));
