import { asOrganization } from "../../db/as-organization.ts";
import { channelsOf } from "../../db/channels.ts";
import type { Site } from "../../db/sites.ts";
import type { Step } from "../../domain/local-time/steps.ts";
import type { Bill } from "../../domain/tariff/bill.ts";
import { billOfStep, type BilledContract } from "../../domain/tariff/costs.ts";
import { Money, sumOf, zero } from "../../domain/tariff/money.ts";
import { qualityOf, type Quality } from "../charts/quality.ts";
import { comparedWith, stepsSoFar, type Comparison, type Period } from "../period/period.ts";
import { pricedContracts, type PricedContract } from "./contracts.server.ts";
import { readEmissions } from "./emissions.server.ts";
import { costKinds, kindOf, type CostKind } from "./kinds.ts";
import { billedContracts, sitesOwn, type Pricing } from "./site-costs.server.ts";

/** What a step of time costs. Money as decimal text, not rounded. */
export interface CostStep extends Step {
  /** null: no contract holds in any of it. */
  total: string | null;
  byKind: Record<CostKind, string>;
  importedKwh: number;
  exportedKwh: number;
  /** Known part of the time, 0 to 1. */
  completeness: number;
  /** The estimated part of the energy, 0 to 1. */
  estimatedShare: number;
}

/** A contract's part of a period. */
export interface ContractSum {
  /** null: the price of the settings. */
  id: string | null;
  name: string;
  medium: PricedContract["medium"];
  total: string;
  imported: number;
  exported: number;
  unit: "kWh" | "m3";
  /** A meter below another one: what it costs is a part of the site's costs already. */
  isPart: boolean;
}

/** Known to less than this, a stretch of time is neither compared with nor reckoned on from. */
const leastKnown = 0.9;

/** What the page of costs shows of a period. */
export async function loadCosts(organizationId: string, site: Site, period: Period, nowMs: number) {
  const { timezone } = site;
  const contracts = await pricedContracts(organizationId, site);
  const steps = stepsSoFar(period, timezone, nowMs);
  const whole = { startMs: period.startMs, endMs: steps.at(-1)!.endMs };
  const read = await asOrganization(organizationId, async (sql) => {
    const channels = await channelsOf(sql, { siteId: site.id });
    const pricing: Pricing = { contracts, channels, timezone };
    const billed = contracts.length ? await billedContracts(sql, pricing, [...steps, whole]) : [];
    const isOwn = contracts.map((contract) => sitesOwn(contract, channels));
    const compared = async (by: Comparison): Promise<Compared | null> => {
      const step = comparedWith(period, by, timezone, nowMs);
      const then = await billedContracts(sql, pricing, [step]);
      const { total, completeness } = costStep(then.filter((_, i) => isOwn[i]), step, timezone); // prettier-ignore
      return total === null || completeness < leastKnown ? null : { by, ...step, total };
    };
    const others = contracts.length ? [await compared("previous"), await compared("year")] : [];
    const emissions = await readEmissions(sql, site, { channels, period: whole });
    return { billed, isOwn, others, emissions: emissions?.(whole) ?? null, emitted: emissions && steps.map(emissions) };
  });
  const own = read.billed.filter((_, i) => read.isOwn[i]);
  const bars = steps.map((step, i) => ({
    ...costStep(own, step, timezone),
    emissions: read.emitted?.[i] ?? null,
  }));
  const sums = contracts.flatMap((contract, i) => contractSum(contract, read.billed[i]!, { whole, timezone, isPart: !read.isOwn[i] })); // prettier-ignore
  const total = costStep(own, whole, timezone);
  return {
    ...{ period, nowMs, bars, contracts: sums, emissions: read.emissions },
    total: total.total === null ? null : total,
    compared: read.others.filter((one) => one !== null),
    quality: qualityOfCosts(own, total, { whole, timezone, nowMs }),
    expected: expectedTotal(period, total, nowMs),
  };
}

export type CostsShown = Awaited<ReturnType<typeof loadCosts>>;

export interface Compared extends Step {
  by: Comparison;
  total: string;
}

function costStep(contracts: readonly BilledContract[], step: Step, timezone: string): CostStep {
  const bills = contracts.flatMap((contract) => billOfStep(contract, step, timezone) ?? []);
  const byKind = Object.fromEntries(costKinds.map((kind) => [kind, zero])) as Record<CostKind, Money>;
  for (const { lines } of bills)
    for (const { type, exact } of lines) byKind[kindOf(type)] = byKind[kindOf(type)].plus(exact);
  const inKwh = bills.filter((_, i) => contracts[i]!.versions[0]!.tariff.medium === "electricity");
  const sum = (of: (bill: Bill) => Money) => sumOf(inKwh.map(of)).toNumber();
  const imported = sum(({ completeness }) => completeness.imported);
  const estimated = sum(({ completeness }) => completeness.estimated);
  return {
    ...step,
    total: bills.length ? sumOf(bills.map(({ exactTotal }) => exactTotal)).toFixed() : null,
    byKind: Object.fromEntries(costKinds.map((kind) => [kind, byKind[kind].toFixed()])) as Record<CostKind, string>,
    importedKwh: imported,
    exportedKwh: sum(({ completeness }) => completeness.exported),
    completeness: bills.length ? Math.min(...bills.map(({ completeness }) => completeness.covered)) : 0,
    estimatedShare: imported > 0 ? Math.min(1, estimated / imported) : 0,
  };
}

function contractSum(
  { id, name, medium }: PricedContract,
  billed: BilledContract,
  { whole, timezone, isPart }: { whole: Step; timezone: string; isPart: boolean },
): ContractSum[] {
  const bill = billOfStep(billed, whole, timezone);
  if (!bill) return [];
  const { imported, exported } = bill.completeness;
  const unit = medium === "electricity" || medium === "heat" ? "kWh" : "m3";
  const amounts = { total: bill.exactTotal.toFixed(), imported: imported.toNumber(), exported: exported.toNumber() };
  return [{ ...{ id, name, medium, unit, isPart }, ...amounts }];
}

function qualityOfCosts(
  contracts: readonly BilledContract[],
  { completeness, estimatedShare, importedKwh }: CostStep,
  { whole, timezone, nowMs }: { whole: Step; timezone: string; nowMs: number },
): Quality | null {
  const ends = contracts.flatMap((one) => billOfStep(one, whole, timezone)?.completeness.completeToMs ?? []);
  if (!ends.length) return null;
  const energy = { amount: importedKwh, estimatedAmount: importedKwh * estimatedShare };
  return qualityOf({ ...whole, completeness, ...energy, knownToMs: Math.min(nowMs, ...ends), nowMs });
}

/** A tenth of a month or year, and nearly all of it known: before that a straight line says nothing. */
const leastElapsed = 0.1;

/** What a running month or year costs if it goes on as it went so far; null: too little is known for that. */
function expectedTotal({ range, startMs, endMs, isRunning }: Period, total: CostStep, nowMs: number): string | null {
  const elapsed = (nowMs - startMs) / (endMs - startMs);
  if (!isRunning || (range !== "month" && range !== "year") || total.total === null) return null;
  if (elapsed < leastElapsed || total.completeness < leastKnown) return null;
  return new Money(total.total).div(elapsed).toDecimalPlaces(12).toFixed();
}
