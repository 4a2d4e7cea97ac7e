import { civilDate, dayOf, localDay, type DayNumber } from "../local-time/civil-day.ts";
import type { ComponentOf } from "./component-schema.ts";
import { ExactSum } from "./exact-sum.ts";
import { lineOf, shown, type Line, type Part } from "./line.ts";
import { Money, sumOf } from "./money.ts";
import { billedUnit, eachRate, ratesOf, type Billed, type Rate } from "./priced-energy.ts";
import { intersection, scopeAt, type Period, type Scope } from "./scope.ts";
import {
  nettedBy,
  settlementsOf,
  type Netted,
  type NettingRules,
  type Settlement,
  type VersionTime,
} from "./settlements.ts";
import { tierEnds, tieredCost, type TierContext } from "./tiers.ts";
import { indexAt, type Usage } from "./usage.ts";

/**
 * Net metering: within each rate of a component, energy fed in is set off against energy taken; what is left at the end of a
 * month (or year) is banked for later ones, the oldest used first, until it lapses.
 * Import 100, export 130: set off 100, banked 30. Next month import 100, export 20: set off 50, of which 30 from the bank.
 * What has been set off up to an instant only grows, so a period that is split sets off as much as the whole. Each version's own
 * rules fill and empty the bank in its time, so what one version paid for is not in the bank of the next.
 * @param versions all of the contract's, ascending.
 * @param own the one that is billed.
 */
export function netMeteringLines(
  part: Part,
  component: ComponentOf<"net-metering">,
  billed: Billed,
  { versions, own }: { versions: readonly VersionTime[]; own: VersionTime },
): Line[] {
  const { usage, calendar } = billed;
  const since = { sinceMs: Math.min(usage.startMs, part.period.fromMs), untilMs: part.period.toMs };
  return nettedBy(part.tariff, component).flatMap((of, index) => {
    const settlements = settlementsOf(versions, own, component, { index, calendar, ...since });
    return new Account(part, component, { of, billed, paysExpiry: index === 0 }).lines(settlements);
  });
}

/** What a rate has in the bank, oldest first. */
interface Lot {
  /** The settlement (counted from the first) in which it was banked. */
  from: number;
  units: Money;
}

/** The settlements of one component. */
class Account {
  readonly #part: Part;
  readonly #component: ComponentOf<"net-metering">;
  readonly #of: Netted;
  readonly #usage: Usage;
  readonly #context: TierContext;
  readonly #rates: Rate[];
  readonly #paysExpiry: boolean;
  readonly #unit: ReturnType<typeof billedUnit>;
  #banks: Lot[][] = [];

  constructor(
    part: Part,
    component: ComponentOf<"net-metering">,
    { of, billed, paysExpiry }: { of: Netted; billed: Billed; paysExpiry: boolean },
  ) {
    this.#part = part;
    this.#component = component;
    this.#of = of;
    this.#usage = billed.usage;
    this.#rates = ratesOf(of.price);
    this.#paysExpiry = paysExpiry;
    this.#unit = billedUnit(part.tariff, of.unit);
    this.#context = {
      tariff: part.tariff,
      calendar: billed.calendar,
      meterPerUnit: new Money(1).div(this.#unit.perMeterUnit),
    };
  }

  lines(settlements: readonly Settlement[]): Line[] {
    return settlements.flatMap((settlement, i) => {
      const before = settlements[i - 1];
      this.#banks = takenOver(this.#banks, before?.closes.of, settlement.opens.of);
      return [...this.#lapse(settlement, before, i), ...this.#settle(settlement, i)];
    });
  }

  /** Sets off within one settlement; lines for what of it lies in the part that is billed. */
  #settle(settlement: Settlement, index: number): Line[] {
    const billed = intersection(settlement, this.#part.period);
    const rateOf = this.#rateOf(settlement.opens);
    const atEnd = this.#turned(settlement, rateOf);
    const banked = this.#banks.map((lots) => sumOf(lots.map(({ units }) => units)));
    const lines = billed === null ? [] : this.#setOffLines(settlement, { billed, banked, rateOf });
    const lapsed: Line[] = [];
    this.#banks.forEach((lots, rate) => {
      const { imported, exported } = atEnd[rate]!;
      const set = Money.min(imported, exported);
      draw(lots, Money.min(imported.minus(set), banked[rate]!));
      const left = exported.minus(set);
      if (left.isZero()) return;
      if (settlement.closes.net.bank) lots.push({ from: index, units: left });
      else if (billed !== null && billed.toMs === settlement.toMs) lapsed.push(...this.#expiryLine(rate, left, billed));
    });
    return [...lines, ...lapsed];
  }

