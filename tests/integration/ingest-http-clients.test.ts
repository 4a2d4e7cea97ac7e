import { createCipheriv, createHash, createHmac, randomBytes } from "node:crypto";
import { deflateSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connectMqtt, publish, push, until, type HttpReply } from "../support/clients.ts";
import {
  messagesOf,
  rejectsOf,
  startTestIngest,
  statesOf,
  storedOf,
  type Tenant,
  type TestDevice,
  type TestIngest,
} from "../support/ingest.ts";

/** What the senders of InfluxDB, emoncms, IoTaWatt and ThingsBoard do, and the answers without which they stop or never stop. */
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
const form = { "content-type": "application/x-www-form-urlencoded" };
const bearer = (): Record<string, string> => ({ authorization: `Bearer ${device.password}` });
const basic = (): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${device.username}:${device.password}`).toString("base64")}`,
});
const token = (): Record<string, string> => ({ authorization: `Token ${device.token}` });
const get = (path: string, headers: Record<string, string> = {}): Promise<HttpReply> =>
  push(t.http, path, { method: "GET", headers });
const post = (path: string, body: string | Uint8Array, headers: Record<string, string> = {}): Promise<HttpReply> =>
  push(t.http, path, { body, headers });
const stored = async (of: { id: string } = device) =>
  (await storedOf(t, of)).map(({ key, timeMs, value }) => [key, timeMs / 1000 - startS, value]);

/** The devices that a gateway turned out to speak for, by the names it gave them. */
async function children(gateway: TestDevice): Promise<Map<string, { id: string }>> {
  const { rows } = await t.owner.query<{ id: string; name: string }>(
    "select id, external_id as name from energy.devices where gateway_id = $1",
    [gateway.id],
  );
  return new Map(rows.map((row) => [row.name, row]));
}

describe("InfluxDB: what clients ask before they write", () => {
  it("/ping has a version, and says it on request", async () => {
    for (const method of ["GET", "HEAD"]) {
      const reply = await push(t.http, "/ping", { method });
      expect(reply).toMatchObject({ status: 204, body: "" });
      expect(reply.headers.get("x-influxdb-version")).toMatch(/^1\./);
    }
    const verbose = await get("/ping?verbose=true");
    expect(verbose.status).toBe(200);
    expect(JSON.parse(verbose.body)).toEqual({ version: expect.stringMatching(/^1\./) });
    expect(JSON.parse((await get("/health")).body)).toMatchObject({ status: "pass" });
  });

  it.each([
    ["Telegraf makes its database", 'CREATE DATABASE "telegraf"', 1],
    ["Home Assistant looks for its own", "SHOW DATABASES", 1],
    ["IoTaWatt looks for its last point", 'SELECT LAST(value) FROM "mains"; SELECT LAST(value) FROM "solar"', 2],
  ])("/query: %s", async (_name, q, statements) => {
    const body = new URLSearchParams({ q }).toString();
    for (const reply of [
      await post("/query?db=energy", body, { ...basic(), ...form }),
      await get(`/query?${body}`, basic()),
    ]) {
      expect(reply.status).toBe(200);
      const results = Array.from({ length: statements }, (_, statement_id) => ({ statement_id }));
      expect(JSON.parse(reply.body)).toEqual({ results });
    }
  });

  it("/api/v2/query takes Flux, and finds nothing", async () => {
    const reply = await post("/api/v2/query?orgID=0123456789abcdef", 'from(bucket:"b") |> range(start: -1y)', {
      ...token(),
      "content-type": "application/vnd.flux",
    });
    expect(reply.status).toBe(200);
    expect(reply.body).not.toContain("\n");
  });

  it("Home Assistant's empty test writes are healthy, and nobody's data", async () => {
    expect(await post("/write?db=ha", "", basic())).toMatchObject({ status: 204, body: "" });
    expect([204, 400]).toContain((await post("/api/v2/write?org=o&bucket=b", "", token())).status);
    expect(await stored()).toEqual([]);
  });

  it.each([
    [
      "v1",
      "/write?db=x&precision=parsec",
      "x-influxdb-error",
      '{"error":"invalid precision \\"parsec\\" (use n, u, ms, s, m or h)"}',
    ],
    ["v1", "/write", "x-influxdb-error", '{"error":"database is required"}'],
    [
      "v2",
      "/api/v2/write?org=o&bucket=b&precision=m",
      "x-platform-error-code",
      '{"code":"invalid","message":"invalid precision; valid precision units are ns, us, ms, and s"}',
    ],
  ])("an error of %s at %s", async (_version, path, header, body) => {
    const reply = await post(path, "m v=1", token());
    expect(reply).toMatchObject({ status: 400, body });
    expect(reply.headers.get(header)).toBeTruthy();
  });

  it("what only the platform refuses holds no sender up: it is acknowledged, and on the record", async () => {
    const future = Math.floor(Date.now() / 1000) + 3_600;
    expect((await post("/write?db=x&precision=s", `m v=1 ${future}`, basic())).status).toBe(204);
    await until(async () => expect((await rejectsOf(device)).get("time-in-future")).toBeDefined());
  });
});

