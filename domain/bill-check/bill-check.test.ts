import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bill } from "../tariff/bill.ts";
import { parseContract } from "../tariff/contract.ts";
import { sumOf } from "../tariff/money.ts";
import { localPeriod } from "../tariff/scope.ts";
import { usageOf } from "../tariff/usage.ts";
import { causes, checkBill, type SupplierItem } from "./bill-check.ts";

const period = localPeriod("UTC", "2026-06-01", "2026-07-01");
const days = 30;

/** 300 kWh in June at 0.32, 10 EUR a month, 20 % tax; of the first `known` days only. */
function ours(known = days) {
  const parsed = parseContract({
    name: "x",
    currency: "EUR",
    components: [
      { type: "energy", price: "0.32" },
      { type: "standing", amount: "10", per: "month" },
      { type: "tax", percent: "20" },
    ],
  });
  if (!parsed.ok) throw new Error(parsed.error);
  const buckets = Array.from({ length: known * 96 }, (_, i) => ({
    startMs: period.fromMs + i * 900_000,
    importKwh: 10 / 96,
  }));
  return bill(usageOf(buckets), parsed.value, period, "UTC");
}

const energy = (quantity: string, unitPrice: string, amount: string): SupplierItem => ({
  component: "energy",
  name: "Arbeitspreis",
  quantity,
  unitPrice,
  amount,
});
const standing = (quantity: string, unitPrice: string, amount: string): SupplierItem => ({
  component: "standing",
  name: "Grundpreis",
  quantity,
  unitPrice,
  amount,
});
const tax = (percent: string, amount: string): SupplierItem => ({ component: "tax", name: "VAT", percent, amount });

function splitText(items: SupplierItem[], total: string, known?: number) {
  const { split, difference } = checkBill({ items, total }, ours(known));
  const parts = causes
    .filter((cause) => !split[cause].toDecimalPlaces(4).isZero())
    .map((cause) => [cause, split[cause].toDecimalPlaces(2).toNumber()]);
  return [difference.toNumber(), Object.fromEntries(parts)];
}

describe("ours are 96 + 10 + 21.20 = 127.20", () => {
  test.each([
    ["the same", [energy("300", "0.32", "96"), standing("1", "10", "10"), tax("20", "21.2")], "127.2", 0, {}],
    [
      "10 kWh more",
      [energy("310", "0.32", "99.2"), standing("1", "10", "10"), tax("20", "21.84")],
      "131.04",
      3.84,
      { energy: 3.84 },
    ],
    [
      "a cent more each",
      [energy("300", "0.33", "99"), standing("1", "10", "10"), tax("20", "21.8")],
      "130.8",
      3.6,
      { rates: 3.6 },
    ],
    [
      "both",
      [energy("310", "0.33", "102.3"), standing("1", "10", "10"), tax("20", "22.46")],
      "134.76",
      7.56,
      { energy: 3.84, rates: 3.72 },
    ],
    [
      "a day and a half more",
      [energy("300", "0.32", "96"), standing("1.05", "10", "10.5"), tax("20", "21.3")],
      "127.8",
      0.6,
      { days: 0.6 },
    ],
    [
      "another percentage",
      [energy("300", "0.32", "96"), standing("1", "10", "10"), tax("21", "22.26")],
      "128.26",
      1.06,
      { rates: 1.06 },
    ],
    [
      "a fee of their own",
      [
        energy("300", "0.32", "96"),
        standing("1", "10", "10"),
        tax("20", "21.2"),
        { component: null, name: "Reminder", amount: "5" },
      ],
      "132.2",
      5,
      { other: 5 },
    ],
    [
      "rounded the other way",
      [energy("300", "0.32", "96.01"), standing("1", "10", "10"), tax("20", "21.2")],
      "127.21",
      0.01,
      { rounding: 0.01 },
    ],
    [
      "a total that their items do not make",
      [energy("300", "0.32", "96"), standing("1", "10", "10"), tax("20", "21.2")],
      "130",
      2.8,
      { other: 2.8 },
    ],
  ])("%s", (_what, items, total, difference, split) => {
    expect(splitText(items, total)).toEqual([difference, split]);
  });
});

test("energy of days that our data do not have is missing, not other energy", () => {
  // 24 of 30 days: 240 kWh known, so 60 of their 70 more lie in the time without data.
  const items = [energy("310", "0.32", "99.2"), standing("1", "10", "10"), tax("20", "21.84")];
  expect(splitText(items, "131.04", 24)).toEqual([26.88, { energy: 3.84, missing: 23.04 }]);
});

test("the parts add up exactly to the difference, whatever the supplier prints", () => {
  const cents = fc.integer({ min: -50_000, max: 500_000 }).map((n) => (n / 100).toFixed(2));
  const item = fc.record({
    component: fc.constantFrom("energy", "standing", "tax", "nothing", null),
    name: fc.constantFrom("a", "b"),
    quantity: fc.option(cents, { nil: undefined }),
    unitPrice: fc.option(cents, { nil: undefined }),
    percent: fc.option(
      cents.filter((n) => Number(n) !== 0),
      { nil: undefined },
    ),
    amount: cents,
  });
  const made = ours(25);
  fc.assert(
    fc.property(fc.array(item, { maxLength: 6 }), cents, (items, total) => {
      const { split, difference } = checkBill({ items, total }, made);
      const sum = sumOf(causes.map((cause) => split[cause]));
      expect(sum.minus(difference).abs().lt("1e-40")).toBe(true);
      expect(difference.plus(made.total).equals(total)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("a yen is what a bill in yen rounds by", () => {
  const parsed = parseContract({ name: "x", currency: "JPY", components: [{ type: "energy", price: "30.57" }] });
  if (!parsed.ok) throw new Error(parsed.error);
  // 123.5 kWh at 30.57 are 3775.395; they round up.
  const usage = usageOf([{ startMs: period.fromMs, importKwh: 123.5 }]);
  const items = [{ ...energy("123.5", "30.57", "3776") }];
  const { split } = checkBill({ items, total: "3776" }, bill(usage, parsed.value, period, "UTC"));
  expect([split.rounding.toFixed(), split.other.toFixed()]).toEqual(["1", "0"]);
});
