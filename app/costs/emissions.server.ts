import { readAsOrganization } from "../../db/as-organization.ts";
import { channelsOf, type ChannelRow } from "../../db/channels.ts";
import type { Sql } from "../../db/client.ts";
import type { ReadEnergies } from "../../db/bucket-columns.ts";
import { quarterMeansOf } from "../../db/quarter-means.ts";
import { stretchOf } from "../../db/quarters.ts";
import type { Site } from "../../db/sites.ts";
import { emissionsOf, type Co2Factor } from "../../domain/co2/emissions.ts";
import type { Step } from "../../domain/local-time/steps.ts";
import { bucketCeil, bucketMs, bucketStart } from "../../domain/rollup/bucket.ts";
import { meteredFlow, usageOfFlow } from "../../domain/site/metered-flow.ts";
import type { Usage } from "../../domain/tariff/usage.ts";
import { piecesOf } from "../site-energy/read-energy.server.ts";
import { billedMeters, quartersOfMeters } from "./billed-meters.server.ts";
import { heldBuckets, heldPrices } from "./usage.server.ts";

/** kg of CO2 of a site's electricity over a stretch of time. */
export interface ShownEmissions {
  importKg: number;
  /** What the energy fed in avoided elsewhere. */
  avoidedKg: number;
  /** kWh taken whose factor is known: importKg is theirs. */
  knownKwh: number;
  /** kWh taken whose factor is not known: they are in none of the figures. */
  unknownKwh: number;
  /** The channel that measures the intensity; null: the constant of the settings. */
  channel: string | null;
}

const intensity = "intensity";

/** What a site's electricity emits in steps of a period that was read; their edges are widened to whole quarter-hours. */
export type EmissionsOf = (step: Step) => ShownEmissions;

/** An intensity that was published before the period holds in it. */
const lookBack = heldBuckets;

/** What emissions are worked out from: what the site took and gave, and what a kWh emits. */
export interface EmissionBasis {
  usage: Usage;
  factor: Co2Factor;
  /** The name of the channel that measures the intensity; null: the constant of the settings. */
  channel: string | null;
}

interface Wanted {
  channels: readonly ChannelRow[];
  period: Step;
  /** The buckets that were read for something else already, or will be used again. */
  read?: ReadEnergies;
}

/** @returns null: nobody said what a kWh emits, and no channel measures it. In an organization's context. */
export async function readEmissionBasis(
  sql: Sql,
  { co2GPerKwh }: Pick<Site, "co2GPerKwh">,
  { channels, period, read }: Wanted,
): Promise<EmissionBasis | null> {
  const measured = channels.filter(({ quantity }) => quantity === "co2_intensity");
  const channel = measured.find(({ isPrimary }) => isPrimary) ?? measured[0];
  const counted = await billedMeters(sql, channels);
  const parts = meteredFlow(counted.meters, { medium: "electricity", channelId: null });
  if ((!channel && co2GPerKwh === null) || !parts.length) return null;
  const stretch = stretchOf({ ...period, startMs: period.startMs - (channel ? lookBack * bucketMs : 0) });
  const { startMs, count } = stretch;
  const ids = parts.map(({ id }) => id);
  const quarters = await quartersOfMeters(sql, counted, ids, { stretch, read });
  const means = await quarterMeansOf(sql, channel ? [channel.id] : [], stretch);
  const prices = new Map(channel ? [[intensity, heldPrices(means.get(channel.id)!)]] : []);
  const usage = usageOfFlow(parts, quarters, { startMs, length: count, prices });
  const name = channel ? channel.name || channel.deviceName : null;
  return { usage, factor: factorOf(channel, co2GPerKwh), channel: name };
}

/** @returns null as above. In an organization's context. */
export async function readEmissions(
  sql: Sql,
  site: Pick<Site, "co2GPerKwh">,
  wanted: Wanted,
): Promise<EmissionsOf | null> {
  const basis = await readEmissionBasis(sql, site, wanted);
  if (!basis) return null;
  const { usage, factor, channel } = basis;
  return (step) => {
    const { importKg, avoidedKg, knownKwh, unknownKwh } = emissionsOf(usage, factor, quarterHoursOf(step));
    return {
      ...{ importKg: importKg.toNumber(), avoidedKg: avoidedKg.toNumber() },
      ...{ knownKwh: knownKwh.toNumber(), unknownKwh: unknownKwh.toNumber(), channel },
    };
  };
}

/** A step widened to whole quarter-hours. */
export const quarterHoursOf = ({ startMs, endMs }: Step) => ({ fromMs: bucketStart(startMs), toMs: bucketCeil(endMs) });

/** What a site's electricity emitted in steps that follow each other; null as above. */
export function emissionsOfSteps(
  organizationId: string,
  site: Pick<Site, "id" | "co2GPerKwh">,
  steps: readonly Step[],
): Promise<ShownEmissions[] | null> {
  return readAsOrganization(organizationId, async (sql) =>
    emissionsWithin(sql, site, { channels: await channelsOf(sql, { siteId: site.id }), steps }),
  );
}

/** The same inside a transaction that is open already. @param channels of the site */
export async function emissionsWithin(
  sql: Sql,
  site: Pick<Site, "co2GPerKwh">,
  { channels, steps }: { channels: readonly ChannelRow[]; steps: readonly Step[] },
): Promise<ShownEmissions[] | null> {
  const found: ShownEmissions[] = [];
  for (const piece of piecesOf(steps)) {
    const period = { startMs: piece[0]!.startMs, endMs: piece.at(-1)!.endMs };
    const emissions = await readEmissions(sql, site, { channels, period });
    if (!emissions) return null;
    found.push(...piece.map(emissions));
  }
  return found;
}

/** Of steps together; null: there are none. */
export function sumEmissions(steps: readonly ShownEmissions[]): ShownEmissions | null {
  const [first] = steps;
  if (!first) return null;
  const sum = (of: (step: ShownEmissions) => number) => steps.reduce((total, step) => total + of(step), 0);
  return {
    ...{ importKg: sum(({ importKg }) => importKg), avoidedKg: sum(({ avoidedKg }) => avoidedKg) },
    ...{ knownKwh: sum(({ knownKwh }) => knownKwh), unknownKwh: sum(({ unknownKwh }) => unknownKwh) },
    channel: first.channel,
  };
}

function factorOf(channel: ChannelRow | undefined, constant: string | null): Co2Factor {
  if (!channel) return { kind: "constant", gPerKwh: constant! };
  return { kind: "channel", channel: intensity, ...(constant === null ? {} : { fallback: constant }) };
}
