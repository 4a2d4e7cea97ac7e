import { Decimal } from "decimal.js";

/**
 * Money is decimal, never binary floating point: 3 kWh at 0.1 are 0.3 exactly. Products and sums are exact; a division (a month's
 * charge by the day) is carried to 60 digits.
 */
export const Money = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_UP });
export type Money = Decimal;

export const zero: Money = new Money(0);

export const roundingModes = ["half-up", "half-even", "up", "down", "ceil", "floor"] as const;
export type RoundingMode = (typeof roundingModes)[number];

export interface Rounding {
  decimals: number;
  mode: RoundingMode;
}

const modes: Record<RoundingMode, Decimal.Rounding> = {
  "half-up": Decimal.ROUND_HALF_UP,
  "half-even": Decimal.ROUND_HALF_EVEN,
  up: Decimal.ROUND_UP,
  down: Decimal.ROUND_DOWN,
  ceil: Decimal.ROUND_CEIL,
  floor: Decimal.ROUND_FLOOR,
};

export function roundMoney(amount: Money, { decimals, mode }: Rounding): Money {
  return amount.toDecimalPlaces(decimals, modes[mode]);
}

const decimalsOf = new Map<string, number>();

/** The decimals in which a currency is paid: EUR 2, JPY 0, KWD 3. */
export function currencyDecimals(currency: string): number {
  let decimals = decimalsOf.get(currency);
  if (decimals === undefined) {
    const format = new Intl.NumberFormat("en", { style: "currency", currency });
    decimalsOf.set(currency, (decimals = format.resolvedOptions().maximumFractionDigits ?? 2));
  }
  return decimals;
}

export const sumOf = (amounts: readonly Money[]): Money => amounts.reduce((sum, amount) => sum.plus(amount), zero);
