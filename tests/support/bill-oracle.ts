import { Decimal } from "decimal.js";
import {
  number,
  zero,
  type OracleCase,
  type OracleComponent,
  type OraclePrice,
  type OracleTariff,
  type Scope,
} from "./bill-oracle-case.ts";
import { demandOf } from "./bill-oracle-demand.ts";
import { nettingOf } from "./bill-oracle-netting.ts";
import { rateAt, tiersIn, unitFactor, type OraclePart, type RatePrice } from "./bill-oracle-rate.ts";
import { askedOf, clockOf, Days, isWithin, type Quarter } from "./bill-oracle-time.ts";

/**
 * A bill worked out a second time, from the text of the rules alone and in the plainest way: quarter-hour by quarter-hour, each
 * asked for its local clock, its version, its rate. Nothing of the product's own engine is used.
 */
export interface OracleLine {
  component: string;
  /** The version's and billing period's first instant within what was asked. */
  fromMs: number;
  quantity: Decimal;
  exact: Decimal;
  amount: Decimal;
}

/** All lines but those of nothing. */
export function oracleBill(given: OracleCase): OracleLine[] {
  const all = clockOf(given);
  const period = askedOf(given);
  const asked = all.filter((q) => isWithin(q, period));
  return partsOf(given, asked, all).flatMap(linesOf);
}

/** The instants at which a version's part of a billing period begins. */
export function partStarts(given: OracleCase): number[] {
  const all = clockOf(given);
  const period = askedOf(given);
  const asked = all.filter((q) => isWithin(q, period));
  return partsOf(given, asked, all).map(({ quarters }) => quarters[0]!.ms);
}

function partsOf(given: OracleCase, asked: Quarter[], all: Quarter[]): OraclePart[] {
  const parts = new Map<string, OraclePart>();
  const period = askedOf(given);
  const versions = [...given.versions]
    .sort((a, b) => (a.validFrom < b.validFrom ? -1 : 1))
    .map((version) => ({ ...version, days: new Days(version.tariff.billing, period, given.timezone) }));
  const versionAt = ({ day }: Quarter) => versions.filter(({ validFrom }) => validFrom <= day).at(-1)!;
  for (const quarter of asked) {
    const version = versionAt(quarter);
    const { validFrom, tariff, days } = version;
    const key = `${validFrom} ${days.scope("billing-period", quarter).from}`;
    if (!parts.has(key)) parts.set(key, { version, tariff, days, versions, versionAt, quarters: [], all });
    parts.get(key)!.quarters.push(quarter);
  }
  return [...parts.values()];
}

function linesOf(part: OraclePart): OracleLine[] {
  const lines: OracleLine[] = [];
  for (const c of part.tariff.components) {
    const fromMs = part.quarters[0]!.ms;
    const add = (quantity: Decimal, exact: Decimal, unrounded = exact) => {
      if (quantity.isZero() && exact.isZero()) return;
      lines.push({ component: c.id, fromMs, quantity, exact, amount: roundAmount(unrounded, part.tariff, c) });
    };
    for (const [quantity, exact, unrounded] of amountsOf(part, c, lines)) add(quantity, exact, unrounded);
  }
  return lines;
}

/** Quantity, exact amount and, where it is not that which is rounded, what is. */
type Amount = [Decimal, Decimal, Decimal?];

function amountsOf(part: OraclePart, c: OracleComponent, before: OracleLine[]): Amount[] {
  switch (c.type) {
    case "energy":
    case "levy":
      return energyOf(part, c, (q) => q.imported);
    case "feed-in":
      return energyOf(part, c, (q) => q.exported).map(([kwh, cost]) => [kwh, cost.negated()]);
    case "standing":
      return [chargeOf(part, c.per as Scope, number(c.amount!))];
    case "credit":
      return [creditOf(part, c)];
    case "demand":
      return demandOf(part, c);
    case "net-metering":
      return nettingOf(part, c);
    default:
      return [taxOf(part, c, before)];
  }
}

function creditOf(part: OraclePart, c: OracleComponent): Amount {
  const amount = number(c.amount!).negated();
  if (c.per !== "once") return chargeOf(part, c.per!, amount);
  // At the beginning of its day: a day that is cut must not give it twice.
  const isGiven = part.quarters.some((q) => q.day === c.on && q.ms === part.days.scopeOfDay("day", q.day).fromMs);
  return isGiven ? [number(1), amount] : [zero, zero];
}

/** By the day in local time: each day of a month of 30 is a thirtieth of its charge. */
function chargeOf({ days, quarters }: OraclePart, per: Scope, amount: Decimal): Amount {
  const count = days.count(per, quarters);
  return [count, count.times(amount)];
}

function taxOf({ tariff }: OraclePart, c: OracleComponent, before: OracleLine[]): Amount {
  const feedIn = tariff.components.filter(({ type }) => type === "feed-in").map(({ id }) => id);
  const taxed = before.filter(({ component }) => (c.on ? c.on.includes(component) : !feedIn.includes(component)));
  const sum = (of: "exact" | "amount") => taxed.reduce((total, line) => total.plus(line[of]), number(0));
  const rate = number(c.percent!).div(100);
  return [sum("amount"), sum("exact").times(rate), sum("amount").times(rate)];
}

