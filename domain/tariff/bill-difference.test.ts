import fc from "fast-check";
import { expect, test } from "vitest";
import { bill } from "./bill.ts";
import { changesBetween } from "./bill-difference.ts";
import { parseContract } from "./contract.ts";
import { sumOf } from "./money.ts";
import { usageOf } from "./usage.ts";

const quarterMs = 900_000;

function billOf(kwh: number[], price: string, more: object[] = []) {
  const parsed = parseContract({
    ...{ name: "x", currency: "EUR" },
    components: [{ type: "energy", id: "energy", price }, ...more],
  });
  if (!parsed.ok) throw new Error(parsed.error);
  const usage = usageOf(kwh.map((importKwh, i) => ({ startMs: i * quarterMs, importKwh })));
  return bill(usage, parsed.value, { fromMs: 0, toMs: kwh.length * quarterMs }, "UTC");
}

const shown = (changes: ReturnType<typeof changesBetween>) =>
  changes.map((one) => [
    one.name,
    ...[one.difference, one.byQuantity, one.byPrice].map((amount) => amount.toDecimalPlaces(20).toFixed()),
  ]);

test("what was used more counts at the old price, and the new price for all that is used now", () => {
  const changes = changesBetween(billOf([60, 60], "0.35").lines, billOf([100], "0.30").lines);
  expect(shown(changes)).toEqual([["Energy", "12", "6", "6"]]);
});

test("a tax is its percentage, though it is charged on rounded amounts", () => {
  const tax = [{ type: "tax", percent: "19", name: "VAT" }];
  const [, vat] = changesBetween(billOf([1.11], "0.2999", tax).lines, billOf([3.33], "0.2999", tax).lines);
  expect([vat!.now!.unitPrice!.toFixed(), vat!.then!.unitPrice!.toFixed()]).toEqual(["0.19", "0.19"]);
  expect(vat!.byPrice.toDecimalPlaces(20).toFixed()).toBe("0");
});

test("a price that is the same is no cause at all, however long the quantities' decimals are", () => {
  const yearly = [{ type: "standing", amount: "64.8", per: "year", name: "Standing" }];
  const days = (count: number) =>
    billOf(
      Array.from({ length: 96 * count }, () => 0.1),
      "0.3",
      yearly,
    ).lines;
  const [, standing] = changesBetween(days(31), days(30));
  expect(standing!.byPrice.toFixed()).toBe("0");
  expect(standing!.byQuantity).toEqual(standing!.difference);
  expect(standing!.difference.isZero()).toBe(false);
});

test("a line that is new, and one that is gone, are all of their difference", () => {
  const standing = { type: "standing", amount: "24", per: "day", name: "Standing" };
  const feedIn = { type: "feed-in", price: "0.08", name: "Feed-in" };
  const now = billOf([1, 1, 1, 1], "0.5", [standing]);
  const then = billOf([1, 1, 1, 1], "0.5", [feedIn]);
  expect(shown(changesBetween(now.lines, then.lines))).toEqual([
    ["Energy", "0", "0", "0"],
    ["Standing", "1", "1", "0"],
    ["Feed-in", "0", "0", "0"],
  ]);
});

test("whatever was used: the changes add up to the difference of the bills", () => {
  const kwh = fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { minLength: 1, maxLength: 12 });
  const price = fc.integer({ min: -5000, max: 9000 }).map((n) => (n / 10_000).toFixed(4));
  const tax = [{ type: "tax", percent: "19" }];
  fc.assert(
    fc.property(kwh, kwh, price, price, (a, b, p, q) => {
      const [now, then] = [billOf(a, p, tax), billOf(b, q)];
      const changes = changesBetween(now.lines, then.lines);
      const sum = sumOf(changes.map(({ difference }) => difference));
      expect(sum.equals(now.exactTotal.minus(then.exactTotal))).toBe(true);
      for (const { difference, byQuantity, byPrice } of changes)
        expect(byQuantity.plus(byPrice).minus(difference).abs().lt("1e-40")).toBe(true);
    }),
    { numRuns: 200 },
  );
});
