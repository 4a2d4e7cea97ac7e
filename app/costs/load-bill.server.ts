import type { Site } from "../../db/sites.ts";
import { isoDay, localDay } from "../../domain/local-time/civil-day.ts";
import { bucketCeil } from "../../domain/rollup/bucket.ts";
import { billJson } from "../../domain/tariff/bill-json.ts";
import { localPeriod, type Period } from "../../domain/tariff/scope.ts";
import { qualityOf } from "../charts/quality.ts";
import { billPeriods, readBillDays, type BillDays } from "./bill-periods.ts";
import { billWithUsage, priceOfSettings } from "./contract-bill.server.ts";
import type { PricedContract } from "./contracts.server.ts";

/** What the page of a bill shows. */
export async function loadBill(
  organizationId: string,
  site: Site,
  contract: PricedContract,
  { query, nowMs }: { query: URLSearchParams; nowMs: number },
) {
  const { id: siteId, timezone } = site;
  const periods = billPeriods(contract, timezone, nowMs);
  const days = readBillDays(query, periods, isoDay(localDay(timezone, nowMs)));
  const period = billedPeriod(days, timezone, nowMs);
  const made = period && (await billWithUsage(organizationId, { siteId, timezone, contract }, period));
  const isCut = period !== null && period.toMs < localPeriod(timezone, days.from, days.to).toMs;
  const shown = { periods, days, nowMs, cutMs: isCut ? period.toMs : null };
  const named = { id: contract.id ?? priceOfSettings, name: contract.name, medium: contract.medium };
  if (!made) return { ...shown, contract: named, bill: null, quality: null };
  const { imported, estimated, covered, completeToMs } = made.bill.completeness;
  const known = { completeness: covered, amount: imported.toNumber(), estimatedAmount: estimated.toNumber() };
  const ofPeriod = { startMs: made.bill.period.fromMs, endMs: made.bill.period.toMs, knownToMs: completeToMs, nowMs };
  return { ...shown, contract: named, bill: billJson(made.bill), quality: qualityOf({ ...known, ...ofPeriod }) };
}

export type BillShown = Awaited<ReturnType<typeof loadBill>>;

/** Of a running period what there is of it; null: it has not begun. */
export function billedPeriod(
  { from, to, untilMs = Infinity }: BillDays,
  timezone: string,
  nowMs: number,
): Period | null {
  const { fromMs, toMs } = localPeriod(timezone, from, to);
  const period = { fromMs, toMs: Math.min(toMs, bucketCeil(Math.min(untilMs, nowMs))) };
  return period.fromMs < period.toMs ? period : null;
}
