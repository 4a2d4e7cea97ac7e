import { describe, expect, it } from "vitest";
import { expectToBearAnything, mqtt, valuesOf } from "../../tests/support/hostile-messages.ts";
import type { DecoderState } from "./device.ts";
import { decodeMessage, decoderOf } from "./registry.ts";
import { zigbee2mqtt } from "./zigbee2mqtt.ts";

const values = (payload: object) => valuesOf(decodeMessage(mqtt("zigbee2mqtt/plug", payload)));

describe("Zigbee2MQTT", () => {
  it.each([
    [
      { power: 350, energy_flow: "producing" },
      { power: -350, energy_flow: "producing" },
    ],
    [
      { power: -350, energy_flow: "producing" },
      { power: -350, energy_flow: "producing" },
    ],
    [
      { power: 350, energy_flow: "consuming" },
      { power: 350, energy_flow: "consuming" },
    ],
    [
      { power_a: 50, energy_flow_a: "producing", power_b: 20, energy_flow_b: "consuming", power_ab: -30 },
      { "power.l1": -50, energy_flow_a: "producing", "power.l2": 20, energy_flow_b: "consuming", power: -30 },
    ],
    [
      { energy_a: 5, energy_produced_a: 2, power_factor_a: 97 },
      { "energy.import.l1": 5, "energy.export.l1": 2, "power_factor.l1": 0.97 },
    ],
    [
      { power_phase_a: 1, power_phase_b: 2, power: 3 },
      { "power.l1": 1, "power.l2": 2, power: 3 },
    ],
    [
      { voltage: 230, voltage_phase_b: 231, energy: 5, energy_phase_b: 2 },
      { "voltage.l1": 230, "voltage.l2": 231, "energy.import": 5, "energy.import.l2": 2 },
    ],
    [
      { voltage_X: 230, power_Z: 7, current_Y: 1 },
      { "voltage.l1": 230, "power.l3": 7, "current.l2": 1 },
    ],
    [
      { current_neutral: 0.2, energy_tier_1: 9 },
      { "current.n": 0.2, "energy.import.t1": 9 },
    ],
    [
      { state_left: "ON", power_left: 3, state_right: "off" },
      { "relay.left": true, "power.left": 3, "relay.right": false },
    ],
    [
      { power_apparent: 5, power_reactive: -2, power_factor: 0.9 },
      { apparent_power: 5, reactive_power: -2, power_factor: 0.9 },
    ],
    [
      { battery: 97, voltage: 3005, temperature: 21.3, humidity: 48 },
      { battery: 97, voltage: 3.005, temperature: 21.3, humidity: 48 },
    ],
    [{ battery: null, voltage: 2900 }, { voltage: 2.9 }],
    [
      { contact: false, battery_low: true, linkquality: 90 },
      { contact: false, battery_low: true, link_quality: 90 },
    ],
    [{ state: "OPEN", position: 40 }, { state: "OPEN" }],
    [{ power: "12.5", voltage: "n/a", energy: "" }, { power: 12.5 }],
    [{ power_on_behavior: "off", power_outage_count: 3, countdown_l1: 0, update: { state: "idle" } }, {}],
    [{ state: "unavailable", energy_flow: "" }, {}],
    [{ state: null, power: null, energy_flow: null, battery: { level: 3 } }, {}],
  ])("%j is %j", (payload, expected) => {
    expect(values(payload)).toEqual(JSON.parse(JSON.stringify(expected)));
  });

  it.each([
    ["2025-03-14T09:27:11.000Z", 1741944431000],
    ["2025-03-14T10:27:11+01:00", 1741944431000],
    [1741944431000, 1741944431000],
    ["1970-01-01T00:00:00.000Z", null],
    [null, null],
  ])("last seen %j is %j", (last_seen, timeMs) => {
    expect(decodeMessage(mqtt("zigbee2mqtt/plug", { last_seen, power: 1 })).readings[0]!.timeMs).toBe(timeMs);
  });

  it.each([
    ["zigbee2mqtt/plug/availability", "online", "plug", true],
    ["zigbee2mqtt/keuken/plug/availability", '{"state":"online"}', "keuken/plug", true],
    ["zigbee/plug/availability", "offline", "plug", false],
    ["zigbee/plug/availability", '{"state": "offline"}', "plug", false],
  ])("%s %s: %s is online: %s", (topic, payload, device, value) => {
    expect(decodeMessage(mqtt(topic, payload)).readings).toMatchObject([{ device, metric: "online", value }]);
  });

  it.each([
    ["zigbee2mqtt/bridge/state", '{"state":"offline"}', false],
    ["my/zigbee/bridge/state", "online", true],
  ])("%s %s is the gateway's own will", (topic, payload, value) => {
    expect(decodeMessage(mqtt(topic, payload)).readings).toMatchObject([{ device: "@token", metric: "online", value }]);
  });

  it.each([
    ["zigbee2mqtt/bridge/devices", "[{}]"],
    ["zigbee2mqtt/bridge/info", '{"version":"2.1.0","power":3}'],
    ["zigbee2mqtt/bridge/state", ""],
    ["zigbee2mqtt/plug/set", '{"state":"ON"}'],
    ["zigbee2mqtt/plug/set/state", "ON"],
    ["zigbee2mqtt/plug/get", '{"power":""}'],
    ["zigbee2mqtt/plug/availability", ""],
    ["zigbee2mqtt/plug", ""],
    ["zigbee2mqtt/plug/power", ""],
    ["zigbee2mqtt/plug/action", "single"],
    ["zigbee2mqtt/plug/update-state", "idle"],
  ])("%s %s measures nothing", (topic, payload) => {
    expect(decodeMessage(mqtt(topic, payload))).toEqual({ format: "zigbee2mqtt", readings: [] });
  });

  it.each([
    ["zigbee2mqtt/keuken/plug", undefined, "keuken/plug"],
    ["zigbee2mqtt-garage/plug", undefined, "plug"],
    ["home/zigbee2mqtt/plug", undefined, "plug"],
    ["zigbee/keuken/plug", undefined, "keuken/plug"],
    ["home/zigbee/plug", { base_topic: "home/zigbee/" }, "plug"],
  ])("the device of %s with %j is %s", (topic, config, device) => {
    expect(decodeMessage(mqtt(topic, { power: 1, linkquality: 5 }, config)).readings[0]!.device).toBe(device);
  });

  it("leaves discovery messages and other JSON alone", () => {
    expect(decoderOf(mqtt("homeassistant/sensor/0x1/linkquality/config", '{"linkquality":1}'))?.format).toBe("esphome");
    expect(decoderOf(mqtt("my/meter", { power: 1 }))?.format).toBe("generic-json");
  });

  it.each(["{", '{"power":1', "12", "[1]"])("refuses the state %s", (payload) => {
    expect(decodeMessage(mqtt("zigbee2mqtt/plug", payload))).toMatchObject({ readings: [], error: expect.any(String) });
  });

  it("reads a key on a topic of its own by what other topics said", () => {
    let state: DecoderState | undefined;
    const send = (name: string, payload: string) => {
      const decoded = decodeMessage(mqtt(`zigbee2mqtt/${name}`, payload), () => state);
      state = decoded.state ?? state;
      return valuesOf(decoded);
    };
    expect(send("meter/power", "350")).toEqual({ power: 350 });
    expect(state).toBeUndefined();
    expect(send("meter/energy_flow", "producing")).toEqual({ energy_flow: "producing" });
    expect(send("meter/power", "350")).toEqual({ power: -350 });
    const before = state;
    send("meter/energy_flow", "producing");
    expect(state).toBe(before);
    expect(send("other/power", "350")).toEqual({ power: 350 });
    expect(send("sensor/battery", "97")).toEqual({ battery: 97 });
    expect(send("sensor/voltage", "905")).toEqual({ voltage: 0.905 });
    send("three/power_phase_b", "5");
    expect(send("three/power", "4")).toEqual({ "power.l1": 4 });
    expect(send("door/contact", "false")).toEqual({ contact: false });
    expect(send("door/state", "ON")).toEqual({ relay: true });
  });

  it("remembers at most 2,000 devices", () => {
    let state: DecoderState | undefined;
    for (let i = 0; i < 2010; i++)
      state = decodeMessage(mqtt(`zigbee2mqtt/s${i}/battery`, "50"), () => state).state ?? state;
    expect(Object.keys(state!.devices as object)).toHaveLength(2000);
  });

  it("bears anything", () => {
    const topics = ["plug", "a/plug", "plug/power", "plug/energy_flow", "plug/availability", "bridge/state"];
    expectToBearAnything(
      zigbee2mqtt,
      topics.map((name) => `zigbee2mqtt/${name}`),
      "power power_phase_b energy_flow energy voltage battery state last_seen linkquality devices plug".split(" "),
    );
  });
});
