import { expect, it } from "vitest";
import { numberOf } from "./payload.ts";

it.each<[unknown, unknown]>([
  ["12.5", 12.5],
  ["12.", 12],
  [".5", 0.5],
  [" +1e3 ", 1000],
  ["-0.25", -0.25],
  ["1e999", "infinite"],
  ["nan", "nan"],
  ["n/a", "absent"],
  ["1,5", "other"],
  [".", "other"],
  ["1.5.", "other"],
  ["0x1F", "other"],
])("numberOf(%j) is %s", (text, expected) => {
  expect(numberOf(text)).toBe(expected);
});

it("numberOf does not try a long run of digits in every way", { timeout: 500 }, () => {
  expect(numberOf(`${"9".repeat(1_000_000)}x`)).toBe("other");
});
