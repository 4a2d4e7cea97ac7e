import type { Site } from "../../db/sites.ts";
import { isoDay, localDay } from "../../domain/local-time/civil-day.ts";
import {
  rankTariffs,
  type Candidate,
  type ComponentSum,
  type Ranked,
  type Ranking,
} from "../../domain/tariff/compare.ts";
import { parseContract } from "../../domain/tariff/contract.ts";
import { libraryJson, libraryNames } from "../../domain/tariff/library.ts";
import { priceOfSettings } from "./contract-bill.server.ts";
import { pricedContracts, type PricedContract } from "./contracts.server.ts";
import { readOwnYear, type OwnYear } from "./own-year.server.ts";
import { yearLines, yearWhy, type AskedLine, type YearAnswer, type YearLine } from "./year-lines.server.ts";

/** Which tariffs are compared: of the library by name, of one's own contracts by id, and others as JSON. */
export interface Chosen {
  library: readonly string[];
  contracts: readonly string[];
  tariffs: readonly unknown[];
}

export const mostTariffs = 40;
/** Characters of a tariff that is pasted. */
export const longestPasted = 500_000;

/** What of the library can be billed here: for electricity, in the site's currency. */
export function comparableLibrary(currency: string): { id: string; name: string; country: string | null }[] {
  return libraryNames().flatMap((id) => {
    const parsed = parseContract(libraryJson(id));
    const tariff = parsed.ok ? parsed.value[0]!.tariff : null;
    if (tariff?.currency !== currency || tariff.medium !== "electricity") return [];
    return [{ id, name: tariff.name, country: tariff.country ?? null }];
  });
}

/** One's own contracts that are for all of the site's electricity. */
export async function ownTariffs(organizationId: string, site: Site): Promise<PricedContract[]> {
  const contracts = await pricedContracts(organizationId, site);
  return contracts.filter(({ medium, channelId }) => medium === "electricity" && channelId === null);
}

export type Compared = { ok: true; ranking: RankingShown } | { ok: false; error: string };

/** Ranks tariffs on the site's own last year. */
export async function compareTariffs(
  organizationId: string,
  site: Site,
  chosen: Chosen,
  nowMs: number,
): Promise<Compared> {
  const ran = await rankedOn(organizationId, site, chosen, nowMs);
  if (!ran.ok) return ran;
  const { candidates, year, ranking, isOwn } = ran;
  const { period, days, covered } = year;
  return {
    ok: true,
    ranking: {
      currency: ranking.currency,
      ...{ from: isoDay(localDay(site.timezone, period.fromMs)), to: isoDay(localDay(site.timezone, period.toMs)) },
      ...{ days, covered, against: ranking.against, isOwn },
      ranked: ranking.ranked.map(shown),
      left: ranking.left.map(({ id, reason }) => ({ id, name: candidates.find((one) => one.id === id)!.name, reason })),
    },
  };
}

/** Why a line of a tariff in the ranking is what it is. @param of the tariff's id in it. */
export async function whyRanked(
  organizationId: string,
  site: Site,
  chosen: Chosen,
  { of, nowMs, ...line }: AskedLine & { of: string; nowMs: number },
): Promise<YearAnswer> {
  const ran = await rankedOn(organizationId, site, chosen, nowMs);
  if (!ran.ok) return ran;
  const { ranked, left } = ran.ranking;
  const found = ranked.find(({ id }) => id === of);
  if (!found) {
    const reason = left.find(({ id }) => id === of)?.reason;
    const why = reason ? `it cannot be compared: ${reason}` : `it has ${ranked.map(({ id }) => id).join(", ")}`;
    return { ok: false, error: `The ranking has no tariff "${of}": ${why}.`, field: "of" };
  }
  const { usage, channels } = ran.year;
  return yearWhy(organizationId, site, { ...line, bill: found.bill, usage, channels, measured: null });
}

interface Ran {
  ok: true;
  candidates: readonly Candidate[];
  year: OwnYear;
  ranking: Ranking;
  isOwn: boolean;
}

