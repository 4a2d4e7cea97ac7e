import { expect, test } from "vitest";
import { parseTariff } from "../../domain/tariff/contract.ts";
import { libraryJson } from "../../domain/tariff/library.ts";
import { formatsOf } from "../charts/formats.ts";
import { priceWords } from "./price-words.ts";

const formats = formatsOf("en-GB", "UTC");

function words(json: unknown): string {
  const parsed = parseTariff(json);
  if (!parsed.ok) throw new Error(parsed.error);
  return priceWords(parsed.value, formats);
}
const of = (...components: unknown[]) => words({ name: "x", currency: "EUR", components });

test.each([
  [
    of(
      { type: "energy", price: "0.32" },
      { type: "standing", amount: "9.9", per: "month" },
      { type: "tax", name: "VAT", percent: "19" },
    ),
    "€0.32/kWh, €9.90 a month, VAT 19 %",
  ],
  [of({ type: "feed-in", price: "0.0803" }), "Feed-in €0.0803/kWh"],
  [
    of({ type: "energy", price: { kind: "dynamic", factor: "1.03", markup: "0.015" } }),
    "market price × 1.03 + €0.015/kWh",
  ],
  [
    of({ type: "energy", price: { kind: "tiered", tiers: [{ upTo: 100, price: "0.2" }, { price: "0.3" }] } }),
    "€0.20 to €0.30/kWh by amount",
  ],
  [of({ type: "energy", price: "0.58", cap: { price: "0.40", quota: "2900" } }), "€0.58/kWh (at most €0.40)"],
  [of({ type: "demand", price: "8", per: "month" }), "€8.00/kW a month"],
  [of({ type: "credit", amount: "20", per: "year" }), "credit −€20.00 a year"],
  [words(libraryJson("gb-economy-7")), "Night £0.17181/kWh · Day £0.3255/kWh, £0.44836 a day"],
])("%s", (said, expected) => {
  expect(said).toBe(expected);
});
