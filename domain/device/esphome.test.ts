import { describe, expect, it } from "vitest";
import { expectToBearAnything, mqtt, valuesOf } from "../../tests/support/hostile-messages.ts";
import type { DecoderState } from "./device.ts";
import { esphome } from "./esphome.ts";
import { decodeMessage, decoderOf } from "./registry.ts";

const power = "meter/sensor/power/state";
const announce = (config: object, state?: DecoderState, topic = "homeassistant/sensor/meter/power/config") =>
  decodeMessage(mqtt(topic, config), () => state);
const afterwards = (config: object, payload: string) =>
  decodeMessage(mqtt(power, payload), () => announce(config).state);

describe("ESPHome", () => {
  it.each([
    [{ stat_t: power, unit_of_meas: "kW", dev_cla: "power", stat_cla: "measurement" }, "-1.5", -1500, "W", "gauge"],
    [
      { state_topic: power, unit_of_measurement: "Wh", device_class: "energy", state_class: "total_increasing" },
      "500",
      0.5,
      "kWh",
      "counter",
    ],
    [
      { "~": "meter/sensor/power", stat_t: "~/state", unit_of_meas: "kWh", stat_cla: "total" },
      "5",
      5,
      "kWh",
      "counter",
    ],
    [{ stat_t: power, unit_of_meas: "kWh", dev_cla: "energy" }, "5", 5, "kWh", "counter"],
    [{ stat_t: power, unit_of_meas: "m³", dev_cla: "gas", stat_cla: "total_increasing" }, "5.5", 5.5, "m3", "counter"],
    [{ stat_t: power, dev_cla: "power_factor", unit_of_meas: "%" }, "95", 0.95, "1", "gauge"],
    [{ stat_t: power, dev_cla: "power_factor" }, "0.95", 0.95, "1", "gauge"],
    [{ stat_t: power, unit_of_meas: "°C" }, "21.5", 21.5, "degC", "gauge"],
    [{ stat_t: power, unit_of_meas: "lx" }, "21.5", 21.5, null, "gauge"],
    [{ stat_t: power, dev_cla: 3, unit_of_meas: null }, "7", 7, null, "gauge"],
  ])("announced by %j, %s is %s %s (%s)", (config, payload, value, unit, kind) => {
    const { readings, awaits } = afterwards(config, payload);
    expect(readings).toEqual([{ device: "meter", metric: "power", value, unit, timeMs: null, kind }]);
    expect(awaits).toBeUndefined();
  });

  it("waits for the discovery of an object it does not know, with what the message says without", () => {
    expect(decodeMessage(mqtt(power, "5"))).toMatchObject({
      readings: [{ metric: "power", value: 5, unit: null, kind: "gauge" }],
      awaits: "the discovery message of meter/sensor/power/state",
    });
  });

  it("returns its state only when it changed, and forgets what is taken back", () => {
    const config = { stat_t: power, unit_of_meas: "W" };
    const { state } = announce(config);
    expect(announce(config, state).state).toBeUndefined();
    expect(announce({ ...config, unit_of_meas: "kW" }, state).state).not.toEqual(state);
    const cleared = decodeMessage(mqtt("homeassistant/sensor/meter/power/config", ""), () => state);
    expect(cleared).toMatchObject({ readings: [], state: { entities: {} } });
  });

  it.each([
    [
      "homeassistant/sensor/0x00158d/power/config",
      { state_topic: "zigbee2mqtt/plug", value_template: "{{ value_json.power }}" },
    ],
    ["homeassistant/sensor/A1B2_energy_total/config", { stat_t: "tele/plug/SENSOR", val_tpl: "{{ x }}" }],
    ["homeassistant/device/0x1/config", { dev: {}, cmps: { power: { p: "sensor" } } }],
    ["homeassistant/switch/plug/config", { "~": "x", stat_t: "~/stat", cmd_t: "~/cmd" }],
    ["homeassistant/sensor/x/y/config", []],
    ["homeassistant/sensor/x/y/config", ""],
  ])("passes over the discovery message %s of others", (topic, payload) => {
    expect(decodeMessage(mqtt(topic, payload))).toEqual({ format: "esphome", readings: [] });
  });

  it("remembers at most 2,000 objects, in short words", () => {
    let state: DecoderState | undefined;
    for (let i = 0; i < 2010; i++)
      state = announce({ stat_t: `m/sensor/o${i}/state`, unit_of_meas: "W".repeat(500) }, state).state ?? state;
    const entities = state!.entities as Record<string, { unit: string }>;
    expect(Object.keys(entities)).toHaveLength(2000);
    expect(Object.values(entities)[0]!.unit).toHaveLength(100);
    expect(announce({ stat_t: `${"m".repeat(300)}/sensor/o/state` }).state).toBeUndefined();
  });

  it.each([
    ["home/esp/meter/sensor/power/state", "5", { power: 5 }],
    ["meter/binary_sensor/door/state", "ON", { door: true }],
    ["meter/switch/boiler/state", "OFF", { boiler: false }],
    ["meter/light/lamp/state", '{"state":"ON","brightness":128}', { lamp: true }],
    ["meter/number/limit/state", "60", { limit: 60 }],
    ["meter/sensor/wifi_ssid/state", "Home", { wifi_ssid: "Home" }],
    ["meter/select/mode/state", "eco", { mode: "eco" }],
    ["meter/sensor/power/state", "nan", {}],
    ["meter/sensor/power/state", "", {}],
    ["meter/sensor/power/state", "unavailable", {}],
    ["meter/switch/boiler/command", "ON", {}],
    ["meter/cover/blind/position/state", "40", {}],
    ["meter/status", "online", { online: true }],
    ["meter/debug", "\u001b[0;36m[D][sensor:094]: 'Power': Sending state 5 W\u001b[0m", {}],
    ["meter/debug", "[W][component:237]: took a long time", {}],
  ])("%s %s is %j", (topic, payload, expected) => {
    const decoded = decodeMessage(mqtt(topic, payload));
    expect(decoded).toMatchObject({ format: "esphome" });
    expect(decoded.error).toBeUndefined();
    expect(valuesOf(decoded)).toEqual(expected);
  });

  it("refuses infinity, and discovery that is no JSON", () => {
    expect(decodeMessage(mqtt(power, "inf")).error).toBe("power is not a finite number");
    expect(afterwards({ stat_t: power, unit_of_meas: "MW" }, "1e305").error).toBe("power is not a finite number");
    expect(announce("{" as unknown as object).error).toBeTypeOf("string");
  });

  it("leaves states below Home Assistant's base to statestream", () => {
    expect(decoderOf(mqtt("homeassistant/sensor/power/state", "5"))?.format).toBe("ha-statestream");
    expect(decoderOf(mqtt("meter/status", "5"))).toMatchObject({ format: "topic-value" });
  });

  it("bears anything", () => {
    const topics = ["m/sensor/power/state", "m/light/l/state", "m/status", "m/debug"];
    expectToBearAnything(
      esphome,
      [...topics, "homeassistant/sensor/m/power/config"],
      "stat_t unit_of_meas dev_cla stat_cla ~ entities m/sensor/power/state unit deviceClass W kW".split(" "),
    );
  });
});
