import { describe, expect, it } from "vitest";
import { expectToBearAnything, mqtt, valuesOf } from "../../tests/support/hostile-messages.ts";
import { ahoydtu } from "./ahoydtu.ts";
import { decodeMessage, decoderOf } from "./registry.ts";

describe("AhoyDTU", () => {
  it.each([
    ["HM-800/ch0/U_AC", "233.3", { voltage: 233.3 }],
    ["HM-800/ch0/I_AC", "0.3", { current: 0.3 }],
    ["HM-800/ch0/F_AC", "49.99", { frequency: 49.99 }],
    ["HM-800/ch0/Q_AC", "21.2", { reactive_power: 21.2 }],
    ["HM-800/ch0/PF_AC", "0.998", { power_factor: 0.998 }],
    ["HM-800/ch0/PF_AC", "95.8", { power_factor: 0.958 }],
    ["HM-800/ch0/Temp", "19.8", { temperature: 19.8 }],
    ["HM-800/ch0/YieldDay", "51", { "energy.production.today": 0.051 }],
    ["HM-800/ch0/P_DC", "74.6", { "pv.power.dc": 74.6 }],
    ["HM-800/ch0/Efficiency", "95.174", { efficiency: 95.174 }],
    ["HM-800/ch0/rssi", "-72", { signal_strength: -72 }],
    ["HMT/ch0/U_AC_2N", "231", { "voltage.l2": 231 }],
    ["HMT/ch0/I_AC_3", "1.2", { "current.l3": 1.2 }],
    ["HM-800/ch2/P_DC", "0", { "pv.power.dc2": 0 }],
    ["HM-800/ch2/YieldDay", "17", { "energy.production.today.dc2": 0.017 }],
    ["HM-800/ch4/U_DC", "38.9", { "voltage.dc4": 38.9 }],
    ["total/P_AC", "412.3", { "pv.power": 412.3 }],
    ["total/YieldDay", "812", { "energy.production.today": 0.812 }],
    ["total/P_DC", "431", { "pv.power.dc": 431 }],
    ["HM-800/available", "1", { online: true }],
    ["HM-800/available", "2", { online: true }],
    ["HM-800/available", "3", { online: true }],
    ["HM-800/available", "4", { online: false }],
    ["status", "0", { online: false }],
    ["status", "1", { online: true }],
    ["status", "2", { online: true }],
    ["mqtt", "not connected", { online: false }],
    ["wifi_rssi", "-75", { signal_strength: -75 }],
  ])("%s %s is %j", (name, payload, expected) => {
    expect(valuesOf(decodeMessage(mqtt(`inverter/${name}`, payload)))).toEqual(expected);
  });

  it.each([
    ["HM-800/ch0/P_AC", "n/a"],
    ["HM-800/ch0/P_AC", ""],
    ["HM-800/last_success", "1672155690"],
    ["HM-800/radio_stat", '{"tx":5}'],
    ["HM-800/firmware", '{"version":10016}'],
    ["HM-800/ack_pwr_limit", "true"],
    ["uptime", "73630"],
    ["sunrise", "1672124667"],
    ["version", "0.8.83"],
  ])("%s %s measures nothing", (name, payload) => {
    expect(decodeMessage(mqtt(`inverter/${name}`, payload))).toEqual({ format: "ahoydtu", readings: [] });
  });

  it("reads channel 0 in JSON mode with its time, and without one while the clock is not set", () => {
    const values = { U_AC: 230, P_AC: 71, P_DC: 75, PF_AC: "n/a", YieldTotal: 465.294, ALARM_MES_ID: 9 };
    const { readings } = decodeMessage(mqtt("roof/HM-800/ch0", { ...values, ts: 1741944605 }));
    expect(readings.map(({ metric, timeMs }) => [metric, timeMs])).toEqual([
      ["voltage", 1741944605000],
      ["pv.power", 1741944605000],
      ["pv.power.dc", 1741944605000],
      ["energy.production", 1741944605000],
    ]);
    expect(decodeMessage(mqtt("roof/HM-800/ch0", { ...values, ts: 0 })).readings[0]!.timeMs).toBeNull();
  });

  it("knows its own topics under any base, and leaves others alone", () => {
    expect(decodeMessage(mqtt("a/b/Roof/ch0/P_AC", "5")).readings[0]!.device).toBe("Roof");
    expect(decoderOf(mqtt("roof/Roof/available", "2"))?.format).toBe("ahoydtu");
    expect(decoderOf(mqtt("roof/mqtt", "connected", { base_topic: "roof" }))?.format).toBe("ahoydtu");
    expect(decoderOf(mqtt("x/ch0/weight", "5"))).toMatchObject({ format: "topic-value" });
    expect(decoderOf(mqtt("x/ch0", { weight: 5 }))?.format).toBe("generic-json");
    expect(decoderOf(mqtt("inverter/sensor/grid_power/state", "5"))?.format).toBe("esphome");
    expect(decoderOf(mqtt("inverter/status", "online"))?.format).toBe("esphome");
  });

  it.each(['{"P_AC":1,', "12", '"x"'])("refuses the channel %s", (payload) => {
    const message = mqtt("inverter/HM-800/ch0", payload, { format: "ahoydtu" });
    expect(decodeMessage(message)).toMatchObject({ readings: [], error: expect.any(String) });
  });

  it("bears anything", () => {
    const topics = ["a/ch0/P_AC", "a/ch1", "total", "a/available", "status", "mqtt"];
    expectToBearAnything(
      ahoydtu,
      topics.map((name) => `inverter/${name}`),
      ["P_AC", "P_DC", "PF_AC", "YieldDay", "ts"],
    );
  });
});
