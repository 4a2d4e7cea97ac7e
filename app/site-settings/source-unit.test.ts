import { expect, test } from "vitest";
import { unitPatch } from "../device/channel-change.server.ts";
import { sourceUnit } from "./source-unit.ts";

test.each([
  ["power", "W"],
  ["power", "kW"],
  ["power", "mW"],
  ["energy", "Wh"],
  ["energy", "MJ"],
  ["temperature", "degF"],
  ["temperature", "K"],
  ["volume", "L"],
  ["flow", "L/min"],
] as const)("%s sent in %s is shown as such", (quantity, unit) => {
  const change = unitPatch(quantity, unit);
  if (!change.ok) throw new Error(change.error);
  const { unit: canonical = null, scale = 1, shift = 0 } = change.patch;
  expect(sourceUnit({ quantity, unit: canonical, scale, shift })).toBe(unit);
});

test("a scale that no unit has leaves the canonical one; none stays none", () => {
  expect(sourceUnit({ quantity: "power", unit: "W", scale: 7, shift: 0 })).toBe("W");
  expect(sourceUnit({ quantity: "custom", unit: null, scale: 1, shift: 0 })).toBe("");
  expect(sourceUnit({ quantity: "custom", unit: "bananas", scale: 1, shift: 0 })).toBe("bananas");
});
