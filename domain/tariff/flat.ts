import { Decimal } from "decimal.js";

export type ParsedPrice = { ok: true; price: string | null } | { ok: false; error: string };

/** A price as a person types it: "0.32", "0,32"; empty: none. At most six decimals, from -10 to 1,000 per kWh. */
export function parsePrice(text: string): ParsedPrice {
  const trimmed = text.trim().replace(",", ".");
  if (trimmed === "") return { ok: true, price: null };
  if (!/^-?\d{1,4}(\.\d{1,6})?$/.test(trimmed))
    return { ok: false, error: "Write a price per kWh such as 0.32, with at most six decimals." };
  const price = new Decimal(trimmed);
  if (price.lt(-10) || price.gt(1000)) return { ok: false, error: "A price per kWh lies between -10 and 1,000." };
  return { ok: true, price: price.toString() };
}

/** Rounded to the currency's own decimals and written the reader's way: "12,34 €". */
export function formatMoney(amount: Decimal | string, currency: string, locale: string): string {
  const format = new Intl.NumberFormat(locale, { style: "currency", currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(Number(new Decimal(amount).toFixed(digits, Decimal.ROUND_HALF_UP)));
}

/** Whether a code is a currency of ISO 4217 that can be written ("EUR"). */
export function isCurrency(code: string): boolean {
  return Intl.supportedValuesOf("currency").includes(code);
}
