import { asOrganization } from "../../db/as-organization.ts";
import { channelsOf, type ChannelRow } from "../../db/channels.ts";
import type { Sql } from "../../db/client.ts";
import { presences } from "../../db/device-health.ts";
import { listDevices, type Device } from "../../db/devices.ts";
import type { ReadEnergies } from "../../db/bucket-columns.ts";
import { quartersOf, stretchOf } from "../../db/quarters.ts";
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
import { channelMeters } from "../../domain/site/channel-meters.ts";
import { flowsOver } from "../../domain/site/energy-flows.ts";
import { flowChannels } from "../../domain/site/flows.ts";
import { channelMeter } from "../../domain/site/meter.ts";
import { powerShapes } from "../../domain/site/power-now.ts";
import { paceOf, staleAfterMs } from "../charts/freshness.ts";
import { pricedContracts } from "../costs/contracts.server.ts";
import { readEmissions, type EmissionsOf, type ShownEmissions } from "../costs/emissions.server.ts";
import { siteCosts } from "../costs/site-costs.server.ts";
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
  const { timezone } = site;
  const stretches = stretchesOf(timezone, periods, nowMs);
  const [read, devices, heard] = await Promise.all([
    readAll(organizationId, site, { nowMs, periods, stretches }),
    listDevices(organizationId, { siteId: site.id }),
    presences(organizationId, site.id, nowMs),
  ]);
  const { channels, contracts, costs, emitted, flows, near, day, days, months, monthSoFar, paces } = read;
  const yesterdayAt = sameTimeYesterday(timezone, nowMs);
  const abilities = abilitiesOf(channels);
  const [today] = figuresOf(channels, near, stretches.today, costs.today, flows?.today);
  const [yesterday] = figuresOf(
    channels,
    upTo(near, yesterdayAt),
    [{ startMs: startOfLocalDay(timezone, yesterdayAt), endMs: yesterdayAt }],
    [],
  );
  const [month] = figuresOf(channels, monthSoFar, stretches.month, costs.month, flows?.month);
  return {
    nowMs,
    abilities,
    /** By what the costs are: the contracts that hold now, by name. */
    contracts: contracts.filter(({ endsMs }) => endsMs > nowMs).map(({ id, name }) => ({ id, name })),
    today: today ?? null,
    yesterday: yesterday ?? null,
    month: month ?? null,
    selfSufficiency: {
      today: today ? selfSufficiency(today, abilities) : null,
      month: month ? selfSufficiency(month, abilities) : null,
    },
    emissions: emitted && { today: emitted(stretches.today[0]!), month: emitted(stretches.month[0]!) },
    completeToMs: completeTo(near, nowMs),
    day: {
      ...periods.day,
      isLast: periods.day.key === lastDay,
      ticks: hourTicks(timezone, periods.day),
      points: powersOf(channels, day, periods.day, nowMs),
    },
    days: barsOf(figuresOf(channels, days, stretches.days, costs.days, flows?.days), {
      period: periods.month,
      ...{ timezone, step: "day", emitted },
    }),
    months: barsOf(figuresOf(channels, months, stretches.months, costs.months, flows?.months), {
      period: periods.year,
      ...{ timezone, step: "month", emitted },
    }),
    power: powersNow(channels, paces),
    devices: devices
      .filter(({ acceptedAt }) => acceptedAt !== null)
      .map((device) => deviceLine(device, channels, heard.get(device.id))),
  };
}

export type Overview = Awaited<ReturnType<typeof loadOverview>>;
export type { Figure, PowerPoint };

/** The stretches of time that have a cost. */
function stretchesOf(timezone: string, { month, year }: Periods, nowMs: number) {
  return {
    today: [{ startMs: startOfLocalDay(timezone, nowMs), endMs: nowMs }],
    month: [{ startMs: startOfLocalMonth(timezone, nowMs), endMs: nowMs }],
    days: stepsOf(timezone, "day", month, nowMs),
    months: stepsOf(timezone, "month", year, nowMs),
  };
}

interface Wanted {
  nowMs: number;
  periods: Periods;
  stretches: ReturnType<typeof stretchesOf>;
}

