import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Decoded, Message } from "./device.ts";
import { thingsboard } from "./thingsboard.ts";

const bytes = (payload: unknown) =>
  new TextEncoder().encode(typeof payload === "string" ? payload : JSON.stringify(payload));
const mqtt = (topic: string, payload: unknown): Message => ({
  transport: "mqtt",
  topic,
  receivedAtMs: 0,
  payload: bytes(payload),
});
const http = (payload: unknown, path = "/api/v1/tok/telemetry", method = "POST"): Message => ({
  ...{ transport: "http", method, path, receivedAtMs: 0 },
  payload: bytes(payload),
});
const decode = (message: Message): Decoded => {
  expect(thingsboard.match(message)).toBe(true);
  return thingsboard.decode(message, undefined);
};
const short = ({ readings }: Decoded) =>
  readings.map(({ device, metric, value, kind, timeMs }) => `${device}/${metric} ${value} ${kind} ${timeMs ?? "-"}`);
const me = (payload: unknown) => short(decode(mqtt("v1/devices/me/telemetry", payload)));

describe("a device's telemetry", () => {
  it.each<[string, unknown, string[]]>([
    ["ts without values is a key", { ts: 5, a: 1 }, ["@token/ts 5 gauge -", "@token/a 1 gauge -"]],
    ["values without ts is a key", { values: { a: 1 } }, ['@token/values {"a":1} state -']],
    ["ts as a text", { ts: "1741944413589", values: { a: 1 } }, ["@token/a 1 gauge 1741944413589"]],
    [
      "a list of both forms",
      [{ a: 1 }, { ts: 1741944413589, values: { a: 2 } }],
      ["@token/a 1 gauge -", "@token/a 2 gauge 1741944413589"],
    ],
    [
      "numbers as texts",
      { a: "-12.5", b: ".5", c: "007" },
      ["@token/a -12.5 gauge -", "@token/b 0.5 gauge -", "@token/c 7 gauge -"],
    ],
    [
      "texts that only look like numbers",
      { a: "1e5", b: "+5", c: "5.", d: " 5" },
      ["@token/a 1e5 state -", "@token/b +5 state -", "@token/c 5. state -", "@token/d  5 state -"],
    ],
    ["truths and lists", { a: false, b: [1, { c: 2 }] }, ["@token/a false state -", '@token/b [1,{"c":2}] state -']],
    ["no values", { a: null, b: "", c: "unavailable", d: "NaN" }, []],
    ["nothing at all", {}, []],
    ["an empty list", [], []],
  ])("%s", (_name, payload, expected) => {
    expect(me(payload)).toEqual(expected);
    expect(short(decode(mqtt("v2/t", payload)))).toEqual(expected);
    expect(short(decode(mqtt("v2/t/j", payload)))).toEqual(expected);
    const overHttp = decode(http(payload));
    expect(short(overHttp)).toEqual(expected);
    expect(overHttp.response).toEqual({ status: 200, body: "" });
  });

  it.each([
    ["a scalar", 42, "Can't parse value: 42"],
    ["null", null, "Can't parse value: null"],
    ["a list with a scalar in it", [{ a: 1 }, 42], "Can't parse value: 42"],
    ["values that are none", { ts: 1, values: 5 }, "Can't parse value: 5"],
    ["a ts that is none", { ts: null, values: {} }, "Can't parse value: null, ts must be epoch milliseconds"],
    ["no JSON", "{", expect.stringMatching(/invalid JSON/)],
  ])("%s is refused whole", (_name, payload, error) => {
    expect(decode(mqtt("v1/devices/me/telemetry", payload))).toEqual({ readings: [], error });
    expect(decode(http(payload)).response).toBeUndefined();
  });

  it("a number that no double holds is refused alone", () => {
    const decoded = decode(http('{"a":1e999,"b":1}'));
    expect(short(decoded)).toEqual(["@token/b 1 gauge -"]);
    expect(decoded).toMatchObject({ refusals: [{ detail: "a is Infinity" }], response: { status: 200 } });
  });

  it("nesting deeper than the stack is refused, not fatal", () => {
    const deep = "[".repeat(200_000) + "]".repeat(200_000);
    expect(() => decode(http(`{"a":${deep}}`))).not.toThrow();
  });
});

describe("a gateway", () => {
  it("devices with lists are taken, others left out and named", () => {
    const decoded = decode(mqtt("v1/gateway/telemetry", { A: [{ a: 1 }], B: { a: 2 }, C: [7], D: [] }));
    expect(short(decoded)).toEqual(["A/a 1 gauge -"]);
    expect(decoded.refusals!.map(({ reason }) => reason)).toEqual([
      'device "B" must have a list',
      'device "C" must have a list',
    ]);
    expect(decoded.error).toBeUndefined();
  });

  it.each([
    ["v1/gateway/connect", true],
    ["v1/gateway/disconnect", false],
  ])("%s", (topic, value) => {
    expect(short(decode(mqtt(topic, { device: "Meter A" })))).toEqual([`Meter A/online ${value} state -`]);
    expect(decode(mqtt(topic, { device: "" })).error).toMatch(/is expected/);
  });

  it("a list is no gateway's telemetry", () => {
    expect(decode(mqtt("v1/gateway/telemetry", [])).error).toBe("Can't parse value: a list");
  });
});

describe("what holds no readings", () => {
  it.each([
    "v1/devices/me/attributes",
    "v1/devices/me/attributes/request/1",
    "v2/a",
    "v1/gateway/attributes",
    "v1/devices/me/rpc/request/5",
  ])("%s", (topic) => {
    expect(decode(mqtt(topic, { fw: "1.2" }))).toEqual({ readings: [] });
  });

  it("attributes over HTTP: taken, and none to give", () => {
    const path = "/api/v1/tok/attributes";
    expect(decode(http({ fw: 1 }, path))).toEqual({ readings: [], response: { status: 200, body: "" } });
    expect(decode(http("", path, "GET")).response).toMatchObject({ status: 200, body: "{}" });
  });
});

it("a value without a name is refused, and the others are kept", () => {
  const decoded = decode(http({ "": 7, power: 8 }));
  expect(decoded.readings.map(({ metric }) => metric)).toEqual(["power"]);
  expect(decoded.refusals).toEqual([{ reason: "a key needs a name", detail: "7" }]);
});

it("a bad token is answered 401, empty", () => {
  expect(thingsboard.unauthorized!(http({}))).toEqual({ status: 401, body: "" });
});

it("whatever is sent: nothing throws, values are finite", () => {
  const point = fc.record({ ts: fc.oneof(fc.double(), fc.jsonValue()), values: fc.jsonValue() }, { requiredKeys: [] });
  const payload = fc.oneof(
    fc.string(),
    fc.jsonValue(),
    point,
    fc.array(point),
    fc.dictionary(fc.string(), fc.array(point)),
  );
  const message = fc.constantFrom(
    (given: unknown) => http(given),
    (given: unknown) => mqtt("v1/gateway/telemetry", given),
  );
  fc.assert(
    fc.property(message, payload, (make, given) => {
      for (const { value, kind, timeMs } of decode(make(given)).readings) {
        if (kind !== "state") expect(value).toSatisfy(Number.isFinite);
        if (timeMs !== null) expect(timeMs).toSatisfy(Number.isFinite);
      }
    }),
    { numRuns: 1000 },
  );
});
