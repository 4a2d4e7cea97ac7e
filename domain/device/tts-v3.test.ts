import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Message } from "./device.ts";
import { decoderOf } from "./registry.ts";
import { ttsV3 } from "./tts-v3.ts";

const bytes = (value: unknown) => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const mqtt = (topic: string, value: unknown): Message => ({
  transport: "mqtt",
  topic,
  receivedAtMs: 0,
  payload: bytes(value),
});
const http = (path: string, value: unknown): Message => ({
  transport: "http",
  method: "POST",
  path,
  receivedAtMs: 0,
  payload: bytes(value),
});
const received = "2025-03-14T09:26:53.989585559Z";
const uplink = (more: object, rest: object = {}) => ({
  end_device_ids: { device_id: "meter-1" },
  uplink_message: { received_at: received, ...more },
  ...rest,
});
const up = "v3/app@tenant/devices/meter-1/up";
const values = (more: object) =>
  ttsV3.decode(mqtt(up, uplink(more)), undefined).readings.map(({ metric, value }) => [metric, value]);

describe("a decoded payload", () => {
  it.each<[string, unknown, [string, unknown][]]>([
    [
      "nested objects",
      { a: { b: { c: 1 } }, d: -2.5 },
      [
        ["a.b.c", 1],
        ["d", -2.5],
      ],
    ],
    [
      "lists, numbered from 0",
      { p: [1, null, 3] },
      [
        ["p.0", 1],
        ["p.2", 3],
      ],
    ],
    [
      "0 and false",
      { volume: 0, leak: false },
      [
        ["volume", 0],
        ["leak", false],
      ],
    ],
    [
      "texts that are numbers",
      { temp: "22.50", n: " 7 " },
      [
        ["temp", 22.5],
        ["n", 7],
      ],
    ],
    [
      "texts that are not",
      { state: "open", serial: "0042" },
      [
        ["state", "open"],
        ["serial", "0042"],
      ],
    ],
    ["what says nothing", { a: null, b: "NaN", c: "unavailable", d: "", e: {}, f: [] }, []],
    ["no object at all", null, []],
    ["a number alone", 12, []],
  ])("%s", (_, decoded, expected) => {
    expect(values({ decoded_payload: decoded })).toEqual(expected);
  });

  it("with a number that no double holds is taken without it", () => {
    const text = JSON.stringify(uplink({ decoded_payload: { a: "@", b: 2 } })).replace('"@"', "1e999");
    expect(ttsV3.decode(mqtt(up, text), undefined)).toMatchObject({
      readings: [{ metric: "b", value: 2 }],
      error: "a is not a finite number",
    });
  });

  it("is walked only so deep and so far", () => {
    const deep = `{"uplink_message":{"decoded_payload":${'{"a":'.repeat(5000)}1${"}".repeat(5002)}`;
    expect(ttsV3.decode(mqtt(up, deep), undefined)).toEqual({ readings: [] });
    expect(values({ decoded_payload: Array.from({ length: 5000 }, (_, i) => i) })).toHaveLength(1000);
  });

  it("of a simulated uplink is kept apart", () => {
    const message = mqtt(up, uplink({ decoded_payload: { p: 1 } }, { simulated: true }));
    expect(ttsV3.decode(message, undefined).readings[0]).toMatchObject({ metric: "p", tags: { simulated: "true" } });
  });
});

it("has the time at which the network received it, with all that its text says", () => {
  const at = (root: object) => ttsV3.decode(mqtt(up, root), undefined).readings[0]?.timeMs;
  const decoded_payload = { p: 1 };
  expect(at(uplink({ decoded_payload }))).toBeCloseTo(Date.parse("2025-03-14T09:26:53.989Z") + 0.586, 3);
  expect(at({ received_at: "2025-03-14T09:26:54Z", uplink_message: { decoded_payload } })).toBe(
    Date.parse("2025-03-14T09:26:54Z"),
  );
  expect(at({ uplink_message: { decoded_payload, received_at: "0001-01-01T00:00:00Z" } })).toBeNull();
});

it("tells the signal at the best gateway, unless the codec has that word", () => {
  const rx_metadata = [{ rssi: -110 }, { rssi: -97, snr: 5 }, {}, { rssi: 0 }];
  expect(values({ rx_metadata })).toEqual([["signal_strength", -97]]);
  expect(values({ rx_metadata: [{}] })).toEqual([]);
  expect(values({ rx_metadata, decoded_payload: { signal_strength: -50 } })).toEqual([["signal_strength", -50]]);
});

it("tells the battery as the device last answered it, at that time", () => {
  const last_battery_percentage = { f_cnt: 1, value: 92.5, received_at: "2025-03-13T00:00:00Z" };
  expect(ttsV3.decode(mqtt(up, uplink({ last_battery_percentage })), undefined).readings).toEqual([
    {
      device: "meter-1",
      metric: "battery",
      value: 92.5,
      unit: "%",
      timeMs: Date.parse("2025-03-13T00:00:00Z"),
      kind: "gauge",
    },
  ]);
});

it.each([
  ["join", { join_accept: {} }],
  ["down/ack", { downlink_ack: {} }],
  ["down/queued", "no JSON"],
  ["location/solved", { location_solved: { location: { latitude: 1 } } }],
  ["up", { join_accept: {} }],
])("%s measures nothing", (event, body) => {
  expect(ttsV3.decode(mqtt(`v3/app/devices/d/${event}`, body), undefined)).toEqual({ readings: [] });
});

it.each(["", "[]", "12", '{"uplink_message":{"decoded_payload":{"p":1'])("%s is refused with a sentence", (text) => {
  expect(ttsV3.decode(mqtt(up, text), undefined)).toMatchObject({ readings: [], error: expect.any(String) });
});

it.each([
  [mqtt("v3/app@tenant/devices/d/up", {}), "tts-v3"],
  [mqtt("v3/app/devices/d/down/sent", {}), "tts-v3"],
  [mqtt("x/v3/app/devices/d/up", {}), "generic-json"],
  [http("/ingest/tts", {}), "tts-v3"],
  [http("/ingest/tts-v3/join", {}), "tts-v3"],
  [http("/ingest/lora", { end_device_ids: {} }), "tts-v3"],
  [http("/ingest/lora", { ids: {} }), undefined],
])("%# is for the right decoder", (message, format) => {
  expect(decoderOf(message)?.format).toBe(format);
});

it("any JSON and any bytes never throw, and never give what is no finite number", () => {
  const json = fc
    .json({ maxDepth: 5 })
    .map((text) => `{"uplink_message":{"decoded_payload":${text},"rx_metadata":${text}}}`);
  fc.assert(
    fc.property(fc.oneof(json, fc.string(), fc.json()).map(bytes), fc.uint8Array({ maxLength: 3 }), (payload, tail) => {
      for (const body of [payload, new Uint8Array([...payload, ...tail])])
        for (const { value, kind } of ttsV3.decode({ ...mqtt(up, ""), payload: body }, undefined).readings)
          expect(kind === "state" || Number.isFinite(value)).toBe(true);
    }),
  );
});
