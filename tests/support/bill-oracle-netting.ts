import { Decimal } from "decimal.js";
import { zero, type OracleComponent, type OraclePrice, type OracleTariff } from "./bill-oracle-case.ts";
import {
  rateAt,
  tiersIn,
  unitFactor,
  type OraclePart,
  type OracleVersion,
  type RatePrice,
} from "./bill-oracle-rate.ts";
import { dateOf, isWithin, type DayRange, type Quarter } from "./bill-oracle-time.ts";

/**
 * Net metering in the bill's oracle: period after period, each rate for itself, the oldest of the bank first. It begins with the
 * first of the versions that have it without a break; of each time, the rules of its own version hold.
 */
export function nettingOf(part: OraclePart, c: OracleComponent): [Decimal, Decimal][] {
  return nettedBy(part.tariff, c).flatMap((_, i) => setOff(part, c, i));
}

function nettedBy({ components }: OracleTariff, c: OracleComponent): OracleComponent[] {
  const before = components.slice(0, components.indexOf(c));
  return before.filter(({ id, type }) => (c.on ? c.on.includes(id) : type === "energy" || type === "levy"));
}

interface Banked {
  kwh: Decimal;
  /** The number of the settlement in which it was left over. */
  from: number;
}

/** What one version says of a component that is netted. */
interface Rules {
  version: OracleVersion;
  net: OracleComponent;
  netted: OracleComponent;
  index: number;
}

interface Settlement {
  rules: Rules;
  /** Of its last quarter-hour. */
  last: Rules;
  scope: DayRange;
  /** The next version settles otherwise, or not at all. */
  isCut: boolean;
  quarters: Quarter[];
}

function rulesOf(version: OracleVersion, c: OracleComponent, i: number): Rules | null {
  const nets = version.tariff.components.filter(({ type }) => type === "net-metering");
  const net = nets.find(({ id }) => id === c.id) ?? nets[0];
  if (!net) return null;
  const all = nettedBy(version.tariff, net);
  const netted = all[Math.min(i, all.length - 1)]!;
  return { version, net, netted, index: i };
}

/** The settlements up to the part's end, in the order of time. */
function settlementsOf(part: OraclePart, c: OracleComponent, i: number): Settlement[] {
  const settlements: Settlement[] = [];
  const ownEnd = part.quarters.at(-1)!.ms;
  let before: Rules | null = null;
  const known = new Map(part.versions.map((version) => [version, rulesOf(version, c, i)]));
  for (const q of part.all) {
    const rules = known.get(part.versionAt(q))!;
    if (q.ms > ownEnd) {
      const open = settlements.at(-1);
      if (open) open.isCut = rules === null || !isAlike(open.last, rules);
      break;
    }
    if (rules === null) settlements.length = 0;
    const scope = rules && rules.version.days.scope(rules.net.every ?? "billing-period", q);
    // Where what is asked for is the one billing period, there was none before it.
    if (scope?.from.startsWith("outside")) continue;
    const open = settlements.at(-1);
    if (rules && scope) {
      const goesOn = open && before && open.scope.fromMs === scope.fromMs && isAlike(before, rules);
      if (goesOn) {
        open.quarters.push(q);
        open.last = rules;
      } else settlements.push({ rules, last: rules, scope, isCut: false, quarters: [q] });
    }
    before = rules;
  }
  return settlements;
}

/** Whether two versions settle the same way, whatever their prices: then a settlement goes on from one to the other. */
function isAlike(a: Rules, b: Rules): boolean {
  const shape = ({ version: { tariff }, net, netted }: Rules) => {
    const every = net.every ?? "billing-period";
    const { price } = netted;
    const rates = typeof price === "object" && price.kind === "time-of-use" ? price.rates : [];
    return JSON.stringify([
      every,
      every === "billing-period" ? tariff.billing : null,
      rates.map(({ name, when }) => [name, when]),
      rates.length > 0 && [tariff.seasons, tariff.holidays, tariff.dayLists],
    ]);
  };
  return a === b || shape(a) === shape(b);
}

const namesOf = ({ price }: OracleComponent): string[] =>
  typeof price === "object" && price.kind === "time-of-use" ? price.rates.map(({ name }) => name) : [""];

/** What was banked for a rate is of the rate with its name, else of the one in its place, else of the last. */
function moved(banks: Banked[][], from: OracleComponent, to: OracleComponent): Banked[][] {
  const names = namesOf(to);
  const next: Banked[][] = names.map(() => []);
  namesOf(from).forEach((name, rate) => {
    const same = names.indexOf(name);
    next[same >= 0 ? same : Math.min(rate, names.length - 1)]!.push(...banks[rate]!);
  });
  return next.map((bank) => bank.sort((a, b) => a.from - b.from));
}

