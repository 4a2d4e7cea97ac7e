import { describe, expect, it } from "vitest";
import { quantities } from "./channel.ts";
import { canonicalUnits, conversionOf, conversions, toCanonical, unitsFor } from "./units.ts";

describe("toCanonical", () => {
  it.each([
    [1.25, "kW", 1250, "W"],
    [3, "MW", 3_000_000, "W"],
    [1500, "mW", 1.5, "W"],
    [48211375, "Wh", 48211.375, "kWh"],
    [2, "MWh", 2000, "kWh"],
    [3.6, "MJ", 1, "kWh"],
    [1, "GJ", 277.7777777777778, "kWh"],
    [3_600_000, "J", 1, "kWh"],
    [230500, "mV", 230.5, "V"],
    [0.4, "kV", 400, "V"],
    [250, "mA", 0.25, "A"],
    [72.5, "degF", 22.5, "degC"],
    [293.15, "K", 20, "degC"],
    [21.5, "°C", 21.5, "degC"],
    [1000, "L", 1, "m3"],
    [100, "ft3", 2.8316846592, "m3"],
    [1, "m³", 1, "m3"],
    [2, "kvar", 2000, "var"],
    [2, "kVA", 2000, "VA"],
    [500, "varh", 0.5, "kvarh"],
    [55, "%", 55, "%"],
    [0.98, "1", 0.98, "1"],
    [5, "KWH", 5, "kWh"],
    [5, " kwh ", 5, "kWh"],
    [10, "L/min", 0.6, "m3/h"],
    [5123, "Wh", 5.123, "kWh"],
    [3412.141633, "BTU", 1, "kWh"],
    [1, "therm", 29.3001111111, "kWh"],
    [860, "kcal", 1.00018, "kWh"],
    [2, "ccf", 5.6633693184, "m3"],
    [1, "gal", 0.003785411784, "m3"],
    [250, "mL", 0.00025, "m3"],
    [1, "hp", 745.699872, "W"],
    [0.05, "kHz", 50, "Hz"],
    [-40, "°F", -40, "degC"],
    [3, "MVA", 3_000_000, "VA"],
    [4, "Mvarh", 4000, "kvarh"],
    [1, "gpm", 0.22712470704, "m3/h"],
  ])("%s %s is %s %s", (value, unit, expected, canonical) => {
    const converted = toCanonical(value, unit);
    expect(converted?.unit).toBe(canonical);
    expect(converted?.value).toBeCloseTo(expected, 9);
  });

  it("does not guess a unit that could be two", () => {
    expect(conversionOf("mw")).toBeUndefined();
    expect(conversionOf("MWH")).toBeUndefined();
    expect(conversionOf("bananas")).toBeUndefined();
    expect(conversionOf("__proto__")).toBeUndefined();
  });
});

it("keeps decimals exact where the ratio is a fraction", () => {
  for (const [value, unit, expected] of [
    [1250, "Wh", 1.25],
    [3.6, "MJ", 1],
    [230500, "mV", 230.5],
    [1, "L", 0.001],
  ] as const)
    expect(toCanonical(value, unit)!.value).toBe(expected);
});

describe("unitsFor", () => {
  it("lists the canonical unit first, and only units of that quantity", () => {
    expect(unitsFor("power")).toEqual(["W", "kW", "MW", "GW", "mW", "hp", "BTU/h"]);
    expect(unitsFor("power_factor")).toEqual(["1"]);
    expect(unitsFor("state")).toEqual([]);
    expect(unitsFor("custom")).toEqual(Object.keys(conversions));
  });

  it("every canonical unit converts to itself", () => {
    for (const quantity of quantities) {
      const unit = canonicalUnits[quantity];
      if (unit !== null) expect(toCanonical(7, unit)).toEqual({ value: 7, unit });
    }
  });
});
