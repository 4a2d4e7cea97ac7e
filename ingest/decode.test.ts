import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { decodeRaw, refuseUnknownSender } from "./decode.ts";
import type { RawMessage } from "./decode.ts";

const write = (payload: Uint8Array, headers: Record<string, string>, path = "/api/v2/write"): RawMessage => ({
  ...{ transport: "http", method: "POST", path, query: "org=o&bucket=b&precision=s&db=x", receivedAtMs: 0 },
  headers: { Authorization: "Token t", ...headers },
  payload,
});

describe("decodeRaw", () => {
  it("inflates by the header, whatever its case", async () => {
    const decoded = await decodeRaw(write(gzipSync("m v=1 1"), { "Content-Encoding": "gzip" }));
    expect(decoded).toMatchObject({
      format: "influx-line",
      readings: [{ metric: "m.v", value: 1, timeMs: 1000 }],
      response: { status: 204 },
    });
  });

  it("answers a bomb in the words of the format", async () => {
    const bomb = gzipSync(Buffer.alloc(26_000_000, "m v=1\n"));
    const v2 = await decodeRaw(write(bomb, { "content-encoding": "gzip" }));
    expect(v2).toMatchObject({
      readings: [],
      error: "the message is larger than 25000000 bytes",
      response: { status: 413 },
    });
    expect(v2.response!.body).toContain("points batch is too large");
    const v1 = await decodeRaw(write(bomb, { "content-encoding": "gzip" }, "/write"));
    expect(v1).toMatchObject({ readings: [], response: { status: 413, body: '{"error":"Request Entity Too Large"}' } });
  });

  it("always has an answer over HTTP, and none over MQTT", async () => {
    const payload = Buffer.from('{"power":1}');
    const http: RawMessage = { transport: "http", method: "POST", path: "/api/v1/readings", receivedAtMs: 0, payload };
    expect((await decodeRaw(http)).response).toEqual({ status: 204, body: "" });
    expect((await decodeRaw({ ...http, payload: Buffer.from("{") })).response!.status).toBe(400);
    expect((await decodeRaw({ ...http, path: "/x" })).response!.status).toBe(404);
    expect(
      (await decodeRaw({ transport: "mqtt", topic: "energy/a", receivedAtMs: 0, payload })).response,
    ).toBeUndefined();
  });

  it("names the topic that no format knows", async () => {
    const decoded = await decodeRaw({
      transport: "mqtt",
      topic: "a/b",
      receivedAtMs: 0,
      payload: Buffer.from("twelve"),
    });
    expect(decoded.error).toMatch(/^unknown format: .*"a\/b"/);
  });
});

it("an unknown sender is answered as its format's clients expect", () => {
  expect(refuseUnknownSender(write(Buffer.from("m v=1"), {}))).toMatchObject({
    readings: [],
    error: expect.any(String),
    response: { status: 401 },
  });
  expect(refuseUnknownSender(write(Buffer.from("x"), {}, "/anything")).response!.headers!["content-type"]).toBe(
    "application/problem+json",
  );
});
