import { asOrganization } from "../../db/as-organization.ts";
import { channelsOf, type ChannelRow } from "../../db/channels.ts";
import { getContract } from "../../db/contracts.ts";
import type { Site } from "../../db/sites.ts";
import type { Bill } from "../../domain/tariff/bill.ts";
import { billOfStep } from "../../domain/tariff/costs.ts";
import type { Period } from "../../domain/tariff/scope.ts";
import type { Usage } from "../../domain/tariff/usage.ts";
import { pricedBy, pricedContracts, type PricedContract } from "./contracts.server.ts";
import { billedContracts } from "./site-costs.server.ts";

interface Asked {
  siteId: string;
  timezone: string;
  contract: PricedContract;
}

/** A bill, and what it was made of. */
export interface BillWithUsage {
  bill: Bill;
  usage: Usage;
  channels: readonly ChannelRow[];
}

/** The bill of a contract for a period of whole local days; null: it holds in none of it. */
export async function contractBill(organizationId: string, asked: Asked, period: Period): Promise<Bill | null> {
  return (await billWithUsage(organizationId, asked, period))?.bill ?? null;
}

export async function billWithUsage(
  organizationId: string,
  { siteId, timezone, contract }: Asked,
  { fromMs, toMs }: Period,
): Promise<BillWithUsage | null> {
  const step = { startMs: fromMs, endMs: toMs };
  const { billed, channels } = await asOrganization(organizationId, async (sql) => {
    const all = await channelsOf(sql, { siteId });
    const made = await billedContracts(sql, { contracts: [contract], channels: all, timezone }, [step]);
    return { billed: made[0]!, channels: all };
  });
  const bill = billOfStep(billed, step, timezone);
  return bill && { bill, usage: billed.usage, channels };
}

/** The name in addresses of what a site without a contract pays by: the price of its settings. */
export const priceOfSettings = "price";

/** @throws Response 404 for a contract of elsewhere, one that does not exist, or one that cannot be read. */
export async function requirePricedContract(
  organizationId: string,
  site: Site,
  id: string | undefined,
): Promise<PricedContract> {
  const priced = id === undefined ? null : await findPricedContract(organizationId, site, id);
  if (!priced) throw new Response("Not found", { status: 404 });
  return priced;
}

/** @param id of a contract, or `priceOfSettings`. @returns null: it is none that the site pays by, or cannot be read. */
export async function findPricedContract(
  organizationId: string,
  site: Site,
  id: string,
): Promise<PricedContract | null> {
  if (id === priceOfSettings)
    return (await pricedContracts(organizationId, site)).find((contract) => contract.id === null) ?? null;
  const contract = await getContract(organizationId, id);
  return contract?.siteId === site.id ? pricedBy(contract, site.timezone) : null;
}
