import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quantities } from "../channel.ts";
import type { Decoded, Message } from "./device.ts";
import { decodeMessage, decoderOf, decoders } from "./registry.ts";
import { channelKey, defineChannel } from "./vocabulary.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

const addresses: Pick<Message, "transport" | "topic" | "method" | "path" | "query" | "headers" | "config">[] = [
  ...["tele/a/SENSOR", "tele/a/STATE", "tele/a/LWT", "stat/a/STATUS10", "stat/a/POWER1", "cmnd/a/x"],
  ...[
    "a/events/rpc",
    "a/rpc",
    "a/status/switch:0",
    "a/status/em:0",
    "a/status/emdata:0",
    "a/online",
    "energy/a",
    "emon/a",
    "emonhub/rx/1/values",
    "v1/devices/me/telemetry",
    "v1/gateway/telemetry",
    "x/y",
  ],
].map((topic) => ({ transport: "mqtt" as const, topic }));
addresses.push(
  {
    transport: "mqtt",
    topic: "x/y",
    config: { map: { a: "power:kW", "b.c": "energy:Wh:counter", s: "x:-:state" }, time: "t", device: "d" },
  },
  ...[
    "/write",
    "/api/v2/write",
    "/query",
    "/ping",
    "/ingest/json",
    "/ingest/iotawatt-query",
    "/input/bulk",
    "/api/v1/t/telemetry",
    "/api/v1/readings",
    "/nowhere",
  ].map((path) => ({
    ...{ transport: "http" as const, method: "POST", path, query: "db=x&org=o&bucket=b&precision=s&q=x" },
    headers: { authorization: "Token t" },
  })),
);

function check(decoded: Decoded): void {
  for (const { value, kind, timeMs, metric, tags, unit } of decoded.readings) {
    if (kind !== "state") expect(value).toSatisfy(Number.isFinite);
    else expect(["boolean", "string"]).toContain(typeof value);
    if (timeMs !== null) expect(timeMs).toSatisfy(Number.isFinite);
    const words = defineChannel(metric, { kind, unit, ...(tags && { tags }) });
    expect(quantities).toContain(words.quantity);
    expect(channelKey(metric, tags)).toBeTypeOf("string");
  }
  if (decoded.error !== undefined) expect(decoded.error.length).toBeGreaterThan(0);
}

describe("whatever is sent", () => {
  const address = fc.constantFrom(...addresses);

  it("bytes: nothing throws, values are finite", () => {
    fc.assert(
      fc.property(address, fc.uint8Array({ maxLength: 64 }), (where, payload) =>
        check(decodeMessage({ ...where, receivedAtMs: 0, payload })),
      ),
      { numRuns: 1000 },
    );
  });

  const keys =
    "ENERGY Power Total POWER1 Time Epoch TempUnit StatusSNS params src method result switch:0 em:0 aenergy ret_aenergy total apower device time metric value unit kind tags a b c s t d ts errors a_errors __proto__".split(
      " ",
    );
  const scalar = fc.oneof(
    fc.double(),
    fc.constantFrom(
      null,
      true,
      "NaN",
      "1e999",
      "12.5",
      "",
      "unavailable",
      "NotifyStatus",
      "ON",
      "2025-03-14T09:26:53",
      "delta",
      "kW",
      -0,
      1741944413,
    ),
    fc.string(),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: "small" },
      scalar,
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...keys), tie("tree"), { maxKeys: 5 }),
    ),
  }));

  it("JSON: nothing throws, values are finite, and the state of one message serves the next", () => {
    fc.assert(
      fc.property(address, tree, tree, (where, first, second) => {
        const send = (body: unknown, state?: Record<string, unknown>) =>
          decodeMessage({ ...where, receivedAtMs: 0, payload: bytes(JSON.stringify(body) ?? "null") }, () => state);
        const one = send(first);
        check(one);
        check(send(second, one.state));
        // What comes from the database may be older than this version.
        check(send(second, first as Record<string, unknown>));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("choosing a decoder", () => {
  it("takes the one that the user named, if there is such a format", () => {
    const message: Message = { transport: "mqtt", topic: "tele/a/SENSOR", receivedAtMs: 0, payload: bytes("{}") };
    expect(decoderOf(message)!.format).toBe("tasmota");
    expect(decoderOf({ ...message, config: { format: "generic-json" } })!.format).toBe("generic-json");
    expect(decoderOf({ ...message, config: { format: "no such" } })!.format).toBe("tasmota");
  });

  it("says which address nobody knows", () => {
    const message: Message = {
      transport: "http",
      method: "POST",
      path: "/nowhere",
      receivedAtMs: 0,
      payload: bytes(""),
    };
    expect(decodeMessage(message)).toMatchObject({
      format: null,
      error: expect.stringContaining("POST /nowhere"),
      response: { status: 404 },
    });
  });

  it("every format has a name of its own", () => {
    expect(new Set(decoders.map(({ format }) => format)).size).toBe(decoders.length);
  });
});

it("does not answer a megabyte of rubbish with a megabyte", () => {
  const payload = new TextEncoder().encode(`{"${"x".repeat(1_000_000)}":"rubbish"}`);
  const decoded = decodeMessage({ transport: "mqtt", topic: "energy/meter", receivedAtMs: 0, payload });
  expect(JSON.stringify(decoded).length).toBeLessThan(5000);
  expect(decoded.error).toContain("xxx");
});

it("an empty message of no known format clears a topic, any other is refused", () => {
  const decode = (payload: string) =>
    decodeMessage({ transport: "mqtt", topic: "a/b", receivedAtMs: 0, payload: bytes(payload) });
  expect(decode("")).toEqual({ format: null, readings: [] });
  expect(decode("warm")).toMatchObject({
    format: null,
    readings: [],
    error: expect.stringContaining("unknown format"),
  });
});
