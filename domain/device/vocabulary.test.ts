import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { channelKey, defineChannel } from "./vocabulary.ts";
import type { ReadingWords } from "./vocabulary.ts";

const gauge: ReadingWords = { kind: "gauge", unit: null };
const define = (metric: string, words: Partial<ReadingWords> = {}) => defineChannel(metric, { ...gauge, ...words });
const inShort = (metric: string, words: Partial<ReadingWords> = {}) => {
  const { medium, quantity, kind, unit, direction, role } = define(metric, words);
  return [medium, quantity, kind, unit, direction, role].join(" ");
};

describe("the vocabulary", () => {
  it.each([
    ["power", "electricity power gauge W both consumer"],
    ["grid.power", "electricity power gauge W both grid_import"],
    ["load.power", "electricity power gauge W consumption consumer"],
    ["pv.power", "electricity power gauge W production production"],
    ["battery.power", "electricity power gauge W both battery_charge"],
    ["power.import", "electricity power gauge W import consumer"],
    ["power.export", "electricity power gauge W export none"],
    ["grid.power.export", "electricity power gauge W export grid_export"],
    ["energy.import", "electricity energy counter kWh import consumer"],
    ["grid.energy.import", "electricity energy counter kWh import grid_import"],
    ["grid.energy.export", "electricity energy counter kWh export grid_export"],
    ["energy.production", "electricity energy counter kWh production production"],
    ["pv.energy.production", "electricity energy counter kWh production production"],
    ["battery.energy.import", "electricity energy counter kWh charge battery_charge"],
    ["battery.energy.export", "electricity energy counter kWh discharge battery_discharge"],
    ["energy.net", "electricity energy counter kWh both none"],
    ["energy_reactive.import", "electricity reactive_energy counter kvarh import none"],
    ["voltage", "electricity voltage gauge V  none"],
    ["power_factor", "electricity power_factor gauge 1  none"],
    ["apparent_power", "electricity apparent_power gauge VA  none"],
    ["reactive_power", "electricity reactive_power gauge var  none"],
    ["gas", "gas volume counter m3 import grid_import"],
    ["water", "water volume counter m3 import grid_import"],
    ["heat", "heat energy counter kWh import grid_import"],
    ["heat.power", "heat power gauge W  none"],
    ["heat.volume", "heat volume counter m3  none"],
    ["water.flow", "water flow gauge m3/h  none"],
    ["temperature.return", "none temperature gauge degC  none"],
    ["apparent_power.import", "electricity apparent_power gauge VA import none"],
    ["reactive_power.export.l2", "electricity reactive_power gauge var export none"],
    ["soc", "none state_of_charge gauge %  none"],
    ["temperature", "none temperature gauge degC  none"],
    ["humidity", "none humidity gauge %  none"],
    ["online", "none state state   none"],
    ["relay.ch3", "none state state   none"],
  ])("%s is %s", (metric, words) => {
    expect(inShort(metric)).toBe(words);
  });

  it.each([
    ["power.l2", { phase: "l2", partOf: "phase", group: null }],
    ["energy.import.t1", { phase: null, partOf: "tariff", group: null }],
    ["energy.import.l3.ch1", { phase: "l3", partOf: "phase", group: "ch1" }],
    ["power.ch0", { phase: null, partOf: null, group: "ch0", part: false }],
    ["power.1", { phase: null, partOf: null, group: "1", part: false }],
    ["pv.power.dc2", { partOf: "input", group: "dc2", role: "production" }],
    ["pv.power.dc", { partOf: "input", role: "production" }],
    ["power.left", { partOf: null, group: "left", part: false, quantity: "power" }],
    ["energy.import.l4", { partOf: null, group: "l4", quantity: "energy" }],
    ["energy.today", { partOf: "period", restartsDaily: true, direction: "import", kind: "counter" }],
    ["energy.today.export", { partOf: "period", restartsDaily: true, direction: "export" }],
    ["energy.today.1", { partOf: "period", restartsDaily: true, group: "1" }],
    ["energy.production.today", { partOf: "period", restartsDaily: true, direction: "production", role: "production" }],
    ["energy.production.today.dc1", { partOf: "input", restartsDaily: true, group: "dc1" }],
    ["energy.import.month.t2", { partOf: "tariff", restartsDaily: false, direction: "import" }],
    ["gas.year", { partOf: "period", restartsDaily: false, medium: "gas" }],
    ["energy.month", { partOf: "period", restartsDaily: false }],
    ["current.n", { phase: "n", part: true }],
  ])("%s is a part: %j", (metric, expected) => {
    expect(define(metric)).toMatchObject(expected);
  });

  it("a delta stays one, a register is never a gauge, and a canonical unit is not assumed", () => {
    expect(define("energy.import", { kind: "delta", unit: "kWh" })).toMatchObject({
      kind: "delta",
      unitAssumed: false,
    });
    expect(define("energy.import", { kind: "gauge" })).toMatchObject({ kind: "counter", unitAssumed: true });
  });
});

