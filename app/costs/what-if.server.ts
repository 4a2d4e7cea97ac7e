import type { Site } from "../../db/sites.ts";
import { isoDay, localDay } from "../../domain/local-time/civil-day.ts";
import { simulate, type Scenario, type Simulated } from "../../domain/simulation/simulate.ts";
import { rankTariffs, type ComponentSum, type Ranked } from "../../domain/tariff/compare.ts";
import { parseContract, type TariffVersion } from "../../domain/tariff/contract.ts";
import { Money } from "../../domain/tariff/money.ts";
import { asToday, ownTariffs, type SumShown } from "./compare.server.ts";
import { priceOfSettings } from "./contract-bill.server.ts";
import { readOwnYear, type OwnYear } from "./own-year.server.ts";
import type { ScenarioGiven } from "./scenario.ts";
import { yearLines, yearWhy, type AskedLine, type YearAnswer, type YearLine } from "./year-lines.server.ts";

/** A year with and without what was asked for. Money as decimal text. */
export interface WhatIf {
  currency: string;
  tariff: string;
  from: string;
  to: string;
  days: number;
  without: YearShown;
  with: YearShown;
  /** Of the period: what is saved; below 0: lost. */
  saved: string;
  /** Why, by kind of component: they add up to what is saved, with the other sign. */
  why: ChangeShown[];
  productionKwh: number;
  selfConsumedKwh: number;
  chargedKwh: number;
  dischargedKwh: number;
  lossKwh: number;
  movedKwh: number;
  /** Years until an investment is paid back by what is saved; null: none was named, or nothing is saved. */
  paybackYears: number | null;
  assumptions: string[];
}

export interface ChangeShown extends SumShown {
  /** What the kind came to as it was, and with what was asked for: `amount` is their difference. */
  before: string;
  after: string;
}

export interface YearShown {
  total: string;
  /** What the total is made of. */
  lines: YearLine[];
  importKwh: number;
  exportKwh: number;
  /** The part of what is used that does not come from the grid, 0 to 1; null: nothing is used. */
  selfSufficiency: number | null;
}

export type WhatIfAnswer = { ok: true; result: WhatIf } | { ok: false; error: string };

export async function whatIf(
  organizationId: string,
  site: Site,
  given: ScenarioGiven,
  nowMs: number,
): Promise<WhatIfAnswer> {
  const run = await simulated(organizationId, site, given, nowMs);
  return run.ok ? { ok: true, result: resultOf({ site, given, ...run }) } : run;
}

/**
 * Why a line of the year is what it is: as it was, or with what was asked for, where the energy is made up and stands beside what
 * was measured.
 */
export async function whySimulated(
  organizationId: string,
  site: Site,
  given: ScenarioGiven,
  { nowMs, isWith, ...line }: AskedLine & { nowMs: number; isWith: boolean },
): Promise<YearAnswer> {
  const run = await simulated(organizationId, site, given, nowMs);
  if (!run.ok) return run;
  const { year, made, before, after } = run;
  const { channels, usage } = year;
  const of = isWith
    ? { bill: after.bill, usage: made.usage, measured: usage }
    : { bill: before.bill, usage, measured: null };
  return yearWhy(organizationId, site, { ...line, ...of, channels });
}

interface Run {
  ok: true;
  name: string;
  year: OwnYear;
  made: Simulated;
  before: Ranked;
  after: Ranked;
}

async function simulated(
  organizationId: string,
  site: Site,
  given: ScenarioGiven,
  nowMs: number,
): Promise<Run | { ok: false; error: string }> {
  const chosen = await tariffOf(organizationId, site, given);
  if (!chosen.ok) return chosen;
  const { versions, name } = chosen;
  const year = await readOwnYear(organizationId, site, versions, nowMs);
  if (!year) return { ok: false, error: "Nothing was measured here yet: there is no history to work with." };
  const made = simulate(year.usage, scenarioOf(given), { timezone: site.timezone, versions });
  const [before, after] = [year.usage, made.usage].map((usage) => {
    const of = { period: year.period, timezone: site.timezone };
    return rankTariffs(usage, [{ id: "own", name, versions }], of).ranked[0]!;
  });
  return { ok: true, name, year, made, before: before!, after: after! };
}

