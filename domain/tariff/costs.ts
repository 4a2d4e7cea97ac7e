import { startOfDay } from "../local-time/civil-day.ts";
import type { Step } from "../local-time/steps.ts";
import { bucketCeil, bucketStart } from "../rollup/bucket.ts";
import { bill, billLines, type Bill } from "./bill.ts";
import type { ComponentType } from "./component-schema.ts";
import type { TariffVersion } from "./contract.ts";
import { zero, type Money } from "./money.ts";
import { intersection, type Period } from "./scope.ts";
import type { Usage } from "./usage.ts";

/** What a stretch of time costs. Not rounded, so that days add up to their month. */
export interface Cost {
  exact: Money;
  /** Its parts by what they are for: energy, standing charge, feed-in … */
  byType: Map<ComponentType, Money>;
}

/** A contract with what was used under it. */
export interface BilledContract {
  versions: readonly TariffVersion[];
  /** The instant from which on it no longer holds; Infinity: it goes on. */
  endsMs: number;
  usage: Usage;
}

export const noCost = (): Cost => ({ exact: zero, byType: new Map() });

/** When a contract holds: since its first version, until it ends. */
export function heldPeriod(
  { versions, endsMs }: Pick<BilledContract, "versions" | "endsMs">,
  timezone: string,
): Period {
  const first = versions[0]!.validFrom;
  return { fromMs: first === null ? -Infinity : startOfDay(timezone, first), toMs: endsMs };
}

/** The bill of a step, widened to whole quarter-hours, as far as the contract holds; null: it does not hold in any of it. */
export function billOfStep(contract: BilledContract, step: Step, timezone: string): Bill | null {
  const period = heldWithin(contract, step, timezone);
  return period && bill(contract.usage, contract.versions, period, timezone);
}

function heldWithin(contract: BilledContract, { startMs, endMs }: Step, timezone: string): Period | null {
  return intersection({ fromMs: bucketStart(startMs), toMs: bucketCeil(endMs) }, heldPeriod(contract, timezone));
}

/** What each step costs by all contracts together; null: none of them holds in any of it. */
export function costsOfSteps(
  contracts: readonly BilledContract[],
  steps: readonly Step[],
  timezone: string,
): (Cost | null)[] {
  return steps.map((step) => {
    const bills = contracts.flatMap((contract) => {
      const period = heldWithin(contract, step, timezone);
      return period ? [billLines(contract.usage, contract.versions, period, timezone)] : [];
    });
    if (!bills.length) return null;
    const cost = noCost();
    for (const lines of bills) {
      for (const { type, exact } of lines) {
        cost.exact = cost.exact.plus(exact);
        cost.byType.set(type, (cost.byType.get(type) ?? zero).plus(exact));
      }
    }
    return cost;
  });
}
