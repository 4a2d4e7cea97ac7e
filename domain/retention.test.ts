import { expect, test } from "vitest";
import { frozenEffect, rawKeptFrom } from "./retention.ts";

test.each([
  ["2026-06-30T12:00:00Z", 90, "2026-04-01T00:00:00Z"],
  ["2026-06-30T00:00:00Z", 90, "2026-04-01T00:00:00Z"],
  ["2026-06-29T23:59:59Z", 90, "2026-03-31T00:00:00Z"],
  ["2026-03-01T06:00:00Z", 365, "2025-03-01T00:00:00Z"],
])("at %s, %i days: kept from %s", (now, days, kept) => {
  expect(rawKeptFrom(Date.parse(now), days)).toBe(Date.parse(kept));
});

test.each([
  [["unit"], "refused"],
  [["quantity", "unit", "kind"], "refused"],
  // A meter that was read a thousand times too small: what is frozen stays so, and somebody has to say that it may.
  [["scale"], "stays"],
  [["kind"], "stays"],
  [["direction"], "stays"],
])("a frozen channel whose %j changes: %s", (changed, effect) => {
  expect(frozenEffect(changed)).toBe(effect);
});
