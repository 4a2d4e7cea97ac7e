import { asOrganization } from "../../db/as-organization.ts";
import { channelsOf, type ChannelRow } from "../../db/channels.ts";
import type { Site } from "../../db/sites.ts";
import { guardBase, type GuardBase } from "../../domain/demand/live-guard.ts";
import { localDay } from "../../domain/local-time/civil-day.ts";
import { bucketCeil, bucketStart } from "../../domain/rollup/bucket.ts";
import { heldPeriod } from "../../domain/tariff/costs.ts";
import { pricedContracts, type PricedContract } from "./contracts.server.ts";
import { usagesOf } from "./usage.server.ts";

/** A demand charge that is in force, and what is known for its guard. */
export interface DemandBase {
  contractId: string;
  contractName: string;
  component: string;
  currency: string;
  /** The device whose power it is; null: the site's. */
  deviceId: string | null;
  base: GuardBase;
}

/** The demand charges of a site's contracts for what is taken, those that hold now. */
export async function loadDemand(organizationId: string, site: Site, nowMs: number): Promise<DemandBase[]> {
  const { id: siteId, timezone, currency } = site;
  const contracts = await pricedContracts(organizationId, site);
  const charged = contracts.flatMap((contract) => chargesOf(contract, timezone, nowMs));
  if (!charged.length) return [];
  return asOrganization(organizationId, async (sql) => {
    const channels = await channelsOf(sql, { siteId });
    const period = { fromMs: bucketStart(nowMs), toMs: bucketCeil(nowMs + 1) };
    const usages = await usagesOf(sql, charged.map(({ contract }) => contract), { channels, period, timezone }); // prettier-ignore
    return charged.map(({ contract, tariff, demand }, i) => ({
      ...{ contractId: contract.id!, contractName: contract.name, component: demand.name, currency },
      deviceId: deviceOf(contract, channels),
      base: guardBase(usages[i]!, { tariff, demand, timezone, nowMs }),
    }));
  });
}

function chargesOf(contract: PricedContract, timezone: string, nowMs: number) {
  const { fromMs, toMs } = heldPeriod(contract, timezone);
  if (contract.id === null || contract.medium !== "electricity" || nowMs < fromMs || nowMs >= toMs) return [];
  const today = localDay(timezone, nowMs);
  const version = contract.versions.findLast(({ validFrom }) => validFrom === null || validFrom <= today);
  const { tariff } = version!;
  return tariff.components.flatMap((demand) =>
    demand.type === "demand" && demand.flow === "import" ? [{ contract, tariff, demand }] : [],
  );
}

const deviceOf = ({ channelId }: PricedContract, channels: readonly ChannelRow[]): string | null =>
  channels.find(({ id }) => id === channelId)?.deviceId ?? null;
