import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Role } from "../channel.ts";
import { bucketMs } from "../rollup/bucket.ts";
import { flowsOver, mediumOver, sumFlows } from "./energy-flows.ts";
import { readFormula } from "./formula.ts";
import { emptyWays } from "./laid-energy.ts";
import { circleAbove, placeMeters } from "./meter-tree.ts";
import type { Meter, MeterId } from "./meter.ts";
import { noQuarters, type Quarters } from "./quarters.ts";
import { sinks, sources } from "./split.ts";
import { circleOf, workOut } from "./virtual-meters.ts";

const meter = (id: MeterId, role: Role, change: Partial<Meter> = {}): Meter => ({
  ...{ id, role, name: id, medium: "electricity", unit: "kWh", direction: null, isPrimary: true },
  ...{ parentId: null, groupId: null, deviceId: null, ...change },
});

function quarters(energy: number[], change: Partial<Record<keyof Quarters, number[]>> = {}): Quarters {
  const made = noQuarters(energy.length, 0);
  made.energy.set(energy);
  made.covered.fill(900);
  for (const [name, values] of Object.entries(change)) (made[name as "energy"] as Float64Array).set(values);
  return made;
}

function over(meters: Meter[], series: Partial<Record<MeterId, Quarters>>, stepLengths?: number[]) {
  const known = new Map(Object.entries(series) as [MeterId, Quarters][]);
  const count = [...known.values()][0]!.energy.length;
  let startMs = 0;
  const steps = (stepLengths ?? [count]).map((length) => {
    const step = { startMs, endMs: startMs + length * bucketMs };
    startMs = step.endMs;
    return step;
  });
  return { meters, quarters: known, stretch: { startMs: 0, count }, steps };
}

describe("flows are worked out by the bucket, then summed", () => {
  test("what was sold at noon does not hide what was bought at night", () => {
    const meters = [meter("c1", "grid_import", { direction: "both" }), meter("c2", "production")];
    const [day] = flowsOver(over(meters, { c1: quarters([2, 0], { reverse: [0, 3] }), c2: quarters([0, 4]) }));
    expect(day).toMatchObject({ importKwh: 2, exportKwh: 3, productionKwh: 4, consumption: 3 });
    expect(day!.ways).toMatchObject({ "grid>home": 2, "sun>home": 1, "sun>grid": 3 });
    expect(day!.selfConsumption).toBeCloseTo(0.25, 12);
    expect(day!.selfSufficiency).toBeCloseTo(1 / 3, 12);
  });

  test("without a grid meter, the grid gives and takes what is left", () => {
    const [day] = flowsOver(
      over([meter("c1", "consumer"), meter("c2", "production")], { c1: quarters([2, 1]), c2: quarters([0.5, 3]) }),
    );
    expect(day).toMatchObject({ consumption: 3, importKwh: 1.5, exportKwh: 2, selfSufficiency: null });
  });

  test("a part never counts beside its whole, at any depth, whatever its role", () => {
    const meters = [
      meter("c1", "consumer"),
      meter("c2", "consumer", { parentId: "c9" }),
      meter("c9", "none", { parentId: "c1" }),
      meter("c3", "production"),
      meter("c4", "production", { parentId: "c3" }),
    ];
    const [day] = flowsOver(
      over(meters, { c1: quarters([5]), c2: quarters([2]), c3: quarters([3]), c4: quarters([3]) }),
    );
    expect(day).toMatchObject({ consumption: 5, productionKwh: 3, untracked: 0 });
    expect(day!.meters.get("c1")).toMatchObject({ amount: 5, rest: 3, excess: 0 });
  });

  test("untracked is the meter minus its parts; where they exceed it, 0 and by how much", () => {
    const meters = [meter("c1", "grid_import"), meter("c2", "consumer"), meter("c3", "consumer", { parentId: "c2" })];
    const [day] = flowsOver(over(meters, { c1: quarters([5, 5]), c2: quarters([4, 8]), c3: quarters([1, 10]) }));
    expect(day).toMatchObject({ consumption: 10, untracked: 1, excess: 3 });
    expect(day!.meters.get("c2")).toMatchObject({ amount: 12, attributed: 9, rest: 3, excess: 2 });
    expect(day!.meters.get("c3")).toMatchObject({ amount: 11, attributed: 6, rest: 6 });
  });

  test("how much is known: the least known meter, from its first reading on", () => {
    const meters = [meter("c1", "grid_import"), meter("c2", "production")];
    const late = { ...quarters([0, 0, 1, 1], { covered: [0, 0, 900, 450] }), beganMs: 2 * bucketMs };
    const [first, second] = flowsOver(over(meters, { c1: quarters([1, 1, 1, 1]), c2: late }, [2, 2]));
    expect([first!.completeness, second!.completeness]).toEqual([1, 0.75]);
  });

  test("gas: the main meter is the consumption, other media and units stay out", () => {
    const meters = [
      meter("c1", "grid_import", { medium: "gas", unit: "m3" }),
      meter("c2", "consumer", { medium: "gas", unit: "m3" }),
      meter("c3", "consumer", { medium: "gas", unit: "kWh" }),
      meter("c4", "grid_import"),
    ];
    const given = over(meters, {
      c1: quarters([3], { estimated: [1] }),
      c2: quarters([2]),
      c3: quarters([50]),
      c4: quarters([7]),
    });
    expect(mediumOver(given, "gas", "m3")[0]).toMatchObject({ consumption: 3, untracked: 1, estimated: 1 });
    expect(mediumOver(given, "gas", "kWh")[0]).toMatchObject({ consumption: 50, untracked: 0 });
  });
});

