import { expect, test } from "vitest";
import { rawKeptFrom } from "./retention.ts";

test.each([
  ["2026-06-30T12:00:00Z", 90, "2026-04-01T00:00:00Z"],
  ["2026-06-30T00:00:00Z", 90, "2026-04-01T00:00:00Z"],
  ["2026-06-29T23:59:59Z", 90, "2026-03-31T00:00:00Z"],
  ["2026-03-01T06:00:00Z", 365, "2025-03-01T00:00:00Z"],
])("at %s, %i days: kept from %s", (now, days, kept) => {
  expect(rawKeptFrom(Date.parse(now), days)).toBe(Date.parse(kept));
});