/** One amount for each rate and tier; those of a price that changes each quarter-hour are sums. */
function energyOf(part: OraclePart, c: OracleComponent, flow: (q: Quarter) => Decimal): Amount[] {
  const amounts = new Map<string, Amount>();
  const add = (key: string, quantity: Decimal, cost: Decimal) => {
    const [kwh, sum] = amounts.get(key) ?? [number(0), number(0)];
    amounts.set(key, [kwh.plus(quantity), sum.plus(cost)]);
  };
  const inPart = new Set(part.quarters);
  // Counts since the start of each scope; all that was given fills them, in the order of time.
  const counts = new Map<string, Decimal>();
  const advance = (key: string, kwh: Decimal): [Decimal, Decimal] => {
    const from = counts.get(key) ?? number(0);
    counts.set(key, from.plus(kwh));
    return [from, from.plus(kwh)];
  };
  const totals = totalsOf(part, c, flow);
  for (const q of part.all) {
    const kwh = flow(q).times(unitFactor(part.tariff, c));
    const [rate, price] = rateAt(part.tariff, c.price!, q);
    const pieces = piecesOf(part, { price, rate, c, totals }, { q, kwh, advance });
    if (inPart.has(q)) for (const { key, quantity, unitPrice } of pieces) add(key, quantity, quantity.times(unitPrice));
  }
  return [...amounts.values()];
}

function totalsOf(part: OraclePart, c: OracleComponent, flow: (q: Quarter) => Decimal): (key: string) => Decimal {
  const totals = new Map<string, Decimal>();
  for (const q of part.all) {
    const [rate, price] = rateAt(part.tariff, c.price!, q);
    if (price.kind !== "tiered" || !price.whole) continue;
    const key = `${rate} ${part.days.scope(price.over ?? price.per, q).from}`;
    totals.set(key, (totals.get(key) ?? number(0)).plus(flow(q).times(unitFactor(part.tariff, c))));
  }
  return (key) => totals.get(key)!;
}

interface Piece {
  key: string;
  quantity: Decimal;
  unitPrice: Decimal;
}

interface Priced {
  price: RatePrice;
  rate: number;
  c: OracleComponent;
  /** All that a rate took within a scope, to its end. */
  totals: (key: string) => Decimal;
}

interface Taken {
  q: Quarter;
  kwh: Decimal;
  advance: (key: string, kwh: Decimal) => [Decimal, Decimal];
}

function piecesOf(part: OraclePart, priced: Priced, taken: Taken): Piece[] {
  const { price, rate, c } = priced;
  const { q, kwh, advance } = taken;
  if (price.kind === "tiered") return tierPieces(part, priced, taken);
  const unitPrice = price.kind === "flat" ? number(price.price) : dynamicPrice(price, q);
  const state =
    unitPrice === null ? "none" : price.kind === "dynamic" && channelPrice(price, q) === null ? "fallback" : "price";
  if (!c.cap) return [{ key: `${rate} ${state}`, quantity: kwh, unitPrice: unitPrice ?? zero }];
  const over = part.days.scope(c.cap.over ?? c.cap.per, q);
  const quota = number(c.cap.quota).times(part.days.countIn(c.cap.per, over));
  const [from, to] = advance(`cap ${over.from}`, kwh);
  const within = Decimal.max(0, Decimal.min(to, quota).minus(from));
  const capped = unitPrice === null ? zero : Decimal.min(unitPrice, c.cap.price);
  return [
    { key: `${rate} ${state} capped`, quantity: within, unitPrice: capped },
    { key: `${rate} ${state}`, quantity: kwh.minus(within), unitPrice: unitPrice ?? zero },
  ];
}

function tierPieces(part: OraclePart, { price, rate, totals }: Priced, { q, kwh, advance }: Taken): Piece[] {
  if (price.kind !== "tiered") return [];
  const over = part.days.scope(price.over ?? price.per, q);
  const ends = tiersIn(part.days, price, over);
  const [from, to] = advance(`${rate} ${over.from}`, kwh);
  if (price.whole) {
    const total = totals(`${rate} ${over.from}`);
    const reached = ends.findIndex((end) => total.lte(end));
    return [{ key: `${rate} tier ${reached}`, quantity: kwh, unitPrice: number(price.tiers[reached]!.price) }];
  }
  return price.tiers.map((tier, i) => {
    const start = i === 0 ? zero : ends[i - 1]!;
    const quantity = Decimal.max(0, Decimal.min(to, ends[i]!).minus(Decimal.max(from, start)));
    return { key: `${rate} tier ${i}`, quantity, unitPrice: number(tier.price) };
  });
}

/** Channel x factor + markup, at least the floor, at most the cap; the fallback where the channel says nothing. */
function dynamicPrice(price: Extract<OraclePrice, { kind: "dynamic" }>, q: Quarter): Decimal | null {
  const ofChannel = channelPrice(price, q);
  if (ofChannel === null) return price.fallback === undefined ? null : number(price.fallback);
  let unit = number(ofChannel)
    .times(price.factor ?? "1")
    .plus(price.markup ?? "0");
  if (price.floor !== undefined) unit = Decimal.max(unit, price.floor);
  if (price.cap !== undefined) unit = Decimal.min(unit, price.cap);
  return unit;
}

const channelPrice = ({ channel = "price" }: { channel?: string }, q: Quarter): number | null =>
  q.prices[channel] ?? null;

const modes: Record<string, Decimal.Rounding> = { "half-up": 4, "half-even": 6, up: 0, down: 1, ceil: 2, floor: 3 };

export function roundAmount(amount: Decimal, tariff: OracleTariff, c: OracleComponent): Decimal {
  const currency = { JPY: 0, KWD: 3 }[tariff.currency] ?? 2;
  const own = c.rounding ?? tariff.rounding ?? {};
  const decimals = own.decimals ?? tariff.rounding?.decimals ?? currency;
  return amount.toDecimalPlaces(decimals, modes[own.mode ?? "half-up"]!);
}
