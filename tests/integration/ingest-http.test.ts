import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { registry } from "../../platform/metrics.ts";
import { push, settles, until, type HttpReply } from "../support/clients.ts";
import {
  holdReadings,
  messagesOf,
  rejectsOf,
  startTestIngest,
  storedOf,
  type Tenant,
  type TestDevice,
  type TestIngest,
} from "../support/ingest.ts";

let t: TestIngest;
let tenant: Tenant;
let device: TestDevice;

beforeAll(async () => {
  t = await startTestIngest();
  tenant = await t.newTenant();
});
beforeEach(async () => {
  device = await t.newDevice(tenant);
});
afterAll(() => t.stop());

const startS = 1_770_000_000;
const v2 = "/api/v2/write?org=o&bucket=b&precision=s";
const v1 = "/write?db=energy&precision=s";
const native = "/api/v1/readings";

const send = (path: string, body: string | Uint8Array, headers: Record<string, string> = {}): Promise<HttpReply> =>
  push(t.http, path, { body, headers: { authorization: `Token ${device.token}`, ...headers } });
const row = (second: number, power: number) => JSON.stringify({ time: startS + second, power });
const stored = async () =>
  (await storedOf(t, device)).map(({ key, timeMs, value }) => [key, timeMs / 1000 - startS, value]);

describe("what is stored", () => {
  it.each([
    ["line protocol v2", v2, `meter power=1250,energy_kwh=48.5 ${startS}`],
    ["line protocol v1", v1, `meter power=1250,energy_kwh=48.5 ${startS}`],
  ])("%s", async (_name, path, lines) => {
    const reply = await send(path, lines);
    expect(reply).toMatchObject({ status: 204, body: "" });
    expect(reply.headers.get("x-influxdb-version")).toBeTruthy();
    expect(await stored()).toEqual([
      ["meter.energy_kwh", 0, 48.5],
      ["meter.power", 0, 1250],
    ]);
    await until(async () => expect(await messagesOf(device)).toHaveLength(1));
    expect((await messagesOf(device))[0]).toMatchObject({ transport: "http", format: "influx-line", payload: lines });
  });

  it("native JSON, one row or many, and those of a gateway's devices", async () => {
    expect((await send(native, row(0, 1))).status).toBe(204);
    expect((await send(native, `[${row(1, 2)},${row(2, 3)}]`)).status).toBe(204);
    expect(await stored()).toEqual([0, 1, 2].map((second) => ["power", second, second + 1]));
  });

  it.each([
    ["gzip", "gzip"],
    ["gzip, in capitals", "GZIP"],
    ["x-gzip", "x-gzip"],
  ])("%s", async (_name, encoding) => {
    const lines = Array.from({ length: 5_000 }, (_, i) => `m power=${i} ${startS + i}`).join("\n");
    expect((await send(v2, gzipSync(lines), { "content-encoding": encoding })).status).toBe(204);
    expect(await stored()).toHaveLength(5_000);
  });

  it("is there when the answer comes, not before", async () => {
    await send(native, row(0, 1));
    const held = await holdReadings(t);
    const replies = [send(native, row(1, 2)), send(v2, `m power=3 ${startS}`), send(native, row(2, 3))];
    expect(await settles(Promise.race(replies), 500), "answered before the commit").toBe(false);
    await held.release();
    expect((await Promise.all(replies)).map((r) => r.status)).toEqual([204, 204, 204]);
    expect(await stored()).toHaveLength(4);
  });

  it("sent again changes nothing", async () => {
    for (let i = 0; i < 3; i++) await send(native, row(0, 7));
    expect(await stored()).toEqual([["power", 0, 7]]);
  });
});

describe("ways to show the credential", () => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
  it.each([
    ["Bearer token", native, (d: TestDevice) => ({ authorization: `Bearer ${d.token}` })],
    ["Token token", v2, (d: TestDevice) => ({ authorization: `Token ${d.token}` })],
    ["Token user:password", v2, (d: TestDevice) => ({ authorization: `Token ${d.username}:${d.password}` })],
    ["Basic user:password", v1, (d: TestDevice) => ({ authorization: basic(`${d.username}:${d.password}`) })],
    ["Basic user:token", v2, (d: TestDevice) => ({ authorization: basic(`${d.username}:${d.token}`) })],
    ["Basic anything:token", v2, (d: TestDevice) => ({ authorization: basic(`influx:${d.token}`) })],
    ["Bearer password (the emoncms key)", native, (d: TestDevice) => ({ authorization: `Bearer ${d.password}` })],
  ])("%s", async (_name, path, headers) => {
    const body = path === native ? row(0, 1) : `m power=1 ${startS}`;
    expect((await push(t.http, path, { body, headers: headers(device) })).status).toBe(204);
    expect(await stored()).toHaveLength(1);
  });

  it("u and p in the query of v1", async () => {
    const path = `${v1}&u=${device.username}&p=${device.password}`;
    expect((await push(t.http, path, { body: `m power=1 ${startS}` })).status).toBe(204);
  });

  it("a token in the path is on no record", async () => {
    const reply = await push(t.http, `/api/v1/${device.token}/telemetry`, { body: "{" });
    expect(reply.status).not.toBe(401);
    expect(reply.body).not.toContain(device.token);
    await until(async () => expect(await messagesOf(device)).toHaveLength(1));
    expect(JSON.stringify([await messagesOf(device), ...(await rejectsOf(device)).values()])).not.toContain(
      device.token,
    );
  });
});

