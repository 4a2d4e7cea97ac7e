import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseContract } from "../tariff/contract.ts";
import { usageOf } from "../tariff/usage.ts";
import { runBattery, type Battery } from "./battery.ts";
import { simulate } from "./simulate.ts";
import { solarProduction } from "./solar.ts";

const quarterMs = 900_000;
const startMs = Date.parse("2026-06-01T00:00Z");
const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);
const battery: Battery = {
  capacityKwh: 10,
  chargeKw: 4,
  dischargeKw: 4,
  roundTripEfficiency: 0.81,
  minimumCharge: 0,
  strategy: "self-consumption",
};

const flat = parseContract({
  name: "x",
  currency: "EUR",
  components: [
    {
      type: "energy",
      price: {
        kind: "time-of-use",
        rates: [
          { name: "Night", price: "0.1", when: [{ hours: ["00:00-06:00"] }] },
          { name: "Day", price: "0.4" },
        ],
      },
    },
  ],
});
if (!flat.ok) throw new Error(flat.error);
const versions = flat.value;

describe("a battery", () => {
  test("10 kWh left over at 90 % each way give 8.1 back", () => {
    const net = Float64Array.from([...Array(10).fill(-1), ...Array(20).fill(1)]);
    const run = runBattery(battery, { net, dayOf: new Int32Array(30) });
    expect(sum(run.chargedKwh)).toBeCloseTo(10, 9);
    expect(sum(run.dischargedKwh)).toBeCloseTo(8.1, 9);
    expect(run.dischargedKwh[10]).toBe(1);
  });

  test("led by price it buys in cheap hours and gives in dear ones", () => {
    const prices = Float64Array.from([...Array(24).fill(0.1), ...Array(72).fill(0.4)]);
    const run = runBattery(
      { ...battery, strategy: "price-led" },
      { net: new Float64Array(96).fill(0.25), dayOf: new Int32Array(96), prices },
    );
    expect(sum(run.chargedKwh.subarray(0, 24))).toBeCloseTo(10 / 0.9, 9);
    expect(sum(run.dischargedKwh.subarray(24))).toBeCloseTo(9, 9);
  });

  test("on a day of one price it only follows the house", () => {
    const run = runBattery(
      { ...battery, strategy: "price-led" },
      { net: new Float64Array(96).fill(0.25), dayOf: new Int32Array(96), prices: new Float64Array(96).fill(0.3) },
    );
    expect(sum(run.chargedKwh)).toBe(0);
  });

  test("whatever the house does, energy is conserved and the limits hold", () => {
    const nets = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 300 });
    const prices = fc.infiniteStream(fc.double({ min: -0.2, max: 1, noNaN: true }));
    const settings = fc.record({
      capacityKwh: fc.double({ min: 0, max: 20, noNaN: true }),
      chargeKw: fc.double({ min: 0, max: 10, noNaN: true }),
      dischargeKw: fc.double({ min: 0, max: 10, noNaN: true }),
      roundTripEfficiency: fc.double({ min: 0.3, max: 1, noNaN: true }),
      minimumCharge: fc.double({ min: 0, max: 1, noNaN: true }),
      strategy: fc.constantFrom("self-consumption" as const, "price-led" as const),
    });
    fc.assert(
      fc.property(nets, prices, settings, (house, stream, given) => {
        const net = Float64Array.from(house);
        const dayOf = Int32Array.from(house, (_, i) => Math.floor(i / 96));
        const run = runBattery(given, { net, dayOf, prices: Float64Array.from(house, () => stream.next().value!) });
        const oneWay = Math.sqrt(given.roundTripEfficiency);
        let stored = run.storedAtStartKwh;
        for (let i = 0; i < net.length; i++) {
          const [into, out] = [run.chargedKwh[i]!, run.dischargedKwh[i]!];
          expect(
            into >= 0 && into <= given.chargeKw / 4 && out >= 0 && out <= given.dischargeKw / 4 && into * out === 0,
          ).toBe(true);
          expect(out <= Math.max(0, net[i]!)).toBe(true);
          stored += into * oneWay - out / oneWay;
          expect(stored).toBeGreaterThan(given.capacityKwh * given.minimumCharge - 1e-9);
          expect(stored).toBeLessThan(given.capacityKwh + 1e-9);
        }
        expect(stored).toBeCloseTo(run.storedAtEndKwh, 6);
      }),
    );
  });
});

