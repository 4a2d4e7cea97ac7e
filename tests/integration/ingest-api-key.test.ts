import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApiKey, findApiKey, revokeApiKey } from "../../db/api-keys.ts";
import { issueAccessToken } from "../../db/access-tokens.ts";
import { createSite } from "../../db/sites.ts";
import type { Scope } from "../../domain/access/credential.ts";
import { push } from "../support/clients.ts";
import { heldAnswer } from "../support/api-contract.ts";
import { startTestIngest, storedOf, type Tenant, type TestDevice, type TestIngest } from "../support/ingest.ts";
import { sha256 } from "../support/tenants.ts";

/** A program with an API key of the scope `ingest` sends for a device that it names. */
let t: TestIngest;
let tenant: Tenant;
let device: TestDevice;

beforeAll(async () => {
  t = await startTestIngest();
  tenant = await t.newTenant();
  device = await t.newDevice(tenant);
});
afterAll(() => t.stop());

let keys = 0;

async function newKey(scopes: Scope[] = ["ingest"], siteIds: string[] | null = null) {
  const secret = `ek_${"k".repeat(40)}${++keys}`;
  const made = await createApiKey(tenant.organizationId, { name: "Logger", hash: sha256(secret), scopes, siteIds });
  if (typeof made === "string") throw new Error(made);
  return { id: made.id, secret };
}

const second = 1_770_000_000;

async function send(secret: string, deviceId: string | null, power = 5, path = "/api/v1/readings") {
  const reply = await push(t.http, `${path}${deviceId === null ? "" : `?deviceId=${deviceId}`}`, {
    body: JSON.stringify({ time: second + power, power }),
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
  });
  if (path === "/api/v1/readings")
    heldAnswer("POST", "/readings", { ...reply, body: reply.body ? JSON.parse(reply.body) : null });
  return reply;
}

describe("an API key", () => {
  test("stores the readings as the device's own, as its access token does", async () => {
    const { secret } = await newKey();
    expect(await send(secret, device.id, 1)).toMatchObject({ status: 204, body: "" });
    const { token } = await issueAccessToken((await findApiKey(sha256(secret)))!);
    expect((await send(token, device.id, 2)).status).toBe(204);
    expect((await storedOf(t, device)).map(({ key, value }) => [key, value])).toEqual([
      ["power", 1],
      ["power", 2],
    ]);
  });

  test("speaks for a gateway's devices by their names", async () => {
    const { secret } = await newKey();
    const gateway = await t.newDevice(tenant, { kind: "gateway" });
    const reply = await push(t.http, `/api/v1/readings?deviceId=${gateway.id}`, {
      body: JSON.stringify({ device: "attic", time: second, power: 7 }),
      headers: { authorization: `Bearer ${secret}` },
    });
    expect(reply.status).toBe(204);
    const { rows } = await t.owner.query("select id from energy.devices where gateway_id = $1", [gateway.id]);
    expect((await storedOf(t, rows[0])).map(({ value }) => value)).toEqual([7]);
    expect((await send(secret, rows[0].id)).status).toBe(404);
  });

  test("is refused without the scope, when it is unknown or revoked", async () => {
    for (const scopes of [["read"], ["write"], ["admin"]] as Scope[][])
      expect((await send((await newKey(scopes)).secret, device.id)).status).toBe(403);
    expect((await send("ek_unknown", device.id)).status).toBe(401);
    expect((await send("a.b.c", device.id)).status).toBe(401);
    const { id, secret } = await newKey();
    await revokeApiKey(tenant.organizationId, id);
    expect((await send(secret, device.id)).status).toBe(401);
  });

  test("has to name a device of its own organization and sites", async () => {
    const { secret } = await newKey();
    expect((await send(secret, null)).status).toBe(400);
    const theirs = await t.newDevice(await t.newTenant());
    const nobodys = "00000000-0000-4000-8000-000000000000";
    const answers = [await send(secret, theirs.id), await send(secret, nobodys), await send(secret, "x")];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    const flat = await createSite(tenant.organizationId, { name: "Flat", timezone: "UTC", currency: "EUR" });
    expect((await send((await newKey(["ingest"], [flat.id])).secret, device.id)).status).toBe(404);
    expect((await send((await newKey(["ingest"], [tenant.siteId])).secret, device.id)).status).toBe(204);
  });

  test("opens no other way in", async () => {
    const { secret } = await newKey();
    for (const path of ["/api/v2/write", "/ingest/p1", "/input/post"])
      expect((await send(secret, device.id, 5, path)).status).toBe(401);
  });
});
