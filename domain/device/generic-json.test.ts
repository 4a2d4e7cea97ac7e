import { describe, expect, it } from "vitest";
import type { DeviceConfig, Message } from "./device.ts";
import { decodeMessage } from "./registry.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const decode = (payload: unknown, config?: DeviceConfig, topic = "some/where") => {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  const message: Message = {
    transport: "mqtt",
    topic,
    receivedAtMs: 0,
    payload: bytes(text),
    ...(config && { config }),
  };
  return decodeMessage(message);
};
const values = (payload: unknown, config?: DeviceConfig) =>
  Object.fromEntries(decode(payload, config).readings.map(({ metric, value }) => [metric, value]));

describe("without a map", () => {
  it("takes every number under its path; booleans are states; texts are names", () => {
    const { readings } = decode({ a: { b: [1, 2], c: "3.5" }, on: true, unit: "kW", note: "unavailable", gone: null });
    expect(readings.map(({ metric, value, kind, unit }) => [metric, value, kind, unit])).toEqual([
      ["a.b.0", 1, "gauge", null],
      ["a.b.1", 2, "gauge", null],
      ["a.c", 3.5, "gauge", null],
      ["on", true, "state", null],
    ]);
  });

  it.each(["null", '"unavailable"', '"unknown"', '""', '" "', '"n/a"', '"N/A"', '"None"', '"-"'])(
    "%s is no reading and no error",
    (value) => {
      expect(decode(`{"p":${value}}`)).toEqual({ format: "generic-json", readings: [] });
    },
  );

  it("notes NaN without refusing the message, and refuses what no number can be", () => {
    expect(decode({ p: "NaN", q: 1 })).toMatchObject({
      readings: [{ metric: "q" }],
      refusals: [{ reason: "not a number" }],
    });
    expect(decode({ p: "NaN" }).error).toBeUndefined();
    expect(decode('{"p":1e999,"q":1}')).toMatchObject({ readings: [{ metric: "q" }], error: "p: not a finite number" });
    expect(decode({ p: "Infinity" })).toMatchObject({ readings: [], error: "p: not a finite number" });
  });

  it("says what is wrong with JSON that is none", () => {
    expect(decode("{'p': 12}").error).toMatch(/^invalid JSON: /);
    expect(decode('{"p": NaN}').error).toContain("NaN is not JSON: send null where there is no value");
    expect(decode('{"p": 1').error).toMatch(/^invalid JSON: /);
  });

  it("keeps the good points of an array", () => {
    expect(decode([{ p: 1 }, 7, { p: 2 }])).toMatchObject({
      readings: [{ value: 1 }, { value: 2 }],
      error: "element 1 is 7: not an object",
    });
  });

  it("reads a usual time name where it holds a time, and leaves a duration a number", () => {
    expect(decode({ ts: 1741944413, p: 1 }).readings).toMatchObject([{ metric: "p", timeMs: 1741944413000 }]);
    expect(decode({ time: "2025-03-14T09:26:53Z", p: 1 }).readings).toMatchObject([
      { metric: "p", timeMs: 1741944413000 },
    ]);
    expect(decode({ time: 12, p: 1 }).readings).toMatchObject([
      { metric: "time", value: 12 },
      { metric: "p", timeMs: null },
    ]);
  });

  it("stops at a sane number of values and at a sane depth", () => {
    expect(decode({ a: Array.from({ length: 5000 }, (_, i) => i) })).toMatchObject({
      error: expect.stringContaining("too many values"),
    });
    expect(decode(`${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`).readings).toEqual([]);
    expect(decode(`${"[".repeat(100_000)}${"]".repeat(100_000)}`)).toMatchObject({ readings: [] });
  });

  it("leaves what is not JSON to others", () => {
    expect(decode("12.5 W")).toMatchObject({ format: null, error: expect.stringContaining('topic "some/where"') });
  });
});

