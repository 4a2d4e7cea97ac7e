import { asOrganization } from "../../db/as-organization.ts";
import { channelsOf } from "../../db/channels.ts";
import type { Site } from "../../db/sites.ts";
import { isoDay, localDay } from "../../domain/local-time/civil-day.ts";
import type { Step } from "../../domain/local-time/steps.ts";
import { changesBetween, type LineChange, type Side } from "../../domain/tariff/bill-difference.ts";
import type { Bill } from "../../domain/tariff/bill.ts";
import { billOfStep } from "../../domain/tariff/costs.ts";
import { sumOf } from "../../domain/tariff/money.ts";
import { comparedWith, stepsSoFar, type Comparison, type Period } from "../period/period.ts";
import { pricedContracts } from "./contracts.server.ts";
import { billedContracts, sitesOwn } from "./site-costs.server.ts";

/** Why a period cost more or less than another one. Money as decimal text, not rounded. */
export interface CostDifference {
  now: SpanShown;
  then: SpanShown;
  difference: string;
  contracts: { id: string | null; name: string; total: string; changes: ChangeShown[] }[];
}

/** Local days, the last one included; of a period that runs, up to an instant of the last day. */
export interface SpanShown {
  first: string;
  last: string;
  untilMs: number;
  total: string;
  /** Known part of the time, 0 to 1: of the contract that is known least. */
  completeness: number;
}

export interface ChangeShown {
  component: string;
  rate: string | null;
  name: string;
  type: LineChange["type"];
  unit: string;
  now: SideShown | null;
  then: SideShown | null;
  difference: string;
  byQuantity: string;
  byPrice: string;
}

export interface SideShown {
  quantity: number;
  unitPrice: string | null;
  amount: string;
}

export type DifferenceAnswer = { ok: true; difference: CostDifference } | { ok: false; error: string };

/** The page's total against another period's, contract by contract and line by line. */
export async function loadDifference(
  organizationId: string,
  site: Site,
  period: Period,
  { by, nowMs }: { by: Comparison; nowMs: number },
): Promise<DifferenceAnswer> {
  const { timezone } = site;
  const steps = stepsSoFar(period, timezone, nowMs);
  const now = { startMs: period.startMs, endMs: steps.at(-1)!.endMs };
  const then = comparedWith(period, by, timezone, nowMs);
  const contracts = await pricedContracts(organizationId, site);
  const bills = await asOrganization(organizationId, async (sql) => {
    const channels = await channelsOf(sql, { siteId: site.id });
    const own = contracts.filter((contract) => sitesOwn(contract, channels));
    if (!own.length) return [];
    const of = async (step: Step) =>
      (await billedContracts(sql, { contracts: own, channels, timezone }, [step])).map((one) => billOfStep(one, step, timezone)); // prettier-ignore
    const [after, before] = [await of(now), await of(then)];
    return own.map((contract, i) => ({ contract, now: after[i] ?? null, then: before[i] ?? null }));
  });
  const isBilled = (side: "now" | "then") => bills.some((one) => one[side]);
  if (!isBilled("now")) return noContract(now, timezone);
  if (!isBilled("then")) return noContract(then, timezone);
  const held = bills.filter((one) => one.now ?? one.then);
  const total = (one: { now: Bill | null; then: Bill | null }) => exactOf(one.now).minus(exactOf(one.then));
  const spanned = (side: "now" | "then", step: Step): SpanShown => {
    const billed = held.flatMap((one) => one[side] ?? []);
    return {
      ...{ ...daysOf(step, timezone), untilMs: step.endMs, total: sumOf(billed.map(exactOf)).toFixed() },
      completeness: Math.min(...billed.map(({ completeness }) => completeness.covered)),
    };
  };
  const difference: CostDifference = {
    ...{ now: spanned("now", now), then: spanned("then", then) },
    difference: sumOf(held.map(total)).toFixed(),
    contracts: held.map((one) => ({
      ...{ id: one.contract.id, name: one.contract.name, total: total(one).toFixed() },
      changes: changesBetween(one.now?.lines ?? [], one.then?.lines ?? []).map(shown),
    })),
  };
  return { ok: true, difference };
}

function noContract(step: Step, timezone: string): { ok: false; error: string } {
  const { first, last } = daysOf(step, timezone);
  return { ok: false, error: `No contract holds from ${first} to ${last}: nothing is billed then.` };
}

const exactOf = (bill: Bill | null) => bill?.exactTotal ?? sumOf([]);

const daysOf = ({ startMs, endMs }: Step, timezone: string) => ({
  first: isoDay(localDay(timezone, startMs)),
  last: isoDay(localDay(timezone, endMs - 1)),
});

function shown({ now, then, difference, byQuantity, byPrice, ...line }: LineChange): ChangeShown {
  const side = (of: Side | null): SideShown | null =>
    of && {
      quantity: of.quantity.toNumber(),
      unitPrice: of.unitPrice?.toDecimalPlaces(12).toFixed() ?? null,
      amount: of.exact.toFixed(),
    };
  return {
    ...{ ...line, now: side(now), then: side(then) },
    ...{ difference: difference.toFixed(), byQuantity: byQuantity.toFixed(), byPrice: byPrice.toFixed() },
  };
}
