import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sinks, sources, split, ways, type Balance, type Sink, type Source, type Way } from "./split.ts";

const balance = (part: Partial<Balance>): Balance => ({
  ...{ importKwh: 0, exportKwh: 0, productionKwh: 0, chargeKwh: 0, dischargeKwh: 0 },
  ...part,
});

describe("where a bucket's energy came from and went", () => {
  test.each<{ name: string; given: Partial<Balance>; expected: Partial<Record<Way, number>>; consumption: number }>([
    { name: "a grid meter alone", given: { importKwh: 2 }, expected: { "grid>home": 2 }, consumption: 2 },
    {
      name: "import 2, export 1, production 4",
      given: { importKwh: 2, exportKwh: 1, productionKwh: 4 },
      expected: { "grid>home": 2, "sun>home": 3, "sun>grid": 1 },
      consumption: 5,
    },
    {
      name: "the grid charges the battery beyond the consumption",
      given: { importKwh: 5, chargeKwh: 3 },
      expected: { "grid>home": 2, "grid>battery": 3 },
      consumption: 2,
    },
    {
      name: "the sun charges, the grid serves the house",
      given: { importKwh: 2, productionKwh: 1, chargeKwh: 1 },
      expected: { "grid>home": 2, "sun>battery": 1 },
      consumption: 2,
    },
    {
      name: "the sun is exported before the battery",
      given: { exportKwh: 2, productionKwh: 2, dischargeKwh: 1 },
      expected: { "sun>grid": 2, "battery>home": 1 },
      consumption: 1,
    },
    {
      name: "a battery that sells",
      given: { exportKwh: 3, dischargeKwh: 4 },
      expected: { "battery>home": 1, "battery>grid": 3 },
      consumption: 1,
    },
    {
      name: "it charged and discharged within the bucket",
      given: { exportKwh: 1, productionKwh: 1, chargeKwh: 1, dischargeKwh: 1 },
      expected: { "sun>battery": 1, "battery>grid": 1 },
      consumption: 0,
    },
    {
      name: "phases counted apart: it goes through the meter",
      given: { importKwh: 1, exportKwh: 0.4 },
      expected: { "grid>home": 0.6, "grid>grid": 0.4 },
      consumption: 0.6,
    },
    {
      name: "more is exported than was produced: a source that no meter sees",
      given: { exportKwh: 3, productionKwh: 2 },
      expected: { "sun>grid": 2, "unexplained>grid": 1 },
      consumption: 0,
    },
  ])("$name", ({ given, expected, consumption }) => {
    const { ways: taken, consumptionKwh } = split(balance(given));
    const some = Object.fromEntries(Object.entries(taken).filter(([, kwh]) => kwh > 1e-12));
    expect(Object.keys(some).sort()).toEqual(Object.keys(expected).sort());
    for (const [way, kwh] of Object.entries(expected)) expect(some[way], way).toBeCloseTo(kwh, 12);
    expect(consumptionKwh).toBeCloseTo(consumption, 12);
  });
});

const amount = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 100, noNaN: true }), fc.integer({ min: 0, max: 5 }));
const anyBalance = fc.record({
  importKwh: amount,
  exportKwh: amount,
  productionKwh: amount,
  chargeKwh: amount,
  dischargeKwh: amount,
});

const from = (taken: Record<Way, number>, source: Source) =>
  sinks.reduce((sum, sink) => sum + taken[`${source}>${sink}`], 0);
const to = (taken: Record<Way, number>, sink: Sink) =>
  sources.reduce((sum, source) => sum + taken[`${source}>${sink}`], 0);

test("whatever the meters say: nothing negative, nothing twice, both sides equal", () => {
  fc.assert(
    fc.property(anyBalance, (given) => {
      const { ways: taken, consumptionKwh, unexplainedKwh } = split(given);
      const near = (value: number, expected: number) => expect(Math.abs(value - expected)).toBeLessThan(1e-9);
      for (const way of ways) expect(taken[way], way).toBeGreaterThanOrEqual(0);
      near(from(taken, "grid"), given.importKwh);
      near(from(taken, "sun"), given.productionKwh);
      near(from(taken, "battery"), given.dischargeKwh);
      near(from(taken, "unexplained"), unexplainedKwh);
      near(to(taken, "home"), consumptionKwh);
      near(to(taken, "battery"), given.chargeKwh);
      near(to(taken, "grid"), given.exportKwh);
      const { importKwh, exportKwh, productionKwh, chargeKwh, dischargeKwh } = given;
      near(consumptionKwh - unexplainedKwh, importKwh - exportKwh + productionKwh + dischargeKwh - chargeKwh);
    }),
    { numRuns: 5_000 },
  );
});

test("from the grid to the grid goes only what can go nowhere else", () => {
  fc.assert(
    fc.property(anyBalance, (given) => {
      const { ways: taken, consumptionKwh } = split(given);
      if (taken["grid>grid"] > 1e-9)
        expect(taken["grid>grid"]).toBeLessThanOrEqual(given.importKwh - given.chargeKwh - consumptionKwh + 1e-9);
      if (taken["battery>battery"] > 1e-9)
        expect(taken["battery>battery"]).toBeLessThanOrEqual(
          given.dischargeKwh - given.exportKwh - consumptionKwh + 1e-9,
        );
    }),
    { numRuns: 5_000 },
  );
});
