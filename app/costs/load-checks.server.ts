import { billChecksOf } from "../../db/bill-checks.ts";
import { contractsOf } from "../../db/contracts.ts";
import type { Site } from "../../db/sites.ts";
import { causes, type Cause } from "../../domain/bill-check/bill-check.ts";
import { Money, sumOf } from "../../domain/tariff/money.ts";
import { runBillCheck, type CheckShown } from "./bill-check.server.ts";

/** All bills of a year together. Money as decimal text. */
export interface YearReconciled {
  /** Of the bills' last days. */
  year: string;
  bills: number;
  theirs: string;
  ours: string;
  difference: string;
  split: Record<Cause, string>;
}

interface ListedCheck {
  id: string;
  contractName: string;
  fromDay: string;
  toDay: string;
  total: string;
  note: string;
  /** Theirs less ours; null: it cannot be compared. */
  difference: string | null;
}

/** Each is worked out anew when the list is opened: so many at most. */
const mostRun = 36;

/** A site's checks, newest first, and each year's reconciliation. */
export async function loadChecks(organizationId: string, site: Site) {
  const [stored, contracts] = await Promise.all([
    billChecksOf(organizationId, site.id),
    contractsOf(organizationId, site.id),
  ]);
  const checks: (ListedCheck & { run: CheckShown | null })[] = [];
  for (const entered of stored.slice(0, mostRun)) {
    const run = await runBillCheck(organizationId, site, entered);
    const { id, contractName, fromDay, toDay, total, note } = entered;
    checks.push({ id, contractName, fromDay, toDay, total, note, difference: run?.difference ?? null, run });
  }
  const years = [...new Set(checks.map(({ toDay }) => yearOf(toDay)))];
  return {
    checks: checks.map(({ run: _, ...check }) => check),
    years: years.flatMap((year) => reconcile(year, checks.flatMap(({ toDay, run }) => (run && yearOf(toDay) === year ? [run] : [])))), // prettier-ignore
    contracts: contracts.map(({ id, name }) => ({ id, name })),
  };
}

/** The year of the last day that a bill is for: one up to 1 January is the year's before. */
const yearOf = (toDay: string): string =>
  new Date(Date.parse(`${toDay}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 4);

function reconcile(year: string, runs: readonly CheckShown[]): YearReconciled[] {
  if (!runs.length) return [];
  const sum = (of: (run: CheckShown) => string) => sumOf(runs.map((run) => new Money(of(run)))).toFixed();
  const split = Object.fromEntries(causes.map((cause) => [cause, sum((run) => run.split[cause])]));
  const totals = { theirs: sum(({ theirs }) => theirs), ours: sum(({ ours }) => ours) };
  return [{ year, bills: runs.length, ...totals, difference: sum((run) => run.difference), split: split as Record<Cause, string> }]; // prettier-ignore
}
