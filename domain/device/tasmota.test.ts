import { describe, expect, it } from "vitest";
import type { DeviceConfig, Message } from "./device.ts";
import { decodeMessage } from "./registry.ts";
import { tasmotaTopic } from "./tasmota-topic.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const mqtt = (topic: string, payload: unknown, config?: DeviceConfig): Message => ({
  transport: "mqtt",
  topic,
  receivedAtMs: 0,
  payload: bytes(typeof payload === "string" ? payload : JSON.stringify(payload)),
  ...(config && { config }),
});
const decode = (topic: string, payload: unknown, config?: DeviceConfig) => decodeMessage(mqtt(topic, payload, config));
const values = (topic: string, payload: unknown, config?: DeviceConfig) =>
  Object.fromEntries(decode(topic, payload, config).readings.map(({ metric, value }) => [metric, value]));

describe("Tasmota telemetry", () => {
  it("reads energy registers as kWh counters, and leaves Yesterday and Period out", () => {
    const { readings } = decode("tele/plug/SENSOR", {
      ENERGY: { Total: 182.437, Yesterday: 1.9, Today: 0.7, Period: 12, Power: -143 },
    });
    expect(readings).toEqual([
      { device: "plug", metric: "energy.import", value: 182.437, unit: "kWh", timeMs: null, kind: "counter" },
      { device: "plug", metric: "energy.today", value: 0.7, unit: "kWh", timeMs: null, kind: "counter" },
      { device: "plug", metric: "power", value: -143, unit: "W", timeMs: null, kind: "gauge" },
    ]);
  });

  it("tells the neutral's current from the phases'", () => {
    expect(values("tele/p/SENSOR", { ENERGY: { Current: [1, 2, 3], CurrentNeutral: 0.4 } })).toMatchObject({
      "current.n": 0.4,
      "current.3": 3,
    });
  });

  it("numbers lists from 1, tariffs as t1 and t2, and keeps the place of a missing one", () => {
    const energy = { Power: [10, null, 30], ExportActive: [1, 2, 3], TotalTariff: [7, 8], TodaySumExport: 0.5 };
    expect(values("tele/meter/SENSOR", { ENERGY: energy })).toEqual({
      "power.1": 10,
      "power.3": 30,
      "energy.export.1": 1,
      "energy.export.2": 2,
      "energy.export.3": 3,
      "energy.import.t1": 7,
      "energy.import.t2": 8,
      "energy.today.export": 0.5,
    });
  });

  it("reads polled status, STATUS8 and STATUS10, in and out of their wrapper", () => {
    const sensor = { Time: "2025-03-14T09:25:00", ENERGY: { Power: 5 } };
    expect(values("stat/plug/STATUS10", { StatusSNS: sensor })).toEqual({ power: 5 });
    expect(values("stat/plug/STATUS8", { StatusSNS: sensor })).toEqual({ power: 5 });
    expect(values("stat/plug/STATUS11", { StatusSTS: { POWER: "ON" } })).toEqual({ relay: true });
    expect(decode("stat/plug/STATUS5", { StatusNET: { Hostname: "plug" } })).toMatchObject({ readings: [] });
  });

  it("tells relays from power", () => {
    expect(values("tele/plug/STATE", { POWER: "ON", POWERx: "ON", Wifi: { RSSI: 62 } })).toEqual({ relay: true });
    expect(values("stat/plug/RESULT", { POWER2: "OFF" })).toEqual({ "relay.2": false });
    expect(values("stat/plug/POWER1", "ON")).toEqual({ "relay.1": true });
    expect(values("cmnd/plug/POWER", "ON")).toEqual({});
    expect(values("cmnd/plug/TelePeriod", "10")).toEqual({});
  });

  it("converts Fahrenheit, names the sensor, and keeps several of one sensor apart", () => {
    const { readings } = decode("tele/x/SENSOR", {
      AM2301: { Temperature: 72.5, Humidity: 40 },
      ANALOG: { Temperature1: 32, Temperature2: 212 },
      TempUnit: "F",
    });
    expect(
      readings.map(({ metric, value, tags }) => [metric, Math.round(Number(value) * 1e9) / 1e9, tags?.sensor]),
    ).toEqual([
      ["temperature", 22.5, "AM2301"],
      ["humidity", 40, "AM2301"],
      ["temperature.1", 0, "ANALOG"],
      ["temperature.2", 100, "ANALOG"],
    ]);
  });

  it("reads a last will, and nothing else under its topic", () => {
    expect(values("tele/plug/LWT", "Online")).toEqual({ online: true });
    expect(values("tele/plug/LWT", "Offline")).toEqual({ online: false });
    expect(decode("tele/plug/LWT", "")).toMatchObject({ readings: [] });
  });

  it.each([
    [{ Time: "2025-03-14T09:25:00" }, undefined, null],
    [{ Time: "2025-03-14T10:25:00+01:00" }, undefined, "2025-03-14T09:25:00.000Z"],
    [{ Time: "2025-03-14T10:25:00", Epoch: 1741944300 }, undefined, "2025-03-14T09:25:00.000Z"],
    [{ Time: 1741944300 }, undefined, "2025-03-14T09:25:00.000Z"],
    [{ Time: "1970-01-01T00:00:08+00:00" }, undefined, null],
    [{ Time: "2025-03-14T10:25:00" }, { timezone: "Europe/Berlin" }, "2025-03-14T09:25:00.000Z"],
    [{ Time: "2025-10-26T02:30:00" }, { timezone: "Europe/Berlin" }, null],
    [{ Time: "2025-03-30T02:30:00" }, { timezone: "Europe/Berlin" }, null],
    [{ Time: "2025-03-30T03:30:00" }, { timezone: "Europe/Berlin" }, "2025-03-30T01:30:00.000Z"],
    [{ Time: "2025-03-14T10:25:00" }, { timezone: "Mars/Olympus" }, null],
  ])("time of %j with %j is %s", (time, config, expected) => {
    const [reading] = decode("tele/plug/SENSOR", { ...time, ENERGY: { Power: 1 } }, config).readings;
    expect(reading!.timeMs === null ? null : new Date(reading!.timeMs).toISOString()).toBe(expected);
  });

  it("passes over nan, refuses infinity, and keeps the rest", () => {
    expect(values("tele/p/SENSOR", '{"ENERGY":{"Power":nan,"Voltage":230,"Current":[-nan,1]}}')).toEqual({
      voltage: 230,
      "current.2": 1,
    });
    const decoded = decode("tele/p/SENSOR", '{"ENERGY":{"Power":1e999,"Voltage":230}}');
    expect(decoded.readings.map(({ metric }) => metric)).toEqual(["voltage"]);
    expect(decoded.error).toBe("Power of power is not a finite number");
  });

  it("takes the quoted numbers of old firmware", () => {
    expect(values("tele/p/SENSOR", { ENERGY: { Power: "143", Total: "2.345" } })).toEqual({
      power: 143,
      "energy.import": 2.345,
    });
  });

  it("a retained topic that is cleared says nothing", () => {
    expect(decode("tele/p/SENSOR", "")).toEqual({ format: "tasmota", readings: [] });
  });

  it("takes sensors and relays of a whole status", () => {
    const status = { Status: { Power: 1 }, StatusSNS: { ENERGY: { Power: 5 } }, StatusSTS: { POWER: "ON" } };
    expect(values("stat/p/STATUS0", status)).toEqual({ power: 5, relay: true });
  });

  it.each(["[]", "12", '"x"', '{"ENERGY":{"Total":182.437,"Power":14'])("refuses %s with a sentence", (payload) => {
    expect(decode("tele/p/SENSOR", payload)).toMatchObject({
      format: "tasmota",
      readings: [],
      error: expect.any(String),
    });
  });
});

