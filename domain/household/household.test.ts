import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cellMs, flows } from "./day-trace.ts";
import { createHousehold, settingsFor } from "./household.ts";

const hour = 3_600_000;
const sinceMs = Date.UTC(2025, 0, 1);
const household = (seed = 7, more = {}) => createHousehold(settingsFor({ seed, sinceMs, ...more }));
const instant = fc.integer({ min: sinceMs, max: sinceMs + 40 * 24 * hour });

describe("a household as a function of time", () => {
  it("gives the same values in any order of asking", () => {
    const instants = [31, 2, 17.3, 2.0001, 30, 0, 9.99].map((days) => sinceMs + Math.round(days * 24 * hour));
    const forwards = household();
    const ascending = [...instants].sort((a, b) => a - b).map((ms) => [ms, forwards.register("import", ms)] as const);
    const known = new Map(ascending);
    const jumping = household();
    for (const ms of instants) expect(jumping.register("import", ms)).toBe(known.get(ms));
  });

  it("differs by seed", () => {
    const at = sinceMs + 20 * 24 * hour;
    const energies = [1, 2, 3].map((seed) => household(seed).energy("load", sinceMs, at));
    expect(new Set(energies).size).toBe(3);
  });

  it("has registers that are the integral of its powers, at any sampling", () => {
    const house = household();
    const from = Date.UTC(2025, 5, 20);
    for (const flow of flows) {
      let wattMs = 0;
      for (let ms = from; ms < from + 24 * hour; ms += cellMs) wattMs += house.power(flow, ms) * cellMs;
      expect(house.energy(flow, from, from + 24 * hour)).toBe(wattMs / 3.6e9);
    }
  });

  it("adds up: import - export + pv = load, over any period", () => {
    const house = household();
    fc.assert(
      fc.property(instant, instant, (a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const { load, pv, ...grid } = Object.fromEntries(flows.map((f) => [f, house.energy(f, from, to)])) as Record<
          (typeof flows)[number],
          number
        >;
        expect(grid.import - grid.export + pv).toBeCloseTo(load, 9);
        expect(grid.heatPump + grid.washingMachine + grid.car).toBeLessThanOrEqual(load + 1e-9);
      }),
      { numRuns: 200 },
    );
  });

  it("never turns a register back", () => {
    const house = household();
    fc.assert(
      fc.property(instant, fc.integer({ min: 0, max: 100 * hour }), fc.constantFrom(...flows), (at, more, flow) => {
        expect(house.register(flow, at + more)).toBeGreaterThanOrEqual(house.register(flow, at));
      }),
      { numRuns: 200 },
    );
  });

  it("never imports and exports in the same moment", () => {
    const house = household();
    fc.assert(
      fc.property(instant, (at) => {
        expect(Math.min(house.power("import", at), house.power("export", at))).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

describe("a year of it", () => {
  const [from, to] = [Date.UTC(2025, 0, 1), Date.UTC(2026, 0, 1)];

  it.each([1, 7, 42])("is plausible (seed %i)", (seed) => {
    const house = household(seed);
    const kwh = Object.fromEntries(flows.map((flow) => [flow, house.energy(flow, from, to)]));
    expect(kwh.load).toBeGreaterThan(4_000);
    expect(kwh.load).toBeLessThan(9_000);
    expect(kwh.pv! / house.settings.roof.kwp).toBeGreaterThan(870);
    expect(kwh.pv! / house.settings.roof.kwp).toBeLessThan(1_080);
    expect(kwh.heatPump).toBeGreaterThan(1_800);
    expect(kwh.heatPump).toBeLessThan(3_800);
    expect(kwh.washingMachine).toBeGreaterThan(80);
    expect(kwh.car).toBeGreaterThan(1_200);
    // Without storage a house like this uses a quarter of its own sun.
    expect(1 - kwh.export! / kwh.pv!).toBeGreaterThan(0.15);
    expect(1 - kwh.export! / kwh.pv!).toBeLessThan(0.45);
  });

  it("has sun by day and in summer only where there is some", () => {
    const house = household();
    expect(house.power("pv", Date.UTC(2025, 5, 21, 0))).toBe(0);
    expect(house.power("pv", Date.UTC(2025, 11, 21, 16))).toBe(0);
    const june = house.energy("pv", Date.UTC(2025, 5, 1), Date.UTC(2025, 6, 1));
    expect(june).toBeGreaterThan(2.5 * house.energy("pv", Date.UTC(2025, 11, 1), Date.UTC(2025, 11, 31)));
  });

  it("heats in winter", () => {
    const house = household();
    const january = house.energy("heatPump", from, Date.UTC(2025, 1, 1));
    expect(january).toBeGreaterThan(3 * house.energy("heatPump", Date.UTC(2025, 6, 1), Date.UTC(2025, 7, 1)));
  });
});

describe("days on which the clock changes", () => {
  const house = household(7);

  it.each([
    ["23 hours", Date.UTC(2025, 2, 29, 23), 23],
    ["25 hours", Date.UTC(2025, 9, 25, 22), 25],
  ])("a day of %s has no hole and no doubled hour", (_name, from, hours) => {
    const to = from + (hours as number) * hour;
    let sum = 0;
    for (let ms = from as number; ms < to; ms += hour) {
      const kwh = house.energy("load", ms, ms + hour);
      expect(kwh).toBeGreaterThan(0.05);
      sum += kwh;
    }
    expect(sum).toBeCloseTo(house.energy("load", from as number, to), 9);
  });

  it("habits follow the wall clock: mornings begin an hour earlier in UTC once summer time has come", () => {
    // The first busy quarter of workdays, with and without summer time.
    const wakeUtc = (dayMs: number) => {
      for (let ms = dayMs + 2.5 * hour; ms < dayMs + 10 * hour; ms += cellMs) {
        const known = house.power("heatPump", ms) + house.power("car", ms) + house.power("washingMachine", ms);
        if (house.power("load", ms) - known > 1_500) return (ms - dayMs) / hour;
      }
      return NaN;
    };
    const mean = (days: number[]) => days.map(wakeUtc).reduce((a, b) => a + b) / days.length;
    const winter = mean([17, 18, 19, 20, 24, 25, 26, 27].map((d) => Date.UTC(2025, 2, d)));
    const summer = mean([31, 32, 33, 34, 38, 39, 40, 41].map((d) => Date.UTC(2025, 2, d)));
    expect(winter - summer).toBeGreaterThan(0.6);
    expect(winter - summer).toBeLessThan(1.4);
  });
});
