import { describe, expect, test } from "vitest";
import type { Direction, Role } from "../channel.ts";
import { compose, type Composed } from "../rollup/compose.ts";
import { flowChannels, siteFlows, type FlowChannel } from "./flows.ts";
import { powerNow, staleAfterMs, type PowerReading } from "./power-now.ts";

const bucketMs = 900_000;

interface Part {
  role: Role;
  direction?: Direction;
  kwh?: number;
  reverse?: number;
  estimated?: number;
  coveredS?: number;
}

/** A site of one bucket: each part a primary channel. */
function site(parts: readonly Part[]) {
  const channels = parts.map(({ role, direction }, id): FlowChannel => ({
    id,
    medium: "electricity",
    role,
    direction: direction ?? null,
    isPrimary: true,
  }));
  const composed = new Map(parts.map((part, id) => [id, one(part)]));
  return { channels, flows: siteFlows(channels, composed)[0]! };
}

function one({ kwh = 0, reverse = 0, estimated = 0, coveredS = 900 }: Part): Composed[] {
  const bucket = {
    startMs: 0,
    energyKwh: kwh,
    reverseKwh: reverse,
    estimatedKwh: estimated,
    estimatedReverseKwh: 0,
    coveredS,
    mean: null,
    min: null,
    max: null,
    count: 1,
    last: null,
  };
  return compose([bucket], [{ startMs: 0, endMs: bucketMs }]);
}

describe("the flows of a site", () => {
  test.each([
    { name: "a grid meter alone", parts: [{ role: "grid_import", kwh: 2 }], consumption: 2, self: 0 },
    {
      name: "import 2, export 1, production 4",
      parts: [
        { role: "grid_import", kwh: 2 },
        { role: "grid_export", kwh: 1 },
        { role: "production", kwh: 4 },
      ],
      consumption: 5,
      self: 3,
    },
    {
      name: "a signed grid meter: reverse is export",
      parts: [
        { role: "grid_import", direction: "both", kwh: 2, reverse: 1 },
        { role: "production", kwh: 4 },
      ],
      consumption: 5,
      self: 3,
    },
    {
      name: "a signed battery: forward charges, reverse discharges",
      parts: [
        { role: "grid_import", kwh: 2 },
        { role: "battery_charge", direction: "both", kwh: 0.5, reverse: 1.5 },
      ],
      consumption: 3,
      self: 0,
    },
    {
      name: "a signed meter whose role is export: positive is import all the same",
      parts: [
        { role: "grid_export", direction: "both", kwh: 2, reverse: 1 },
        { role: "production", kwh: 4 },
      ],
      consumption: 5,
      self: 3,
    },
    {
      name: "a signed battery whose role is discharge: positive charges all the same",
      parts: [
        { role: "grid_import", kwh: 2 },
        { role: "battery_discharge", direction: "both", kwh: 0.5, reverse: 1.5 },
      ],
      consumption: 3,
      self: 0,
    },
    {
      name: "battery registers apart",
      parts: [
        { role: "grid_import", kwh: 5 },
        { role: "battery_charge", kwh: 3 },
        { role: "battery_discharge", kwh: 1 },
      ],
      consumption: 3,
      self: 0,
    },
    {
      name: "never negative",
      parts: [
        { role: "grid_import", kwh: 0 },
        { role: "grid_export", kwh: 1 },
      ],
      consumption: 0,
      self: 0,
    },
    {
      name: "consumers do not count beside a grid meter",
      parts: [
        { role: "grid_import", kwh: 2 },
        { role: "consumer", kwh: 1.5 },
      ],
      consumption: 2,
      self: 0,
    },
    {
      name: "without a grid meter, the consumers",
      parts: [
        { role: "consumer", kwh: 1 },
        { role: "consumer", kwh: 0.5 },
        { role: "production", kwh: 4 },
      ],
      consumption: 1.5,
      self: 4,
    },
  ] satisfies { name: string; parts: Part[]; consumption: number; self: number }[])(
    "$name",
    ({ parts, consumption, self }) => {
      const { flows } = site(parts);
      expect(flows.consumptionKwh).toBeCloseTo(consumption, 12);
      expect(flows.selfConsumptionKwh).toBeCloseTo(self, 12);
    },
  );

  test("as complete as the least complete part it needs; the estimated part is at most the whole", () => {
    const { flows } = site([
      { role: "grid_import", kwh: 2, estimated: 2, coveredS: 900 },
      { role: "production", kwh: 1, estimated: 0.5, coveredS: 450 },
      { role: "grid_export", kwh: 2.5, coveredS: 900 },
    ]);
    expect(flows).toMatchObject({ completeness: 0.5, consumptionKwh: 0.5, estimatedKwh: 0.5 });
  });

  test("consumers beside a grid meter do not lower its completeness", () => {
    expect(
      site([
        { role: "grid_import", kwh: 2 },
        { role: "consumer", kwh: 1, coveredS: 10 },
      ]).flows.completeness,
    ).toBe(1);
  });

  test("other media, parts and channels without a role are no flow", () => {
    const channel = { id: 1, medium: "electricity", role: "consumer", direction: null, isPrimary: true } as const;
    const others = [
      { ...channel, medium: "gas" as const },
      { ...channel, isPrimary: false },
      { ...channel, role: "none" as const },
    ];
    expect(flowChannels([channel, ...others])).toEqual([channel]);
  });
});

describe("power now", () => {
  const now = 1_772_366_400_000;
  const gauge = (role: Role, valueW: number, more: Partial<PowerReading> = {}): PowerReading => ({
    role,
    direction: null,
    valueW,
    timeMs: now - 5000,
    ...more,
  });

  test.each([
    {
      name: "import only",
      readings: [gauge("grid_import", 400)],
      shown: { importW: 400, exportW: 0, consumptionW: 400 },
    },
    {
      name: "a signed grid meter that exports",
      readings: [gauge("grid_import", -1500, { direction: "both" }), gauge("production", 2000)],
      shown: { importW: 0, exportW: 1500, productionW: 2000, consumptionW: 500 },
    },
    {
      name: "a signed battery that discharges",
      readings: [gauge("grid_import", 100), gauge("battery_charge", -400, { direction: "both" })],
      shown: { batteryW: -400, consumptionW: 500 },
    },
    {
      name: "below zero in one direction is nothing",
      readings: [gauge("grid_import", -3)],
      shown: { importW: 0, exportW: 0, consumptionW: 0 },
    },
    {
      name: "consumers where there is no grid meter",
      readings: [gauge("consumer", 40), gauge("consumer", 60)],
      shown: { consumptionW: 100 },
    },
  ])("$name", ({ readings, shown }) => {
    expect(powerNow(readings, now)).toMatchObject(shown);
  });

  test("a stale reading says nothing about now", () => {
    const stale = gauge("consumer", 1000, { timeMs: now - staleAfterMs - 1 });
    expect(powerNow([stale, gauge("consumer", 60)], now)).toMatchObject({ consumptionW: 60, asOfMs: now - 5000 });
    expect(powerNow([stale], now)).toMatchObject({ consumptionW: 0, asOfMs: null });
  });
});
