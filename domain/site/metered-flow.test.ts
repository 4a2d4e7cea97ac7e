import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bucketMs } from "../rollup/bucket.ts";
import { flowsOver } from "./energy-flows.ts";
import { channelMeter, type Meter, type MeterId } from "./meter.ts";
import { leftOut, meteredFlow, usageOfFlow } from "./metered-flow.ts";
import { noQuarters, type Quarters } from "./quarters.ts";

type Change = Partial<Omit<Meter, "id" | "parentId">> & { parentId?: number | null };
const channel = (id: number, { parentId = null, ...change }: Change = {}): Meter => ({
  ...{ id: channelMeter(id), name: "", medium: "electricity", unit: "kWh", role: "grid_import", direction: "import" },
  ...{ isPrimary: true, groupId: null, deviceId: null, parentId: parentId === null ? null : channelMeter(parentId) },
  ...change,
});
const gas = (id: number, change: Change = {}) => channel(id, { medium: "gas", unit: "m3", ...change });
const whole = { medium: "electricity", channelId: null } as const;

describe("what a contract bills", () => {
  test.each([
    {
      name: "the grid meter, not what stands behind it",
      channels: [channel(1), channel(2, { role: "consumer" })],
      ids: [1],
    },
    {
      name: "without a grid meter what the consumers took",
      channels: [channel(1, { role: "consumer" }), channel(2, { role: "production", direction: "production" })],
      ids: [1],
    },
    { name: "nothing that is not primary", channels: [channel(1, { isPrimary: false })], ids: [] },
    { name: "nothing of another medium", channels: [channel(1, { medium: "gas" })], ids: [] },
  ])("$name", ({ channels, ids }) => {
    expect(meteredFlow(channels, whole).map(({ id }) => id)).toEqual(ids.map(channelMeter));
  });

  test("a meter by formula as any other: three phases that are the grid together, and nothing beside them", () => {
    const phases = [1, 2, 3].map((id) => channel(id, { role: "none", isPrimary: false }));
    const sum: Meter = { ...channel(9, { direction: null }), id: "v1" };
    const found = meteredFlow([...phases, channel(4, { role: "consumer" }), sum], whole);
    expect(found).toEqual([{ id: "v1", unit: "kWh", forward: "imported", isSigned: false }]);
  });

  test("one meter alone, whatever it is", () => {
    const channels = [channel(1), channel(2, { role: "consumer", isPrimary: false })];
    expect(meteredFlow(channels, { medium: "electricity", channelId: 2 })).toMatchObject([
      { id: "c2", forward: "imported" },
    ]);
  });

  test.each([
    { name: "its meters took", others: [gas(2, { role: "consumer" })], ids: [2] },
    { name: "its main meter took, not the boiler behind it", others: [gas(2), gas(3, { role: "consumer" })], ids: [2] },
    { name: "a meter took, not beside it the one below", others: [gas(2), gas(3, { parentId: 2 })], ids: [2] },
    {
      name: "consumers took, not beside them what is a part of one",
      others: [gas(2, { role: "consumer" }), gas(3, { role: "consumer", parentId: 2 }), gas(4, { role: "consumer" })],
      ids: [2, 4],
    },
    { name: "counts, not what has no role", others: [gas(2, { role: "none" }), gas(3)], ids: [3] },
  ])("gas is what $name", ({ others, ids }) => {
    const found = meteredFlow([channel(1), ...others], { medium: "gas", channelId: null });
    expect(found.map(({ id }) => id)).toEqual(ids.map(channelMeter));
  });
});

const startMs = Date.UTC(2026, 2, 1);
function quarters(energy: number[], covered: number[], more: Partial<Quarters> = {}): Quarters {
  const { length } = energy;
  return {
    ...noQuarters(length, startMs),
    energy: Float64Array.from(energy),
    covered: Float64Array.from(covered),
    ...more,
  };
}
const billion = 1e9;

