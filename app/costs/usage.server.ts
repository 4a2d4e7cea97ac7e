import type { ChannelRow } from "../../db/channels.ts";
import type { Sql } from "../../db/client.ts";
import type { ReadEnergies } from "../../db/bucket-columns.ts";
import { quarterMeansOf } from "../../db/quarter-means.ts";
import { bucketCeil, bucketMs, bucketStart } from "../../domain/rollup/bucket.ts";
import { startOfDay } from "../../domain/local-time/civil-day.ts";
import { meteredFlow, usageOfFlow, type BilledUnit } from "../../domain/site/metered-flow.ts";
import { priceChannelsOf, usageNeededFrom } from "../../domain/tariff/lookback.ts";
import type { Period } from "../../domain/tariff/scope.ts";
import { meterUnit } from "../../domain/tariff/tariff.ts";
import type { Usage } from "../../domain/tariff/usage.ts";
import { billedMeters, quartersOfMeters } from "./billed-meters.server.ts";
import type { PricedContract } from "./contracts.server.ts";

interface Wanted {
  channels: readonly ChannelRow[];
  period: Period;
  timezone: string;
  /** The buckets that were read for something else already, or will be used again. */
  read?: ReadEnergies | undefined;
}

/** What contracts are billed by. One reading of the buckets serves all contracts of a site. In an organization's context. */
export async function usagesOf(
  sql: Sql,
  contracts: readonly PricedContract[],
  { channels, period, timezone, read }: Wanted,
): Promise<Usage[]> {
  const toMs = bucketCeil(period.toMs);
  const counted = await billedMeters(sql, channels);
  const plans = contracts.map((contract) => ({
    parts: meteredFlow(counted.meters, contract),
    prices: pricesOf(contract, channels),
    billed: billedUnitOf(contract, timezone),
    fromMs: bucketStart(usageNeededFrom(contract.versions, period, timezone)),
  }));
  const startMs = Math.min(bucketStart(period.fromMs), ...plans.map((plan) => plan.fromMs));
  const stretch = { startMs, count: (toMs - startMs) / bucketMs };
  const ids = new Set(plans.flatMap(({ parts }) => parts.map(({ id }) => id)));
  const quarters = await quartersOfMeters(sql, counted, [...ids], { stretch, read });
  const priceIds = new Set(plans.flatMap(({ prices }) => [...prices.values()]));
  const means = await quarterMeansOf(sql, [...priceIds], stretch);
  return plans.map(({ parts, prices, billed }) => {
    const known = new Map([...prices].map(([name, id]) => [name, heldPrices(means.get(id)!)]));
    return usageOfFlow(parts, quarters, { startMs, length: stretch.count, prices: known, billed });
  });
}

/** What a contract's meter counts in, and what a cubic metre held when. */
export function billedUnitOf({ versions }: Pick<PricedContract, "versions">, timezone: string): BilledUnit {
  const kwhPerM3 = versions.flatMap(({ validFrom, tariff }) => {
    const fromMs = validFrom === null ? -Infinity : startOfDay(timezone, validFrom);
    return tariff.kwhPerM3 === undefined ? [] : [{ fromMs, value: tariff.kwhPerM3 }];
  });
  return { unit: meterUnit(versions[0]!.tariff), kwhPerM3 };
}

/**
 * Which channels the tariff's price channels are: by key, name or number; "price" alone may also be the only channel of the
 * site that measures a price. One that is not found has no prices, which the bill says.
 */
function pricesOf({ versions }: PricedContract, channels: readonly ChannelRow[]): Map<string, number> {
  const found = new Map<string, number>();
  const measured = channels.filter(({ quantity }) => quantity === "price");
  for (const name of priceChannelsOf(versions)) {
    const named = channels.find(({ id, key, name: own }) => key === name || own === name || String(id) === name);
    const channel = named ?? (name === "price" && measured.length === 1 ? measured[0] : undefined);
    if (channel) found.set(name, channel.id);
  }
  return found;
}

/** A price holds until the next one, for a day at most: markets publish one an hour. */
export const heldBuckets = 96;

export function heldPrices(means: Float64Array): Float64Array {
  const held = Float64Array.from(means);
  let last = NaN;
  let age = heldBuckets;
  for (let i = 0; i < held.length; i++) {
    if (!Number.isNaN(held[i]!)) [last, age] = [held[i]!, 0];
    else if (age++ < heldBuckets) held[i] = last;
  }
  return held;
}
