import type { ReadEnergies } from "../../db/bucket-columns.ts";
import { channelsOf, type ChannelRow } from "../../db/channels.ts";
import type { Sql } from "../../db/client.ts";
import type { Site } from "../../db/sites.ts";
import type { Medium } from "../../domain/channel.ts";
import type { Step } from "../../domain/local-time/steps.ts";
import {
  emissionsOfWays,
  savedCosts,
  shareOfLines,
  sourcesOfUsers,
  type UserSources,
} from "../../domain/site/flow-worth.ts";
import { layOn, type LaidEnergy, type UserId, type WaysOver } from "../../domain/site/laid-energy.ts";
import { placeMeters, withParts } from "../../domain/site/meter-tree.ts";
import { channelMeter, type Meter, type MeterId } from "../../domain/site/meter.ts";
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

/** What somebody's energy cost and emitted, and what it would have cost had it all come from the grid. */
export interface UserWorth extends UserSources {
  /** null: no contract holds. */
  cost: string | null;
  saved: string | null;
  /** null: it is not known what a kWh emits. */
  emittedKg: number | null;
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
  /** What went into the house by who used it, each without its parts: the flows into the house together. */
  users: Partial<Record<UserId, UserWorth>>;
}

interface Asked {
  site: Site;
  /** All of the site's; none: money is left out. */
  contracts: readonly PricedContract[];
  steps: readonly Step[];
  over: WaysOver;
  meters: readonly Meter[];
  medium: Exclude<Medium, "none">;
}

/** In an organization's context, of steps whose flows by the quarter-hour are known. */
export async function flowWorth(sql: Sql, asked: Asked): Promise<FlowWorth[]> {
  const { site, steps, over, medium } = asked;
  const channels = await channelsOf(sql, { siteId: site.id });
  const read: ReadEnergies = new Map();
  const period = { startMs: steps[0]!.startMs, endMs: steps.at(-1)!.endMs };
  const priced = await pricedParts(sql, { ...asked, channels, read });
  const basis = medium === "electricity" ? await readEmissionBasis(sql, site, { channels, period, read }) : null;
  const laidBasis = basis && { ...basis, laid: layOn(basis.usage, over) };
  return steps.map((step) => worthOf(step, { priced, basis: laidBasis, over, timezone: site.timezone }));
}

type Priced = BilledContract & {
  laid: LaidEnergy;
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
    over,
    meters,
    medium,
  }: Asked & { channels: readonly ChannelRow[]; read: ReadEnergies },
): Promise<Priced[]> {
  const added = contracts.filter((one) => one.medium === medium && sitesOwn(one, channels));
  if (!added.length) return [];
  const billed = await billedContracts(sql, { contracts: added, channels, timezone, read }, steps);
  return billed.map((one, i) => {
    const { channelId } = added[i]!;
    return {
      ...one,
      laid: layOn(one.usage, over, channelId === null ? undefined : partsOf(meters, channelMeter(channelId))),
      prices: channelId === null ? unitPrices(one.usage, one.versions, { timezone }) : null,
    };
  });
}

/** Who a contract for one meter is for: it and all below it. Undefined: it is no consumer, so it is for all. */
function partsOf(meters: readonly Meter[], id: MeterId): ReadonlySet<UserId> | undefined {
  const parts = withParts(placeMeters(meters.filter(({ role }) => role === "consumer")), id);
  return parts.length ? new Set(parts) : undefined;
}

interface Basis {
  priced: readonly Priced[];
  basis: (EmissionBasis & { laid: LaidEnergy }) | null;
  over: WaysOver;
  timezone: string;
}