describe("usage", () => {
  const parts = meteredFlow([channel(1), channel(2, { role: "grid_export", direction: "export" })], whole);

  test("import and export, covered as far as the least known of them", () => {
    const of = new Map<MeterId, Quarters>([
      ["c1", quarters([1, 2], [900, 900], { estimated: Float64Array.from([0, 0.5]) })],
      ["c2", quarters([0.25, 0], [900, 450])],
    ]);
    const usage = usageOfFlow(parts, of, { startMs, length: 2, prices: new Map() });
    expect([...usage.imported]).toEqual([1 * billion, 2 * billion]);
    expect([...usage.exported]).toEqual([0.25 * billion, 0]);
    expect([...usage.estimated!]).toEqual([0, 0.5 * billion]);
    expect([...usage.coveredS]).toEqual([900, 450]);
  });

  test("a signed meter gives both ways", () => {
    const [part] = meteredFlow([channel(1, { direction: "both" })], whole);
    const of = new Map<MeterId, Quarters>([["c1", quarters([1], [900], { reverse: Float64Array.from([0.5]) })]]);
    const usage = usageOfFlow([part!], of, { startMs, length: 1, prices: new Map() });
    expect([usage.imported[0], usage.exported[0]]).toEqual([1 * billion, 0.5 * billion]);
  });

  test("gas that is counted in kWh comes to a bill in cubic metres, by what these held then", () => {
    const meters = [gas(1), gas(2, { unit: "kWh" })];
    const parts = meteredFlow(meters, { medium: "gas", channelId: null });
    const of = new Map<MeterId, Quarters>([
      ["c1", quarters([1, 1], [900, 900])],
      ["c2", quarters([10, 22], [900, 900], { estimated: Float64Array.from([0, 11]) })],
    ]);
    const run = { startMs, length: 2, prices: new Map() };
    const kwhPerM3 = [{ fromMs: 0, value: "10" }, { fromMs: startMs + bucketMs, value: "11" }]; // prettier-ignore
    const usage = usageOfFlow(parts, of, { ...run, billed: { unit: "m3", kwhPerM3 } });
    expect([...usage.imported]).toEqual([2 * billion, 3 * billion]);
    expect(usage.estimated![1]).toBe(billion);
    expect(leftOut(parts, { unit: "m3", kwhPerM3 })).toEqual([]);
    expect(leftOut(parts, { unit: "m3", kwhPerM3: [] }).map(({ id }) => id)).toEqual(["c2"]);
    // Nobody said what a cubic metre holds: what cannot be converted is not billed as if it were cubic metres.
    expect([...usageOfFlow(parts, of, { ...run, billed: { unit: "m3", kwhPerM3: [] } }).imported]).toEqual([
      1 * billion,
      1 * billion,
    ]);
  });

  test("a meter that came later does not make the time before it incomplete; where none is known, nothing is", () => {
    const of = new Map<MeterId, Quarters>([
      ["c1", quarters([1, 1, 0], [900, 900, 0])],
      ["c2", quarters([0, 0, 0], [0, 900, 0], { beganMs: startMs + bucketMs })],
    ]);
    const usage = usageOfFlow(parts, of, { startMs, length: 3, prices: new Map() });
    expect([...usage.coveredS]).toEqual([900, 900, 0]);
    const nobody = usageOfFlow(parts, new Map(), { startMs, length: 1, prices: new Map() });
    expect([nobody.coveredS[0], nobody.imported[0], nobody.estimated]).toEqual([0, 0, null]);
  });
});

const roles = ["grid_import", "grid_export", "production", "battery_charge", "consumer", "consumer", "none"] as const;
const anyChannel = (id: number) =>
  fc.record({
    role: fc.constantFrom(...roles),
    direction: fc.constantFrom(null, "both" as const),
    isPrimary: fc.constantFrom(true, true, true, false),
    parentId: id > 1 ? fc.option(fc.integer({ min: 1, max: id - 1 })) : fc.constant(null),
    energy: fc.integer({ min: 0, max: 900 }),
    reverse: fc.integer({ min: 0, max: 900 }),
  });

test("any site, any tree: a bill is for what the flows say came from the grid and went there, or for what was used", () => {
  fc.assert(
    fc.property(
      fc.tuple(...[1, 2, 3, 4, 5, 6].map(anyChannel)),
      fc.constantFrom("electricity" as const, "gas" as const),
      (given, medium) => {
        const unit = medium === "gas" ? "m3" : "kWh";
        const meters = given.map(({ energy: _, reverse: __, ...one }, i) => channel(i + 1, { ...one, medium, unit }));
        const of = new Map(
          given.map(({ energy, reverse }, i) => {
            const reversed = Float64Array.from([reverse / 1000]);
            return [channelMeter(i + 1), quarters([energy / 1000], [900], { reverse: reversed })] as const;
          }),
        );
        const billed = { unit, kwhPerM3: [] } as const;
        const run = { startMs, length: 1, prices: new Map(), billed };
        const usage = usageOfFlow(meteredFlow(meters, { medium, channelId: null }), of, run);
        const flows = {
          ...{ meters, stretch: { startMs, count: 1 }, steps: [{ startMs, endMs: startMs + bucketMs }] },
          quarters: of,
        };
        const [flow] = flowsOver({ ...flows, meters: meters.map((one) => ({ ...one, medium: "electricity", unit: "kWh" })) }); // prettier-ignore
        const [taken, fed] = [usage.imported[0]! / billion, usage.exported[0]! / billion];
        if (flow!.hasGrid)
          expect([taken, fed]).toEqual([expect.closeTo(flow!.importKwh, 8), expect.closeTo(flow!.exportKwh, 8)]); // prettier-ignore
        else expect(taken).toBeCloseTo(flow!.consumption, 8);
      },
    ),
    { numRuns: 500 },
  );
});
