import type { ReadEnergies } from "../../db/bucket-columns.ts";
import { channelsOf, type ChannelRow } from "../../db/channels.ts";
import type { Sql } from "../../db/client.ts";
import type { Site } from "../../db/sites.ts";
import type { Step } from "../../domain/local-time/steps.ts";
import { emissionsOfWays, shareOfLines, savedCosts, type WaysOver } from "../../domain/site/flow-worth.ts";
import { ways, type Way } from "../../domain/site/split.ts";
import type { ComponentType } from "../../domain/tariff/component-schema.ts";
import { billOfStep, heldPeriod, type BilledContract } from "../../domain/tariff/costs.ts";
import { Money, sumOf, zero } from "../../domain/tariff/money.ts";
import { intersection } from "../../domain/tariff/scope.ts";
import { unitPrices } from "../../domain/tariff/unit-prices.ts";
import { quarterHoursOf, readEmissionBasis, type EmissionBasis } from "../costs/emissions.server.ts";
import { billedContracts, sitesOwn } from "../costs/site-costs.server.ts";
import type { PricedContract } from "../costs/contracts.server.ts";

/** What a flow cost and emitted. Money as decimal text, not rounded; below 0: earned. */
export interface WayWorth {
  /** null: no contract holds. */
  cost: string | null;
  /** What it would have cost from the grid; of the sun's and the battery's energy that was used here, null of others. */
  saved: string | null;
  /** null: it is not known what a kWh emits. */
  emittedKg: number | null;
  avoidedKg: number | null;
}

/** What the flows of a step cost and emitted, and what belongs to none of them: together the site's own figures. */
export interface FlowWorth {
  ways: Record<Way, WayWorth>;
  /** The electricity's costs; null: no contract holds in the step. */
  total: string | null;
  /** Of the total, what is of no flow, by kind of component. */
  rest: { type: ComponentType; amount: string }[];
  /** Energy that the contracts billed; not what flowed from the grid where they bill another meter, or not all of the time. */
  billedKwh: number;
  /** Of the emissions, what is of no flow. */
  restKg: number;
  restAvoidedKg: number;
}

interface Asked {
  site: Site;
  /** All of the site's; none: money is left out. */
  contracts: readonly PricedContract[];
  steps: readonly Step[];
  over: WaysOver;
}

/** In an organization's context, of steps whose flows by the quarter-hour are known. */
export async function flowWorth(sql: Sql, { site, contracts, steps, over }: Asked): Promise<FlowWorth[]> {
  const channels = await channelsOf(sql, { siteId: site.id });
  const read: ReadEnergies = new Map();
  const period = { startMs: steps[0]!.startMs, endMs: steps.at(-1)!.endMs };
  const priced = await pricedParts(sql, { site, contracts, channels, steps, read });
  const basis = await readEmissionBasis(sql, site, { channels, period, read });
  return steps.map((step) => worthOf(step, { priced, basis, over, timezone: site.timezone }));
}

type Priced = BilledContract & {
  /** What one more kWh costs in each quarter-hour, of a contract for all of the site; null of one for a single meter. */
  prices: Float64Array | null;
};

async function pricedParts(
  sql: Sql,
  {
    site: { timezone },
    contracts,
    channels,
    steps,
    read,
  }: Omit<Asked, "over"> & { channels: readonly ChannelRow[]; read: ReadEnergies },
): Promise<Priced[]> {
  const added = contracts.filter((one) => one.medium === "electricity" && sitesOwn(one, channels));
  if (!added.length) return [];
  const billed = await billedContracts(sql, { contracts: added, channels, timezone, read }, steps);
  return billed.map((one, i) => {
    const isWhole = added[i]!.channelId === null;
    return { ...one, prices: isWhole ? unitPrices(one.usage, one.versions, { timezone }) : null };
  });
}

interface Basis {
  priced: readonly Priced[];
  basis: EmissionBasis | null;
  over: WaysOver;
  timezone: string;
}

function worthOf(step: Step, { priced, basis, over, timezone }: Basis): FlowWorth {
  const costs = new Map<Way, Money>();
  const saved = new Map<Way, Money>();
  const rest = new Map<ComponentType, Money>();
  const bills = [];
  for (const contract of priced) {
    const bill = billOfStep(contract, step, timezone);
    if (!bill) continue;
    bills.push(bill);
    const { usage, versions, prices } = contract;
    for (const { line, shared } of shareOfLines(bill.lines, { usage, versions, over })) {
      addAll(costs, shared.ways);
      addAll(rest, [[line.type, shared.rest]]);
    }
    const held = intersection(quarterHoursOf(step), heldPeriod(contract, timezone));
    if (prices && held) addAll(saved, savedCosts(over, held, { usage, prices }));
  }
  const emissions = basis && emissionsOfWays(basis.usage, basis.factor, over, quarterHoursOf(step));
  const worth = (way: Way): WayWorth => ({
    cost: bills.length ? (costs.get(way) ?? zero).toFixed() : null,
    saved: saved.get(way)?.toFixed() ?? null,
    emittedKg: emissions && (emissions.emittedKg.ways.get(way) ?? zero).toNumber(),
    avoidedKg: emissions && (emissions.avoidedKg.ways.get(way) ?? zero).toNumber(),
  });
  return {
    ways: Object.fromEntries(ways.map((way) => [way, worth(way)])) as Record<Way, WayWorth>,
    total: bills.length ? sumOf(bills.map(({ exactTotal }) => exactTotal)).toFixed() : null,
    rest: [...rest].flatMap(([type, amount]) => (amount.isZero() ? [] : [{ type, amount: amount.toFixed() }])),
    billedKwh: sumOf(bills.map(({ completeness }) => completeness.imported)).toNumber(),
    restKg: emissions?.emittedKg.rest.toNumber() ?? 0,
    restAvoidedKg: emissions?.avoidedKg.rest.toNumber() ?? 0,
  };
}

function addAll<K>(sums: Map<K, Money>, amounts: Iterable<readonly [K, Money]>): void {
  for (const [key, amount] of amounts) sums.set(key, (sums.get(key) ?? zero).plus(amount));
}

/** Of steps together; null: there are none. */
export function sumWorth(steps: readonly FlowWorth[]): FlowWorth | null {
  if (!steps.length) return null;
  const rest = new Map<ComponentType, Money>();
  for (const step of steps)
    addAll(
      rest,
      step.rest.map(({ type, amount }) => [type, new Money(amount)] as const),
    );
  const sum = (of: (step: FlowWorth) => number | null) => {
    const known = steps.map(of).filter((value) => value !== null);
    return known.length ? known.reduce((all, value) => all + value, 0) : null;
  };
  const money = (of: (step: FlowWorth) => string | null) => {
    const known = steps.map(of).filter((text) => text !== null);
    return known.length ? sumOf(known.map((text) => new Money(text))).toFixed() : null;
  };
  const worth = (way: Way): WayWorth => ({
    cost: money((step) => step.ways[way].cost),
    saved: money((step) => step.ways[way].saved),
    emittedKg: sum((step) => step.ways[way].emittedKg),
    avoidedKg: sum((step) => step.ways[way].avoidedKg),
  });
  return {
    ways: Object.fromEntries(ways.map((way) => [way, worth(way)])) as Record<Way, WayWorth>,
    total: money(({ total }) => total),
    rest: [...rest].map(([type, amount]) => ({ type, amount: amount.toFixed() })),
    billedKwh: sum(({ billedKwh }) => billedKwh)!,
    restKg: sum(({ restKg }) => restKg)!,
    restAvoidedKg: sum(({ restAvoidedKg }) => restAvoidedKg)!,
  };
}
