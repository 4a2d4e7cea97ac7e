import fc from "fast-check";
import { expect, it } from "vitest";
import { chirpstackV4 } from "./chirpstack-v4.ts";
import type { Message } from "./device.ts";
import { decoderOf } from "./registry.ts";
import { defineChannel } from "./vocabulary.ts";

const bytes = (value: unknown) => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const mqtt = (event: string, value: unknown): Message => ({
  transport: "mqtt",
  topic: `application/1/device/24e1/event/${event}`,
  receivedAtMs: 0,
  payload: bytes(value),
});
const http = (path: string, query: string, value: unknown): Message => ({
  transport: "http",
  method: "POST",
  ...{ path, query },
  receivedAtMs: 0,
  payload: bytes(value),
});
const about = { time: "2025-03-14T09:26:53.775023242+00:00", deviceInfo: { devEui: "24e1" } };
const values = (message: Message) =>
  chirpstackV4.decode(message, undefined).readings.map(({ metric, value }) => [metric, value]);

it("reads the codec's object and the best gateway's signal, at the time of the event", () => {
  const rxInfo = [{ rssi: -120 }, { rssi: -36, snr: 10.5 }];
  const message = mqtt("up", { ...about, object: { power: { l1: 400.5 }, relay: true }, rxInfo });
  expect(values(message)).toEqual([
    ["power.l1", 400.5],
    ["relay", true],
    ["signal_strength", -36],
  ]);
  const [first] = chirpstackV4.decode(message, undefined).readings;
  expect(first).toMatchObject({ device: "24e1", unit: null, kind: "gauge" });
  expect(first!.timeMs).toBeCloseTo(Date.parse("2025-03-14T09:26:53.775Z") + 0.023, 3);
});

it.each<[string, object, unknown[]]>([
  ["a level", { margin: 10, batteryLevel: 88.3 }, [["battery", 88.3]]],
  ["mains power", { externalPowerSource: true, batteryLevel: 0 }, []],
  ["a device that cannot tell", { batteryLevelUnavailable: true, batteryLevel: 0 }, []],
  ["the level left out", { margin: 10 }, []],
  ["a level that cannot be", { batteryLevel: -1 }, []],
])("a status with %s", (_, status, expected) => {
  expect(values(mqtt("status", { ...about, ...status }))).toEqual(expected);
});

it("the battery of a status is the sensor's, not a site's", () => {
  expect(defineChannel("battery", { kind: "gauge", unit: "%" })).toMatchObject({
    quantity: "battery_level",
    medium: "none",
    unit: "%",
  });
  expect(defineChannel("battery", { kind: "gauge", unit: null }).quantity).toBe("custom");
});

it.each(["join", "ack", "txack", "log", "location", "integration"])("%s measures nothing", (event) => {
  expect(chirpstackV4.decode(mqtt(event, { ...about, object: { p: 1 }, batteryLevel: 5 }), undefined)).toEqual({
    readings: [],
  });
  expect(values(http("/ingest/chirpstack-v4", `event=${event}`, { ...about, object: { p: 1 } }))).toEqual([]);
});

it("reads an HTTP event by its query, else by its shape", () => {
  const uplink = { ...about, object: { p: 1 } };
  const status = { ...about, margin: 3, batteryLevel: 50 };
  expect(values(http("/ingest/chirpstack", "event=up", uplink))).toEqual([["p", 1]]);
  expect(values(http("/ingest/chirpstack", "", uplink))).toEqual([["p", 1]]);
  expect(values(http("/ingest/chirpstack", "event=status", status))).toEqual([["battery", 50]]);
  expect(values(http("/ingest/chirpstack", "", status))).toEqual([["battery", 50]]);
});

it("takes the device from the topic where the message has none", () => {
  expect(chirpstackV4.decode(mqtt("up", { object: { p: 1 } }), undefined).readings).toEqual([
    { device: "24e1", metric: "p", value: 1, unit: null, timeMs: null, kind: "gauge" },
  ]);
});

it.each(["", "[1]", "\u0001\u0002", '{"object":{"p":1'])("%j is refused with a sentence", (text) => {
  expect(chirpstackV4.decode(mqtt("up", text), undefined)).toMatchObject({ readings: [], error: expect.any(String) });
});

it.each([
  [{ ...mqtt("up", {}), topic: "eu868/application/a/device/b/event/up" }, "chirpstack-v4"],
  [{ ...mqtt("up", {}), topic: "application/a/device/b/command/down" }, "generic-json"],
  [http("/ingest/chirpstack-v4", "event=up", {}), "chirpstack-v4"],
  [http("/ingest/hook", "event=up", about), "chirpstack-v4"],
])("%# is for the right decoder", (message, format) => {
  expect(decoderOf(message)?.format).toBe(format);
});

it("any JSON and any bytes never throw, and never give what is no finite number", () => {
  const json = fc.json({ maxDepth: 5 }).map((text) => `{"object":${text},"rxInfo":${text},"batteryLevel":${text}}`);
  fc.assert(
    fc.property(fc.oneof(json, fc.string()).map(bytes), fc.constantFrom("up", "status"), (payload, event) => {
      for (const { value, kind } of chirpstackV4.decode({ ...mqtt(event, ""), payload }, undefined).readings)
        expect(kind === "state" || Number.isFinite(value)).toBe(true);
    }),
  );
});
