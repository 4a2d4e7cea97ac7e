import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Kind } from "../channel.ts";
import { channelKey, defineChannel } from "../device/vocabulary.ts";
import { choosePrimaries, guessDeviceRoles } from "./primary.ts";
import type { DeviceChannel } from "./primary.ts";

interface Given {
  metric: string;
  kind?: Kind;
  tags?: Record<string, string>;
  latest?: number;
}

function channel(given: string | Given): DeviceChannel {
  const { metric, kind = "gauge", tags, latest } = typeof given === "string" ? { metric: given } : given;
  const words = defineChannel(metric, { kind, unit: null, ...(tags && { tags }) });
  return { ...words, metric, key: channelKey(metric, tags), ...(latest === undefined ? {} : { latest }) };
}

/** Roles settled as the device level does it, then the places. */
function settle(given: (string | Given)[]) {
  const channels = given.map(channel);
  const roles = guessDeviceRoles(channels);
  const settled = channels.map((each) => ({ ...each, role: roles.get(each.key) ?? each.role }));
  const places = choosePrimaries(settled);
  const keys = (is: "isPrimary" | "isPowerShape") =>
    settled.filter(({ key }) => places.get(key)![is]).map(({ key }) => key);
  return {
    primary: keys("isPrimary").sort(),
    shape: keys("isPowerShape").sort(),
    roles: Object.fromEntries(settled.map(({ key, role }) => [key, role])),
  };
}

describe("primary channels", () => {
  it.each([
    ["a plug", ["power", "energy.import", "energy.today", "voltage"], ["energy.import"], ["power"]],
    ["only a gauge", ["power", "voltage"], ["power"], ["power"]],
    ["a daily register beats the gauge", ["power", "energy.today"], ["energy.today"], ["power"]],
    [
      "a total beats its tariffs and phases",
      ["energy.import", "energy.import.t1", "energy.import.t2", "energy.import.l1"],
      ["energy.import"],
      [],
    ],
    [
      "tariffs alone are the flow together",
      ["energy.import.t1", "energy.import.t2", "power"],
      ["energy.import.t1", "energy.import.t2"],
      ["power"],
    ],
    [
      "phases alone are the flow together",
      ["power.l1", "power.l2", "power.l3"],
      ["power.l1", "power.l2", "power.l3"],
      ["power.l1", "power.l2", "power.l3"],
    ],
    [
      "tariffs before phases, never both",
      ["energy.import.t1", "energy.import.t2", "energy.import.l1"],
      ["energy.import.t1", "energy.import.t2"],
      [],
    ],
    ["a total gauge beats its phases", ["power", "power.l1", "power.l2"], ["power"], ["power"]],
    [
      "each channel of a device without a total",
      ["energy.import.ch0", "power.ch0", "power.ch1"],
      ["energy.import.ch0", "power.ch1"],
      ["power.ch0", "power.ch1"],
    ],
    ["a total beats the channels", ["energy.import", "energy.import.1", "energy.import.2"], ["energy.import"], []],
    [
      "registers of channels beat a gauge of the whole",
      ["power", "energy.import.ch0", "energy.import.ch1"],
      ["energy.import.ch0", "energy.import.ch1"],
      ["power"],
    ],
    [
      "an inverter and its inputs",
      ["energy.production", "pv.power", "pv.power.dc1", "pv.power.dc2"],
      ["energy.production"],
      ["pv.power"],
    ],
    ["net and neutral are never billed", ["energy.net", "current.n", "power.n"], [], []],
    ["gas beside electricity", ["gas", "energy.import"], ["energy.import", "gas"], []],
    ["a month's register is the last resort", ["energy.month", "energy.today"], ["energy.today"], []],
  ])("%s", (_title, metrics, primary, shape) => {
    expect(settle(metrics)).toMatchObject({ primary, shape });
  });

  it("a counter before deltas, deltas before the gauge", () => {
    const delta: Given = { metric: "energy.import", kind: "delta", tags: {} };
    expect(settle([delta, "power"]).primary).toEqual(["energy.import"]);
    expect(settle([{ metric: "energy.consumption", kind: "delta" }, "energy.import", "power"]).primary).toEqual([
      "energy.import",
    ]);
  });

  it("import and export each have one, of one device", () => {
    expect(settle(["power", "energy.import", "energy.export", "energy.import.t1"]).primary).toEqual([
      "energy.export",
      "energy.import",
    ]);
  });

  it("what a gateway sends for many is many flows", () => {
    const { primary } = settle([
      { metric: "W.value", tags: { entity_id: "fridge_power" } },
      { metric: "kWh.value", tags: { entity_id: "fridge_energy" } },
      { metric: "W.value", tags: { entity_id: "washer_power" } },
    ]);
    expect(primary).toEqual(["W.value{entity_id=washer_power}", "kWh.value{entity_id=fridge_energy}"]);
  });
});