test.each([
  ["Berlin", { latitude: 52.5, longitude: 13.4 }, 800, 1200],
  ["Sydney", { latitude: -33.9, longitude: 151.2 }, 1000, 1900],
])("5 kWp in %s give a plausible year, and nothing at night", (_where, place, least, most) => {
  const kwh = solarProduction({ kwp: 5, ...place }, startMs, 35_040);
  expect(sum(kwh) / 5).toBeGreaterThan(least);
  expect(sum(kwh) / 5).toBeLessThan(most);
  expect([...kwh].filter((q) => q === 0).length).toBeGreaterThan(35_040 * 0.4);
});

test("a known yield scales the year", () => {
  const kwh = solarProduction({ kwp: 4, latitude: 52.5, longitude: 13.4, yieldKwhPerKwp: 900 }, startMs, 35_064);
  expect(sum(kwh)).toBeCloseTo(3600, 3);
});

const week = usageOf(Array.from({ length: 96 * 7 }, (_, i) => ({ startMs: startMs + i * quarterMs, importKwh: 0.2 })));

test("without a scenario nothing changes", () => {
  expect(simulate(week, {}, { timezone: "UTC" })).toMatchObject({ usage: week, assumptions: [], productionKwh: 0 });
});

test("solar and a battery: import, export and losses balance", () => {
  const made = simulate(
    week,
    { solar: { kwp: 5, latitude: 52.5, longitude: 13.4 }, battery },
    { timezone: "Europe/Berlin", versions },
  );
  const [imported, exported] = [sum(made.usage.imported) / 1e9, sum(made.usage.exported) / 1e9];
  const before = 0.2 * 96 * 7;
  expect(imported - exported).toBeCloseTo(before - made.productionKwh + made.chargedKwh - made.dischargedKwh, 4);
  expect(imported).toBeLessThan(before / 2);
  expect(made.selfConsumedKwh).toBeCloseTo(made.productionKwh - exported, 4);
  expect(made.assumptions.length).toBeGreaterThan(3);
});

test.each([{ to: [44, 60] as [number, number] }, { to: { cheapest: 16 } }])(
  "a load shifted to %j stays in its day",
  ({ to }) => {
    const made = simulate(week, { shift: { kwhPerDay: 2, from: [68, 84], to } }, { timezone: "UTC", versions });
    expect(made.movedKwh).toBeCloseTo(14, 9);
    for (let day = 0; day < 7; day++) {
      const of = made.usage.imported.subarray(day * 96, day * 96 + 96);
      expect(sum(of) / 1e9).toBeCloseTo(0.2 * 96, 6);
      expect(of[70]! / 1e9).toBeCloseTo(0.2 - 2 / 16, 6);
      expect(of[Array.isArray(to) ? 50 : 3]! / 1e9).toBeCloseTo(0.2 + 2 / 16, 6);
    }
  },
);

test("what the figures rest on is said in round numbers", () => {
  const odd = { ...battery, roundTripEfficiency: 0.57, minimumCharge: 0.07 };
  const { assumptions } = simulate(week, { battery: odd }, { timezone: "UTC" });
  expect(assumptions[1]).toContain("57 % round trip, never below 7 %");
});

test("a size that is no size is refused by name", () => {
  expect(() => simulate(week, { battery: { ...battery, capacityKwh: -1 } }, { timezone: "UTC" })).toThrow(
    "capacityKwh is -1: 0 to 1000000 is expected.",
  );
});
