import type { DayNumber } from "../local-time/civil-day.ts";
import type { Component, ComponentType } from "./component-schema.ts";
import { roundMoney, type Money } from "./money.ts";
import type { Period } from "./scope.ts";
import { roundingOf, type Tariff } from "./tariff.ts";

/** One line of a bill, with all that it takes to say why it is what it is. */
export interface Line {
  /** The component's id: what lines of many periods are summed by. */
  component: string;
  type: ComponentType;
  /** "Energy, Night". */
  name: string;
  /** The rate, tier or step within the component, where it has several. */
  rate: string | null;
  /** First local day of the tariff version; null where it always holds. */
  validFrom: DayNumber | null;
  /** The part of the asked period that the line is for: cut at billing periods and at new versions. */
  period: Period;
  quantity: Money;
  /** kWh, m3, day, month, year, "kW month", "%". */
  unit: string;
  /** quantity x unitPrice = exact; null where nothing is known to multiply with. */
  unitPrice: Money | null;
  /** The unit price is a mean of many (a dynamic price, tiers that net metering sets off). */
  isMean: boolean;
  /** Not rounded. These add up exactly, however a period is split. */
  exact: Money;
  /** Rounded as the bill rounds. The total is the sum of these. */
  amount: Money;
  /** "312.5 kWh x 0.32 EUR/kWh". */
  arithmetic: string;
  /** The buckets behind it: [fromMs, toMs) pairs, ascending. */
  ranges: [number, number][];
  /** The part of the quantity that was estimated. */
  estimated: Money;
  /** The components (ids) whose lines a tax is on. */
  on?: string[];
  /** What does not go without saying: estimates, prices that are missing, peaks left out. */
  notes: string[];
}

/** What a component bills: one version's part of one billing period. */
export interface Part {
  tariff: Tariff;
  validFrom: DayNumber | null;
  period: Period;
}

type Given = Pick<Line, "quantity" | "unit" | "unitPrice" | "arithmetic"> &
  Partial<Pick<Line, "rate" | "exact" | "isMean" | "ranges" | "estimated" | "notes" | "on">>;

/** Makes a line: its amount is rounded here, and nowhere else. */
export function lineOf({ tariff, validFrom, period }: Part, component: Component, given: Given): Line {
  const { quantity, unitPrice } = given;
  const exact = given.exact ?? (unitPrice === null ? quantity.times(0) : quantity.times(unitPrice));
  const rate = given.rate ?? null;
  return {
    component: component.id,
    type: component.type,
    name: rate === null ? component.name : `${component.name}, ${rate}`,
    validFrom,
    period,
    isMean: false,
    ranges: [],
    estimated: quantity.times(0),
    notes: [],
    ...given,
    rate,
    exact,
    amount: roundMoney(exact, roundingOf(tariff, component.rounding)),
  };
}

/** A decimal for reading: at most nine decimals, and an ellipsis where it has more. */
export function shown(value: Money): string {
  return value.decimalPlaces() <= 9 ? value.toFixed() : `${value.toDecimalPlaces(9).toFixed()}…`;
}

/** Adds a stretch of time to ascending ranges, joined to the last one where they touch. */
export function addRange(ranges: [number, number][], fromMs: number, toMs: number): void {
  const last = ranges.at(-1);
  if (last && last[1] === fromMs) last[1] = toMs;
  else ranges.push([fromMs, toMs]);
}
