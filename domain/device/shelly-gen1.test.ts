import { describe, expect, it } from "vitest";
import { expectToBearAnything, mqtt, valuesOf } from "../../tests/support/hostile-messages.ts";
import { decodeMessage, decoderOf } from "./registry.ts";
import { shellyGen1 } from "./shelly-gen1.ts";

const decode = (name: string, payload: unknown) => decodeMessage(mqtt(`shellies/shelly-1/${name}`, payload));

describe("Shelly Gen1", () => {
  it.each([
    ["relay/0", "on", { "relay.ch0": true }],
    ["relay/1", "off", { "relay.ch1": false }],
    ["relay/0", "overpower", { "relay.ch0": false }],
    ["light/0", "on", { "relay.ch0": true }],
    ["relay/power", "12.5", { power: 12.5 }],
    ["relay/energy", "60000", { "energy.import": 1 }],
    ["roller/0/power", "101", { "power.ch0": 101 }],
    ["roller/0/energy", "6000", { "energy.import.ch0": 0.1 }],
    ["light/0/energy", "600", { "energy.import.ch0": 0.01 }],
    ["emeter/1/power", "-12.5", { "power.ch1": -12.5 }],
    ["emeter/1/reactive_power", "-3", { "reactive_power.ch1": -3 }],
    ["emeter/1/voltage", "229.9", { "voltage.ch1": 229.9 }],
    ["emeter/2/current", "0", { "current.ch2": 0 }],
    ["emeter/2/total", "5000", { "energy.import.ch2": 5 }],
    ["emeter_n/current", "0.4", { "current.n": 0.4 }],
    ["temperature", "41.2", { temperature: 41.2 }],
    ["ext_temperature/0", "-7.5", { "temperature.ch0": -7.5 }],
    ["ext_humidity/0", "60", { "humidity.ch0": 60 }],
    ["sensor/temperature", "21.5", { temperature: 21.5 }],
    ["sensor/battery", "88", { battery: 88 }],
    ["sensor/flood", "true", { flood: true }],
    ["overtemperature", "0", { overtemperature: false }],
    ["adc/0", "12.31", { "voltage.ch0": 12.31 }],
    ["online", "true", { online: true }],
  ])("%s %s is %j", (name, payload, expected) => {
    expect(valuesOf(decode(name, payload))).toEqual(expected);
  });

  it.each([
    ["emeter/0/energy", "123"],
    ["emeter/0/returned_energy", "123"],
    ["relay/0/power", ""],
    ["relay/0/power", "nan"],
    ["relay/0/overpower_value", "2300"],
    ["relay/0/command", "on"],
    ["relay/0", ""],
    ["temperature_f", "106"],
    ["sensor/temperature", "999"],
    ["ext_temperature/0", "999.00"],
    ["input/0", "1"],
    ["input_event/0", '{"event":"S","event_cnt":2}'],
    ["announce", '{"id":"x"}'],
    ["info", ""],
  ])("%s %s measures nothing", (name, payload) => {
    expect(decode(name, payload)).toEqual({ format: "shelly-gen1", readings: [] });
  });

  it("refuses what is no number", () => {
    expect(decode("relay/0/power", "a lot").error).toBe('power.ch0 is "a lot", a number was expected');
    expect(decode("relay/0/power", "inf").error).toBe("power.ch0 is not a finite number");
    expect(decode("info", "[1]").error).toBeTypeOf("string");
  });

  it("reads info: meters in watt-minutes, emeters in Wh, what is not valid left out", () => {
    const decoded = decode("info", {
      wifi_sta: { connected: true, rssi: -61 },
      relays: [{ ison: true }, { ison: false, is_valid: false }],
      meters: [{ power: 20, is_valid: true, total: 60_000 }],
      emeters: [
        { power: -5, pf: -0.5, voltage: 230, is_valid: true, total: 2000, total_returned: 500 },
        { power: 0, is_valid: false },
      ],
      tmp: { tC: 35.5, tF: 95.9, is_valid: true },
      bat: { value: 77 },
    });
    expect(decoded.readings).toHaveLength(11);
    expect(decoded.readings.filter(({ kind }) => kind === "counter")).toMatchObject([
      { metric: "energy.import.ch0", value: 1 },
      { metric: "energy.import.ch0", value: 2 },
      { metric: "energy.export.ch0", value: 0.5 },
    ]);
    expect(valuesOf(decoded)).toMatchObject({ temperature: 35.5, battery: 77, signal_strength: -61 });
  });

  it("leaves Gen2 messages under shellies/ to Gen2", () => {
    expect(decoderOf(mqtt("shellies/plug/events/rpc", "{}"))?.format).toBe("shelly-gen2");
    expect(decoderOf(mqtt("shellies/plug/status/switch:0", "{}"))?.format).toBe("shelly-gen2");
    expect(decodeMessage(mqtt("shellies/command", "announce"))).toMatchObject({ readings: [] });
  });

  it("bears anything", () => {
    const topics = ["relay/0", "relay/0/power", "emeter/2/total", "info", "online", "sensor/battery"];
    expectToBearAnything(
      shellyGen1,
      topics.map((name) => `shellies/a/${name}`),
      "relays meters emeters ison power total is_valid tmp tC wifi_sta rssi bat value pf".split(" "),
    );
  });
});
