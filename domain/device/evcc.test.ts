import { describe, expect, it } from "vitest";
import { expectToBearAnything, mqtt } from "../../tests/support/hostile-messages.ts";
import { evcc } from "./evcc.ts";
import { decodeMessage } from "./registry.ts";

const decode = (name: string, payload: string) => decodeMessage(mqtt(`evcc/${name}`, payload));

describe("evcc", () => {
  it.each([
    ["site/grid/power", "-1234.5", "grid.power", -1234.5, "W"],
    ["site/gridPower", "12", "grid.power", 12, "W"],
    ["site/grid/energy", "4312.25", "grid.energy.import", 4312.25, "kWh"],
    ["site/grid/currents/l2", "3.2", "grid.current.l2", 3.2, "A"],
    ["site/grid/powers/l3", "-700", "grid.power.l3", -700, "W"],
    ["site/gridCurrents/l1", "3.2", "grid.current.l1", 3.2, "A"],
    ["site/pvPower", "4231", "pv.power", 4231, "W"],
    ["site/pv/2/power", "2000", "pv.power.2", 2000, "W"],
    ["site/pvEnergy", "5000.5", "energy.production", 5000.5, "kWh"],
    ["site/homePower", "412", "load.power", 412, "W"],
    ["site/batteryPower", "-300", "battery.power", 300, "W"],
    ["site/battery/power", "0", "battery.power", 0, "W"],
    ["site/battery/soc", "71", "soc", 71, "%"],
    ["site/batterySoc", "71", "soc", 71, "%"],
    ["site/battery/1/power", "850", "battery.power.1", -850, "W"],
    ["site/battery/devices/2/soc", "50", "soc.2", 50, "%"],
    ["site/tariffGrid", "0.318", "price", 0.318, "currency/kWh"],
    ["site/tariffCo2", "211", "co2_intensity", 211, "g/kWh"],
    ["loadpoints/1/chargePower", "7380", "power", 7380, "W"],
    ["loadpoints/2/chargeTotalImport", "912.5", "energy.import", 912.5, "kWh"],
    ["loadpoints/1/sessionEnergy", "5321.4", "energy.session", 5.3214, "kWh"],
    ["loadpoints/1/chargeCurrents/l3", "15.9", "current.l3", 15.9, "A"],
    ["loadpoints/1/chargeVoltages/l1", "231", "voltage.l1", 231, "V"],
    ["loadpoints/1/vehicleSoc", "63", "soc", 63, "%"],
    ["loadpoints/1/charging", "true", "charging", true, null],
    ["loadpoints/1/mode", "pv", "mode", "pv", null],
  ])("%s %s is %s", (name, payload, metric, value, unit) => {
    expect(decode(name, payload).readings).toMatchObject([
      { device: `evcc/${/^(site|loadpoints\/\d)/.exec(name)![0]}`, metric, value, unit, timeMs: null },
    ]);
  });

  it.each([
    ["updated", "1741944413"],
    ["loadpoints", "2"],
    ["site/pv", "2"],
    ["site/battery", "1"],
    ["site/grid/currents", "9.6"],
    ["site/residualPower", "100"],
    ["site/prioritySoc", "50"],
    ["site/grid/power", ""],
    ["site/grid/power", "nan"],
    ["loadpoints/1/connected", "unknown"],
    ["loadpoints/1/mode", "null"],
    ["loadpoints/1/chargeCurrents", "48"],
    ["loadpoints/1/mode/set", "now"],
    ["loadpoints/1/limitSoc", "80"],
    ["loadpoints/1/chargeDuration", "3600"],
    ["vehicles/tesla/minSoc", "20"],
    ["status", "starting"],
  ])("%s %s measures nothing", (name, payload) => {
    expect(decode(name, payload)).toEqual({ format: "evcc", readings: [] });
  });

  it("knows other roots by their loadpoints and meters, or by the user's word", () => {
    expect(decodeMessage(mqtt("home/charging/loadpoints/1/chargePower", "5")).readings).toMatchObject([
      { device: "home/charging/loadpoints/1", metric: "power" },
    ]);
    expect(decodeMessage(mqtt("home/site/battery/power", "5")).readings).toMatchObject([{ value: -5 }]);
    expect(evcc.match(mqtt("home/status", "offline"))).toBe(false);
    expect(evcc.match(mqtt("home/site/tariffGrid", "0.3", { base_topic: "home/" }))).toBe(true);
    expect(evcc.match(mqtt("home/plug", "{}", { base_topic: "home" }))).toBe(false);
    const named = decodeMessage(mqtt("home/status", "offline", { base_topic: "home", format: "evcc" }));
    expect(named.readings).toMatchObject([{ device: "home", metric: "online", value: false }]);
  });

  it("counts a session once: by chargedEnergy where there is one", () => {
    const first = evcc.decode(mqtt("evcc/loadpoints/1/chargedEnergy", "100"), undefined);
    expect(first.state).toEqual({ charged: { "evcc/loadpoints/1": true } });
    expect(evcc.decode(mqtt("evcc/loadpoints/1/sessionEnergy", "101"), first.state)).toEqual({ readings: [] });
    expect(evcc.decode(mqtt("evcc/loadpoints/2/sessionEnergy", "101"), first.state).readings).toHaveLength(1);
    expect(evcc.decode(mqtt("evcc/loadpoints/1/chargedEnergy", "100"), first.state)).not.toHaveProperty("state");
  });

  it("refuses what is no number", () => {
    expect(decode("site/grid/power", "much").error).toBe('grid/power is "much", a number was expected');
  });

  it("bears anything", () => {
    const topics = ["evcc/site/grid/power", "evcc/loadpoints/1/chargedEnergy", "evcc/loadpoints/1/mode", "evcc/status"];
    expectToBearAnything(evcc, topics, ["charged", "site", "battery", "power", "evcc/loadpoints/1"]);
  });
});
