import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mappingsOf } from "./mapping.ts";
import { propose, type Sample } from "./proposal.ts";

const at = (values: Record<string, number>, seconds = 0): Sample => ({
  receivedAtMs: 1_770_000_000_000 + seconds * 1000,
  values: new Map(Object.entries(values)),
});
const short = (...samples: Sample[]) =>
  Object.fromEntries(
    propose(samples).map(({ path, metric, unit, kind, certainty }) => [path, `${metric} ${unit} ${kind} ${certainty}`]),
  );

describe("propose", () => {
  it.each<[string, Record<string, number>, Record<string, string>]>([
    [
      "names that say all",
      { power_w: 5, energy_kwh: 7 },
      { power_w: "power W gauge said", energy_kwh: "energy.import kWh counter said" },
    ],
    ["words of the vocabulary", { "energy.import": 5 }, { "energy.import": "energy.import kWh counter guess" }],
    ["kW, because volts x amperes say so", { p: 1.25, u: 230, i: 5.4 }, { p: "power kW gauge fits" }],
    ["W, because volts x amperes say so", { p: 24, u: 230, i: 0.11 }, { p: "power W gauge fits" }],
    [
      "three phases",
      { power: 3.6, voltage_l1: 230, current_l1: 5, voltage_l2: 231, current_l2: 6, voltage_l3: 229, current_l3: 5 },
      { power: "power kW gauge fits" },
    ],
    [
      "symbols with what they are of",
      { P_el: 1830, "hp.E_el": 10_234.5, flow_t: 35.2, T_return: 30, u_l1: 229, x_count: 3 },
      {
        P_el: "power W gauge guess",
        "hp.E_el": "energy.import kWh counter guess",
        flow_t: "temperature degC gauge guess",
        T_return: "temperature.2 degC gauge guess",
        u_l1: "voltage V gauge guess",
        x_count: "x_count  gauge unknown",
      },
    ],
    ["mains by magnitude", { x: 49.98, y: 231.2 }, { x: "frequency Hz gauge guess", y: "voltage V gauge guess" }],
    [
      "mV and mA",
      { voltage: 230_400, current: 5_400, power: 1_244 },
      { voltage: "voltage mV gauge fits", current: "current mA gauge fits", power: "power W gauge fits" },
    ],
    ["a register in Wh by magnitude", { total_energy: 48_211_375 }, { total_energy: "energy.import Wh counter guess" }],
    [
      "exports and sides",
      { grid_export_energy: 5, solar_power_w: 300 },
      { grid_export_energy: "grid.energy.export kWh counter guess", solar_power_w: "pv.power W gauge said" },
    ],
    ["a name that every object has", { constructor: 0 }, { constructor: "constructor  gauge unknown" }],
    ["what nobody knows", { foo: 17 }, { foo: "foo  gauge unknown" }],
    [
      "two of a kind",
      { "a.power_w": 1, "b.power_w": 2 },
      { "a.power_w": "power W gauge said", "b.power_w": "power.2 W gauge said" },
    ],
  ])("%s", (_name, values, expected) => {
    expect(short(at(values))).toMatchObject(expected);
  });

  it("tells Wh from kWh by what a register turns at a known power", () => {
    const run = (step: number) => [0, 60, 120].map((s, i) => at({ energy: 1000 + i * step, power: 1200 }, s));
    expect(short(...run(20)).energy).toBe("energy Wh counter fits");
    expect(short(...run(0.02)).energy).toBe("energy kWh counter fits");
  });

  it("takes what only ever rises for a register", () => {
    expect(short(at({ n: 1 }), at({ n: 1 }, 10), at({ n: 4 }, 20)).n).toBe("n  counter unknown");
  });

  it("of anything can be saved as a map, as it stands", () => {
    const names = fc
      .string({ minLength: 1, maxLength: 30 })
      .filter((name) => !name.includes(":") && name !== "__proto__" && name.trim() === name);
    fc.assert(
      fc.property(
        fc.dictionary(names, fc.double({ noNaN: true, noDefaultInfinity: true }), { maxKeys: 8 }),
        (values) => {
          const proposals = propose([at(values)]);
          expect(proposals.map(({ path }) => path)).toEqual(Object.keys(values));
          expect(new Set(proposals.map(({ metric }) => metric)).size).toBe(proposals.length);
          const map = Object.fromEntries(
            proposals.map(({ path, metric, unit, kind }) => [path, `${metric}:${unit || "-"}:${kind}`]),
          );
          expect(mappingsOf(map)).toHaveLength(proposals.length);
        },
      ),
    );
  });
});