describe("an unknown sender", () => {
  it("is refused in the words of InfluxDB v2", async () => {
    const reply = await send(v2, "m v=1", { authorization: "Token nobody" });
    expect(reply).toMatchObject({ status: 401, body: '{"code":"unauthorized","message":"unauthorized access"}' });
  });

  it("is refused in the words of InfluxDB v1", async () => {
    const reply = await push(t.http, v1, { body: "m v=1" });
    expect(reply).toMatchObject({ status: 401, body: '{"error":"authorization failed"}' });
    expect(reply.headers.get("www-authenticate")).toBe('Basic realm="InfluxDB"');
  });

  it.each([native, "/ingest/json"])("is refused at %s with problem+json", async (path) => {
    const reply = await push(t.http, path, { body: "{}" });
    expect(reply.headers.get("content-type")).toMatch("application/problem+json");
    expect(JSON.parse(reply.body)).toMatchObject({ status: reply.status, title: expect.any(String) });
    expect(reply.status).toBe(401);
  });

  it.each([
    ["/input/post?apikey=nobody", "Invalid API key"],
    ["/api/v1/nobody/telemetry", ""],
    ["/api/v1/%E0%A4%A/telemetry", ""],
  ])("is refused at %s in that format's words", async (path, body) => {
    expect(await push(t.http, path, { body: "{}" })).toMatchObject({ status: 401, body });
  });

  it("with a wrong password is on the tenant's record", async () => {
    const authorization = `Token ${device.username}:wrong`;
    expect((await send(v2, "m v=1", { authorization })).status).toBe(401);
    await until(async () => expect((await rejectsOf(device)).get("wrong-password")).toBeDefined());
    expect((await rejectsOf(device)).get("wrong-password")).toMatchObject({
      transport: "http",
      address: "POST /api/v2/write",
      count: 1,
    });
  });

  it("may ask whether anybody is there", async () => {
    expect((await push(t.http, "/ping", { method: "GET" })).status).toBe(204);
    expect(JSON.parse((await push(t.http, "/health", { method: "GET" })).body)).toMatchObject({ status: "pass" });
  });
});

interface Bad {
  path?: string;
  body: string | Uint8Array;
  headers?: Record<string, string>;
  status: number;
  reason: string;
  says: RegExp;
}

const gzip = { "content-encoding": "gzip" };
const bomb = gzipSync(Buffer.alloc(26_000_000, "m v=1\n"));
const future = Math.floor(Date.now() / 1000) + 3_600;
const bad: [string, Bad][] = [
  [
    "a gzip bomb, v2",
    { path: v2, body: bomb, headers: gzip, status: 413, reason: "payload-too-large", says: /batch is too large/ },
  ],
  [
    "a gzip bomb, v1",
    { path: v1, body: bomb, headers: gzip, status: 413, reason: "payload-too-large", says: /Entity Too Large/ },
  ],
  [
    "a gzip bomb, native",
    { body: bomb, headers: gzip, status: 413, reason: "payload-too-large", says: /larger than 25000000/ },
  ],
  ["what is not gzip", { body: "{}", headers: gzip, status: 400, reason: "malformed", says: /not valid gzip/ }],
  [
    "an unknown encoding",
    {
      body: "{}",
      headers: { "content-encoding": "br" },
      status: 415,
      reason: "malformed",
      says: /br.. is not supported/,
    },
  ],
  ["malformed JSON", { body: "{", status: 400, reason: "malformed", says: /invalid JSON/ }],
  ["a malformed line, v2", { path: v2, body: "m power=", status: 400, reason: "malformed", says: /"code":"invalid"/ }],
  ["a malformed line, v1", { path: v1, body: "m power=", status: 400, reason: "malformed", says: /"error"/ }],
  [
    "a time in the future",
    { body: JSON.stringify({ time: future, power: 1 }), status: 422, reason: "time-in-future", says: /5 minutes/ },
  ],
  ["NUL in a name", { body: '{"a\\u0000":1}', status: 400, reason: "malformed", says: /no text/ }],
  [
    "an address that no format has",
    { path: "/ingest/nothing", body: "{}", status: 404, reason: "unknown-format", says: /unknown format/ },
  ],
];