const ids = Array.from({ length: 8 }, (_, i): MeterId => `c${i + 1}`);
const roles: Role[] = ["grid_import", "grid_export", "production", "battery_charge", "battery_discharge", "consumer"];
const anySite = fc.record({
  meters: fc.tuple(
    ...ids.map((id) =>
      fc
        .record({
          role: fc.oneof(
            { weight: 2, arbitrary: fc.constantFrom(...roles) },
            { weight: 3, arbitrary: fc.constant<Role>("consumer") },
          ),
          parentId: fc.option(fc.constantFrom(...ids)),
          direction: fc.constantFrom(null, "both" as const),
          isPrimary: fc.boolean().map((no) => !no || id !== "c3"),
        })
        .map((change) => meter(id, change.role, change)),
    ),
  ),
  energies: fc.array(fc.array(fc.double({ min: 0, max: 9, noNaN: true }), { minLength: 12, maxLength: 12 }), {
    minLength: 16,
    maxLength: 16,
  }),
});

test("any site, any tree (circles too): nothing negative, both sides equal, and parts add up to their wholes", () => {
  fc.assert(
    fc.property(anySite, fc.integer({ min: 1, max: 11 }), ({ meters, energies }, cut) => {
      const series = Object.fromEntries(
        ids.map((id, i) => [id, quarters(energies[i]!, { reverse: energies[i + 8]! })]),
      );
      const near = (value: number, expected: number) => expect(Math.abs(value - expected)).toBeLessThan(1e-8);
      const taken = emptyWays(0, 12);
      const whole = flowsOver(over(meters, series), taken)[0]!;
      for (let at = 0; at < 12; at++) {
        const used = [...taken.users.values()].reduce((sum, column) => sum + column[at]!, 0);
        near(used, sources.reduce((sum, source) => sum + taken.columns[`${source}>home`][at]!, 0)); // prettier-ignore
      }
      const halves = flowsOver(over(meters, series, [cut, 12 - cut]));
      for (const step of [whole, ...halves]) {
        const flowing = sources.flatMap((source) => sinks.map((sink) => step.ways[`${source}>${sink}`]));
        expect(Math.min(...flowing, step.untracked, step.excess, step.consumption)).toBeGreaterThanOrEqual(0);
        const inwards = step.importKwh + step.productionKwh + step.dischargeKwh + step.unexplainedKwh;
        near(inwards, step.consumption + step.chargeKwh + step.exportKwh);
        near(
          flowing.reduce((sum, kwh) => sum + kwh, 0),
          inwards,
        );
        const consumers = placeMeters(meters).filter(({ meter: { role } }) => role === "consumer");
        const rest = consumers.reduce((sum, { meter: { id } }) => sum + step.meters.get(id)!.rest, 0);
        near(rest + step.untracked, step.consumption);
        for (const {
          meter: { id },
        } of consumers) {
          const { amount, attributed, rest: own } = step.meters.get(id)!;
          expect(attributed).toBeLessThanOrEqual(amount + 1e-9);
          expect(own).toBeLessThanOrEqual(attributed + 1e-9);
        }
      }
      const again = sumFlows(halves)!;
      near(again.consumption, whole.consumption);
      near(again.completeness, whole.completeness);
      near(again.selfSufficiency ?? -1, whole.selfSufficiency ?? -1);
      for (const id of whole.meters.keys()) near(again.meters.get(id)!.rest, whole.meters.get(id)!.rest);
      for (const name of ["consumption", "untracked", "importKwh", "unexplainedKwh"] as const)
        near(halves[0]![name] + halves[1]![name], whole[name]);
    }),
    { numRuns: 1_000 },
  );
});