  #setOffLines(
    { fromMs }: Settlement,
    { billed, banked, rateOf }: { billed: Period; banked: Money[]; rateOf: RateOf },
  ): Line[] {
    const { calendar, tariff } = this.#context;
    const before = this.#turned({ fromMs, toMs: billed.fromMs }, rateOf);
    const after = this.#turned({ fromMs, toMs: billed.toMs }, rateOf);
    const day = localDay(calendar.timezone, billed.fromMs);
    const scope = scopeAt(this.#component.every, day, tariff.billing, calendar);
    return this.#rates.flatMap((rate, r) => {
      const setOff = ({ imported, exported }: Turned) => Money.min(imported, exported.plus(banked[r]!));
      const [a, b] = [before[r]!, after[r]!];
      const units = setOff(b).minus(setOff(a));
      if (units.isZero()) return [];
      const worth = this.#worth(rate, scope, b.imported, setOff(b)).minus(
        this.#worth(rate, scope, a.imported, setOff(a)),
      );
      const { unit, perMeterUnit } = this.#unit;
      const quantity = units.times(perMeterUnit);
      const unitPrice = worth.div(quantity).negated();
      const name = rate.name === null ? this.#of.name : `${this.#of.name}, ${rate.name}`;
      return [
        lineOf({ ...this.#part, period: billed }, this.#component, {
          rate: name,
          ...{ quantity, unit, unitPrice, exact: worth.negated(), isMean: typeof rate.price !== "string" },
          arithmetic: `${shown(quantity)} ${unit} fed in are set off x ${shown(unitPrice)} ${tariff.currency}/${unit}${banked[r]!.isZero() ? "" : ` (the bank held ${shown(banked[r]!.times(perMeterUnit))} ${unit})`}`,
          ranges: [[billed.fromMs, billed.toMs]],
        }),
      ];
    });
  }

  /** What `setOff` units are worth when `imported` were taken: of tiers, the dearest go first. */
  #worth({ price }: Rate, scope: Scope, imported: Money, setOff: Money): Money {
    const { perMeterUnit } = this.#unit;
    if (typeof price === "string") return setOff.times(perMeterUnit).times(price);
    if (price.kind === "flat") return setOff.times(perMeterUnit).times(price.price);
    if (price.kind === "dynamic") throw new Error("Net metering of a dynamic price is refused by the schema.");
    const ends = tierEnds(price, scope, this.#context);
    const cost = (units: Money) => tieredCost(price, ends, units, perMeterUnit);
    return cost(imported).minus(cost(imported.minus(setOff)));
  }

  /** Empties what is too old at the start of a settlement. */
  #lapse({ fromMs, beginsOn, opens }: Settlement, before: Settlement | undefined, index: number): Line[] {
    const { expiresAfter, expiresOn } = opens.net;
    const isEmptied =
      expiresOn !== undefined && before !== undefined && isReached(expiresOn, before.beginsOn, beginsOn);
    const { period } = this.#part;
    return this.#banks.flatMap((lots, rate) => {
      const old = lots.filter(({ from }) => isEmptied || (expiresAfter !== undefined && index - from > expiresAfter));
      if (old.length === 0) return [];
      lots.splice(0, old.length);
      const isHere = fromMs >= period.fromMs && fromMs < period.toMs;
      const units = sumOf(old.map((lot) => lot.units));
      return isHere && !units.isZero() ? this.#expiryLine(rate, units, { fromMs, toMs: period.toMs }) : [];
    });
  }

  #expiryLine(rate: number, units: Money, period: Period): Line[] {
    if (!this.#paysExpiry) return [];
    const { unit, perMeterUnit } = this.#unit;
    const { expiryPrice } = this.#component;
    const quantity = units.times(perMeterUnit);
    const unitPrice = new Money(expiryPrice).negated();
    const name = this.#rates[rate]!.name;
    return [
      lineOf({ ...this.#part, period }, this.#component, {
        rate: name === null ? "left over" : `left over, ${name}`,
        ...{ quantity, unit, unitPrice },
        arithmetic: `${shown(quantity)} ${unit} that nothing was left to set off against x ${shown(unitPrice)} ${this.#context.tariff.currency}/${unit}`,
      }),
    ];
  }

  #rateOf({ tariff, of }: NettingRules): RateOf {
    const { timezone } = this.#context.calendar;
    return { count: ratesOf(of.price).length, at: eachRate(of, { tariff, usage: this.#usage, timezone }) };
  }

  /** What each rate took and gave in a period, in the meter's unit. */
  #turned({ fromMs, toMs }: Period, { count, at }: RateOf): Turned[] {
    const sums = Array.from({ length: count }, () => ({ imported: new ExactSum(), exported: new ExactSum() }));
    const { imported, exported } = this.#usage;
    for (let i = indexAt(this.#usage, fromMs); i < indexAt(this.#usage, toMs); i++) {
      const sum = sums[at(i)];
      sum?.imported.add(imported[i]!);
      sum?.exported.add(exported[i]!);
    }
    return sums.map((sum) => ({ imported: sum.imported.toMoney(), exported: sum.exported.toMoney() }));
  }
}

/** How many rates there are, and which one each bucket has. */
interface RateOf {
  count: number;
  at: (bucket: number) => number;
}

interface Turned {
  imported: Money;
  exported: Money;
}

/** Uses up the oldest first. */
function draw(lots: Lot[], units: Money): void {
  let left = units;
  while (left.gt(0) && lots.length > 0) {
    const used = Money.min(left, lots[0]!.units);
    lots[0]!.units = lots[0]!.units.minus(used);
    left = left.minus(used);
    if (lots[0]!.units.isZero()) lots.shift();
  }
}

/** What was banked goes to the rate of the same name; without one, to that in the same place, or the last. */
function takenOver(banks: Lot[][], from: Netted | undefined, to: Netted): Lot[][] {
  const names = ratesOf(to.price).map(({ name }) => name);
  const next: Lot[][] = names.map(() => []);
  if (from === undefined) return next;
  ratesOf(from.price).forEach(({ name }, rate) => {
    const same = names.indexOf(name);
    next[same >= 0 ? same : Math.min(rate, names.length - 1)]!.push(...banks[rate]!);
  });
  return next.map((lots) => lots.sort((a, b) => a.from - b.from));
}

/** Whether a day of the year lies after the start of one settlement and at or before the start of the next. */
function isReached(yearDay: string, before: DayNumber, now: DayNumber): boolean {
  const [month, day] = [Number(yearDay.slice(0, 2)), Number(yearDay.slice(3))];
  const { year } = civilDate(now);
  return [year, year - 1].some((y) => {
    const emptied = dayOf({ year: y, month, day });
    return emptied > before && emptied <= now;
  });
}