describe("tasmotaTopic", () => {
  it.each([
    ["tele/plug/SENSOR", undefined, "plug"],
    ["tele/home/kitchen/plug/SENSOR", undefined, "home/kitchen/plug"],
    ["tasmota/plug/tele/SENSOR", undefined, "tasmota/plug"],
    ["home/waterkoker/tele/SENSOR", "home/%topic%/%prefix%/", "waterkoker"],
    ["home/waterkoker/tele/SENSOR", "home/%topic%/%prefix%", "waterkoker"],
    ["a+b/plug/stat/STATUS8", "a+b/%topic%/%prefix%/", "plug"],
    ["tele/site (1)/plug/LWT", "%prefix%/site (1)/%topic%/", "plug"],
    ["tele/plug/SENSOR", "home/%topic%/%prefix%/", "plug"],
    ["home/plug/SENSOR", "home/%topic%/%prefix%/", undefined],
    ["tele/plug/sensor", undefined, undefined],
    ["tele/SENSOR", undefined, undefined],
    ["tele//SENSOR", undefined, undefined],
    ["SENSOR", undefined, undefined],
    ["zigbee2mqtt/plug/SENSOR", undefined, undefined],
  ])("%s under %s is %s", (topic, pattern, device) => {
    expect(tasmotaTopic(topic, pattern === undefined ? undefined : { full_topic: pattern })?.device).toBe(device);
  });
});