describe("emoncms: ways to show the key", () => {
  const data = () => ({ node: "n", csv: "7", time: String(startS) });
  const query = (more: Record<string, string>) => `/input/post?${new URLSearchParams({ ...data(), ...more })}`;
  const body = (more: Record<string, string>) => new URLSearchParams({ ...data(), ...more }).toString();

  it.each<[string, () => Promise<HttpReply>]>([
    ["apikey in the query", () => get(query({ apikey: device.password }))],
    ["devicekey in the query", () => get(query({ devicekey: device.password }))],
    ["apikey in the form", () => post("/input/post", body({ apikey: device.password }), form)],
    ["devicekey in the form", () => post("/input/post.json", body({ devicekey: device.password }), form)],
    ["Bearer", () => get(query({}), bearer())],
    ["the bare key", () => get(query({}), { authorization: device.password })],
    [
      "a header that is for somebody else, and the form",
      () => post("/input/post", body({ apikey: device.password }), { ...form, authorization: "Basic eDp5" }),
    ],
  ])("%s", async (_name, send) => {
    expect(await send()).toMatchObject({ status: 200, body: "ok" });
    expect(await stored()).toEqual([["1", 0, 7]]);
    await until(async () => expect(await messagesOf(device)).toHaveLength(1));
    expect(JSON.stringify(await messagesOf(device)), "the key is on no record").not.toContain(device.password);
  });

  it("a wrong key is 401, in the query or in the form", async () => {
    const apikey = "f".repeat(32);
    for (const reply of [await get(query({ apikey })), await post("/input/post", body({ apikey }), form)]) {
      expect(reply).toMatchObject({ status: 401, body: "Invalid API key" });
      expect(reply.headers.get("www-authenticate")).toContain('error="invalid_apikey"');
    }
  });

  it("a large body is not read for a key that may be in it", async () => {
    const large = body({ apikey: device.password, json: `{${"a:1,".repeat(20_000)}b:1}` });
    expect((await post("/input/post", large, form)).status).toBe(413);
    expect((await post(`/input/post?apikey=${device.password}`, large, form)).status).toBe(200);
  });
});

