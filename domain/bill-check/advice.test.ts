import { expect, test } from "vitest";
import { bill } from "../tariff/bill.ts";
import { parseContract } from "../tariff/contract.ts";
import { usageOf } from "../tariff/usage.ts";
import { adviceFor } from "./advice.ts";
import { checkBill, type SupplierItem } from "./bill-check.ts";

const fromMs = Date.parse("2026-03-01T00:00Z");
const contract = parseContract([
  {
    validFrom: "2026-01-01",
    tariff: { name: "x", currency: "EUR", components: [{ type: "energy", price: "0.32" }] },
  },
]);
if (!contract.ok) throw new Error(contract.error);
/** 300 kWh in the 31 days of March, of which the last one has no data where it says so. */
const ours = (hoursKnown = 744) => {
  const buckets = Array.from({ length: hoursKnown * 4 }, (_, i) => ({
    startMs: fromMs + i * 900_000,
    importKwh: 300 / (744 * 4),
  }));
  return bill(usageOf(buckets), contract.value, { fromMs, toMs: fromMs + 744 * 3_600_000 }, "UTC");
};

const said = (items: SupplierItem[], total: string, own = ours()) =>
  adviceFor(checkBill({ items, total }, own), items, own);
const energy = (quantity: string, unitPrice: string, amount: string): SupplierItem => ({
  ...{ component: "energy", name: "Energy", quantity, unitPrice, amount },
});

test("bills that agree need nothing", () => {
  expect(said([energy("300", "0.32", "96.00")], "96.00").map(({ cause }) => cause)).toEqual(["none"]);
});

test("a price that is a cent higher is named, with the day since when ours holds", () => {
  const [advice, second] = said([energy("300", "0.33", "99.00")], "99.00");
  expect(second).toBeUndefined();
  expect(advice!.text).toContain(
    "is 0.01 EUR per kWh higher: 0.33 instead of 0.32 (in your contract since 2026-01-01)",
  );
});

test.each([
  ["other energy", [energy("320", "0.32", "102.40")], "102.40", 744, ["energy"]],
  ["a day without data", [energy("300", "0.32", "96.00")], "96.00", 720, ["missing"]],
  ["an item of theirs alone, the larger of two", [energy("301", "0.32", "96.32"), { component: null, name: "Fee", amount: "5.00" }], "101.32", 744, ["other", "energy"]], // prettier-ignore
] as const)("%s", (_, items, total, known, expected) => {
  expect(said([...items], total, ours(known)).map(({ cause }) => cause)).toEqual(expected);
});