type Chosen = { ok: true; name: string; versions: TariffVersion[] } | { ok: false; error: string };

async function tariffOf(organizationId: string, site: Site, { contract, tariff }: ScenarioGiven): Promise<Chosen> {
  if (tariff) {
    const parsed = parseContract(tariff);
    if (!parsed.ok) return { ok: false, error: `The tariff is refused: ${parsed.error}.` };
    const { medium, currency, name } = parsed.value.at(-1)!.tariff;
    if (medium !== "electricity" || currency !== site.currency)
      return { ok: false, error: `A tariff for electricity in ${site.currency} is expected.` };
    return { ok: true, name, versions: parsed.value };
  }
  const own = await ownTariffs(organizationId, site);
  const found = contract === undefined ? own[0] : own.find(({ id }) => (id ?? priceOfSettings) === contract);
  if (!found) return { ok: false, error: "The site has no such contract for its electricity: enter one first." };
  return { ok: true, name: found.name, versions: asToday(found) };
}

function scenarioOf({ solar, battery, shift }: ScenarioGiven): Scenario {
  return {
    ...(solar && { solar: withoutGaps(solar) }),
    ...(battery && { battery }),
    ...(shift && { shift: withoutGaps(shift) }),
  } as Scenario;
}

/** What is left out is not there, rather than undefined. */
const withoutGaps = <T extends object>(of: T): T =>
  Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined)) as T;

interface Made extends Omit<Run, "ok"> {
  site: Site;
  given: ScenarioGiven;
}

function resultOf({ site, name, given, year, made, before, after }: Made): WhatIf {
  const { period, days, consumptionKwh } = year;
  const saved = before.total.minus(after.total);
  const perYear = saved.times(365.2425).div(days);
  const { productionKwh, selfConsumedKwh, chargedKwh, dischargedKwh, lossKwh, movedKwh } = made;
  const assumptions = [...made.assumptions, ...saidOf({ given, days })];
  return {
    currency: site.currency,
    tariff: name,
    ...{ from: isoDay(localDay(site.timezone, period.fromMs)), to: isoDay(localDay(site.timezone, period.toMs)), days },
    ...{ without: yearOf(before, consumptionKwh), with: yearOf(after, consumptionKwh) },
    ...{ saved: saved.toFixed(), why: differences(after.byType, before.byType) },
    ...{ productionKwh, selfConsumedKwh, chargedKwh, dischargedKwh, lossKwh, movedKwh },
    paybackYears: given.investment !== undefined && perYear.gt(0) ? new Money(given.investment).div(perYear).toNumber() : null, // prettier-ignore
    assumptions,
  };
}

function yearOf({ total, bill }: Ranked, consumptionKwh: number): YearShown {
  const { imported, exported } = bill.completeness;
  const importKwh = imported.toNumber();
  return {
    ...{ total: total.toFixed(), lines: yearLines(bill) },
    ...{ importKwh, exportKwh: exported.toNumber() },
    selfSufficiency: consumptionKwh > 0 ? Math.min(1, Math.max(0, 1 - importKwh / consumptionKwh)) : null,
  };
}

function differences(of: readonly ComponentSum[], base: readonly ComponentSum[]): ChangeShown[] {
  const types = [...new Set([...of, ...base].map(({ type }) => type))];
  const amountIn = (sums: readonly ComponentSum[], type: ComponentSum["type"]) =>
    sums.find((sum) => sum.type === type)?.amount ?? new Money(0);
  return types.flatMap((type) => {
    const [after, before] = [amountIn(of, type), amountIn(base, type)];
    if (after.equals(before)) return [];
    return [{ type, amount: after.minus(before).toFixed(), before: before.toFixed(), after: after.toFixed() }];
  });
}

function saidOf({ given, days }: { given: ScenarioGiven; days: number }): string[] {
  const said = ["Today's prices are taken for the whole time."];
  if (given.investment !== undefined) said.push("Paying back counts no interest, no upkeep and no change of prices.");
  if (days < 360)
    said.push(`The history has ${days} days only, not a whole year: seasons that are missing are missing here too.`);
  return said;
}
