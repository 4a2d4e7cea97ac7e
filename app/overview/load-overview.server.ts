import { asOrganization } from "../../db/as-organization.ts";
import { channelsOf, type ChannelRow } from "../../db/channels.ts";
import type { Sql } from "../../db/client.ts";
import { presences } from "../../db/device-health.ts";
import { listDevices, type Device } from "../../db/devices.ts";
import type { ReadEnergies } from "../../db/bucket-columns.ts";
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
import { pricedContracts } from "../costs/contracts.server.ts";
import { readEmissions, type EmissionsOf, type ShownEmissions } from "../costs/emissions.server.ts";
import { siteCosts } from "../costs/site-costs.server.ts";
import type { Heard } from "../device/presence-words.ts";
import {
  abilitiesOf,
  completeTo,
  figureUpTo,
  powersOf,
  selfSufficiency,
  type Figure,
  type PowerPoint,
} from "./figures.ts";
import { lastDay, type Period, type Periods } from "./periods.ts";
import { readFigures } from "./read-figures.server.ts";

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
  const { channels, contracts, emitted, figures, near, day, paces } = read;
  const yesterdayAt = sameTimeYesterday(timezone, nowMs);
  const abilities = abilitiesOf(channels);
  const [today] = figures.today;
  const yesterday = figureUpTo(channels, near, { startMs: startOfLocalDay(timezone, yesterdayAt), endMs: yesterdayAt });
  const [month] = figures.month;
  return {
    nowMs,
    abilities,
    /** By what the costs are: the contracts that hold now, by name. */
    contracts: contracts.filter(({ endsMs }) => endsMs > nowMs).map(({ id, name }) => ({ id, name })),
    today: today ?? null,
    yesterday,
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
    days: barsOf(figures.days, {
      period: periods.month,
      ...{ timezone, step: "day", emitted },
    }),
    months: barsOf(figures.months, {
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
    const figuresAt = (i: number) => readFigures(sql, { channels, steps: lists[i]!, costs: costs[i]!, read });
    return {
      ...{ channels, contracts, emitted },
      // The year first: mostly the others are parts of it.
      figures: {
        months: await figuresAt(3),
        days: await figuresAt(2),
        month: await figuresAt(1),
        today: await figuresAt(0),
      },
      ...(await readBuckets(sql, channels, site.timezone, wanted)),
    };
  });
}

async function readBuckets(
  sql: Sql,
  channels: readonly ChannelRow[],
  timezone: string,
  { nowMs, periods }: Pick<Wanted, "nowMs" | "periods">,
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
    paces: await bucketsOf(
      sql,
      powerShapes(channels).map((c) => c.id),
      bucketStart(nowMs - paceWindowMs),
      nowMs + bucketMs,
    ),
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
