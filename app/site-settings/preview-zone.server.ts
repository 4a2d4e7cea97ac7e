import { asOrganization } from "../../db/as-organization.ts";
import { channelsOf, type ChannelRow } from "../../db/channels.ts";
import { bucketsOf } from "../../db/rollups.ts";
import type { Site } from "../../db/sites.ts";
import { localSteps, startOfLocalDay, type Step } from "../../domain/local-time/steps.ts";
import { zoned } from "../../domain/local-time/zone.ts";
import type { Bucket } from "../../domain/rollup/bucket.ts";
import { compose } from "../../domain/rollup/compose.ts";
import { pricedContracts } from "../costs/contracts.server.ts";
import { siteCosts } from "../costs/site-costs.server.ts";
import { channelTitle } from "../device/channel-words.ts";
import type { Figure } from "../overview/figures.ts";
import { readFigures } from "../overview/read-figures.server.ts";

/** What another time zone makes of a site's days: the same quarter-hours, cut elsewhere. Energy in the channels' units. */
export interface ZonePreview {
  /** How many of the last whole days were looked at. */
  days: number;
  /** Those on which the site's energy or its cost changes: the largest change of energy first. */
  siteDays: ChangedSiteDay[];
  channels: { id: number; title: string; unit: string | null; changedDays: number; largest: ChangedDay | null }[];
  /** More channels change than are listed. */
  isCut: boolean;
  /**
   * The latest time before which a counting channel is frozen: its quarter-hours stay as they were computed, and its gaps of then are
   * not laid anew by the new zone's hours. They are cut into the new days all the same. Null: none is frozen.
   */
  frozenBeforeMs: number | null;
}

export interface ChangedDay {
  /** The day's date, such as 2026-03-01: it is another stretch of time in each of the zones. */
  date: string;
  before: number;
  after: number;
}

/** kWh used, and what the day cost as decimal text, not rounded; null: no contract and no price holds. */
export interface ChangedSiteDay {
  date: string;
  beforeKwh: number;
  afterKwh: number;
  beforeCost: string | null;
  afterCost: string | null;
}

const previewDays = 60;
const mostChannels = 12;
const dayMs = 86_400_000;

/** The last 60 whole days of a site, and of the channels that count there, by the days of the old zone and of the new one. */
export async function previewZone(
  organizationId: string,
  site: Site,
  timezone: string,
  nowMs: number,
): Promise<ZonePreview> {
  const sites = [site, { ...site, timezone }];
  const contracts = await Promise.all(sites.map((one) => pricedContracts(organizationId, one)));
  return asOrganization(organizationId, async (sql) => {
    const channels = await channelsOf(sql, { siteId: site.id });
    const counting = channels.filter(({ isPrimary }) => isPrimary);
    const shown = counting.slice(0, mostChannels);
    const steps = sites.map((one) => wholeDays(one.timezone, nowMs));
    const ids = shown.map(({ id }) => id);
    const fromMs = Math.min(...steps.map(([first]) => first!.startMs));
    const buckets = await bucketsOf(sql, ids, fromMs, nowMs);
    const [before, after] = [new Map<string, Figure>(), new Map<string, Figure>()];
    for (const [i, dates] of [before, after].entries()) {
      const zone = sites[i]!.timezone;
      const [costs] = await siteCosts(sql, { contracts: contracts[i]!, channels, timezone: zone }, [steps[i]!]);
      const figures = await readFigures(sql, { channels, steps: steps[i]!, costs: costs! });
      for (const figure of figures) dates.set(dateOf(figure, zone), figure);
    }
    const zones = { from: site.timezone, to: timezone, days: steps };
    return {
      days: previewDays,
      siteDays: changedSiteDays(before, after),
      isCut: counting.length > shown.length,
      frozenBeforeMs: latest(counting.map(({ frozenBeforeMs }) => frozenBeforeMs)),
      channels: shown.map((channel) => changeOf(channel, buckets.get(channel.id) ?? [], zones)),
    };
  });
}

function latest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length ? Math.max(...known) : null;
}

/** The day that is running is no whole one yet. */
const wholeDays = (timezone: string, nowMs: number): Step[] =>
  localSteps(timezone, "day", startOfLocalDay(timezone, nowMs - previewDays * dayMs), startOfLocalDay(timezone, nowMs));

const dateOf = ({ startMs }: Step, timezone: string): string => zoned(timezone, startMs).toPlainDate().toString();

const differs = (a: number, b: number): boolean => Math.abs(a - b) > 1e-9;

function changedSiteDays(before: ReadonlyMap<string, Figure>, after: ReadonlyMap<string, Figure>): ChangedSiteDay[] {
  const changed = [...before].flatMap(([date, was]): ChangedSiteDay[] => {
    const is = after.get(date);
    const costDiffers = is && differs(Number(was.cost ?? 0), Number(is.cost ?? 0));
    if (!is || (!differs(was.consumptionKwh, is.consumptionKwh) && !costDiffers)) return [];
    const energies = { beforeKwh: was.consumptionKwh, afterKwh: is.consumptionKwh };
    return [{ date, ...energies, beforeCost: was.cost, afterCost: is.cost }];
  });
  const size = ({ beforeKwh, afterKwh }: ChangedSiteDay) => Math.abs(afterKwh - beforeKwh);
  return changed.sort((a, b) => size(b) - size(a));
}

interface Zones {
  from: string;
  to: string;
  /** By the old zone and by the new one. */
  days: Step[][];
}

function changeOf(channel: ChannelRow, buckets: readonly Bucket[], { from, to, days }: Zones) {
  const byDate = (timezone: string, steps: Step[]) =>
    new Map(compose(buckets, steps).map((day) => [dateOf(day, timezone), day.energyKwh]));
  const [before, after] = [byDate(from, days[0]!), byDate(to, days[1]!)];
  const changed = [...before].flatMap(([date, was]): ChangedDay[] => {
    const is = after.get(date);
    return is !== undefined && differs(is, was) ? [{ date, before: was, after: is }] : [];
  });
  const bySize = changed.toSorted((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before));
  const unit = channel.unit === "W" ? "kWh" : channel.unit;
  const title = `${channel.deviceName}: ${channelTitle(channel)}`;
  return { id: channel.id, title, unit, changedDays: changed.length, largest: bySize[0] ?? null };
}