function setOff(part: OraclePart, c: OracleComponent, i: number): [Decimal, Decimal][] {
  const lines: [Decimal, Decimal][] = [];
  const paysExpiry = i === 0;
  const expired = (kwh: Decimal, { net, netted, version }: Rules) => {
    const units = kwh.times(unitFactor(version.tariff, netted));
    if (paysExpiry) lines.push([units, units.times(net.expiryPrice ?? 0).negated()]);
  };
  let banks: Banked[][] = [];
  let before: Settlement | null = null;
  for (const [n, settlement] of settlementsOf(part, c, i).entries()) {
    const { rules, last, quarters } = settlement;
    banks = before ? moved(banks, before.last.netted, rules.netted) : namesOf(rules.netted).map(() => []);
    const first = quarters[0]!;
    const isOpened = part.quarters.includes(first);
    const isEmptied =
      before && isExpiryDay(rules.net, beginsOn(before, part.versions), beginsOn(settlement, part.versions));
    banks = banks.map((bank) => {
      const isOld = ({ from }: Banked) =>
        isEmptied || (rules.net.expiresAfter !== undefined && n - from > rules.net.expiresAfter);
      if (isOpened) expired(sumKwh(bank.filter(isOld)), rules);
      return bank.filter((banked) => !isOld(banked));
    });
    const isEnded = settlement.isCut || quarters.at(-1)!.ms + 900_000 >= settlement.scope.toMs;
    banks.forEach((bank, rate) => {
      const inside = quarters.filter((q) => rateAt(rules.version.tariff, rules.netted.price!, q)[0] === rate);
      const held = sumKwh(bank);
      const at = (limitMs: number) => {
        const sum = (of: "imported" | "exported") =>
          inside.filter(({ ms }) => ms < limitMs).reduce((total, q) => total.plus(q[of]), zero);
        return { taken: sum("imported"), given: sum("exported") };
      };
      const offAt = ({ taken, given }: { taken: Decimal; given: Decimal }) => Decimal.min(taken, given.plus(held));
      const ours = part.quarters.filter((q) => isWithin(q, { fromMs: first.ms, toMs: quarters.at(-1)!.ms + 1 }));
      if (ours.length > 0) {
        const own = rulesOf(part.version, c, i)!;
        const price = priceOf(own, rate);
        const [a, b] = [at(ours[0]!.ms), at(ours.at(-1)!.ms + 1)];
        const worth = (all: { taken: Decimal; given: Decimal }) =>
          worthOf(own, price, { scope: settlement.scope, taken: all.taken, off: offAt(all) });
        const factor = unitFactor(part.tariff, own.netted);
        lines.push([offAt(b).minus(offAt(a)).times(factor), worth(b).minus(worth(a)).negated()]);
      }
      const whole = at(Infinity);
      let open = Decimal.max(0, whole.taken.minus(whole.given));
      for (const banked of bank) {
        const used = Decimal.min(banked.kwh, open);
        banked.kwh = banked.kwh.minus(used);
        open = open.minus(used);
      }
      const left = Decimal.max(0, whole.given.minus(whole.taken));
      if (last.net.bank !== false) bank.push({ kwh: left, from: n });
      else if (isEnded && part.quarters.includes(quarters.at(-1)!)) expired(left, last);
    });
    before = settlement;
  }
  return lines;
}

/** Where its month or billing period begins, or the first of the versions that settle so. */
function beginsOn({ scope, rules }: Settlement, versions: readonly OracleVersion[]): string {
  let first = rules;
  for (const version of versions.slice(0, versions.indexOf(rules.version)).reverse()) {
    const before = rulesOf(version, rules.net, rules.index);
    if (!before || !isAlike(before, rules)) break;
    first = before;
  }
  return first.version.validFrom > scope.from ? first.version.validFrom : scope.from;
}

const sumKwh = (bank: Banked[]): Decimal => bank.reduce((sum, { kwh }) => sum.plus(kwh), zero);

function priceOf({ netted: { price } }: Rules, rate: number): RatePrice {
  const own = typeof price === "object" && price.kind === "time-of-use" ? price.rates[rate]!.price : price!;
  return typeof own === "string" ? { kind: "flat", price: own } : (own as RatePrice);
}

/** What is set off is what the energy would have cost: with tiers, all that was taken less what is left to be paid for. */
function worthOf(
  { version, netted }: Rules,
  price: RatePrice,
  { scope, taken, off }: { scope: DayRange; taken: Decimal; off: Decimal },
): Decimal {
  const factor = unitFactor(version.tariff, netted);
  if (price.kind === "flat") return off.times(factor).times(price.price);
  if (price.kind !== "tiered") throw new Error("not with net metering");
  const ends = tiersIn(version.days, price as Extract<OraclePrice, { kind: "tiered" }>, scope);
  const cost = (kwh: Decimal) =>
    price.tiers.reduce((sum, tier, n) => {
      const start = n === 0 ? zero : ends[n - 1]!;
      const inTier = Decimal.max(0, Decimal.min(kwh, ends[n]!).minus(start));
      return sum.plus(inTier.times(tier.price));
    }, zero);
  return cost(taken.times(factor)).minus(cost(taken.minus(off).times(factor)));
}

/** Whether the day of the year on which the bank is emptied came since the settlement before began. */
function isExpiryDay({ expiresOn }: OracleComponent, before: string, day: string): boolean {
  if (expiresOn === undefined) return false;
  for (let date = dateOf(before).add({ days: 1 }); date.toString() <= day; date = date.add({ days: 1 }))
    if (date.toString().slice(5) === expiresOn) return true;
  return false;
}
