import { describe, expect, it } from "vitest";
import { expectToBearAnything, mqtt, valuesOf } from "../../tests/support/hostile-messages.ts";
import type { DecoderState } from "./device.ts";
import { haStatestream } from "./ha-statestream.ts";
import { decodeMessage, decoderOf } from "./registry.ts";

/** A connection: what was sent on it before decides. */
function connection(entity: string) {
  let state: DecoderState | undefined;
  return (name: string, payload: unknown) => {
    const decoded = decodeMessage(mqtt(`homeassistant/${entity}/${name}`, payload), () => state);
    state = decoded.state ?? state;
    return decoded;
  };
}

describe("Home Assistant statestream", () => {
  it.each([
    [{ unit_of_measurement: "kW", device_class: "power" }, "-0.8125", "power", -812.5, "W", "gauge"],
    [
      { unit_of_measurement: "Wh", device_class: "energy", state_class: "total_increasing" },
      "5123.7",
      "energy",
      5.1237,
      "kWh",
      "counter",
    ],
    [{ unit_of_measurement: "kWh", device_class: "energy", state_class: "total" }, "5", "energy", 5, "kWh", "counter"],
    [{ unit_of_measurement: "°F", device_class: "temperature" }, "72.5", "temperature", 22.5, "degC", "gauge"],
    [{ unit_of_measurement: "%", device_class: "battery" }, "80", "battery", 80, "%", "gauge"],
    [{ unit_of_measurement: "dBm", device_class: "signal_strength" }, "-60", "signal_strength", -60, "dBm", "gauge"],
    [{ unit_of_measurement: "%", device_class: "power_factor" }, "98", "power_factor", 0.98, "1", "gauge"],
    [
      { unit_of_measurement: "ft³", device_class: "gas", state_class: "total_increasing" },
      "100",
      "gas",
      2.8316846592,
      "m3",
      "counter",
    ],
    [{ unit_of_measurement: "W", friendly_name: "Net" }, "12", "state", 12, "W", "gauge"],
    [{ unit_of_measurement: "lx", device_class: "illuminance" }, "12", "illuminance", 12, null, "gauge"],
    [{ device_class: null, friendly_name: "Net" }, '"12.5"', "state", 12.5, null, "gauge"],
  ])("with %j, %s is %s = %s %s (%s)", (attributes, payload, metric, value, unit, kind) => {
    const send = connection("sensor/net");
    for (const [name, word] of Object.entries(attributes)) send(name, JSON.stringify(word));
    const { readings, awaits } = send("state", payload);
    expect(readings).toMatchObject([{ device: "sensor.net", metric, unit, kind }]);
    expect(readings[0]!.value).toBeCloseTo(value, 9);
    expect(awaits).toBeUndefined();
  });

  it("waits until the attributes have come: the unit comes before the device class, the name last", () => {
    const send = connection("sensor/net");
    expect(send("state", "5")).toMatchObject({
      readings: [{ metric: "state" }],
      awaits: "the attributes of sensor.net",
    });
    expect(send("state_class", '"measurement"').state).toBeDefined();
    send("unit_of_measurement", '"W"');
    expect(send("state", "5").awaits).toBeDefined();
    send("device_class", '"power"');
    expect(send("state", "5")).toMatchObject({ readings: [{ metric: "power", unit: "W" }] });
    expect(send("device_class", '"power"').state).toBeUndefined();
  });

  it.each([
    ["binary_sensor/door", "off", { state: false }],
    ["light/lamp", "on", { state: true }],
    ["person/anna", "home", { state: "home" }],
    ["climate/room", '"heat"', { state: "heat" }],
    ["sensor/net", "unknown", {}],
    ["sensor/net", '"unavailable"', {}],
    ["sensor/net", "", {}],
    ["sensor/net", "nan", {}],
    ["button/restart", "2025-03-14T09:00:00+00:00", {}],
  ])("the state of %s, %s, is %j", (entity, payload, expected) => {
    const decoded = connection(entity)("state", payload);
    expect(decoded.error).toBeUndefined();
    expect(valuesOf(decoded)).toEqual(expected);
  });

  it("passes over times", () => {
    const send = connection("sensor/last_boot");
    send("device_class", '"timestamp"');
    expect(send("state", "2025-03-14T09:00:00+00:00").readings).toEqual([]);
  });

  it.each([
    ["brightness", "128"],
    ["online", "true"],
    ["options", '["a","b"]'],
    ["last_updated", "2025-03-14T09:27:11.123+00:00"],
    ["device_class", "null"],
    ["device_class", ""],
  ])("the attribute %s %s measures nothing", (name, payload) => {
    expect(connection("light/lamp")(name, payload)).toEqual({ format: "ha-statestream", readings: [] });
  });

  it.each([
    ["homeassistant/status", "online", undefined, "ha-statestream"],
    ["home/statestream/sensor/net/state", "5", undefined, "ha-statestream"],
    ["any/base/sensor/net/unit_of_measurement", '"W"', undefined, "ha-statestream"],
    ["my/base/sensor/net/state", "5", { base_topic: "my/base" }, "ha-statestream"],
    ["my/base/sensor/net/state", "5", undefined, "esphome"],
    ["homeassistant/sensor/net/config", "{}", undefined, "esphome"],
  ])("%s %s with %j is %s", (topic, payload, config, format) => {
    expect(decoderOf(mqtt(topic, payload, config))?.format).toBe(format);
    expect(decodeMessage(mqtt(topic, payload, config)).error).toBeUndefined();
  });

  it("remembers at most 2,000 entities", () => {
    let state: DecoderState | undefined;
    for (let i = 0; i < 2010; i++)
      state = decodeMessage(mqtt(`homeassistant/sensor/s${i}/device_class`, '"power"'), () => state).state ?? state;
    expect(Object.keys(state!.entities as object)).toHaveLength(2000);
  });

  it("refuses infinity", () => {
    expect(connection("sensor/net")("state", "inf").error).toBe("the state of sensor.net is not a finite number");
  });

  it("bears anything", () => {
    const topics = ["state", "unit_of_measurement", "device_class", "state_class", "friendly_name"];
    expectToBearAnything(
      haStatestream,
      topics.map((name) => `homeassistant/sensor/net/${name}`),
      "entities sensor.net unit deviceClass stateClass W kW power_factor total".split(" "),
    );
  });
});