describe("is refused with its clear answer, and on the tenant's record:", () => {
  it.each(bad)("%s", async (_name, { path = native, body, headers, status, reason, says }) => {
    const reply = await send(path, body, headers);
    expect(reply.status).toBe(status);
    expect(reply.body).toMatch(says);
    await until(async () => expect([...(await rejectsOf(device)).keys()]).toEqual([reason]));
    expect((await messagesOf(device))[0]!.refusals[0]).toMatchObject({ reason });
    expect(await stored()).toEqual([]);
    expect((await send(native, row(0, 1))).status).toBe(204);
  });

  it("a body above the limit, before it is read to its end", async () => {
    const reply = await send(v2, Buffer.alloc(25_000_001, "m v=1\n"));
    expect(reply.status).toBe(413);
    expect(reply.body).toMatch(/batch is too large/);
    expect((await send(native, row(0, 1))).status).toBe(204);
  });

  it("a body that ends too early, or never begins, holds nothing up", async () => {
    const { port } = new URL(t.http);
    for (const isBegun of [true, false]) {
      const socket = connect(Number(port), "127.0.0.1");
      const head = `POST ${native} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${device.token}\r\nContent-Length: 100\r\n\r\n`;
      socket.end(isBegun ? `${head}{"power":` : head);
      socket.resume();
      await new Promise<void>((resolve) => socket.once("close", () => resolve()));
    }
    expect((await send(native, row(0, 1))).status).toBe(204);
  });

  it("a second device of a credential that is one device's", async () => {
    expect((await send(native, '{"device":"a","time":1770000000,"power":1}')).status).toBe(204);
    const reply = await send(native, '{"device":"b","time":1770000000,"power":1}');
    expect(reply.status).toBe(403);
    expect(JSON.parse(reply.body)).toMatchObject({
      reason: "another-device",
      detail: expect.stringMatching(/gateway/),
    });
  });

  it("a batch that is bad in part is kept in part: v1 says so, native JSON counts as taken", async () => {
    const reply = await send(v1, `m power=1 ${startS}\nm power=x ${startS}\nm power=3 ${startS + 1}`);
    expect(reply.status).toBe(400);
    expect(reply.body).toMatch(/partial write/);
    expect((await send(native, `[${row(5, 1)},{"time":"never","power":2}]`)).status).toBe(204);
    expect(await stored()).toEqual([
      ["m.power", 0, 1],
      ["m.power", 1, 3],
      ["power", 5, 1],
    ]);
    await until(async () => expect((await rejectsOf(device)).get("malformed")!.count).toBe(2));
  });
});

describe("while the database is gone", () => {
  it("senders are told to come again, what was taken is kept, and all goes on by itself afterwards", async () => {
    expect((await send(native, row(0, 1))).status).toBe(204);
    await t.link.cut();
    const messages = async () => {
      const { values } = await registry.getSingleMetric("energy_messages_total")!.get();
      return values.reduce((sum, { value }) => sum + value, 0);
    };
    const before = await messages();
    const taken = send(native, row(1, 2));
    // It is inside before anybody notices that the database is gone.
    await until(async () => expect(await messages()).toBe(before + 1));
    const unknown = await push(t.http, native, {
      body: row(2, 3),
      headers: { authorization: `Bearer ${device.password}` },
    });
    expect(unknown.status, "the credential cannot be looked up").toBe(503);
    expect(unknown.headers.get("retry-after")).toBe("5");
    await until(async () => expect((await send(native, row(3, 4))).status).toBe(503));
    const [v2Reply, v1Reply] = [await send(v2, "m power=1"), await send(v1, "m power=1")];
    expect([v2Reply.status, v1Reply.status]).toEqual([503, 503]);
    expect(v2Reply.headers.get("retry-after")).toBe("5");
    expect(v2Reply.body).toMatch(/"code":"unavailable"/);
    expect(await settles(taken, 300), "answered without a commit").toBe(false);
    await t.link.restore();
    expect((await taken).status).toBe(204);
    await until(async () => expect((await send(native, row(4, 5))).status).toBe(204));
    expect((await stored()).map(([, second]) => second)).toEqual([0, 1, 4]);
    expect(t.warnings.join()).toMatch(/does not answer/);
  });

  it("ends of its connections, at any moment, are not noticed by anybody", async () => {
    let failed = 0;
    for (let i = 0; i < 60; i++) {
      const reply = send(native, row(i, i));
      if (i % 10 === 5) {
        await t.owner.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
        );
      }
      if ((await reply).status !== 204) failed++;
    }
    const seconds = new Set((await stored()).map(([, second]) => second));
    expect(seconds.size).toBeGreaterThanOrEqual(60 - failed);
    expect(failed).toBeLessThan(20);
    await until(async () => expect((await send(native, row(100, 1))).status).toBe(204));
  });
});
