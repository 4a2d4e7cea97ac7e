import type { ReadEnergies } from "../../db/bucket-columns.ts";
import type { ChannelRow } from "../../db/channels.ts";
import type { Sql } from "../../db/client.ts";
import type { Step } from "../../domain/local-time/steps.ts";
import { costsOfSteps, type BilledContract, type Cost } from "../../domain/tariff/costs.ts";
import type { PricedContract } from "./contracts.server.ts";
import { usagesOf } from "./usage.server.ts";

/**
 * What a site costs is worked out when it is asked for, from the buckets and the contracts' versions as they are then: nothing is
 * kept that a late reading, a correction or a new version could make wrong (docs/decisions). In an organization's context.
 */
export interface Pricing {
  contracts: readonly PricedContract[];
  channels: readonly ChannelRow[];
  timezone: string;
  /** The buckets that were read for something else already, or will be used again. */
  read?: ReadEnergies | undefined;
}

/**
 * Costs of several lists of steps, which share one reading of the buckets. A meter with a parent is part of what its parent
 * counts, so its own contract (a tenant's in a house, say) is not added to the site's.
 */
export async function siteCosts(
  sql: Sql,
  { contracts, channels, timezone, read }: Pricing,
  lists: readonly (readonly Step[])[],
): Promise<(Cost | null)[][]> {
  const added = contracts.filter((contract) => sitesOwn(contract, channels));
  const all = lists.flat();
  if (!added.length || !all.length) return lists.map((steps) => steps.map(() => null));
  const billed = await billedContracts(sql, { contracts: added, channels, timezone, read }, all);
  return lists.map((steps) => costsOfSteps(billed, steps, timezone));
}

/** Whether what a contract costs is added to the site's costs. */
export const sitesOwn = (
  { channelId }: PricedContract,
  channels: readonly Pick<ChannelRow, "id" | "parentId">[],
): boolean => !channels.some(({ id, parentId }) => id === channelId && parentId);

/** Contracts with what was used under them, enough for every one of the steps. */
export async function billedContracts(
  sql: Sql,
  { contracts, channels, timezone, read }: Pricing,
  steps: readonly Step[],
): Promise<BilledContract[]> {
  const fromMs = Math.min(...steps.map(({ startMs }) => startMs));
  const toMs = Math.max(...steps.map(({ endMs }) => endMs));
  const usages = await usagesOf(sql, contracts, { channels, period: { fromMs, toMs }, timezone, read });
  return contracts.map(({ versions, endsMs }, i) => ({ versions, endsMs, usage: usages[i]! }));
}
