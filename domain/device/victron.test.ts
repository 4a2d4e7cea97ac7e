import { describe, expect, it } from "vitest";
import { expectToBearAnything, mqtt } from "../../tests/support/hostile-messages.ts";
import { decodeMessage, greetings } from "./registry.ts";
import { victron } from "./victron.ts";

const decode = (path: string, payload: unknown) => decodeMessage(mqtt(`N/c0619ab1f2d3/${path}`, payload));
const inShort = (path: string, value: unknown) =>
  decode(path, { value }).readings.map(({ metric, value, unit, kind }) => [metric, value, unit, kind].join(" "));

describe("Victron", () => {
  it.each([
    ["system/0/Ac/Grid/L3/Power", "grid.power.l3 5 W gauge"],
    ["system/0/Ac/Consumption/L1/Power", "load.power.l1 5 W gauge"],
    ["system/0/Ac/PvOnGrid/L2/Power", "pv.power.l2 5 W gauge"],
    ["system/0/Dc/Pv/Power", "pv.power 5 W gauge"],
    ["system/0/Dc/Battery/Soc", "soc 5 % gauge"],
    ["system/0/Dc/Battery/Voltage", "battery.voltage 5 V gauge"],
    ["grid/30/Ac/Power", "power 5 W gauge"],
    ["grid/30/Ac/L2/Power", "power.l2 5 W gauge"],
    ["grid/30/Ac/L1/Voltage", "voltage.l1 5 V gauge"],
    ["grid/30/Ac/L1/Current", "current.l1 5 A gauge"],
    ["grid/30/Ac/Frequency", "frequency 5 Hz gauge"],
    ["grid/30/Ac/L3/PowerFactor", "power_factor.l3 5 1 gauge"],
    ["grid/30/Ac/Energy/Reverse", "energy.export 5 kWh counter"],
    ["grid/30/Ac/L2/Energy/Forward", "energy.import.l2 5 kWh counter"],
    ["pvinverter/20/Ac/L1/Power", "pv.power.l1 5 W gauge"],
    ["pvinverter/20/Ac/Energy/Forward", "energy.production 5 kWh counter"],
    ["pvinverter/20/Ac/L3/Energy/Forward", "energy.production.l3 5 kWh counter"],
    ["solarcharger/279/Yield/Power", "pv.power 5 W gauge"],
    ["solarcharger/279/Yield/User", "energy.production 5 kWh counter"],
    ["solarcharger/279/Pv/1/P", "pv.power.dc1 5 W gauge"],
    ["solarcharger/279/History/Daily/0/Yield", "energy.production.today 5 kWh counter"],
    ["battery/512/Dc/0/Power", "battery.power 5 W gauge"],
    ["battery/512/Dc/0/Voltage", "voltage 5 V gauge"],
    ["battery/512/Dc/0/Temperature", "temperature 5 degC gauge"],
    ["battery/512/History/ChargedEnergy", "battery.energy.import 5 kWh counter"],
    ["vebus/276/Ac/ActiveIn/L1/P", "power.l1 5 W gauge"],
    ["vebus/276/Ac/Out/L1/P", "load.power.l1 5 W gauge"],
    ["vebus/276/Ac/ActiveIn/L1/V", "voltage.l1 5 V gauge"],
    ["vebus/276/Soc", "soc 5 % gauge"],
    ["evcharger/40/Ac/Power", "power 5 W gauge"],
    ["evcharger/40/Ac/Energy/Forward", "energy.import 5 kWh counter"],
    ["genset/1/Ac/Power", "power.production 5 W gauge"],
    ["temperature/24/Humidity", "humidity 5 % gauge"],
    ["dcload/3/History/EnergyIn", "energy.import 5 kWh counter"],
  ])("%s is %s", (path, reading) => {
    expect(inShort(path, 5)).toEqual([reading]);
  });

  it.each([
    ["solarcharger/279/History/Daily/1/Yield", { value: 5 }],
    ["grid/30/Ac/Power", { value: [] }],
    ["settings/0/Settings/SystemSetup/MaxChargeCurrent", { value: 50, min: 0, max: 500 }],
    ["system/0/Serial", { value: "c0619ab1f2d3" }],
    ["keepalive", { value: 1 }],
    ["heartbeat", { value: 1741944400 }],
    ["system/0/Relay/0/State", { value: null }],
  ])("%s %j measures nothing", (path, payload) => {
    expect(decode(path, payload)).toMatchObject({ readings: [] });
    expect(decode(path, payload)).not.toHaveProperty("error");
  });

  it("reads states: the connection of a device, and relays from 0", () => {
    expect(inShort("grid/30/Connected", 1)).toEqual(["online true  state"]);
    expect(inShort("grid/30/Connected", 0)).toEqual(["online false  state"]);
    expect(inShort("system/0/Relay/1/State", 1)).toEqual(["relay.ch1 true  state"]);
  });

  it("asks for a keepalive with every message, under the prefix of a bridge", () => {
    expect(decode("full_publish_completed", { value: 1 }).requests).toEqual([
      { topic: "R/c0619ab1f2d3/keepalive", payload: "", everyS: 30 },
    ]);
    const bridged = decodeMessage(mqtt("boat/N/c0619ab1f2d3/grid/30/Ac/Power", { value: 1 }));
    expect(bridged.readings).toMatchObject([{ device: "c0619ab1f2d3/grid/30", metric: "power" }]);
    expect(bridged.requests).toMatchObject([{ topic: "boat/R/c0619ab1f2d3/keepalive" }]);
  });

  it("remembers each portal once, and keeps it alive by that alone", () => {
    const message = mqtt("N/c0619ab1f2d3/system/0/Dc/Battery/Power", { value: 1 });
    const { state } = decodeMessage(message);
    expect(decodeMessage(message, () => state).state).toBeUndefined();
    const all = decodeMessage(mqtt("boat/N/c0619ab1f2d4/system/0/Dc/Battery/Power", { value: 1 }), () => state).state!;
    expect(greetings(new Map([["victron", all]]))).toEqual([
      { topic: "R/c0619ab1f2d3/keepalive", payload: "", everyS: 30 },
      { topic: "boat/R/c0619ab1f2d4/keepalive", payload: "", everyS: 30 },
    ]);
  });

  it("passes over its own requests, and leaves others' topics alone", () => {
    expect(decodeMessage(mqtt("R/c0619ab1f2d3/keepalive", ""))).toEqual({ format: "victron", readings: [] });
    expect(decodeMessage(mqtt("W/c0619ab1f2d3/settings/0/x", { value: 3 }))).toEqual({
      format: "victron",
      readings: [],
    });
    expect(victron.match(mqtt("home/N/kitchen/x", "1"))).toBe(false);
  });

  it.each(["{", "12", '{"v":1}', '{"value":"much"}'])("refuses %s with a sentence", (payload) => {
    expect(decode("grid/30/Ac/Power", payload)).toMatchObject({ readings: [], error: expect.any(String) });
  });

  it("bears anything", () => {
    const topics = ["grid/30/Ac/Power", "system/0/Relay/0/State", "battery/512/Soc", "keepalive"];
    expectToBearAnything(
      victron,
      topics.map((topic) => `N/c0619ab1f2d3/${topic}`),
      ["value", "min", "Ac", "L1", "Power"],
    );
  });
});
