import { Money } from "../tariff/money.ts";

export type ParsedGrams = { ok: true; grams: string | null } | { ok: false; error: string };

/** Grams of CO2 for a kWh as a person types them: "380", "36,5"; empty: not known. From 0 to 5,000, at most three decimals. */
export function parseGrams(text: string): ParsedGrams {
  const trimmed = text.trim().replace(",", ".");
  if (trimmed === "") return { ok: true, grams: null };
  const error = "Write grams of CO2 per kWh such as 380: 0 to 5,000, with at most three decimals.";
  if (!/^\d{1,4}(\.\d{1,3})?$/.test(trimmed) || Number(trimmed) > 5000) return { ok: false, error };
  return { ok: true, grams: new Money(trimmed).toString() };
}