describe("roles of a device", () => {
  it("import and export together are the grid meter", () => {
    expect(settle(["power", "energy.import", "energy.export", "energy.net"]).roles).toEqual({
      ...{ power: "grid_import", "energy.import": "grid_import", "energy.export": "grid_export", "energy.net": "none" },
    });
  });

  it("a three-phase meter may number its export and not its import", () => {
    const { roles } = settle(["energy.import", "energy.export.1", "energy.export.2", "power.1", "power.2"]);
    expect(roles).toMatchObject({
      "energy.import": "grid_import",
      "energy.export.2": "grid_export",
      "power.1": "grid_import",
    });
  });

  it("import alone is a consumer, export alone production", () => {
    expect(settle(["power", "energy.import"]).roles).toEqual({ power: "consumer", "energy.import": "consumer" });
    expect(settle(["energy.export"]).roles).toEqual({ "energy.export": "production" });
  });

  it("a switch whose export never counted is a consumer", () => {
    const plug = ["relay.ch0", "energy.import.ch0"];
    expect(settle([...plug, { metric: "energy.export.ch0", latest: 0 }]).roles).toMatchObject({
      "energy.import.ch0": "consumer",
    });
    expect(settle([...plug, { metric: "energy.export.ch0", latest: 12 }]).roles).toMatchObject({
      "energy.import.ch0": "grid_import",
    });
  });

  it("of several channels with both, the first is the grid", () => {
    const { roles } = settle(["energy.import.ch0", "energy.export.ch0", "energy.import.ch1", "energy.export.ch1"]);
    expect(roles).toMatchObject({
      "energy.import.ch0": "grid_import",
      "energy.export.ch0": "grid_export",
      "energy.import.ch1": "consumer",
    });
  });

  it("what says its side already is left alone", () => {
    expect(settle(["battery.energy.import", "battery.energy.export", "pv.power"]).roles).toEqual({
      ...{
        "battery.energy.import": "battery_charge",
        "battery.energy.export": "battery_discharge",
        "pv.power": "production",
      },
    });
  });
});

describe("properties", () => {
  const bases = [
    "power",
    "grid.power",
    "pv.power",
    "power.import",
    "power.export",
    "energy.import",
    "energy.export",
    "energy.production",
    "energy.today",
    "energy.net",
    "gas",
  ];
  const suffixes = ["", ".l1", ".l2", ".t1", ".t2", ".ch0", ".ch1", ".1", ".2", ".dc1"];
  const metrics = fc.uniqueArray(
    fc.tuple(fc.constantFrom(...bases), fc.constantFrom(...suffixes)).map(([base, suffix]) => base + suffix),
    { maxLength: 12 },
  );

  it("every flow that has a candidate has a primary, a total never counts beside its parts, and order does not matter", () => {
    fc.assert(
      fc.property(metrics, fc.array(fc.nat(), { minLength: 12, maxLength: 12 }), (given, shuffle) => {
        const { primary, shape, roles } = settle(given);
        const shuffled = given.map((metric, i) => [shuffle[i]!, metric] as const).sort((a, b) => a[0] - b[0]);
        expect(settle(shuffled.map(([, metric]) => metric))).toMatchObject({ primary, shape });
        for (const role of new Set(Object.values(roles))) {
          if (role === "none") continue;
          for (const medium of ["electricity", "gas"]) {
            const flow = given.map(channel).filter((each) => roles[each.key] === role && each.medium === medium);
            const chosen = flow.filter(({ key }) => primary.includes(key));
            if (flow.length > 0) expect(chosen.length).toBeGreaterThan(0);
            const wholes = chosen.filter(({ part, group }) => !part && group === null);
            if (wholes.length > 0) expect(chosen).toHaveLength(1);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("two names for one flow", () => {
  const inverter = (metric: string, tags?: Record<string, string>) => {
    const unit = { kind: "gauge" as const, unit: null, ...(tags && { tags }) };
    return { ...defineChannel(metric, unit), key: channelKey(metric, tags), metric };
  };

  it("a lone register and a lone power gauge of an inverter are one: the register counts, the gauge is its shape", () => {
    const places = choosePrimaries([inverter("inverter.pv_power"), inverter("inverter.yield_total_kwh")]);
    expect(places.get("inverter.pv_power")).toEqual({ isPrimary: false, isPowerShape: true });
    expect(places.get("inverter.yield_total_kwh")).toEqual({ isPrimary: true, isPowerShape: false });
  });

  it("meters told apart by tags stay apart", () => {
    const first = inverter("inverter.pv_power", { id: "a" });
    const second = inverter("inverter.yield_total_kwh", { id: "b" });
    const places = choosePrimaries([first, second]);
    expect([...places.values()].every((place) => place.isPrimary)).toBe(true);
  });
});
