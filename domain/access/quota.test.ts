import { expect, test } from "vitest";
import { levelOf, quotaWords } from "./quota.ts";

test.each([
  [0, 10, "fine"],
  [7, 10, "fine"],
  [8, 10, "near"],
  [9, 10, "near"],
  [10, 10, "full"],
  [11, 10, "full"],
  [1e9, null, "fine"],
] as const)("%d of %s: %s", (used, most, level) => {
  expect(levelOf(used, most)).toBe(level);
});

test("a limit is told with what is used", () => {
  expect(quotaWords("channels", 50_000, 49_990)).toBe("The plan allows 50,000 channels, and 49,990 are used.");
});
