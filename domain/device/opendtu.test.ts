import { describe, expect, it } from "vitest";
import { expectToBearAnything, mqtt, valuesOf } from "../../tests/support/hostile-messages.ts";
import { opendtu } from "./opendtu.ts";
import { decodeMessage, decoderOf } from "./registry.ts";

const decode = (name: string, payload: unknown) => decodeMessage(mqtt(`home/roof/${name}`, payload));

describe("OpenDTU", () => {
  it.each([
    ["1164a00a7c31/0/voltage", "231.4", "1164a00a7c31", "voltage", 231.4, "V"],
    ["114182947501/0/current", "1.54", "114182947501", "current", 1.54, "A"],
    ["114182947501/0/frequency", "50.01", "114182947501", "frequency", 50.01, "Hz"],
    ["114182947501/0/temperature", "-4.3", "114182947501", "temperature", -4.3, "degC"],
    ["114182947501/0/reactivepower", "-0.4", "114182947501", "reactive_power", -0.4, "var"],
    ["114182947501/0/powerdc", "375.1", "114182947501", "pv.power.dc", 375.1, "W"],
    ["114182947501/0/efficiency", "95.1", "114182947501", "efficiency", 95.1, "%"],
    ["114182947501/0/powerfactor", "99.8", "114182947501", "power_factor", 0.998, "1"],
    ["114182947501/0/powerfactor", "1.002", "114182947501", "power_factor", 1.002, "1"],
    ["114182947501/0/voltage ph2-n", "229", "114182947501", "voltage.l2", 229, "V"],
    ["114182947501/0/power", "0.0", "114182947501", "pv.power", 0, "W"],
    ["114182947501/1/voltage", "33.1", "114182947501", "voltage.dc1", 33.1, "V"],
    ["114182947501/6/current", "5.5", "114182947501", "current.dc6", 5.5, "A"],
    ["114182947501/1/yieldday", "917", "114182947501", "energy.production.today.dc1", 0.917, "kWh"],
    ["114182947501/1/yieldtotal", "0.000", "114182947501", "energy.production.dc1", 0, "kWh"],
    ["114182947501/2/irradiation", "42.8", "114182947501", "irradiation.dc2", 42.8, "%"],
    ["114182947501/status/producing", "1", "114182947501", "producing", true, null],
    ["114182947501/status/limit_relative", "100.00", "114182947501", "limit_relative", 100, "%"],
    ["114182947501/radio/rssi", "-80", "114182947501", "signal_strength", -80, "dBm"],
    ["dtu/rssi", "-61", "dtu", "signal_strength", -61, "dBm"],
    ["dtu/temperature", "50.2", "dtu", "temperature", 50.2, "degC"],
    ["dtu/status", "online", "dtu", "online", true, null],
  ])("%s %s is %s %s = %s %s", (name, payload, device, metric, value, unit) => {
    expect(decode(name, payload).readings).toMatchObject([{ device, metric, value, unit }]);
  });

  it.each([
    ["ac/power", "1203.4", { "ac pv.power": 1203.4 }],
    ["ac/yieldday", "4200", { "ac energy.production.today": 4.2 }],
    ["ac/yieldtotal", "2406.9", { "ac energy.production": 2406.9 }],
    ["ac/is_valid", "0", { "ac is_valid": false }],
    ["dc/power", "1260.1", { "dc pv.power.dc": 1260.1 }],
    ["dc/irradiation", "51.4", { "dc irradiation": 51.4 }],
  ])("the sum %s %s is %j", (name, payload, expected) => {
    const { readings } = decodeMessage(mqtt(`solar/${name}`, payload));
    expect(Object.fromEntries(readings.map((r) => [`${r.device} ${r.metric}`, r.value]))).toEqual(expected);
  });

  it.each([
    ["114182947501/name", "Roof"],
    ["114182947501/1/name", "East"],
    ["114182947501/device/fwbuildversion", "10016"],
    ["114182947501/status/last_update", "1741944413"],
    ["114182947501/status/reachable", ""],
    ["114182947501/cmd/limit_persistent_relative", "50"],
    ["114182947501/radio/tx_request", "10"],
    ["114182947501/0/power", "nan"],
    ["114182947501/0/eventlogcount", "3"],
    ["dtu/uptime", "3600"],
    ["dtu/heap/free", "100000"],
    ["dtu/status", ""],
  ])("%s %s measures nothing", (name, payload) => {
    expect(decode(name, payload)).toEqual({ format: "opendtu", readings: [] });
  });

  it("knows its sums only under a base that speaks of it", () => {
    expect(decoderOf(mqtt("meter/ac/power", "1"))).toMatchObject({ format: "topic-value" });
    expect(decoderOf(mqtt("roof/ac/power", "1", { base_topic: "roof/" }))?.format).toBe("opendtu");
    expect(valuesOf(decodeMessage(mqtt("my/opendtu/ac/power", "1")))).toEqual({ "pv.power": 1 });
  });

  it("refuses what is no number", () => {
    expect(decode("114182947501/0/power", "much").error).toBe('pv.power is "much", a number was expected');
  });

  it("bears anything", () => {
    const topics = ["114182947501/0/power", "114182947501/status/reachable", "ac/power", "dc/is_valid", "dtu/status"];
    expectToBearAnything(
      opendtu,
      topics.map((name) => `solar/${name}`),
      ["power", "yieldday", "powerfactor", "name"],
    );
  });
});