describe("emoncms: what is answered", () => {
  it.each([
    [
      "nothing to store",
      "/input/post?node=n",
      '{"success": false, "message": "Request contains no data via csv, json or data tag"}',
    ],
    [
      "no JSON",
      "/input/bulk?data=x",
      '{"success": false, "message": "Format error, json string supplied is not valid"}',
    ],
    ["fulljson", '/input/post/n?fulljson={"power":1}', '{"success": true}'],
  ])("%s: 200 all the same", async (_name, path, body) => {
    const reply = await get(encodeURI(path), bearer());
    expect(reply).toMatchObject({ status: 200, body });
    expect(reply.headers.get("content-type")).toMatch(/^text\/plain/);
  });

  it("emonHub's batch goes on past a bad row and a node that is another device's", async () => {
    const rows = [
      [startS, "emonTx4", { P1: 812 }],
      [startS + 5, "emonTx4", "abc", 5],
      [startS + 5, "other", 6],
      ["soon", "emonTx4", 1],
    ];
    const sent = deflateSync(JSON.stringify([...rows, [startS + 10, "emonTx4", { P1: 810 }]]));
    // sentat is the sender's clock, which is years behind: by the server's, the rows are of just now.
    const reply = await post(`/input/bulk?sentat=${startS + 10}&cb=1`, sent, bearer());
    expect(reply).toMatchObject({ status: 200, body: "ok" });
    expect((await storedOf(t, device)).map(({ key, value }) => [key, value])).toEqual([
      ["2", 5],
      ["P1", 812],
      ["P1", 810],
    ]);
    await until(async () => expect((await rejectsOf(device)).get("malformed")?.count).toBe(2));
    expect((await rejectsOf(device)).get("another-device")!.count).toBe(1);
  });

  it("a batch of nothing but refused rows is acknowledged too", async () => {
    const future = Math.floor(Date.now() / 1000) + 3_600;
    expect(await post("/input/bulk", `time=${future}&data=[[0,"n",1]]`, { ...form, ...bearer() })).toMatchObject({
      status: 200,
      body: "ok",
    });
    expect(await stored()).toEqual([]);
    await until(async () => expect((await rejectsOf(device)).get("time-in-future")).toBeDefined());
  });

  it("the nodes of a gateway are devices", async () => {
    const gateway = await t.newDevice(tenant, { kind: "gateway" });
    const headers = { ...form, authorization: `Bearer ${gateway.password}` };
    expect((await post("/input/bulk", `time=${startS}&data=[[0,16,1],[0,17,2]]`, headers)).body).toBe("ok");
    const nodes = await children(gateway);
    expect([await stored(nodes.get("16")), await stored(nodes.get("17"))]).toEqual([[["1", 0, 1]], [["1", 0, 2]]]);
  });
});

/** A body as devices without TLS send it, and the receipt they wait for. */
function encrypted(plain: string, password: string): { body: string; hmac: string; receipt: string } {
  const key = Buffer.from(password, "hex");
  const iv = randomBytes(16);
  const cipher = createCipheriv("aes-128-cbc", key, iv);
  return {
    body: Buffer.concat([iv, cipher.update(plain), cipher.final()]).toString("base64"),
    hmac: createHmac("sha256", key).update(plain).digest("hex"),
    receipt: createHash("sha256").update(plain).digest("base64").replaceAll("+", "-").replaceAll("/", "_"),
  };
}

describe("emoncms: encrypted", () => {
  const plain = `time=${startS}&data=[[0,"n",1,2]]`;
  const send = ({ body, hmac }: { body: string; hmac: string }, username = device.username) =>
    post("/input/bulk", body, { "content-type": "aes128cbc", authorization: `${username}:${hmac}` });

  it("a body under the device's key is stored, and its receipt is the answer", async () => {
    const sealed = encrypted(plain, device.password);
    expect(await send(sealed)).toMatchObject({ status: 200, body: sealed.receipt });
    expect(await stored()).toEqual([
      ["1", 0, 1],
      ["2", 0, 2],
    ]);
  });

  it("another's key is no key, and the tenant sees that it was tried", async () => {
    const other = await t.newDevice(tenant);
    expect(await send(encrypted(plain, other.password))).toMatchObject({ status: 200, body: "invalid data" });
    expect(await send(encrypted(plain, device.password), "nobody")).toMatchObject({
      status: 200,
      body: "User not found",
    });
    expect(await stored()).toEqual([]);
    await until(async () => expect((await rejectsOf(device)).get("wrong-password")?.count).toBe(1));
  });
});

