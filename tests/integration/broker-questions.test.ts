import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { revokeCredential } from "../../db/credentials.ts";
import { push, until, type HttpReply } from "../support/clients.ts";
import { startTestIngest, type TestDevice, type TestIngest } from "../support/ingest.ts";

const secret = "what the broker shows";
let t: TestIngest;
let device: TestDevice;
let other: TestDevice;

beforeAll(async () => {
  // Nobody listens there: what is asked over HTTP does not need the broker.
  t = await startTestIngest({ MQTT_URL: "mqtt://ingest:its-password@127.0.0.1:9", MQTT_AUTH_SECRET: secret });
  const tenant = await t.newTenant();
  [device, other] = [await t.newDevice(tenant), await t.newDevice(tenant)];
});
afterAll(() => t.stop());

const bearer = { authorization: `Bearer ${secret}` };

function asJson(path: string, body: unknown, headers: Record<string, string> = bearer): Promise<HttpReply> {
  return push(t.http, path, {
    body: JSON.stringify(body),
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
  });
}

function asForm(path: string, body: Record<string, string>): Promise<HttpReply> {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return push(t.http, `${path}?secret=${encodeURIComponent(secret)}`, {
    body: new URLSearchParams(body).toString(),
    headers,
  });
}

describe('EMQX 5 (docs.emqx.com, "Use HTTP Service")', () => {
  const loginAs = (username: string, password: string) =>
    asJson("/mqtt/auth", { username, password, clientid: "c1", peerhost: "203.0.113.4" });

  it.each<[string, () => [string, string], "allow" | "deny" | "ignore"]>([
    ["a device with its password", () => [device.username, device.password], "allow"],
    ["a device with its token as password", () => [device.username, device.token], "allow"],
    ["a device with another's password", () => [device.username, other.password], "deny"],
    ["a device without a password", () => [device.username, ""], "deny"],
    ["a token as user name, which no topic would fit", () => [device.token, "x"], "deny"],
    ["the ingest itself", () => ["ingest", "its-password"], "allow"],
    ["the ingest's name with another password", () => ["ingest", "guess"], "deny"],
    ["somebody else's user", () => ["dashboard", "secret"], "ignore"],
  ])("may %s log in", async (_who, login, result) => {
    const reply = await loginAs(...login());
    expect(reply.status).toBe(200);
    expect(reply.headers.get("content-type")).toMatch(/^application\/json/);
    expect(JSON.parse(reply.body)).toEqual({ result, is_superuser: false });
  });

  it.each<[string, "publish" | "subscribe", () => [string, string], "allow" | "deny" | "ignore"]>([
    ["its own prefix", "publish", () => [device.username, `t/${device.username}/energy/m`], "allow"],
    ["its own prefix with a wildcard", "subscribe", () => [device.username, `t/${device.username}/#`], "allow"],
    ["another's prefix", "publish", () => [device.username, `t/${other.username}/energy/m`], "deny"],
    ["a prefix that begins alike", "publish", () => [device.username, `t/${device.username}x/energy/m`], "deny"],
    ["everything", "subscribe", () => [device.username, "#"], "deny"],
    ["every device's", "subscribe", () => [device.username, "t/+/energy/m"], "deny"],
    ["the ingest's share", "subscribe", () => [device.username, "$share/ingest/t/#"], "deny"],
    ["the ingest's share", "subscribe", () => ["ingest", "$share/ingest/t/#"], "allow"],
    ["the ingest's share as some brokers name it", "subscribe", () => ["ingest", "t/#"], "allow"],
    ["a request to a device", "publish", () => ["ingest", `t/${device.username}/NCMD`], "allow"],
    ["a device's prefix as somebody else", "publish", () => ["dashboard", `t/${device.username}/x`], "deny"],
    ["everything as somebody else", "subscribe", () => ["dashboard", "#"], "deny"],
    ["a topic of somebody else", "publish", () => ["dashboard", "lights/kitchen"], "ignore"],
  ])("%s: %s", async (_what, action, asked, result) => {
    const [username, topic] = asked();
    const reply = await asJson("/mqtt/acl", { username, topic, action, clientid: "c1", qos: "1", retain: "false" });
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.body)).toEqual({ result, is_superuser: false });
  });

  it("hears at once that a credential was revoked", async () => {
    const gone = await t.newDevice(await t.newTenant());
    const topic = `t/${gone.username}/energy/m`;
    const may = async () => {
      const [login, use] = [
        await loginAs(gone.username, gone.password),
        await asJson("/mqtt/acl", { username: gone.username, topic, action: "publish" }),
      ];
      return [login, use].map(({ body }) => (JSON.parse(body) as { result: string }).result);
    };
    expect(await may()).toEqual(["allow", "allow"]);
    await revokeCredential(gone.organizationId, gone.id);
    await until(async () => expect(await may()).toEqual(["deny", "deny"]));
  });
});

describe("mosquitto-go-auth in form mode", () => {
  it.each<[string, () => Record<string, string>, number]>([
    ["a device", () => ({ username: device.username, password: device.password, clientid: "c" }), 200],
    ["a wrong password", () => ({ username: device.username, password: "x", clientid: "c" }), 403],
    ["somebody else", () => ({ username: "dashboard", password: "x", clientid: "c" }), 403],
  ])("may %s log in: the status says it", async (_who, body, status) => {
    expect((await asForm("/mqtt/auth", body())).status).toBe(status);
  });

  it.each<[string, () => string, number]>([
    ["its own topic", () => `t/${device.username}/energy/m`, 200],
    ["another's", () => `t/${other.username}/energy/m`, 403],
  ])("may a device use %s", async (_what, topic, status) => {
    const body = { username: device.username, topic: topic(), clientid: "c", acc: "2" };
    expect((await asForm("/mqtt/acl", body)).status).toBe(status);
  });
});

it.each(["/mqtt/auth", "/mqtt/acl"])("%s wants the secret, and a question that it can read", async (path) => {
  const asked = { username: device.username, password: device.password, topic: "t/x" };
  expect((await asJson(path, asked, {})).status).toBe(401);
  expect((await asJson(path, asked, { authorization: "Bearer guess" })).status).toBe(401);
  expect((await asJson(`${path}?secret=guess`, asked, {})).status).toBe(401);
  expect((await asJson(path, { user: "x" })).status).toBe(400);
  const broken = { body: "{", headers: { "content-type": "application/json", ...bearer } };
  expect((await push(t.http, path, broken)).status).toBe(400);
});

it("while the database is away the broker is told to ask again", async () => {
  await t.link.cut();
  const unknown = { username: "nobody-yet", password: "x", topic: "lights" };
  const reply = await asJson("/mqtt/auth", unknown);
  await t.link.restore();
  expect(reply.status).toBe(503);
});
