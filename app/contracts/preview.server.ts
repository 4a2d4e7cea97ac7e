import { getContract } from "../../db/contracts.ts";
import type { Site } from "../../db/sites.ts";
import { localDay } from "../../domain/local-time/civil-day.ts";
import type { Bill } from "../../domain/tariff/bill.ts";
import { billJson } from "../../domain/tariff/bill-json.ts";
import { parseTariff, tariffFaults } from "../../domain/tariff/contract.ts";
import { scopeAt, scopePeriod, type Period } from "../../domain/tariff/scope.ts";
import type { Tariff } from "../../domain/tariff/tariff.ts";
import { contractBill } from "../costs/contract-bill.server.ts";
import { pricedBy, pricedContracts, type PricedContract } from "../costs/contracts.server.ts";
import type { Preview, PreviewRequest } from "./preview.ts";

const monthly = { months: 1, start: "2000-01-01" };

/** The last whole bill of a site as it would be by a tariff that is being edited, and as it is by what holds now. */
export async function previewBill(
  organizationId: string,
  site: Site,
  { tariff: json, medium, channelId, contractId }: PreviewRequest,
  nowMs: number,
): Promise<Preview> {
  const nothing = { bill: null, present: null };
  const parsed = parseTariff(json);
  if (!parsed.ok) return { ...nothing, faults: tariffFaults(json) };
  const tariff = { ...parsed.value, billing: parsed.value.billing ?? monthly };
  if (tariff.currency !== site.currency)
    return {
      ...nothing,
      faults: [{ path: "currency", message: `the place's is ${site.currency}, the tariff's ${tariff.currency}` }],
    };
  if (tariff.medium !== medium)
    return { ...nothing, faults: [{ path: "medium", message: `${medium} is expected, not ${tariff.medium}` }] };
  const edited = { id: null, name: tariff.name, medium, channelId, endsMs: Infinity };
  const contract: PricedContract = { ...edited, versions: [{ validFrom: null, tariff }] };
  const bill = await lastBill(organizationId, site, contract, { tariff, nowMs });
  const present = await presentContract(organizationId, site, { medium, channelId, contractId });
  const now =
    present &&
    (await contractBill(organizationId, { siteId: site.id, timezone: site.timezone, contract: present }, bill.period));
  return {
    faults: [],
    bill: billJson(bill),
    present: now && { name: present.name, total: billJson(now).total },
  };
}

/** Of the last whole billing period; where that is longer than a month and nothing is known of it, of the last month. */
async function lastBill(
  organizationId: string,
  { id: siteId, timezone }: Site,
  contract: PricedContract,
  { tariff, nowMs }: { tariff: Tariff; nowMs: number },
): Promise<Bill> {
  const billOf = async (period: Period) =>
    (await contractBill(organizationId, { siteId, timezone, contract }, period))!;
  const bill = await billOf(lastPeriod(tariff.billing ?? monthly, timezone, nowMs));
  const isLong = (tariff.billing?.months ?? 1) > 1;
  return isLong && bill.completeness.covered < 0.5 ? billOf(lastPeriod(monthly, timezone, nowMs)) : bill;
}

/** The billing period before the one that runs. */
export function lastPeriod(billing: NonNullable<Tariff["billing"]>, timezone: string, nowMs: number): Period {
  const calendar = { timezone, asked: { fromMs: nowMs, toMs: nowMs + 1 } };
  const running = scopeAt("billing-period", localDay(timezone, nowMs), billing, calendar);
  return scopePeriod(scopeAt("billing-period", running.fromDay - 1, billing, calendar), timezone);
}

async function presentContract(
  organizationId: string,
  site: Site,
  { medium, channelId, contractId }: Omit<PreviewRequest, "tariff">,
): Promise<PricedContract | null> {
  if (contractId !== null) {
    const contract = await getContract(organizationId, contractId);
    return contract && contract.siteId === site.id ? pricedBy(contract, site.timezone) : null;
  }
  const all = await pricedContracts(organizationId, site);
  return all.find((other) => other.medium === medium && other.channelId === channelId) ?? null;
}
