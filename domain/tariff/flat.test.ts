import { Decimal } from "decimal.js";
import { expect, test } from "vitest";
import { formatMoney, isCurrency, parsePrice } from "./flat.ts";

test.each([
  ["1.005", "EUR", "en", "€1.01"],
  ["2.675", "EUR", "en", "€2.68"],
  ["-1.005", "EUR", "en", "-€1.01"],
  ["0.004", "USD", "en", "$0.00"],
  ["12.5", "JPY", "en", "¥13"],
  ["1.0005", "KWD", "en", "KWD 1.001"],
])("%s %s is written %4$s", (amount, currency, locale, text) => {
  expect(formatMoney(new Decimal(amount), currency, locale).replaceAll("\u00a0", " ")).toBe(text);
  expect(formatMoney(amount, currency, locale)).toBe(formatMoney(new Decimal(amount), currency, locale));
});

test("money is written the reader's way", () => {
  expect(formatMoney("1234.5", "EUR", "de").replaceAll("\u00a0", " ")).toBe("1.234,50 €");
});

test.each([
  ["0.32", "0.32"],
  [" 0,32 ", "0.32"],
  ["0.320000", "0.32"],
  ["", null],
  ["-0.05", "-0.05"],
  ["1000", "1000"],
])("parsePrice(%j) is %j", (text, price) => {
  expect(parsePrice(text)).toEqual({ ok: true, price });
});

test.each(["abc", "1,234.5", "0.1234567", "1e3", "1001", "-11", ".5", "0.3 EUR", "NaN", "Infinity", "--1"])(
  "parsePrice(%j) is refused",
  (text) => {
    const parsed = parsePrice(text);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.error).toMatch(/price/);
  },
);

test.each([
  ["EUR", true],
  ["INR", true],
  ["eur", false],
  ["XYZ", false],
  ["", false],
])("isCurrency(%j) is %s", (code, is) => {
  expect(isCurrency(code)).toBe(is);
});
