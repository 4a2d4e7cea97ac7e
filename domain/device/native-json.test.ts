import { describe, expect, it } from "vitest";
import { defaultAnswer } from "./answer.ts";
import type { Message } from "./device.ts";
import { decodeMessage } from "./registry.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (payload: unknown) => bytes(typeof payload === "string" ? payload : JSON.stringify(payload));
const mqtt = (payload: unknown, topic = "energy/meter") =>
  decodeMessage({ transport: "mqtt", topic, receivedAtMs: 0, payload: text(payload) });
const http = (payload: unknown) => {
  const message: Message = {
    transport: "http",
    method: "POST",
    path: "/api/v1/readings",
    receivedAtMs: 0,
    payload: text(payload),
  };
  const decoded = decodeMessage(message);
  return { ...decoded, response: defaultAnswer(decoded) };
};

describe("rows of metrics", () => {
  it("takes the vocabulary in canonical units, other names as custom", () => {
    const { readings, error } = mqtt({
      time: "2025-03-14T09:26:53Z",
      power: 1250,
      "energy.import": 48211.375,
      "grid.power.l1": -3,
      boiler: 5,
      online: true,
    });
    expect(error).toBeUndefined();
    expect(
      readings.map(({ device, metric, value, unit, kind, timeMs }) => [device, metric, value, unit, kind, timeMs]),
    ).toEqual([
      ["meter", "power", 1250, "W", "gauge", 1741944413000],
      ["meter", "energy.import", 48211.375, "kWh", "counter", 1741944413000],
      ["meter", "grid.power.l1", -3, "W", "gauge", 1741944413000],
      ["meter", "boiler", 5, null, "gauge", 1741944413000],
      ["meter", "online", true, null, "state", 1741944413000],
    ]);
  });

  it("names the device by the row, else by the topic, else by the credential", () => {
    expect(mqtt({ device: "a", power: 1 }).readings[0]!.device).toBe("a");
    expect(mqtt({ power: 1 }, "energy/house/meter").readings[0]!.device).toBe("house/meter");
    expect(http({ power: 1 }).readings[0]!.device).toBe("@token");
  });

  it("reads states, and takes no value for none", () => {
    expect(
      mqtt({ relay: "ON", "relay.1": 0, online: "offline", power: null, voltage: "unavailable" }).readings.map(
        ({ metric, value }) => [metric, value],
      ),
    ).toEqual([
      ["relay", true],
      ["relay.1", false],
      ["online", false],
    ]);
  });

  it("keeps the good values beside a bad one, and says which it was", () => {
    const { readings, refusals, error } = mqtt(
      '[{"power":1,"voltage":"abc"},{"power":1e999,"current":2},3,{"time":"soon","power":4}]',
    );
    expect(readings.map(({ metric, value }) => [metric, value])).toEqual([
      ["power", 1],
      ["current", 2],
    ]);
    expect(refusals).toEqual([
      { detail: "row 1, voltage", reason: 'voltage must be a number, not "abc"' },
      { detail: "row 2, power", reason: "power is not a finite number" },
      { detail: "row 3", reason: "an object of readings was expected" },
      { detail: "row 4", reason: "time must be ISO 8601 with a zone, or unix seconds or milliseconds" },
    ]);
    expect(error).toBe('row 1, voltage: voltage must be a number, not "abc" (and 3 more)');
  });

  it.each(["NaN", "Infinity", "nan", {}, [1], true])("refuses %j as a power", (value) => {
    const { readings, error } = mqtt({ power: value });
    expect(readings).toEqual([]);
    expect(error).toContain("power");
  });

  it("does not guess the zone of a local time", () => {
    expect(mqtt({ time: "2025-03-14T09:26:53", power: 1 }).error).toContain("has no zone");
  });
});

describe("one reading a row", () => {
  const row = { metric: "power", value: 1.5, unit: "kW", time: 1741944413, device: "m" };
  it("converts its unit", () => {
    expect(http(row).readings).toEqual([
      { device: "m", metric: "power", value: 1500, unit: "W", timeMs: 1741944413000, kind: "gauge" },
    ]);
    expect(http({ metric: "temperature", value: 212, unit: "°F" }).readings).toMatchObject([
      { value: 100, unit: "degC" },
    ]);
    expect(http({ metric: "oven", value: 2, unit: "kW" }).readings).toMatchObject([{ value: 2000, unit: "W" }]);
    expect(http({ metric: "pressure", value: 2, unit: "bar" }).readings).toMatchObject([{ value: 2, unit: "bar" }]);
  });

  it("keeps tags, and the length of a delta", () => {
    const delta = {
      metric: "energy.import",
      value: 250,
      unit: "Wh",
      kind: "delta",
      time: 1741944413,
      duration_s: 900,
      tags: { room: "1" },
    };
    expect(http(delta).readings).toEqual([
      {
        device: "@token",
        metric: "energy.import",
        value: 0.25,
        unit: "kWh",
        timeMs: 1741944413000,
        kind: "delta",
        tags: { room: "1" },
        durationS: 900,
      },
    ]);
  });

  it("a register stays a counter whatever the row says", () => {
    expect(http({ metric: "energy.import", value: 1, kind: "gauge" }).readings).toMatchObject([{ kind: "counter" }]);
  });

  it.each([
    [{ metric: "energy.import", value: 1, kind: "delta" }, "a repeated delivery would count twice"],
    [{ ...row, unit: "kWh" }, 'power is measured in W: "kWh" cannot be converted to it'],
    [{ ...row, unit: 5 }, "unit must be a text"],
    [{ ...row, kind: "meter" }, "kind must be one of gauge, counter, delta, state"],
    [{ ...row, duration_s: -1 }, "duration_s must be a number of seconds above 0"],
    [{ ...row, device: {} }, "device must be a text"],
    [{ ...row, tags: [] }, "tags must be an object of texts"],
    [{ ...row, value: "x" }, 'power must be a number, not "x"'],
    [{ ...row, value: 1e308, unit: "MW" }, "power is too large a number"],
    [{ metric: "power" }, "power has no value"],
    [{ metric: "online", value: 1, kind: "gauge" }, "this metric is a state"],
  ])("refuses %j", (bad, words) => {
    expect(http([bad, { power: 1 }])).toMatchObject({
      readings: [{ metric: "power", value: 1 }],
      error: expect.stringContaining(words),
    });
  });
});

describe("what the HTTP sender is told", () => {
  it("204 when all or a part was taken, 400 with the reason when nothing was", () => {
    expect(http({ power: 1 }).response.status).toBe(204);
    expect(http([]).response.status).toBe(204);
    expect(http([{ power: 1 }, { power: "x" }]).response.status).toBe(204);
    const { response } = http({ power: "x" });
    expect(response).toMatchObject({ status: 400, headers: { "content-type": "application/problem+json" } });
    expect(JSON.parse(response.body!)).toMatchObject({
      status: 400,
      detail: expect.stringContaining("power must be a number"),
    });
  });

  it("400 for what is not JSON", () => {
    expect(http("{'power': 1}")).toMatchObject({
      readings: [],
      error: expect.stringMatching(/^invalid JSON/),
      response: { status: 400 },
    });
  });
});
