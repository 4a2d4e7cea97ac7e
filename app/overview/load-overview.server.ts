import { asOrganization } from "../../db/as-organization.ts";
import { channelsOf, type ChannelRow } from "../../db/channels.ts";
import type { Sql } from "../../db/client.ts";
import { presences } from "../../db/device-health.ts";
import { listDevices, type Device } from "../../db/devices.ts";
import { energyOf } from "../../db/rollup-sums.ts";
import { bucketsOf } from "../../db/rollups.ts";
import type { Site } from "../../db/sites.ts";
import {
  addLocalDays,
  localSteps,
  sameTimeYesterday,
  startOfLocalDay,
  startOfLocalMonth,
  type Step,
  type StepName,
} from "../../domain/local-time/steps.ts";
import { offsetMs } from "../../domain/local-time/zone.ts";
import { bucketMs, bucketStart, type Bucket } from "../../domain/rollup/bucket.ts";
import { flowChannels } from "../../domain/site/flows.ts";
import { powerShapes } from "../../domain/site/power-now.ts";
import { paceOf, staleAfterMs } from "../charts/freshness.ts";
import type { Heard } from "../device/presence-words.ts";
import {
  abilitiesOf,
  completeTo,
  figuresOf,
  powersOf,
  selfSufficiency,
  upTo,
  type Figure,
  type PowerPoint,
} from "./figures.ts";
import { lastDay, type Period, type Periods } from "./periods.ts";

const hourMs = 3_600_000;
const paceWindowMs = 3 * hourMs;

/** Everything that the dashboard shows. Money as decimal text, energies in kWh, times in epoch milliseconds. */
export async function loadOverview(
  organizationId: string,
  site: Site,
  { nowMs, periods }: { nowMs: number; periods: Periods },
) {
  const [read, devices, heard] = await Promise.all([
    asOrganization(organizationId, (sql) => readAll(sql, site, { nowMs, periods })),
    listDevices(organizationId, { siteId: site.id }),
    presences(organizationId, site.id, nowMs),
  ]);
  const { channels, near, day, days, months, monthSoFar, paces } = read;
  const figures = (buckets: ReadonlyMap<number, readonly Bucket[]>, steps: readonly Step[]) =>
    figuresOf(channels, buckets, steps, site.pricePerKwh);
  const { timezone } = site;
  const yesterdayAt = sameTimeYesterday(timezone, nowMs);
  const abilities = abilitiesOf(channels);
  const [today] = figures(near, [{ startMs: startOfLocalDay(timezone, nowMs), endMs: nowMs }]);
  const [yesterday] = figures(upTo(near, yesterdayAt), [
    { startMs: startOfLocalDay(timezone, yesterdayAt), endMs: yesterdayAt },
  ]);
  const [month] = figures(monthSoFar, [{ startMs: startOfLocalMonth(timezone, nowMs), endMs: nowMs }]);
  return {
    nowMs,
    abilities,
    today: today ?? null,
    yesterday: yesterday ?? null,
    month: month ?? null,
    selfSufficiency: {
      today: today ? selfSufficiency(today, abilities) : null,
      month: month ? selfSufficiency(month, abilities) : null,
    },
    completeToMs: completeTo(near, nowMs),
    day: {
      ...periods.day,
      isLast: periods.day.key === lastDay,
      ticks: hourTicks(timezone, periods.day),
      points: powersOf(channels, day, periods.day, nowMs),
    },
    days: barsOf(figures(days, stepsOf(timezone, "day", periods.month, nowMs)), {
      period: periods.month,
      timezone,
      step: "day",
    }),
    months: barsOf(figures(months, stepsOf(timezone, "month", periods.year, nowMs)), {
      period: periods.year,
      timezone,
      step: "month",
    }),
    power: powersNow(channels, paces),
    devices: devices
      .filter(({ acceptedAt }) => acceptedAt !== null)
      .map((device) => deviceLine(device, channels, heard.get(device.id))),
  };
}

export type Overview = Awaited<ReturnType<typeof loadOverview>>;
export type { Figure, PowerPoint };

async function readAll(sql: Sql, site: Site, { nowMs, periods }: { nowMs: number; periods: Periods }) {
  const { timezone } = site;
  const channels = await channelsOf(sql, { siteId: site.id });
  const ids = flowChannels(channels).map((c) => c.id);
  const nearMs = Math.min(
    addLocalDays(timezone, nowMs, -1),
    periods.day.key === lastDay ? periods.day.startMs : Infinity,
  );
  const near = await bucketsOf(sql, ids, bucketStart(nearMs), nowMs + bucketMs);
  return {
    channels,
    near,
    day: periods.day.startMs >= nearMs ? near : await bucketsOf(sql, ids, periods.day.startMs, periods.day.endMs),
    days: await energyOf(sql, ids, stepsOf(timezone, "day", periods.month, nowMs)),
    months: await energyOf(sql, ids, stepsOf(timezone, "month", periods.year, nowMs)),
    monthSoFar: await energyOf(sql, ids, [{ startMs: startOfLocalMonth(timezone, nowMs), endMs: nowMs }]),
    paces: await bucketsOf(
      sql,
      powerShapes(channels).map((c) => c.id),
      bucketStart(nowMs - paceWindowMs),
      nowMs + bucketMs,
    ),
  };
}

/** The steps of a period up to now: what has not been yet is neither zero nor incomplete. */
function stepsOf(timezone: string, step: StepName, { startMs, endMs }: Period, nowMs: number): Step[] {
  return localSteps(timezone, step, startMs, Math.min(endMs, nowMs));
}

export interface BarFigure extends Figure {
  /** Where the step would end if it were over. */
  fullEndMs: number;
}

/** A figure for each step so far, and the starts of those to come, so that a month has all its places. */
function barsOf(figures: Figure[], { period, timezone, step }: { period: Period; timezone: string; step: StepName }) {
  const all = localSteps(timezone, step, period.startMs, period.endMs);
  const bars: BarFigure[] = figures.map((figure, i) => ({ ...figure, fullEndMs: all[i]!.endMs }));
  return { ...period, bars, ahead: all.slice(figures.length).map((s) => s.startMs) };
}

/** The instants at which the wall clock shows 0:00, 3:00, 6:00 and so on. */
function hourTicks(timezone: string, { startMs, endMs }: Step): number[] {
  const edges = localSteps(timezone, "hour", startMs, endMs).map((step) => step.startMs);
  return edges.filter((ms) => (ms + offsetMs(timezone, ms)) % (3 * hourMs) === 0);
}

function powersNow(channels: readonly ChannelRow[], paces: ReadonlyMap<number, readonly Bucket[]>) {
  return powerShapes(channels).map((channel) => ({
    id: channel.id,
    deviceId: channel.deviceId,
    role: channel.role,
    direction: channel.direction,
    valueW: typeof channel.latest?.value === "number" ? channel.latest.value : null,
    timeMs: channel.latest?.timeMs ?? null,
    staleAfterMs: staleAfterMs(channel, paceOf(paces.get(channel.id) ?? [])),
  }));
}

/** A device, and what it is to the site: the roles of its channels that count. */
function deviceLine(
  { id, name, kind, gatewayId }: Device,
  channels: readonly ChannelRow[],
  heard: Heard = { presence: "never", missedFromMs: null, lastHeardMs: null },
) {
  const own = channels.filter((c) => c.deviceId === id);
  const roles = [...new Set(own.filter((c) => c.isPrimary && c.role !== "none").map((c) => c.role))];
  return { id, name, kind, gatewayId, heard, roles, channels: own.map((c) => c.id) };
}