async function rankedOn(
  organizationId: string,
  site: Site,
  chosen: Chosen,
  nowMs: number,
): Promise<Ran | { ok: false; error: string }> {
  const own = await ownTariffs(organizationId, site);
  const read = candidatesOf(chosen, own);
  if (!read.ok) return read;
  const { candidates } = read;
  if (!candidates.length) return { ok: false, error: "Choose at least one tariff." };
  if (candidates.length > mostTariffs) return { ok: false, error: `At most ${mostTariffs} tariffs can be compared.` };
  const year = await readOwnYear(organizationId, site, candidates.flatMap(({ versions }) => versions), nowMs); // prettier-ignore
  if (!year) return { ok: false, error: "Nothing was measured here yet: there is no history to compare with." };
  const against = candidates.find(({ id }) => own.some((contract) => idOf(contract) === id))?.id;
  const ranking = rankTariffs(year.usage, candidates, {
    ...{ period: year.period, timezone: site.timezone },
    ...(against === undefined ? {} : { against }),
  });
  return { ok: true, candidates, year, ranking, isOwn: against !== undefined };
}

export interface RankingShown {
  currency: string;
  /** Days in the site's zone; `to` is the first that is not compared. */
  from: string;
  to: string;
  days: number;
  covered: number;
  /** The id of the tariff that the others are compared with. */
  against: string;
  /** That one is the site's own. */
  isOwn: boolean;
  ranked: RankedShown[];
  left: { id: string; name: string; reason: string }[];
}

export interface RankedShown {
  id: string;
  name: string;
  total: string;
  difference: string;
  byType: SumShown[];
  lines: YearLine[];
  why: SumShown[];
  unpricedKwh: string;
  meanPrice: string | null;
}

export interface SumShown {
  type: ComponentSum["type"];
  amount: string;
}

function shown({ id, name, total, difference, byType, why, unpriced, meanPrice, bill: made }: Ranked): RankedShown {
  const sums = (of: readonly ComponentSum[]) => of.map(({ type, amount }) => ({ type, amount: amount.toFixed() }));
  return {
    ...{ id, name, total: total.toFixed(), difference: difference.toFixed() },
    ...{ byType: sums(byType), lines: yearLines(made), why: sums(why), unpricedKwh: unpriced.toFixed() },
    meanPrice: meanPrice?.toDecimalPlaces(6).toFixed() ?? null,
  };
}

const idOf = ({ id }: PricedContract): string => id ?? priceOfSettings;

type Read = { ok: true; candidates: Candidate[] } | { ok: false; error: string };

/** Own tariffs are taken as they are now: the newest version for the whole year, as the others are. */
function candidatesOf({ library, contracts, tariffs }: Chosen, own: readonly PricedContract[]): Read {
  const candidates: Candidate[] = [];
  for (const id of new Set(contracts)) {
    const contract = own.find((one) => idOf(one) === id);
    if (!contract) return { ok: false, error: `There is no contract for the site's electricity with the id ${id}.` };
    candidates.push({ id, name: contract.name, versions: asToday(contract) });
  }
  for (const name of new Set(library)) {
    const json = libraryJson(name);
    if (!json) return { ok: false, error: `The library has no tariff "${name}".` };
    const parsed = parseContract(json);
    if (!parsed.ok) return parsed;
    candidates.push({ id: name, name: parsed.value[0]!.tariff.name, versions: parsed.value });
  }
  for (const [i, json] of tariffs.entries()) {
    const parsed = parseContract(json);
    if (!parsed.ok) return { ok: false, error: `The tariff that was pasted is refused: ${parsed.error}.` };
    candidates.push({ id: `pasted-${i + 1}`, name: parsed.value.at(-1)!.tariff.name, versions: parsed.value });
  }
  return { ok: true, candidates };
}

export const asToday = ({ versions }: PricedContract): PricedContract["versions"] => [
  { ...versions.at(-1)!, validFrom: null },
];
