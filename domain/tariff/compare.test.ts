import { expect, test } from "vitest";
import { rankTariffs, type Candidate } from "./compare.ts";
import { parseContract } from "./contract.ts";
import { sumOf } from "./money.ts";
import { localPeriod } from "./scope.ts";
import { unitPrices } from "./unit-prices.ts";
import { usageOf } from "./usage.ts";

const period = localPeriod("UTC", "2026-06-01", "2026-06-02");
const usage = usageOf(
  Array.from({ length: 96 }, (_, i) => ({
    startMs: period.fromMs + i * 900_000,
    importKwh: 1,
    prices: { price: i < 48 ? 0.1 : 0.3 },
  })),
);

function candidate(id: string, components: unknown[], currency = "EUR"): Candidate {
  const parsed = parseContract({ name: id, currency, components });
  if (!parsed.ok) throw new Error(parsed.error);
  return { id, name: id, versions: parsed.value };
}

const own = candidate("own", [
  { type: "energy", price: "0.30" },
  { type: "standing", amount: "1", per: "day" },
]);
const cheap = candidate("cheap", [
  { type: "energy", price: "0.20" },
  { type: "standing", amount: "5", per: "day" },
]);
const spot = candidate("spot", [
  { type: "energy", price: { kind: "dynamic", markup: "0.02" } },
  { type: "tax", percent: "50" },
]);
const blind = candidate("blind", [{ type: "energy", price: { kind: "dynamic", channel: "other" } }]);
const foreign = candidate("foreign", [{ type: "energy", price: "0.01" }], "GBP");

test("the cheapest first, with why it differs from one's own", () => {
  const { ranked, left } = rankTariffs(usage, [own, cheap, spot, blind, foreign], {
    period,
    timezone: "UTC",
    against: "own",
  });
  expect(ranked.map(({ id, total, difference }) => [id, total.toFixed(), difference.toFixed()])).toEqual([
    ["cheap", "24.2", "-5.6"],
    ["own", "29.8", "0"],
    ["spot", "31.68", "1.88"],
    ["blind", "0", "-29.8"],
  ]);
  expect(ranked[0]!.why.map(({ type, amount }) => [type, amount.toFixed()])).toEqual([
    ["energy", "-9.6"],
    ["standing", "4"],
  ]);
  for (const one of ranked) expect(sumOf(one.why.map(({ amount }) => amount)).equals(one.difference)).toBe(true);
  expect(ranked.at(-1)!.unpriced.toFixed()).toBe("96");
  expect(left).toEqual([{ id: "foreign", reason: "its currency is GBP, not EUR" }]);
});

test("what one more unit costs, taxes in", () => {
  const prices = unitPrices(usage, spot.versions, { timezone: "UTC" });
  expect([prices[0], prices[95]].map((price) => price!.toFixed(6))).toEqual(["0.180000", "0.480000"]);
});
