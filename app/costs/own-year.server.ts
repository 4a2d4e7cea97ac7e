import { asOrganization } from "../../db/as-organization.ts";
import type { ReadEnergies } from "../../db/bucket-columns.ts";
import { channelsOf, type ChannelRow } from "../../db/channels.ts";
import type { Site } from "../../db/sites.ts";
import { addLocalDays, addLocalMonths, startOfLocalDay } from "../../domain/local-time/steps.ts";
import { bucketMs } from "../../domain/rollup/bucket.ts";
import type { TariffVersion } from "../../domain/tariff/contract.ts";
import type { Period } from "../../domain/tariff/scope.ts";
import { indexAt, type Usage } from "../../domain/tariff/usage.ts";
import { readFigures } from "../overview/read-figures.server.ts";
import { usagesOf } from "./usage.server.ts";

/** A site's own electricity of the last twelve months, up to last midnight; or as much of it as there is. */
export interface OwnYear {
  usage: Usage;
  /** The site's channels: those that the usage was read of among them. */
  channels: readonly ChannelRow[];
  period: Period;
  days: number;
  /** What was used at the site, kWh: from the grid, the roof and the battery together. */
  consumptionKwh: number;
  /** Known part of the time, 0 to 1. */
  covered: number;
}

/** @param versions all tariffs that it will be billed by: they say which prices are read. @returns null: nothing was measured. */
export async function readOwnYear(
  organizationId: string,
  { id: siteId, timezone }: Site,
  versions: TariffVersion[],
  nowMs: number,
): Promise<OwnYear | null> {
  const toMs = startOfLocalDay(timezone, nowMs);
  const asked = { fromMs: addLocalMonths(timezone, toMs, -12), toMs };
  return asOrganization(organizationId, async (sql) => {
    const channels = await channelsOf(sql, { siteId });
    const read: ReadEnergies = new Map();
    const whole = { id: null, name: "", medium: "electricity" as const, channelId: null, versions, endsMs: Infinity };
    const [usage] = await usagesOf(sql, [whole], { channels, period: asked, timezone, read });
    const period = knownPart(usage!, asked, timezone);
    if (!period) return null;
    const step = { startMs: period.fromMs, endMs: period.toMs };
    const [figure] = await readFigures(sql, { channels, steps: [step], costs: [], read });
    const days = Math.round((period.toMs - period.fromMs) / 86_400_000);
    return {
      usage: usage!,
      channels,
      period,
      days,
      // None where only meters by formula count: what is used is told of channels.
      consumptionKwh: figure?.consumptionKwh ?? 0,
      covered: coveredOf(usage!, period),
    };
  });
}

/** From the first whole day with data on. */
function knownPart(usage: Usage, { fromMs, toMs }: Period, timezone: string): Period | null {
  const from = indexAt(usage, fromMs);
  const first = usage.coveredS.findIndex((seconds, i) => i >= from && seconds > 0);
  if (first < 0) return null;
  const firstMs = usage.startMs + first * bucketMs;
  const day = startOfLocalDay(timezone, firstMs);
  const start = day === firstMs || first === from ? Math.max(fromMs, day) : addLocalDays(timezone, firstMs, 1);
  return start < toMs ? { fromMs: start, toMs } : null;
}

function coveredOf(usage: Usage, { fromMs, toMs }: Period): number {
  const column = usage.coveredS.subarray(indexAt(usage, fromMs), indexAt(usage, toMs));
  return Math.min(1, column.reduce((sum, seconds) => sum + seconds, 0) / ((toMs - fromMs) / 1000));
}
