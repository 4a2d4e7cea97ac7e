import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Role } from "../../domain/channel.ts";
import type { Bucket } from "../../domain/rollup/bucket.ts";
import type { FlowChannel } from "../../domain/site/flows.ts";
import { channelMeter, type Meter } from "../../domain/site/meter.ts";
import { noQuarters } from "../../domain/site/quarters.ts";
import { flowsOver } from "../../domain/site/energy-flows.ts";
import {
  abilitiesOf,
  completeTo,
  figuresOf,
  figuresOfFlows,
  figureUpTo,
  powersOf,
  selfSufficiency,
  upTo,
} from "./figures.ts";

const quarter = 900_000;
const channel = (id: number, role: Role, more: Partial<FlowChannel> = {}): FlowChannel => ({
  id,
  medium: "electricity",
  role,
  direction: null,
  isPrimary: true,
  ...more,
});
const bucket = (at: number, energyKwh: number, more: Partial<Bucket> = {}): Bucket => ({
  startMs: at * quarter,
  energyKwh,
  reverseKwh: 0,
  estimatedKwh: 0,
  estimatedReverseKwh: 0,
  coveredS: 900,
  mean: null,
  min: null,
  max: null,
  count: 15,
  last: null,
  ...more,
});
const house = [
  channel(1, "grid_import"),
  channel(2, "grid_export"),
  channel(3, "production"),
  channel(4, "battery_discharge"),
  channel(5, "consumer"),
];
const flows = (importKwh: number, exportKwh: number, productionKwh: number, dischargeKwh: number) =>
  new Map([importKwh, exportKwh, productionKwh, dischargeKwh, 99].map((kwh, i) => [i + 1, [bucket(0, kwh)]]));
const step = [{ startMs: 0, endMs: quarter }];

describe("where the consumption came from", () => {
  test.each([
    // import, export, production, discharge -> consumption, grid, battery, sun
    [
      [2, 1, 4, 0],
      [5, 2, 0, 3],
    ],
    [
      [1, 0, 0, 0.5],
      [1.5, 1, 0.5, 0],
    ],
    [
      [0, 3, 4, 0],
      [1, 0, 0, 1],
    ],
    [
      [0, 0, 1, 0],
      [1, 0, 0, 1],
    ],
  ])("import, export, production, discharge %j: used, grid, battery, sun %j", (given, expected) => {
    const [figure] = figuresOf(house, flows(...(given as [number, number, number, number])), step, []);
    const { consumptionKwh, fromGridKwh, fromBatteryKwh, fromSunKwh } = figure!;
    expect([consumptionKwh, fromGridKwh, fromBatteryKwh, fromSunKwh]).toEqual(expected);
  });

  test("for any flows the sources are never negative and add up to the consumption", () => {
    const kwh = fc.double({ min: 0, max: 50, noNaN: true });
    fc.assert(
      fc.property(kwh, kwh, kwh, kwh, (...given) => {
        const { consumptionKwh, fromGridKwh, fromBatteryKwh, fromSunKwh } = figuresOf(
          house,
          flows(...given),
          step,
          [],
        )[0]!;
        expect(Math.min(fromGridKwh, fromBatteryKwh, fromSunKwh)).toBeGreaterThanOrEqual(0);
        expect(fromGridKwh + fromBatteryKwh + fromSunKwh).toBeCloseTo(consumptionKwh, 9);
      }),
    );
  });

  test("self-sufficiency is what the grid did not give; nobody without a roof has one", () => {
    const [figure] = figuresOf(house, flows(2, 1, 4, 0), step, [null]);
    expect(selfSufficiency(figure!, abilitiesOf(house))).toBeCloseTo(0.6, 12);
    expect(figure!.cost).toBeNull();
    const meter = [channel(1, "grid_import")];
    expect(
      selfSufficiency(figuresOf(meter, new Map([[1, [bucket(0, 2)]]]), step, [])[0]!, abilitiesOf(meter)),
    ).toBeNull();
  });
});

test("an hour's figure is the sum of its quarter-hours', worked out as flows or one by one", () => {
  const kwh = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 5, noNaN: true }));
  const column = fc.array(kwh, { minLength: 4, maxLength: 4 });
  const meters: Meter[] = house.map(({ id, role }) => ({
    ...{ id: channelMeter(id), name: "", medium: "electricity", role, direction: null, isPrimary: true },
    ...{ groupId: null, deviceId: "", unit: "kWh", parentId: null },
  }));
  const hour = { startMs: 0, endMs: 4 * quarter };
  fc.assert(
    fc.property(fc.array(column, { minLength: 5, maxLength: 5 }), (given) => {
      const quarters = new Map(
        given.map((energy, i) => [
          channelMeter(i + 1),
          { ...noQuarters(4, 0), energy: Float64Array.from(energy), covered: new Float64Array(4).fill(900) },
        ]),
      );
      const flows = flowsOver({ meters, quarters, stretch: { startMs: 0, count: 4 }, steps: [hour] });
      const [asFlows] = figuresOfFlows(flows, []);
      const buckets = new Map(given.map((energy, i) => [i + 1, energy.map((kwh, at) => bucket(at, kwh))]));
      const oneByOne = figureUpTo(house, buckets, hour)!;
      for (const name of [
        "consumptionKwh",
        "fromGridKwh",
        "fromBatteryKwh",
        "fromSunKwh",
        "importKwh",
        "exportKwh",
      ] as const)
        expect(asFlows![name], name).toBeCloseTo(oneByOne[name], 9);
      expect(asFlows!.completeness).toBe(1);
    }),
  );
});

test("a time in the middle of a bucket cuts it in proportion", () => {
  const cut = upTo(new Map([[1, [bucket(0, 0.3), bucket(1, 0.3), bucket(2, 0.3)]]]), 1.5 * quarter);
  expect(cut.get(1)!.map((b) => [b.energyKwh, b.coveredS])).toEqual([
    [0.3, 900],
    [0.15, 450],
  ]);
});

describe("mean powers by quarter-hours", () => {
  const meter = [channel(1, "grid_import")];
  const span = { startMs: 0, endMs: 4 * quarter };

  test("a partly known quarter-hour counts by its known part; less than half of it is unknown", () => {
    const own = new Map([[1, [bucket(0, 0.25), bucket(1, 0.2, { coveredS: 720 }), bucket(2, 0.1, { coveredS: 300 })]]]);
    const points = powersOf(meter, own, span, 4 * quarter);
    expect(points.map((p) => p.useW)).toEqual([1_000, 1_000, null, null]);
    expect(points.map((p) => p.timeMs / quarter)).toEqual([0.5, 1.5, 2.5, 3.5]);
  });

  test("the running one counts as far as it went, those to come are not there", () => {
    const own = new Map([[1, [bucket(0, 0.25), bucket(1, 0.05, { coveredS: 180 })]]]);
    const points = powersOf(meter, own, span, 1.25 * quarter);
    expect(points.map((p) => [p.timeMs / quarter, p.useW])).toEqual([
      [0.5, 1_000],
      [1.125, 1_000],
    ]);
  });
});

test("complete to: the end of what every channel that is heard has", () => {
  const buckets = new Map([
    [1, [bucket(0, 1), bucket(1, 1, { coveredS: 600 })]],
    [2, [bucket(0, 1), bucket(1, 1), bucket(2, 0, { coveredS: 0 })]],
    [3, []],
  ]);
  expect(completeTo(buckets, 10 * quarter)).toBe(quarter + 600_000);
  expect(completeTo(new Map([[3, []]]), 0)).toBeNull();
});