function worthOf(step: Step, { priced, basis, over, timezone }: Basis): FlowWorth {
  const costs = emptyShares();
  const saved = emptyShares();
  const rest = new Map<ComponentType, Money>();
  const bills = [];
  for (const contract of priced) {
    const bill = billOfStep(contract, step, timezone);
    if (!bill) continue;
    bills.push(bill);
    const { usage, versions, prices } = contract;
    for (const { line, shared } of shareOfLines(bill.lines, contract)) {
      addAll(costs.ways, shared.ways);
      addAll(costs.users, shared.users);
      addAll(rest, [[line.type, shared.rest]]);
    }
    const held = intersection(quarterHoursOf(step), heldPeriod({ versions, endsMs: contract.endsMs }, timezone));
    if (!prices || !held) continue;
    const ofContract = savedCosts(over, held, { usage, prices });
    addAll(saved.ways, ofContract.ways);
    addAll(saved.users, ofContract.users);
  }
  const period = quarterHoursOf(step);
  const emissions = basis && emissionsOfWays(basis, basis.factor, period);
  const hasBill = bills.length > 0;
  const worth = (way: Way): WayWorth => ({
    cost: hasBill ? (costs.ways.get(way) ?? zero).toFixed() : null,
    saved: saved.ways.get(way)?.toFixed() ?? null,
    emittedKg: emissions && (emissions.emittedKg.ways.get(way) ?? zero).toNumber(),
    avoidedKg: emissions && (emissions.avoidedKg.ways.get(way) ?? zero).toNumber(),
  });
  const userWorth = (id: UserId, sources: UserSources): UserWorth => ({
    ...sources,
    cost: hasBill ? (costs.users.get(id) ?? zero).toFixed() : null,
    saved: saved.ways.size ? (saved.users.get(id) ?? zero).toFixed() : null,
    emittedKg: emissions && (emissions.emittedKg.users.get(id) ?? zero).toNumber(),
  });
  return {
    ways: Object.fromEntries(ways.map((way) => [way, worth(way)])) as Record<Way, WayWorth>,
    total: hasBill ? sumOf(bills.map(({ exactTotal }) => exactTotal)).toFixed() : null,
    rest: [...rest].flatMap(([type, amount]) => (amount.isZero() ? [] : [{ type, amount: amount.toFixed() }])),
    billedKwh: sumOf(bills.map(({ completeness }) => completeness.imported)).toNumber(),
    restKg: emissions?.emittedKg.rest.toNumber() ?? 0,
    restAvoidedKg: emissions?.avoidedKg.rest.toNumber() ?? 0,
    users: Object.fromEntries([...sourcesOfUsers(over, period)].map(([id, sources]) => [id, userWorth(id, sources)])),
  };
}

const emptyShares = () => ({ ways: new Map<Way, Money>(), users: new Map<UserId, Money>() });

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
  const worth = (way: Way): WayWorth => ({
    cost: sumMoney(steps, (step) => step.ways[way].cost),
    saved: sumMoney(steps, (step) => step.ways[way].saved),
    emittedKg: sumKnown(steps, (step) => step.ways[way].emittedKg),
    avoidedKg: sumKnown(steps, (step) => step.ways[way].avoidedKg),
  });
  const users = new Set(steps.flatMap((step) => Object.keys(step.users) as UserId[]));
  return {
    ways: Object.fromEntries(ways.map((way) => [way, worth(way)])) as Record<Way, WayWorth>,
    total: sumMoney(steps, ({ total }) => total),
    rest: [...rest].map(([type, amount]) => ({ type, amount: amount.toFixed() })),
    billedKwh: sumKnown(steps, ({ billedKwh }) => billedKwh)!,
    restKg: sumKnown(steps, ({ restKg }) => restKg)!,
    restAvoidedKg: sumKnown(steps, ({ restAvoidedKg }) => restAvoidedKg)!,
    users: Object.fromEntries([...users].map((id) => [id, sumOfUsers(steps.flatMap((step) => step.users[id] ?? []))])),
  };
}

/** What several used together; null: none of them is known. */
export function worthOfUsers({ users }: FlowWorth, ids: readonly UserId[]): UserWorth | null {
  const own = ids.flatMap((id) => users[id] ?? []);
  return own.length ? sumOfUsers(own) : null;
}

const sumOfUsers = (all: readonly UserWorth[]): UserWorth => ({
  gridKwh: sumKnown(all, ({ gridKwh }) => gridKwh)!,
  sunKwh: sumKnown(all, ({ sunKwh }) => sunKwh)!,
  batteryKwh: sumKnown(all, ({ batteryKwh }) => batteryKwh)!,
  cost: sumMoney(all, ({ cost }) => cost),
  saved: sumMoney(all, ({ saved }) => saved),
  emittedKg: sumKnown(all, ({ emittedKg }) => emittedKg),
});

function sumKnown<T>(all: readonly T[], of: (one: T) => number | null): number | null {
  const known = all.map(of).filter((value) => value !== null);
  return known.length ? known.reduce((sum, value) => sum + value, 0) : null;
}

function sumMoney<T>(all: readonly T[], of: (one: T) => string | null): string | null {
  const known = all.map(of).filter((text) => text !== null);
  return known.length ? sumOf(known.map((text) => new Money(text))).toFixed() : null;
}
