import type { ChannelRow } from "../../db/channels.ts";
import type { Sql } from "../../db/client.ts";
import { quarterMeansOf } from "../../db/quarter-means.ts";
import { quartersOf, stretchOf } from "../../db/quarters.ts";
import type { Site } from "../../db/sites.ts";
import { emissionsOf, type Co2Factor } from "../../domain/co2/emissions.ts";
import type { Step } from "../../domain/local-time/steps.ts";
import { bucketMs } from "../../domain/rollup/bucket.ts";
import { meteredFlow, usageOfFlow } from "../../domain/site/metered-flow.ts";
import { heldPrices } from "./usage.server.ts";

/** kg of CO2 of a site's electricity over a stretch of time. */
export interface ShownEmissions {
  importKg: number;
  /** What the energy fed in avoided elsewhere. */
  avoidedKg: number;
  meanGPerKwh: number | null;
  /** kWh whose factor is not known. */
  unknownKwh: number;
  /** The channel that measures the intensity; null: the constant of the settings. */
  channel: string | null;
}

const intensity = "intensity";

/** @returns null: nobody said what a kWh emits, and no channel measures it. In an organization's context. */
export async function readEmissions(
  sql: Sql,
  { co2GPerKwh }: Pick<Site, "co2GPerKwh">,
  { channels, period }: { channels: readonly ChannelRow[]; period: Step },
): Promise<ShownEmissions | null> {
  const measured = channels.filter(({ quantity }) => quantity === "co2_intensity");
  const channel = measured.find(({ isPrimary }) => isPrimary) ?? measured[0];
  const parts = meteredFlow(channels, { medium: "electricity", channelId: null });
  if ((!channel && co2GPerKwh === null) || !parts.length) return null;
  const stretch = stretchOf(period);
  const { startMs, count } = stretch;
  const quarters = await quartersOf(
    sql,
    parts.map(({ id }) => id),
    stretch,
  );
  const means = await quarterMeansOf(sql, channel ? [channel.id] : [], stretch);
  const prices = new Map(channel ? [[intensity, heldPrices(means.get(channel.id)!)]] : []);
  const usage = usageOfFlow(parts, quarters, { startMs, length: count, prices });
  const { importKg, avoidedKg, meanGPerKwh, unknownKwh } = emissionsOf(usage, factorOf(channel, co2GPerKwh), {
    ...{ fromMs: startMs, toMs: startMs + count * bucketMs },
  });
  return {
    ...{ importKg: importKg.toNumber(), avoidedKg: avoidedKg.toNumber(), unknownKwh: unknownKwh.toNumber() },
    meanGPerKwh: meanGPerKwh?.toNumber() ?? null,
    channel: channel ? channel.name || channel.deviceName : null,
  };
}

function factorOf(channel: ChannelRow | undefined, constant: string | null): Co2Factor {
  if (!channel) return { kind: "constant", gPerKwh: constant! };
  return { kind: "channel", channel: intensity, ...(constant === null ? {} : { fallback: constant }) };
}