describe("with a map", () => {
  it.each([
    [{ p: "power:kW" }, { p: 1.5 }, [["power", 1500, "W", "gauge"]]],
    [{ p: "power:kW" }, { p: "1.5" }, [["power", 1500, "W", "gauge"]]],
    [{ e: "energy.import:Wh:counter" }, { e: 1500 }, [["energy.import", 1.5, "kWh", "counter"]]],
    [{ e: "energy.import:Wh" }, { e: 1500 }, [["energy.import", 1.5, "kWh", "counter"]]],
    [{ t: "temperature:°F" }, { t: 212 }, [["temperature", 100, "degC", "gauge"]]],
    [{ x: "boiler" }, { x: 5 }, [["boiler", 5, null, "gauge"]]],
    [{ s: "relay:-:state" }, { s: "ON" }, [["relay", "ON", null, "state"]]],
    [{ s: "relay::state" }, { s: true }, [["relay", true, null, "state"]]],
    [{ "a.b": "power:W" }, { "a.b": 1 }, [["power", 1, "W", "gauge"]]],
    [{ "a.0.v": "power:W" }, { a: [{ v: 3 }] }, [["power", 3, "W", "gauge"]]],
    [{ "x.a.b": "power:W" }, { x: { "a.b": 4 } }, [["power", 4, "W", "gauge"]]],
    [{ gone: "power:W" }, { p: 1 }, []],
    [{ p: "power:W" }, { p: null }, []],
  ])("%j of %j", (map, payload, expected) => {
    const { readings, error } = decode(payload, { map });
    expect(error).toBeUndefined();
    expect(readings.map(({ metric, value, unit, kind }) => [metric, value, unit, kind])).toEqual(expected);
  });

  it.each([
    [{ p: "power:bananas" }, '"bananas" is no known unit'],
    [{ p: "power:W:meter" }, '"meter" is no kind (gauge, counter, delta, state)'],
    [{ p: "" }, 'config.map["p"] must be "metric:unit[:counter]"'],
    [{ p: 5 }, 'config.map["p"] must be "metric:unit[:counter]"'],
  ])("%j cannot be understood", (map, words) => {
    expect(decode({ p: 1 }, { map })).toMatchObject({ readings: [], error: expect.stringContaining(words) });
  });

  it("refuses a text where the user said that a number comes, and a delta without its time", () => {
    expect(decode({ p: "abc" }, { map: { p: "power:W" } }).error).toBe('power is "abc": expected a number');
    expect(decode({ p: true }, { map: { p: "power:W" } })).toMatchObject({
      readings: [],
      error: "power is true: expected a number",
    });
    expect(decode({ e: 1 }, { map: { e: "energy.import:kWh:delta" } }).error).toContain("a delta needs the time");
    expect(decode({ e: 1, ts: 1741944413 }, { map: { e: "energy.import:kWh:delta" } }).readings).toHaveLength(1);
  });
});

describe("device and time", () => {
  it("finds them where the user says, and does not take them for values", () => {
    const { readings } = decode({ id: 7, t: "1741944413", p: 1 }, { device: "id", time: "t" });
    expect(readings).toEqual([
      { device: "7", metric: "p", value: 1, unit: null, timeMs: 1741944413000, kind: "gauge" },
    ]);
  });

  it.each([
    [1741944413, 1741944413000],
    [1741944413.5, 1741944413500],
    [1741944413589, 1741944413589],
    [1741944413589793, 1741944413589.793],
    [1741944413000000000, 1741944413000],
    ["2025-03-14T10:26:53+01:00", 1741944413000],
    ["2025-03-14 10:26:53.5 +0100", 1741944413500],
    ["2025-03-14T09:26:53", null],
    [null, null],
    ["", null],
  ])("time %j", (t, timeMs) => {
    expect(decode({ t, p: 1 }, { time: "t" }).readings).toMatchObject([{ metric: "p", timeMs }]);
  });

  it("places a local time in the user's zone", () => {
    expect(decode({ t: "2025-03-14T10:26:53", p: 1 }, { time: "t", timezone: "Europe/Berlin" }).readings).toMatchObject(
      [{ timeMs: 1741944413000 }],
    );
  });

  it("refuses a point whose time cannot be read, rather than stamping it wrongly", () => {
    expect(
      decode(
        [
          { t: "yesterday", p: 1 },
          { t: 1741944413, p: 2 },
        ],
        { time: "t" },
      ),
    ).toMatchObject({
      readings: [{ value: 2 }],
      error: expect.stringContaining('the time at "t" is not a time'),
    });
  });

  it("a device that is not there leaves it to the credential", () => {
    expect(values({ p: 1 }, { device: "meta.id" })).toEqual({ p: 1 });
    expect(decode({ p: 1 }, { device: "meta.id" }).readings[0]!.device).toBe("@token");
  });
});
