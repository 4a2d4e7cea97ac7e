import { asOrganization } from "../../db/as-organization.ts";
import { listChannels, type ChannelRow } from "../../db/channels.ts";
import { bucketsOf } from "../../db/rollups.ts";
import { localSteps, startOfLocalDay } from "../../domain/local-time/steps.ts";
import { zoned } from "../../domain/local-time/zone.ts";
import { bucketStart, type Bucket } from "../../domain/rollup/bucket.ts";
import { compose } from "../../domain/rollup/compose.ts";
import { channelTitle } from "../device/channel-words.ts";

/** What another time zone makes of a site's days: the same quarter-hours, cut elsewhere. Energy in the channels' units. */
export interface ZonePreview {
  /** Whole days of the old zone, up to now. */
  days: number;
  channels: { id: number; title: string; unit: string | null; changedDays: number; largest: ChangedDay | null }[];
  /** More channels change than are listed. */
  isCut: boolean;
}

export interface ChangedDay {
  /** The day's date, such as 2026-03-01: it is another stretch of time in each of the zones. */
  date: string;
  before: number;
  after: number;
}

const previewDays = 60;
const mostChannels = 12;

/** The last 60 days of the channels that count at a site, by the days of the old zone and of the new one. */
export async function previewZone(
  organizationId: string,
  site: { id: string; timezone: string },
  timezone: string,
  nowMs: number,
): Promise<ZonePreview> {
  const counting = (await listChannels(organizationId, { siteId: site.id })).filter((channel) => channel.isPrimary);
  const shown = counting.slice(0, mostChannels);
  const fromMs = startOfLocalDay(site.timezone, nowMs - previewDays * 86_400_000);
  const ids = shown.map(({ id }) => id);
  const buckets = await asOrganization(organizationId, (sql) => bucketsOf(sql, ids, bucketStart(fromMs), nowMs));
  return {
    days: previewDays,
    isCut: counting.length > shown.length,
    channels: shown.map((channel) => changeOf(channel, buckets.get(channel.id) ?? [], { from: site.timezone, to: timezone, fromMs, nowMs })), // prettier-ignore
  };
}

interface Zones {
  from: string;
  to: string;
  fromMs: number;
  nowMs: number;
}

function changeOf(channel: ChannelRow, buckets: readonly Bucket[], { from, to, fromMs, nowMs }: Zones) {
  const byDate = (timezone: string) => {
    const steps = localSteps(timezone, "day", fromMs, nowMs);
    return new Map(
      compose(buckets, steps).map((day) => [zoned(timezone, day.startMs).toPlainDate().toString(), day.energyKwh]),
    );
  };
  const [before, after] = [byDate(from), byDate(to)];
  const changed = [...before].flatMap(([date, was]): ChangedDay[] => {
    const is = after.get(date) ?? 0;
    return Math.abs(is - was) > 1e-9 ? [{ date, before: was, after: is }] : [];
  });
  const bySize = changed.toSorted((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before));
  const unit = channel.unit === "W" ? "kWh" : channel.unit;
  const title = `${channel.deviceName}: ${channelTitle(channel)}`;
  return { id: channel.id, title, unit, changedDays: changed.length, largest: bySize[0] ?? null };
}