describe("names of the sender's own", () => {
  it.each([
    ["mains.power", "electricity power gauge W both grid_import"],
    ["modbus.power_total", "electricity power gauge W both consumer"],
    ["modbus.voltage_l1", "electricity voltage gauge V  none"],
    ["home.energy_import", "electricity energy counter kWh import consumer"],
    ["import_energy_kwh", "electricity energy counter kWh import consumer"],
    ["export_energy_kwh", "electricity energy counter kWh export none"],
    ["x.energy", "electricity energy counter kWh import consumer"],
    ["x.energy_total", "electricity energy counter kWh import consumer"],
    ["solar.power", "electricity power gauge W production production"],
    ["x.battery_charge_power", "electricity power gauge W charge battery_charge"],
    ["x.activePower", "electricity power gauge W both consumer"],
    ["x.reactive_power", "electricity reactive_power gauge var  none"],
    ["x.apparentPower", "electricity apparent_power gauge VA  none"],
    ["x.power_factor", "electricity power_factor gauge 1  none"],
    ["x.frequency", "electricity frequency gauge Hz  none"],
    ["x.current", "electricity current gauge A  none"],
    ["x.temperature", "none temperature gauge degC  none"],
    ["x.gas_m3", "gas volume counter m3 import grid_import"],
    ["power.value", "electricity power gauge W both consumer"],
  ])("%s is %s", (metric, words) => {
    expect(inShort(metric)).toBe(words);
  });

  it.each([
    ["x.power_kw", "kW", 1000, "W", false],
    ["x.power_w", "W", 1, "W", false],
    ["x.power_kw_l1", "kW", 1000, "W", false],
    ["x.energy_wh", "Wh", 0.001, "kWh", false],
    ["x.total_kwh", "kWh", 1, "kWh", false],
    ["x.power_mW", "mW", 0.001, "W", false],
    ["x.energy_mWh", "mWh", 0.000001, "kWh", false],
    ["x.current_mA", "mA", 0.001, "A", false],
    ["x.totalKWh", "kWh", 1, "kWh", false],
    ["x.power", null, 1, "W", true],
    ["x.temp_f", "degF", 5 / 9, "degC", false],
  ])("%s says its unit: %s", (metric, sourceUnit, scale, unit, unitAssumed) => {
    expect(define(metric)).toMatchObject({ sourceUnit, scale, unit, unitAssumed });
  });

  it("Fahrenheit needs a shift too", () => {
    const { scale, shift } = define("x.temp_f");
    expect(212 * scale + shift).toBeCloseTo(100, 9);
  });

  it.each([
    "p",
    "1",
    "mains.value",
    "uptime",
    "x.power_limit",
    "x.max_power",
    "x.energy_cost",
    "x.energy_yesterday",
    "battery_state",
    "x.count",
    "",
  ])("%s is left to a person", (metric) =>
    expect(define(metric)).toMatchObject({ quantity: "custom", role: "none", kind: "gauge", unit: null }),
  );

  it("reads Home Assistant, where the measurement is the unit", () => {
    const at = (entity_id: string) => ({ tags: { domain: "sensor", entity_id } });
    expect(define("W.value", at("fridge_power"))).toMatchObject({
      quantity: "power",
      unit: "W",
      unitAssumed: false,
      role: "consumer",
    });
    expect(define("kW.value", at("grid_power"))).toMatchObject({ quantity: "power", scale: 1000, role: "grid_import" });
    expect(define("kWh.value", at("solar_energy_today"))).toMatchObject({
      kind: "counter",
      role: "production",
      restartsDaily: true,
    });
    expect(define("kWh.value", at("grid_export"))).toMatchObject({ kind: "counter", role: "grid_export" });
    expect(define("°C.value", at("outside"))).toMatchObject({ quantity: "temperature", unit: "degC" });
    expect(define("%.value", at("bathroom_humidity"))).toMatchObject({ quantity: "humidity", unit: "%" });
    expect(define("%.value", at("wallbox_duty"))).toMatchObject({ quantity: "custom", unit: "%" });
    expect(define("m³.value", at("gas_meter"))).toMatchObject({ quantity: "volume", medium: "gas", kind: "counter" });
    expect(define("W.friendly_name_str", { kind: "state", ...at("x") })).toMatchObject({
      quantity: "state",
      kind: "state",
    });
  });

  it("finds the phase in a tag, and knows which names are about the same thing", () => {
    expect(define("mains.power", { tags: { device: "m1", phase: "L1" } })).toMatchObject({
      phase: "l1",
      partOf: "phase",
      scope: "mains device=m1",
    });
    expect(define("modbus.import_energy_kwh", { tags: { slave: "1" } }).scope).toBe(
      define("modbus.power_total", { tags: { slave: "1" } }).scope,
    );
    expect(define("modbus.power_total", { tags: { slave: "2" } }).scope).not.toBe(
      define("modbus.power_total", { tags: { slave: "1" } }).scope,
    );
    expect(define("W.value", { tags: { entity_id: "fridge_power" } }).scope).toBe(
      define("kWh.value", { tags: { entity_id: "fridge_energy" } }).scope,
    );
  });
});

describe("channelKey", () => {
  it.each([
    ["power", undefined, "power"],
    ["power", {}, "power"],
    ["mains.power", { phase: "l1", device: "m1" }, "mains.power{device=m1,phase=l1}"],
    ["a{b", { "x=y": "1,2", z: "}\\" }, "a\\{b{x\\=y=1\\,2,z=\\}\\\\}"],
  ])("%s %j is %s", (metric, tags, key) => {
    expect(channelKey(metric, tags)).toBe(key);
  });

  it("two different channels never share a key, and the order of tags does not matter", () => {
    const part = fc.string({ unit: fc.constantFrom(..."ab,={}\\"), maxLength: 4 });
    const channel = fc.tuple(part, fc.dictionary(part, part, { maxKeys: 3, noNullPrototype: true }));
    const sorted = ([metric, tags]: [string, Record<string, string>]) =>
      JSON.stringify([metric, Object.entries(tags).sort()]);
    fc.assert(
      fc.property(channel, channel, (a, b) => {
        expect(channelKey(...a) === channelKey(...b)).toBe(sorted(a) === sorted(b));
        expect(channelKey(a[0], Object.fromEntries(Object.entries(a[1]).reverse()))).toBe(channelKey(...a));
      }),
      { numRuns: 5000 },
    );
  });
});
