import { asOrganization } from "../../db/as-organization.ts";
import { channelsOf } from "../../db/channels.ts";
import type { Bill } from "../../domain/tariff/bill.ts";
import { billOfStep } from "../../domain/tariff/costs.ts";
import type { Period } from "../../domain/tariff/scope.ts";
import type { PricedContract } from "./contracts.server.ts";
import { billedContracts } from "./site-costs.server.ts";

/** The bill of a contract for a period of whole local days; null: it holds in none of it. */
export async function contractBill(
  organizationId: string,
  { siteId, timezone, contract }: { siteId: string; timezone: string; contract: PricedContract },
  { fromMs, toMs }: Period,
): Promise<Bill | null> {
  const step = { startMs: fromMs, endMs: toMs };
  const [billed] = await asOrganization(organizationId, async (sql) => {
    const channels = await channelsOf(sql, { siteId });
    return billedContracts(sql, { contracts: [contract], channels, timezone }, [step]);
  });
  return billOfStep(billed!, step, timezone);
}
