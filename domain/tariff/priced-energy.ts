import { localDay } from "../local-time/civil-day.ts";
import { Cells, type Cell } from "./cells.ts";
import type { ComponentOf, PricedComponent } from "./component-schema.ts";
import { ExactSum } from "./exact-sum.ts";
import { lineOf, shown, type Line, type Part } from "./line.ts";
import { Money } from "./money.ts";
import type { Price, RatePrice, ScopeName } from "./price-schema.ts";
import { pricingOf, type Cap, type RatePricing } from "./rate-price.ts";
import { scopeAt, scopePeriod, type BillingCalendar, type Scope } from "./scope.ts";
import { limitIn, type TierContext } from "./tiers.ts";
import { meterUnit, type Tariff } from "./tariff.ts";
import { dayReader, rateTable } from "./time-of-use.ts";
import { calendarOf, indexAt, type Usage } from "./usage.ts";

/** Energy, levies and feed-in: every quarter-hour's energy goes into the cell whose price it has; each cell is a line. */
export interface Rate {
  name: string | null;
  price: RatePrice;
}

export function ratesOf(
  price: Price,
): (Rate & { when?: Extract<Price, { kind: "time-of-use" }>["rates"][number]["when"] })[] {
  return typeof price !== "string" && price.kind === "time-of-use" ? price.rates : [{ name: null, price }];
}

/** The rate of each bucket of [from, to), as an index into `ratesOf`: the first that holds on the wall clock. */
export function eachRate(
  { price }: Pick<PricedComponent, "price">,
  { tariff, usage, timezone }: { tariff: Tariff; usage: Usage; timezone: string },
): (bucket: number) => number {
  const rates = ratesOf(price);
  if (rates.length === 1 && rates[0]!.when === undefined) return () => 0;
  const { day, quarter } = calendarOf(usage, timezone);
  const table = rateTable(rates, tariff.seasons);
  const read = dayReader(tariff);
  let today = NaN;
  let ofToday: Uint8Array = new Uint8Array(0);
  return (bucket) => {
    if (day[bucket] !== today) {
      today = day[bucket]!;
      ofToday = table(read(today));
    }
    return ofToday[quarter[bucket]!]!;
  };
}

/** Meter units of one billed unit, and the other way round: gas is counted in m3 and mostly billed in kWh. */
export function billedUnit(tariff: Tariff, own: "kWh" | "m3" | undefined): { unit: "kWh" | "m3"; perMeterUnit: Money } {
  const meter = meterUnit(tariff);
  const unit = own ?? (tariff.kwhPerM3 === undefined ? meter : "kWh");
  return { unit, perMeterUnit: new Money(meter === unit ? 1 : (tariff.kwhPerM3 ?? 1)) };
}

export interface Billed {
  usage: Usage;
  calendar: BillingCalendar;
}

export function priceEnergy(part: Part, component: PricedComponent, billed: Billed): Line[] {
  const cells = cellsOf(part, component, billed);
  const { unit, perMeterUnit } = billedUnit(part.tariff, component.unit);
  const sign = component.type === "feed-in" ? -1 : 1;
  return cells.map((cell) => cellLine(part, component, { cell, unit, perMeterUnit, sign }));
}

function cellsOf(part: Part, component: PricedComponent, { usage, calendar }: Billed): Cell[] {
  const { tariff, period } = part;
  const { timezone } = calendar;
  const column = component.type === "feed-in" ? usage.exported : usage.imported;
  const { day } = calendarOf(usage, timezone);
  const [from, to] = [indexAt(usage, period.fromMs), indexAt(usage, period.toMs)];
  const rateOf = eachRate(component, { tariff, usage, timezone });
  const cells = new Cells(usage, component.type !== "feed-in");
  const meterPerUnit = new Money(1).div(billedUnit(tariff, component.unit).perMeterUnit);
  const shared = { cells, tariff, calendar, dayOf: day, prices: usage.prices, meterPerUnit };
  const pricings: RatePricing[] = ratesOf(component.price).map(({ name, price }, rate) => {
    const totalOf = (scope: Scope) => {
      const sum = new ExactSum();
      const { fromMs, toMs } = scopePeriod(scope, timezone);
      for (let i = indexAt(usage, fromMs); i < indexAt(usage, toMs); i++) if (rateOf(i) === rate) sum.add(column[i]!);
      return sum.approximate;
    };
    return pricingOf(name, price, { ...shared, totalOf });
  });
  const cap = component.type === "energy" && component.cap ? new Quota(component.cap, shared) : null;
  const since = countedSince(part, component, { usage, calendar });
  for (let i = Math.min(...since.rates, since.cap); i < from; i++) {
    const rate = rateOf(i);
    if (i >= (since.rates[rate] ?? from)) pricings[rate]!.pass(i, column[i]!);
    if (i >= since.cap) cap?.take(i, column[i]!);
  }
  for (let i = from; i < to; i++) {
    const pricing = pricings[rateOf(i)];
    const whole = column[i]!;
    if (pricing === undefined) continue;
    if (cap === null) {
      pricing.put(i, whole, whole, null);
      continue;
    }
    const capped = cap.take(i, whole);
    if (capped > 0) pricing.put(i, capped, whole, cap.cap);
    if (capped < whole || whole === 0) pricing.put(i, whole - capped, whole, null);
  }
  return cells.all;
}

