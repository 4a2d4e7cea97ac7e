import type { StoredBillCheck } from "../../db/bill-checks.ts";
import { getContract } from "../../db/contracts.ts";
import type { Site } from "../../db/sites.ts";
import { adviceFor, type Advice } from "../../domain/bill-check/advice.ts";
import { causes, checkBill, type BillCheck, type Cause } from "../../domain/bill-check/bill-check.ts";
import { storedItems } from "../../domain/bill-check/entered.ts";
import type { Money } from "../../domain/tariff/money.ts";
import { localPeriod } from "../../domain/tariff/scope.ts";
import { contractBill } from "./contract-bill.server.ts";
import { pricedBy } from "./contracts.server.ts";

/** The supplier's bill against ours, as it is now: late readings and corrected prices are in it. Money as decimal text. */
export interface CheckShown {
  ours: string;
  theirs: string;
  /** Theirs less ours. */
  difference: string;
  split: Record<Cause, string>;
  items: {
    name: string;
    component: string | null;
    theirs: string | null;
    ours: string | null;
    split: Record<Cause, string>;
  }[];
  notes: string[];
  advice: Advice[];
}

type Entered = Pick<StoredBillCheck, "contractId" | "fromDay" | "toDay" | "items" | "total">;

/** @returns null: the contract holds on none of its days, or what was stored cannot be read. */
export async function runBillCheck(organizationId: string, site: Site, entered: Entered): Promise<CheckShown | null> {
  const items = storedItems(entered.items);
  const contract = await getContract(organizationId, entered.contractId);
  const priced = contract?.siteId === site.id ? pricedBy(contract, site.timezone) : null;
  if (!priced || !items) return null;
  const of = { siteId: site.id, timezone: site.timezone, contract: priced };
  const ours = await contractBill(organizationId, of, localPeriod(site.timezone, entered.fromDay, entered.toDay));
  if (!ours) return null;
  const check = checkBill({ items, total: entered.total }, ours);
  return {
    ...{ ours: ours.total.toFixed(), theirs: entered.total },
    ...{ difference: check.difference.toFixed(), split: splitText(check.split) },
    items: check.items.map(({ name, component, theirs, ours: own, split }) => ({
      ...{ name, component, theirs: theirs?.toFixed() ?? null, ours: own?.toFixed() ?? null, split: splitText(split) },
    })),
    notes: check.notes,
    advice: adviceFor(check, items, ours),
  };
}

const splitText = (split: BillCheck["split"]): Record<Cause, string> =>
  Object.fromEntries(causes.map((cause) => [cause, text(split[cause])])) as Record<Cause, string>;

const text = (amount: Money): string => amount.toDecimalPlaces(9).toFixed();
