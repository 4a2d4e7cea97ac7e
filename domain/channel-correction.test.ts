import { describe, expect, it } from "vitest";
import { correctChannel, storedUnit, type Correctable, type Correction } from "./channel-correction.ts";

const custom: Correctable = {
  ...({ medium: "none", quantity: "custom", kind: "gauge", unit: null, scale: 1, shift: 0 } as const),
  ...({ unitAssumed: false, direction: null, role: "none", isPrimary: false } as const),
};
const power: Correctable = {
  ...custom,
  ...({
    medium: "electricity",
    quantity: "power",
    unit: "W",
    unitAssumed: true,
    direction: "both",
    role: "consumer",
    isPrimary: true,
  } as const),
};

const changes = (channel: Correctable, correction: Correction) => {
  const corrected = correctChannel(channel, correction);
  if (!corrected.ok) throw new Error(JSON.stringify(corrected.faults));
  return corrected.changes;
};
const faults = (channel: Correctable, correction: Correction) => {
  const corrected = correctChannel(channel, correction);
  return corrected.ok ? [] : corrected.faults.map(({ field }) => field);
};

describe("a correction of the unit", () => {
  it.each([
    [power, "kW", { unit: "W", scale: 1000, shift: 0 }],
    [power, "W", { unit: "W", scale: 1, shift: 0 }],
    [{ ...power, scale: 1000 }, "W", { unit: "W", scale: 1, shift: 0 }],
    [
      { ...custom, quantity: "temperature", unit: "degC" } as const,
      "°F",
      { unit: "degC", scale: 5 / 9, shift: -160 / 9 },
    ],
    [
      { ...custom, quantity: "energy", kind: "counter", unit: "kWh" } as const,
      "Wh",
      { unit: "kWh", scale: 0.001, shift: 0 },
    ],
    [custom, "kW", { unit: "W", scale: 1000, shift: 0 }],
    [custom, "ppm", { unit: "ppm", scale: 1, shift: 0 }],
  ])("%j, stored in %s", (channel, unit, expected) => {
    expect(changes(channel, { unit })).toEqual({ ...expected, unitAssumed: false });
  });

  it("unknown: the quantity's own is assumed", () => {
    expect(changes({ ...power, scale: 1000 }, { unit: null })).toEqual({
      unit: "W",
      scale: 1,
      shift: 0,
      unitAssumed: true,
    });
    expect(changes({ ...custom, unit: "ppm" }, { unit: null })).toEqual({
      unit: null,
      scale: 1,
      shift: 0,
      unitAssumed: false,
    });
  });

  it("that is none of the quantity's is refused, and the right ones are named", () => {
    const corrected = correctChannel(power, { unit: "kWh" });
    expect(corrected).toEqual({
      ok: false,
      faults: [{ field: "unit", message: "kWh is not a unit of power: expected one of W, kW, MW, GW, mW, hp, BTU/h" }],
    });
    expect(faults(power, { unit: "mw" })).toEqual(["unit"]);
  });
});

describe("a correction of the quantity", () => {
  it("brings along what follows from it", () => {
    expect(changes(custom, { quantity: "power" })).toEqual({
      ...{ quantity: "power", kind: "gauge", medium: "electricity", direction: "both" },
      ...{ unit: "W", scale: 1, shift: 0, unitAssumed: true },
    });
    expect(changes(custom, { quantity: "energy", kind: "delta", unit: "Wh", direction: null })).toMatchObject({
      ...{ kind: "delta", direction: null, unit: "kWh", scale: 0.001, unitAssumed: false },
    });
    expect(changes(custom, { quantity: "energy" })).toMatchObject({
      kind: "counter",
      direction: "import",
      unit: "kWh",
    });
    expect(changes(power, { quantity: "voltage" })).toMatchObject({
      role: "none",
      isPrimary: false,
      unit: "V",
      unitAssumed: true,
    });
    expect(changes({ ...power, quantity: "energy", kind: "counter" }, { quantity: "power" })).toMatchObject({
      kind: "gauge",
    });
  });

  it("keeps a unit that fits it, with its scale", () => {
    expect(changes({ ...custom, unit: "kWh", scale: 0.001 }, { quantity: "energy" })).toMatchObject({
      unit: "kWh",
      scale: 0.001,
      unitAssumed: false,
    });
    expect(changes({ ...custom, unit: "MWh" }, { quantity: "energy" })).toMatchObject({ unit: "kWh", scale: 1000 });
  });
});

it.each<[Correctable, Correction, string[]]>([
  [power, {}, []],
  [power, { name: "x", role: "grid_import" }, []],
  [power, { kind: "counter" }, ["kind"]],
  [power, { kind: "state" }, ["kind"]],
  [power, { quantity: "state" }, ["quantity"]],
  [power, { role: "none" }, ["isPrimary"]],
  [{ ...power, role: "none" }, { name: "was so before" }, []],
  [power, { role: "none", isPrimary: false }, []],
  [power, { quantity: "voltage", role: "production" }, ["role"]],
  [{ ...custom, quantity: "state", kind: "state" }, { quantity: "power", kind: "gauge" }, ["kind"]],
  [{ ...custom, quantity: "state", kind: "state" }, { unit: "W" }, ["unit"]],
])("%j corrected by %j: %j", (channel, correction, expected) => {
  expect(faults(channel, correction)).toEqual(expected);
});

it("the unit of what is stored can be told from scale and shift", () => {
  expect(storedUnit({ unit: "W", scale: 1000, shift: 0 })).toBe("kW");
  expect(storedUnit({ unit: "degC", scale: 5 / 9, shift: -160 / 9 })).toBe("degF");
  expect(storedUnit({ unit: "W", scale: 7, shift: 0 })).toBeNull();
  expect(storedUnit({ unit: null, scale: 1, shift: 0 })).toBeNull();
});

describe("limits", () => {
  it.each([
    [{ minValue: 0, maxValue: 10 }, []],
    [{ minValue: 0 }, []],
    [{ minValue: 10, maxValue: 10 }, ["minValue"]],
    [{ minValue: null, maxValue: -1 }, []],
  ])("%j", (correction, expected) => expect(faults({ ...power, minValue: 3 }, correction)).toEqual(expected));

  it("a new one is held against the one that stands", () => {
    expect(faults({ ...power, minValue: 3 }, { maxValue: 2 })).toEqual(["minValue"]);
  });
});
