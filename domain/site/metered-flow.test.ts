import { describe, expect, test } from "vitest";
import { bucketMs } from "../rollup/bucket.ts";
import { meteredFlow, usageOfFlow, type MeteredChannel } from "./metered-flow.ts";
import { noQuarters, type Quarters } from "./quarters.ts";

const channel = (id: number, given: Partial<MeteredChannel> = {}): MeteredChannel => ({
  ...{ id, medium: "electricity", role: "grid_import", direction: "import", isPrimary: true },
  ...given,
});
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
    expect(meteredFlow(channels, whole).map(({ id }) => id)).toEqual(ids);
  });

  test("one meter alone, whatever it is", () => {
    const channels = [channel(1), channel(2, { role: "consumer", isPrimary: false })];
    expect(meteredFlow(channels, { medium: "electricity", channelId: 2 })).toMatchObject([
      { id: 2, forward: "imported" },
    ]);
  });

  test("gas is what its meters took", () => {
    const channels = [channel(1), channel(2, { medium: "gas", role: "consumer" })];
    expect(meteredFlow(channels, { medium: "gas", channelId: null })).toMatchObject([{ id: 2 }]);
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
    const of = new Map([
      [1, quarters([1, 2], [900, 900], { estimated: Float64Array.from([0, 0.5]) })],
      [2, quarters([0.25, 0], [900, 450])],
    ]);
    const usage = usageOfFlow(parts, of, { startMs, length: 2, prices: new Map() });
    expect([...usage.imported]).toEqual([1 * billion, 2 * billion]);
    expect([...usage.exported]).toEqual([0.25 * billion, 0]);
    expect([...usage.estimated!]).toEqual([0, 0.5 * billion]);
    expect([...usage.coveredS]).toEqual([900, 450]);
  });

  test("a signed meter gives both ways", () => {
    const [part] = meteredFlow([channel(1, { direction: "both" })], whole);
    const of = new Map([[1, quarters([1], [900], { reverse: Float64Array.from([0.5]) })]]);
    const usage = usageOfFlow([part!], of, { startMs, length: 1, prices: new Map() });
    expect([usage.imported[0], usage.exported[0]]).toEqual([1 * billion, 0.5 * billion]);
  });

  test("a meter that came later does not make the time before it incomplete; where none is known, nothing is", () => {
    const of = new Map([
      [1, quarters([1, 1, 0], [900, 900, 0])],
      [2, quarters([0, 0, 0], [0, 900, 0], { beganMs: startMs + bucketMs })],
    ]);
    const usage = usageOfFlow(parts, of, { startMs, length: 3, prices: new Map() });
    expect([...usage.coveredS]).toEqual([900, 900, 0]);
    const nobody = usageOfFlow(parts, new Map(), { startMs, length: 1, prices: new Map() });
    expect([nobody.coveredS[0], nobody.imported[0], nobody.estimated]).toEqual([0, 0, null]);
  });
});