describe("the tree of meters", () => {
  const meters = [
    meter("c1", "consumer"),
    meter("c2", "consumer", { parentId: "c1" }),
    meter("v1", "consumer", { parentId: "c2" }),
  ];

  test("a parent that lies below the meter itself would close a circle", () => {
    expect(circleAbove(meters, "c1", "v1")).toEqual(["c1", "v1", "c2", "c1"]);
    expect(circleAbove(meters, "c1", "c1")).toEqual(["c1", "c1"]);
    expect(circleAbove(meters, "v1", "c1")).toBeNull();
  });

  test("a circle that is there already neither hangs nor counts twice", () => {
    const round = [meter("c1", "consumer", { parentId: "c2" }), meter("c2", "consumer", { parentId: "c1" })];
    expect(circleAbove(round, "c3", "c1")).toBeNull();
    expect(placeMeters(round)).toEqual([]);
  });
});

describe("virtual meters", () => {
  const virtual = (id: MeterId, text: string) => {
    const read = readFormula(text);
    if (!read.ok) throw new Error(read.fault.message);
    return { id, formula: read.formula, inputs: read.meters };
  };

  test("by the bucket: never below zero, as well known as the least known, as estimated as the most", () => {
    const measured = new Map<MeterId, Quarters>([
      ["c1", quarters([5, 1, 4], { covered: [900, 900, 300], estimated: [0, 0, 1] })],
      ["c2", quarters([2, 3, 1], { covered: [900, 600, 900], estimated: [1, 0, 0] })],
    ]);
    const made = workOut([virtual("v2", "v1 * 2"), virtual("v1", "c1 - c2")], measured, 3);
    expect([...made.get("v1")!.energy]).toEqual([3, 0, 3]);
    expect([...made.get("v2")!.energy]).toEqual([6, 0, 6]);
    expect([...made.get("v2")!.covered]).toEqual([900, 600, 300]);
    expect([...made.get("v1")!.estimated]).toEqual([1.5, 0, 0.75]);
  });

  test("a signed meter goes in as forward minus reverse; what divides by zero, or is not there, is not known", () => {
    const measured = new Map<MeterId, Quarters>([["c1", quarters([1, 0], { reverse: [0, 2] })]]);
    const made = workOut([virtual("v1", "-c1"), virtual("v2", "1 / c1"), virtual("v3", "c1 + c7")], measured, 2);
    expect([...made.get("v1")!.energy]).toEqual([0, 2]);
    expect([...workOut([virtual("v4", "1 / max(c1, 0)")], measured, 2).get("v4")!.covered]).toEqual([900, 0]);
    expect([...made.get("v3")!.covered]).toEqual([0, 0]);
    expect(made.get("v3")!.beganMs).toBeNull();
  });

  test("a circle is found, and one that is there already is not known", () => {
    const inputs: Record<string, MeterId[]> = { v1: ["c1", "v2"], v2: ["v3"], v3: ["v1"], v4: ["v1"] };
    expect(circleOf("v1", (id) => inputs[id])).toEqual(["v1", "v2", "v3", "v1"]);
    expect(circleOf("v4", (id) => inputs[id])).toBeNull();
    const made = workOut([virtual("v1", "v2"), virtual("v2", "v1 + c1")], new Map([["c1", quarters([1])]]), 1);
    expect(made.get("v1")!.covered[0]).toBe(0);
  });
});