async function readAll(organizationId: string, site: Site, wanted: Wanted) {
  const contracts = await pricedContracts(organizationId, site);
  return asOrganization(organizationId, async (sql) => {
    const channels = await channelsOf(sql, { siteId: site.id });
    const { today, month, days, months } = wanted.stretches;
    const read: ReadEnergies = new Map();
    const pricing = { contracts, channels, timezone: site.timezone, read };
    const lists = [today, month, days, months];
    const costs = await siteCosts(sql, pricing, lists);
    const emitted = await readEmissions(sql, site, { channels, period: around(lists.flat()) });
    return {
      ...{ channels, contracts, emitted },
      costs: { today: costs[0]!, month: costs[1]!, days: costs[2]!, months: costs[3]! },
      ...(await readEnergy(sql, channels, site.timezone, { ...wanted, read })),
      flows: abilitiesOf(channels).hasBattery ? await readFlows(sql, channels, wanted.stretches, read) : null,
    };
  });
}

async function readEnergy(
  sql: Sql,
  channels: readonly ChannelRow[],
  timezone: string,
  { nowMs, periods, stretches, read }: Wanted & { read: ReadEnergies },
) {
  const ids = flowChannels(channels).map((c) => c.id);
  const nearMs = Math.min(
    addLocalDays(timezone, nowMs, -1),
    periods.day.key === lastDay ? periods.day.startMs : Infinity,
  );
  const near = await bucketsOf(sql, ids, bucketStart(nearMs), nowMs + bucketMs);
  return {
    near,
    day: periods.day.startMs >= nearMs ? near : await bucketsOf(sql, ids, periods.day.startMs, periods.day.endMs),
    // The year first: mostly the others are parts of it.
    months: await energyOf(sql, ids, stretches.months, read),
    days: await energyOf(sql, ids, stretches.days, read),
    monthSoFar: await energyOf(sql, ids, stretches.month, read),
    paces: await bucketsOf(
      sql,
      powerShapes(channels).map((c) => c.id),
      bucketStart(nowMs - paceWindowMs),
      nowMs + bucketMs,
    ),
  };
}

/** The same stretches by the quarter-hour, for a site with a battery. The year first: mostly the others are parts of it. */
async function readFlows(
  sql: Sql,
  channels: readonly ChannelRow[],
  { months, days, month, today }: Wanted["stretches"],
  read: ReadEnergies,
) {
  const meters = channelMeters(channels);
  const ids = flowChannels(channels).map(({ id }) => id);
  const flowsOf = async (steps: readonly Step[]) => {
    if (!steps.length) return [];
    const stretch = stretchOf(around(steps));
    const known = await quartersOf(sql, ids, stretch, read);
    const quarters = new Map([...known].map(([id, own]) => [channelMeter(id), own]));
    return flowsOver({ meters, quarters, stretch, steps });
  };
  return {
    months: await flowsOf(months),
    days: await flowsOf(days),
    month: await flowsOf(month),
    today: await flowsOf(today),
  };
}

const around = (steps: readonly Step[]): Step => ({
  startMs: Math.min(...steps.map(({ startMs }) => startMs)),
  endMs: Math.max(...steps.map(({ endMs }) => endMs)),
});

/** The steps of a period up to now: what has not been yet is neither zero nor incomplete. */
function stepsOf(timezone: string, step: StepName, { startMs, endMs }: Period, nowMs: number): Step[] {
  return localSteps(timezone, step, startMs, Math.min(endMs, nowMs));
}

export interface BarFigure extends Figure {
  /** Where the step would end if it were over. */
  fullEndMs: number;
  emissions: ShownEmissions | null;
}

interface BarsOf {
  period: Period;
  timezone: string;
  step: StepName;
  emitted: EmissionsOf | null;
}

/** A figure for each step so far, and the starts of those to come, so that a month has all its places. */
function barsOf(figures: Figure[], { period, timezone, step, emitted }: BarsOf) {
  const all = localSteps(timezone, step, period.startMs, period.endMs);
  const bars: BarFigure[] = figures.map((figure, i) => ({
    ...figure,
    ...{ fullEndMs: all[i]!.endMs, emissions: emitted?.(figure) ?? null },
  }));
  return { ...period, bars, ahead: all.slice(figures.length).map((s) => s.startMs) };
}

/** The instants at which the wall clock shows 0:00, 3:00, 6:00 and so on. */
function hourTicks(timezone: string, { startMs, endMs }: Step): number[] {
  const edges = localSteps(timezone, "hour", startMs, endMs).map((step) => step.startMs);
  return edges.filter((ms) => (ms + offsetMs(timezone, ms)) % (3 * hourMs) === 0);
}

export function powersNow(channels: readonly ChannelRow[], paces: ReadonlyMap<number, readonly Bucket[]>) {
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
