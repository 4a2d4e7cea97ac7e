import { dayOf, civilDate } from "../local-time/civil-day.ts";
import type { ComponentOf } from "./component-schema.ts";
import { ExactSum } from "./exact-sum.ts";
import { lineOf, shown, type Line, type Part } from "./line.ts";
import { Money, sumOf } from "./money.ts";
import { billedUnit, eachRate, ratesOf, type Billed, type Rate } from "./priced-energy.ts";
import { intersection, scopePeriod, scopesOf, type Period, type Scope } from "./scope.ts";
import { tierEnds, tieredCost, type TierContext } from "./tiers.ts";
import { indexAt, type Usage } from "./usage.ts";

/**
 * Net metering: within each rate of a component, energy fed in is set off against energy taken; what is left at the end of a
 * month (or year) is banked for later ones, the oldest used first, until it lapses.
 * Import 100, export 130: set off 100, banked 30. Next month import 100, export 20: set off 50, of which 30 from the bank.
 * What has been set off up to an instant only grows, so a period that is split sets off as much as the whole.
 */
export function netMeteringLines(
  part: Part,
  component: ComponentOf<"net-metering">,
  billed: Billed,
  bankedSinceMs: number,
): Line[] {
  const before = part.tariff.components.slice(
    0,
    part.tariff.components.findIndex(({ id }) => id === component.id),
  );
  const netted = before.filter(
    (c): c is Netted =>
      (c.type === "energy" || c.type === "levy") && (component.on === undefined || component.on.includes(c.id)),
  );
  return netted.flatMap((of, i) => {
    const account = new Account(part, component, { of, billed, paysExpiry: i === 0 });
    return account.lines(Math.max(bankedSinceMs, billed.usage.startMs));
  });
}

type Netted = ComponentOf<"energy" | "levy">;

/** What a rate has in the bank, oldest first. */
interface Lot {
  /** The settlement period (counted from the first) in which it was banked. */
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
  readonly #rateOf: (bucket: number) => number;
  readonly #paysExpiry: boolean;
  readonly #unit: ReturnType<typeof billedUnit>;
  readonly #banks: Lot[][];

  constructor(
    part: Part,
    component: ComponentOf<"net-metering">,
    { of, billed, paysExpiry }: { of: Netted; billed: Billed; paysExpiry: boolean },
  ) {
    const { tariff } = part;
    const { usage, calendar } = billed;
    this.#part = part;
    this.#component = component;
    this.#of = of;
    this.#usage = usage;
    this.#rates = ratesOf(of.price);
    this.#rateOf = eachRate(of, { tariff, usage, timezone: calendar.timezone });
    this.#paysExpiry = paysExpiry;
    this.#unit = billedUnit(tariff, of.unit);
    this.#context = { tariff, calendar, meterPerUnit: new Money(1).div(this.#unit.perMeterUnit) };
    this.#banks = this.#rates.map(() => []);
  }

  lines(sinceMs: number): Line[] {
    const { calendar, tariff } = this.#context;
    const { period } = this.#part;
    const all = { fromMs: Math.min(sinceMs, period.fromMs), toMs: period.toMs };
    const settlements = scopesOf(this.#component.every, all, tariff.billing, calendar);
    return settlements.flatMap((scope, i) => [
      ...this.#lapse(scope, settlements[i - 1], i),
      ...this.#settle(scope, i, Math.max(sinceMs, scopePeriod(scope, calendar.timezone).fromMs)),
    ]);
  }

  /** Sets off within one settlement period; lines for what of it lies in the part that is billed. */
  #settle(scope: Scope, index: number, sinceMs: number): Line[] {
    const { timezone } = this.#context.calendar;
    const whole = { fromMs: sinceMs, toMs: scopePeriod(scope, timezone).toMs };
    const billed = intersection(whole, this.#part.period);
    const atEnd = this.#turned(whole);
    const banked = this.#banks.map((lots) => sumOf(lots.map(({ units }) => units)));
    const lines = billed === null ? [] : this.#setOffLines(scope, { fromMs: sinceMs, billed, banked });
    const lapsed: Line[] = [];
    this.#banks.forEach((lots, rate) => {
      const { imported, exported } = atEnd[rate]!;
      const own = Money.min(imported, exported);
      this.#draw(lots, Money.min(imported.minus(own), banked[rate]!));
      const left = exported.minus(own);
      if (left.isZero()) return;
      if (this.#component.bank) lots.push({ from: index, units: left });
      else if (billed !== null && billed.toMs === whole.toMs) lapsed.push(...this.#expiryLine(rate, left, billed));
    });
    return [...lines, ...lapsed];
  }

  #setOffLines(scope: Scope, { fromMs, billed, banked }: { fromMs: number; billed: Period; banked: Money[] }): Line[] {
    const before = this.#turned({ fromMs, toMs: billed.fromMs });
    const after = this.#turned({ fromMs, toMs: billed.toMs });
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
          arithmetic: `${shown(quantity)} ${unit} fed in are set off x ${shown(unitPrice)} ${this.#context.tariff.currency}/${unit}${banked[r]!.isZero() ? "" : ` (the bank held ${shown(banked[r]!.times(perMeterUnit))} ${unit})`}`,
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

  /** Empties what is too old at the start of a settlement period. */
  #lapse(scope: Scope, before: Scope | undefined, index: number): Line[] {
    const { expiresAfter, expiresOn } = this.#component;
    const isEmptied = expiresOn !== undefined && before !== undefined && isReached(expiresOn, before, scope);
    const { fromMs } = scopePeriod(scope, this.#context.calendar.timezone);
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

  #draw(lots: Lot[], units: Money): void {
    let left = units;
    while (left.gt(0) && lots.length > 0) {
      const used = Money.min(left, lots[0]!.units);
      lots[0]!.units = lots[0]!.units.minus(used);
      left = left.minus(used);
      if (lots[0]!.units.isZero()) lots.shift();
    }
  }

  /** What each rate took and gave in a period, in the meter's unit. */
  #turned({ fromMs, toMs }: Period): Turned[] {
    const sums = this.#rates.map(() => ({ imported: new ExactSum(), exported: new ExactSum() }));
    const { imported, exported } = this.#usage;
    for (let i = indexAt(this.#usage, fromMs); i < indexAt(this.#usage, toMs); i++) {
      const sum = sums[this.#rateOf(i)];
      sum?.imported.add(imported[i]!);
      sum?.exported.add(exported[i]!);
    }
    return sums.map((sum) => ({ imported: sum.imported.toMoney(), exported: sum.exported.toMoney() }));
  }
}

interface Turned {
  imported: Money;
  exported: Money;
}

/** Whether a day of the year lies after the start of one period and at or before the start of the next. */
function isReached(yearDay: string, before: Scope, now: Scope): boolean {
  const [month, day] = [Number(yearDay.slice(0, 2)), Number(yearDay.slice(3))];
  const { year } = civilDate(now.fromDay);
  return [year, year - 1].some((y) => {
    const emptied = dayOf({ year: y, month, day });
    return emptied > before.fromDay && emptied <= now.fromDay;
  });
}
