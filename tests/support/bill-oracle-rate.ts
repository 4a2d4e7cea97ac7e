import type { Decimal } from "decimal.js";
import { number, type OracleComponent, type OraclePrice, type OracleTariff } from "./bill-oracle-case.ts";
import { holdsIn, type DayRange, type Days, type Quarter } from "./bill-oracle-time.ts";

export interface OracleVersion {
  validFrom: string;
  tariff: OracleTariff;
  days: Days;
}

/** What one version bills of one billing period. */
export interface OraclePart {
  version: OracleVersion;
  tariff: OracleTariff;
  days: Days;
  /** Ascending. */
  versions: readonly OracleVersion[];
  versionAt: (q: Quarter) => OracleVersion;
  /** Of the part. */
  quarters: Quarter[];
  /** All that was given, the part's among them. */
  all: Quarter[];
}

export type RatePrice = Exclude<OraclePrice, { kind: "time-of-use" }>;

/** The first rate that holds, and its price. */
export function rateAt(tariff: OracleTariff, price: string | OraclePrice, q: Quarter): [number, RatePrice] {
  if (typeof price === "string") return [0, { kind: "flat", price }];
  if (price.kind !== "time-of-use") return [0, price];
  const rate = price.rates.findIndex(({ when }) => !when || when.some((window) => holdsIn(tariff, window, q)));
  return [rate, rateAt(tariff, price.rates[rate]!.price, q)[1]];
}

/** What a unit of the meter is in units of the price. */
export function unitFactor({ medium, kwhPerM3 }: OracleTariff, { unit }: OracleComponent): Decimal {
  const isKwhOfGas = medium === "gas" && kwhPerM3 !== undefined && unit !== "m3";
  return number(isKwhOfGas ? kwhPerM3 : 1);
}

/** Where the tiers of a price end within a day, month …: 10 kWh a day over 30 days end at 300 kWh. */
export function tiersIn(days: Days, price: Extract<OraclePrice, { kind: "tiered" }>, over: DayRange): Decimal[] {
  const scale = days.countIn(price.per, over);
  return price.tiers.map(({ upTo }) => (upTo === undefined ? number(Infinity) : number(upTo).times(scale)));
}
