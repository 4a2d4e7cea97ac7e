import { expect, test } from "vitest";
import { bytes, duration, utc } from "./words.ts";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_000, "1.0 kB"],
  [1_234_567, "1.2 MB"],
  [123_456_789, "123 MB"],
  [5e15, "5000 TB"],
])("%d bytes: %s", (n, words) => {
  expect(bytes(n)).toBe(words);
});

test.each([
  [0.4, "0 s"],
  [89, "89 s"],
  [90, "2 min"],
  [7200, "2 h"],
  [36 * 3600, "2 d"],
])("%d seconds: %s", (seconds, words) => {
  expect(duration(seconds)).toBe(words);
});

test("an instant", () => {
  expect(utc("2026-03-01T10:00:59.000Z")).toBe("2026-03-01 10:00 UTC");
});