/**
 * The bucket from which each rate, and the price cap, has counted when the part begins: tiers and quotas count from the start of
 * their month or billing period, which may lie before what is billed.
 */
function countedSince(
  { tariff, period }: Part,
  component: PricedComponent,
  { usage, calendar }: Billed,
): { rates: number[]; cap: number } {
  const { timezone } = calendar;
  const day = localDay(timezone, period.fromMs);
  const startOf = (scope: ScopeName) =>
    indexAt(usage, scopePeriod(scopeAt(scope, day, tariff.billing, calendar), timezone).fromMs);
  const from = indexAt(usage, period.fromMs);
  const rates = ratesOf(component.price).map(({ price }) =>
    typeof price !== "string" && price.kind === "tiered" ? startOf(price.over ?? price.per) : from,
  );
  const cap = component.type === "energy" ? component.cap : undefined;
  return { rates, cap: cap ? startOf(cap.over ?? cap.per) : from };
}

/** What is left of a price cap's quota. */
class Quota {
  readonly cap: Cap;
  #scope: Scope | null = null;
  #left = 0;
  readonly #settings: NonNullable<ComponentOf<"energy">["cap"]>;
  readonly #shared: TierContext & { dayOf: Int32Array };

  constructor(settings: NonNullable<ComponentOf<"energy">["cap"]>, shared: TierContext & { dayOf: Int32Array }) {
    this.cap = { price: settings.price, number: Number(settings.price) };
    this.#settings = settings;
    this.#shared = shared;
  }

  /** How much of a bucket's energy the quota still covers. */
  take(bucket: number, whole: number): number {
    const day = this.#shared.dayOf[bucket]!;
    if (this.#scope === null || day >= this.#scope.toDay) {
      const { per, over = per, quota } = this.#settings;
      this.#scope = scopeAt(over, day, this.#shared.tariff.billing, this.#shared.calendar);
      this.#left = limitIn(this.#scope, quota, { per, over }, this.#shared);
    }
    const taken = Math.min(this.#left, whole);
    this.#left -= taken;
    return taken;
  }
}

interface CellUnits {
  cell: Cell;
  unit: "kWh" | "m3";
  perMeterUnit: Money;
  sign: 1 | -1;
}

function cellLine(part: Part, component: PricedComponent, { cell, unit, perMeterUnit, sign }: CellUnits): Line {
  const metered = cell.quantity.toMoney();
  const quantity = metered.times(perMeterUnit);
  const estimated = cell.estimated.toMoney().times(perMeterUnit);
  const { currency } = part.tariff;
  const conversion = perMeterUnit.equals(1) ? "" : ` (${shown(metered)} m3 x ${shown(perMeterUnit)})`;
  const amountText = `${shown(quantity)} ${unit}${conversion}`;
  const notes = [
    ...(cell.note === undefined ? [] : [cell.note]),
    ...(estimated.isZero() ? [] : [`${shown(estimated.toDecimalPlaces(3))} ${unit} of it are estimated.`]),
  ];
  const line = { rate: cell.rate, quantity, unit, ranges: cell.ranges, estimated, notes };
  const { priced } = cell;
  if (priced.by === "price") {
    const unitPrice = new Money(priced.price).times(sign);
    const arithmetic = `${amountText} x ${shown(unitPrice)} ${currency}/${unit}`;
    return lineOf(part, component, { ...line, unitPrice, arithmetic });
  }
  if (priced.by === "nothing")
    return lineOf(part, component, { ...line, unitPrice: null, arithmetic: `${amountText} x ?` });
  // The channel's price is per kWh of the meter's own energy; markup and factor are exact decimals.
  const atChannel = cell.products.toMoney().times(perMeterUnit);
  const exact = atChannel.times(priced.factor).plus(quantity.times(priced.markup)).times(sign);
  const unitPrice = quantity.isZero() ? null : exact.div(quantity);
  const arithmetic = `${amountText}, each quarter-hour x (its price x ${priced.factor} + ${priced.markup} ${currency}/${unit})${sign < 0 ? " x -1" : ""}: ${shown(atChannel)} ${currency} x ${priced.factor} + ${shown(quantity)} x ${priced.markup}`;
  return lineOf(part, component, { ...line, unitPrice, isMean: true, exact, arithmetic });
}