describe("IoTaWatt", () => {
  const ask = (node = "IotaWatt") => get(`/input/get?node=${node}`, bearer());

  it("emoncms: asks, sends, and after a restart goes on where it was", async () => {
    expect(await ask()).toMatchObject({ status: 200, body: '"Node does not exist"' });
    const rows = '[[10,"IotaWatt",231.4,1250.3,null],[20,"IotaWatt",231.2,1248.9,null]]';
    const reply = await post("/input/bulk", `time=${startS}&data=${rows}`, { ...form, ...bearer() });
    expect(reply.status).toBe(200);
    expect(reply.body.startsWith("ok")).toBe(true);
    const { status, body } = await ask();
    expect(status).toBe(200);
    // As the firmware looks for it: digits between `"time":` and a comma.
    const times = [...body.matchAll(/"time":(\d+),/g)].map((match) => Number(match[1]));
    expect(Math.max(...times)).toBe(startS + 20);
    expect(JSON.parse(body)).toMatchObject({ "1": { time: startS + 20, value: 231.2 } });
    expect(JSON.parse((await get("/input/get/IotaWatt/2", bearer())).body)).toMatchObject({ value: 1248.9 });
  });

  it("knows nothing of what others have sent", async () => {
    await post("/input/bulk", `time=${startS}&data=[[0,"IotaWatt",1]]`, { ...form, ...bearer() });
    device = await t.newDevice(await t.newTenant());
    expect((await ask()).body).toBe('"Node does not exist"');
    expect((await get("/input/get", bearer())).body).toBe("{}");
    expect((await get("/input/get?node=IotaWatt&apikey=none")).status).toBe(401);
  });

  it("InfluxDB 1: asks, then sends lines under a form's content type", async () => {
    const q = "q=" + encodeURIComponent('SELECT LAST("value") FROM mains');
    expect(JSON.parse((await post("/query?db=energie", q, { ...basic(), ...form })).body)).toEqual({
      results: [{ statement_id: 0 }],
    });
    const lines = `mains,device=Home value=1250.3 ${startS}\nsolar,device=Home value=-2944.6 ${startS}\n`;
    const reply = await post("/write?precision=s&db=energie", lines, { ...basic(), ...form });
    expect(reply).toMatchObject({ status: 204, body: "" });
    expect((await stored()).map(([, , value]) => value)).toEqual([1250.3, -2944.6]);
  });

  it("InfluxDB 2 refuses to start unless the token has exactly 88 characters", () => {
    expect(device.token).toHaveLength(88);
  });
});

describe("ThingsBoard", () => {
  const path = (name: string) => `/api/v1/${device.token}/${name}`;

  it("HTTP: 200 and nothing, 401 and nothing", async () => {
    const body = JSON.stringify([{ ts: startS * 1000, values: { power: "1250.5", fw: "v1" } }]);
    expect(await post(path("telemetry"), body)).toMatchObject({ status: 200, body: "" });
    expect(await stored()).toEqual([["power", 0, 1250.5]]);
    expect(await post("/api/v1/nobody/telemetry", body)).toMatchObject({ status: 401, body: "" });
    expect((await post(path("telemetry"), "42")).status).toBe(400);
  });

  it("attributes are taken, and there are none to give", async () => {
    expect(await post(path("attributes"), '{"fw":"1.4"}')).toMatchObject({ status: 200, body: "" });
    expect(await get(`${path("attributes")}?clientKeys=fw`)).toMatchObject({ status: 200, body: "{}" });
    expect(await get("/api/v1/nobody/attributes")).toMatchObject({ status: 401, body: "" });
    expect(await stored()).toEqual([]);
  });

  it("MQTT: the token is the user name, in each of the device's topics", async () => {
    const client = await connectMqtt(t.mqttPort, { username: device.token, password: "" });
    const topics = ["v1/devices/me/telemetry", "v2/t", "v2/t/j"];
    for (const [second, topic] of topics.entries())
      await publish(client, topic, { ts: (startS + second) * 1000, values: { power: second } });
    await publish(client, "v1/devices/me/attributes", { fw: "1.4" });
    await client.endAsync();
    expect(await stored()).toEqual([0, 1, 2].map((second) => ["power", second, second]));
    expect((await rejectsOf(device)).size).toBe(0);
  });

  it("MQTT: a gateway's devices", async () => {
    const gateway = await t.newDevice(tenant, { kind: "gateway" });
    const client = await connectMqtt(t.mqttPort, { username: gateway.token, password: "" });
    await publish(client, "v1/gateway/connect", { device: "Meter A" });
    const point = (power: number) => [{ ts: startS * 1000, values: { power } }];
    await publish(client, "v1/gateway/telemetry", { "Meter A": point(1), "Meter B": point(2), "Meter C": 3 });
    await client.endAsync();
    const meters = await children(gateway);
    expect(await stored(meters.get("Meter A"))).toEqual([["power", 0, 1]]);
    expect(await stored(meters.get("Meter B"))).toEqual([["power", 0, 2]]);
    expect(await statesOf(t, meters.get("Meter A")!)).toEqual(["online true"]);
    await until(async () => expect((await rejectsOf(gateway)).get("malformed")!.detail).toContain("Meter C"));
  });
});
