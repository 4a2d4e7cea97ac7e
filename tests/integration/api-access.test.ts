import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApiKey } from "../../db/api-keys.ts";
import type { CreatedOrganization } from "../../cli/org.ts";
import { apiWith as plainApiWith, type Answer, type Call } from "../support/api.ts";
import { heldToDocument } from "../support/api-contract.ts";
import { makeKey, statusWith, tokenOf } from "../support/api-keys.ts";
import { makeTenant, openTestDatabase, sha256, type OpenDatabase } from "../support/tenants.ts";

/** Keys, access tokens, web pages elsewhere, calls that are repeated, and calls that are too many. */
const apiWith = (key: string | null): Call => heldToDocument(plainApiWith(key));
const perMinute = 120;

let db: OpenDatabase;
let anna: CreatedOrganization;
let api: Call;

beforeAll(async () => {
  process.env["LIMIT_KEY_CALLS"] = String(perMinute);
  process.env["LIMIT_ORGANIZATION_CALLS"] = String(3 * perMinute);
  db = await openTestDatabase();
  anna = await makeTenant("anna");
  api = apiWith(anna.apiKey);
});

afterAll(() => db.close());

/** A key of its own for each test: the limit is by key. */
const newKey = (more: object = {}) => makeKey(api, more);

describe("an API key", () => {
  test("is shown once, and kept as its SHA-256", async () => {
    const { id, secret } = await newKey({ name: "Logger", scopes: ["read"] });
    expect(secret).toMatch(/^ek_[\w-]{43}$/);
    const { body } = await api("GET", `/api-keys/${id}`);
    expect(body).toMatchObject({
      name: "Logger",
      prefix: secret.slice(0, 9),
      scopes: ["read"],
      siteIds: null,
      author: null,
    });
    expect([body.secret, body.lastUsedAt, body.expiresAt]).toEqual([undefined, null, null]);
    const { rows } = await db.owner.query("select row_to_json(k)::text as text from energy.api_keys k where id = $1", [
      id,
    ]);
    expect(rows[0].text).toContain(sha256(secret));
    expect(rows[0].text).not.toContain(secret.slice(9));
    expect(await statusWith(secret)).toBe(200);
    expect((await api("GET", `/api-keys/${id}`)).body.lastUsedAt).not.toBeNull();
  });

  test("opens only what its scopes say, none of which contains another", async () => {
    const site = { name: "Cabin", timezone: "UTC", currency: "EUR" };
    const calls: [string, string, string, unknown?][] = [
      ["read", "GET", "/devices"],
      ["write", "POST", "/sites", site],
      ["admin", "GET", "/api-keys"],
    ];
    for (const scope of ["read", "write", "ingest", "admin"]) {
      const { call } = await newKey({ scopes: [scope] });
      for (const [needed, method, path, body] of calls) {
        const { status } = await call(method, path, body);
        expect([scope, path, status < 300 ? "open" : status]).toEqual([scope, path, scope === needed ? "open" : 403]);
      }
    }
  });

  test("with admin is for the whole organization, and sites are one's own", async () => {
    const chosen = { name: "Flat", scopes: ["admin"], siteIds: [anna.siteId] };
    expect((await api("POST", "/api-keys", chosen)).body.errors[0].path).toBe("scopes");
    const other = await makeTenant("carl");
    expect((await api("POST", "/api-keys", { ...chosen, scopes: ["read"], siteIds: [other.siteId] })).status).toBe(404);
  });

  test("that is revoked or out of time opens nothing, nor do its access tokens", async () => {
    const { id, secret } = await newKey();
    const token = await tokenOf(secret);
    expect([await statusWith(secret), await statusWith(token)]).toEqual([200, 200]);
    await db.owner.query("update energy.api_keys set expires_at = now() - interval '1 second' where id = $1", [id]);
    expect([await statusWith(secret), await statusWith(token)]).toEqual([401, 401]);
    await db.owner.query("update energy.api_keys set expires_at = null where id = $1", [id]);
    expect([await statusWith(secret), await statusWith(token)]).toEqual([200, 200]);
    expect((await api("DELETE", `/api-keys/${id}`)).status).toBe(204);
    expect([await statusWith(secret), await statusWith(token)]).toEqual([401, 401]);
  });
});

describe("a request that is repeated", () => {
  const site = { name: "Once", timezone: "UTC", currency: "EUR" };
  const named = async () =>
    (await api("GET", "/sites?limit=500")).body.items.filter((one: { name: string }) => one.name === "Once");

  test("makes its thing once, also when it comes several times at once", async () => {
    const { call } = await newKey();
    const send = (body: object = site) => call("POST", "/sites", body, { "idempotency-key": "k-1" });
    const answers = await Promise.all([send(), send(), send(), send()]);
    const made = answers.filter(({ status }) => status === 201);
    expect(made.length).toBeGreaterThan(0);
    expect(new Set(made.map(({ body }) => body.id)).size).toBe(1);
    for (const { status, headers } of answers.filter((one) => one.status !== 201))
      expect([status, headers.get("retry-after")]).toEqual([409, "1"]);
    expect((await send()).body).toEqual(made[0]!.body);
    expect(await named()).toHaveLength(1);
  });

  test("with another body, or to another address, is refused", async () => {
    const { call } = await newKey();
    const key = { "idempotency-key": "k-2" };
    const { id } = (await call("POST", "/sites", { ...site, name: "Two" }, key)).body;
    expect((await call("POST", "/sites", { ...site, name: "Three" }, key)).status).toBe(422);
    expect((await call("POST", "/devices", { name: "Two", siteId: id }, key)).status).toBe(422);
  });

  test("keys are one organization's own, and another API key does not get to see the answer", async () => {
    const [first, second] = [await newKey(), await newKey()];
    const key = { "idempotency-key": "k-3" };
    const device = (await first.call("POST", "/devices", { name: "Plug" }, key)).body;
    expect((await second.call("POST", "/devices", { name: "Plug" }, key)).status).toBe(422);
    const ben = apiWith((await makeTenant("ben")).apiKey);
    expect((await ben("POST", "/devices", { name: "Plug" }, key)).body.id).not.toBe(device.id);
    const { rows } = await db.owner.query(
      "select coalesce(string_agg(k::text, ''), '') as text from energy.idempotency_keys k",
    );
    expect(rows[0].text).not.toContain(device.credential.password);
    expect((await first.call("POST", "/devices", { name: "Plug" }, key)).body).toEqual(device);
  });

  test("may be tried again after it was refused, was cut off, or after a day", async () => {
    const { call } = await newKey();
    const send = (name: string, key: string) => call("POST", "/devices", { name }, { "idempotency-key": key });
    const nowhere = { name: "Plug", siteId: "00000000-0000-4000-8000-000000000000" };
    const refusals = [0, 1].map(() => call("POST", "/devices", nowhere, { "idempotency-key": "k-4" }));
    for (const refusal of refusals) expect([404, 409]).toContain((await refusal).status);
    expect((await call("POST", "/devices", nowhere, { "idempotency-key": "k-4" })).status).toBe(404);
    const { id } = (await send("Day", "k-5")).body;
    await db.owner.query(
      "update energy.idempotency_keys set created_at = now() - interval '25 hours' where key = 'k-5'",
    );
    expect((await send("Day", "k-5")).body.id).not.toBe(id);
    const cutOff =
      "update energy.idempotency_keys set status = null, created_at = now() - $1 * interval '1 second' where key = 'k-5'";
    await db.owner.query(cutOff, [30]);
    expect((await send("Day", "k-5")).status).toBe(409);
    await db.owner.query(cutOff, [61]);
    expect((await send("Day", "k-5")).status).toBe(201);
  });

  test.each(["", " ", "x".repeat(256), "ä"])("a key %j is refused", async (key) => {
    const headers = { authorization: `Bearer ${(await newKey()).secret}`, "content-type": "application/json" };
    const answer = await plainApiWith(null)("POST", "/sites", site, { ...headers, "idempotency-key": key });
    expect(answer.status).toBe(400);
  });
});

describe("web pages elsewhere", () => {
  const origin = "https://energy.example";
  const preflight = (from: string) =>
    plainApiWith(null)("OPTIONS", "/sites", undefined, { origin: from, "access-control-request-method": "POST" });

  test("may call where a key lists their origin, and never with cookies", async () => {
    const { call, id } = await newKey({ origins: [`${origin}/`] });
    expect((await api("GET", `/api-keys/${id}`)).body.origins).toEqual([origin]);
    const { status, headers } = await preflight(origin);
    expect([status, headers.get("access-control-allow-origin")]).toEqual([204, origin]);
    expect(headers.get("access-control-allow-headers")).toContain("idempotency-key");
    expect(headers.get("access-control-allow-methods")).toContain("DELETE");
    expect(headers.get("access-control-allow-credentials")).toBeNull();
    for (const answer of [
      await call("GET", "/sites", undefined, { origin }),
      await call("GET", "/sites?limit=0", undefined, { origin }),
      await apiWith("ek_unknown")("GET", "/sites", undefined, { origin }),
    ]) {
      expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
      expect(answer.headers.get("access-control-expose-headers")).toContain("etag");
      expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
      expect(answer.headers.get("vary")).toContain("origin");
    }
  });

  test.each(["https://evil.example", "null", "http://energy.example", "https://energy.example.evil.example"])(
    "%s may not",
    async (from) => {
      await newKey({ origins: [origin] });
      expect((await preflight(from)).headers.get("access-control-allow-origin")).toBeNull();
      const { call } = await newKey();
      const answer = await call("GET", "/sites", undefined, { origin: from });
      expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([403, null]);
    },
  );

  test("an origin that another key lists may not use this one", async () => {
    await newKey({ origins: [origin] });
    const { call } = await newKey();
    expect((await call("GET", "/sites", undefined, { origin })).status).toBe(403);
  });

  test("our own pages may", async () => {
    const { call } = await newKey();
    const own = await call("GET", "/sites", undefined, { origin: "http://energy.test" });
    expect([own.status, own.headers.get("access-control-allow-origin")]).toEqual([200, null]);
  });

  test("the document is open to all", async () => {
    const { status, headers } = await plainApiWith(null)("GET", "/openapi.json", undefined, {
      origin: "https://any.example",
    });
    expect([status, headers.get("access-control-allow-origin")]).toEqual([200, "*"]);
    const known = await plainApiWith(null)("GET", "/openapi.json", undefined, {
      "if-none-match": headers.get("etag")!,
    });
    expect([known.status, known.body]).toEqual([304, null]);
  });
});

describe("too many calls", () => {
  test("of one key, and of one organization", async () => {
    const carla = await makeTenant("carla");
    const whole = apiWith(carla.apiKey);
    const spend = async (call: Call): Promise<Answer> => {
      for (;;) {
        const answer = await call("GET", "/api-keys");
        if (answer.status !== 200) return answer;
      }
    };
    const keys = await Promise.all([1, 2, 3].map((n) => secretOf(carla, `k${n}`)));
    const refused = await spend(whole);
    expect(refused.status).toBe(429);
    expect(refused.body.detail).toMatch(/^More than 120 calls a minute by this API key: wait \d+ s\.$/);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    for (const key of keys.slice(0, 2)) await spend(apiWith(key));
    expect((await spend(apiWith(keys[2]!))).body.detail).toMatch(/by the organization/);
  });

  async function secretOf({ organizationId }: CreatedOrganization, secret: string): Promise<string> {
    await createApiKey(organizationId, { name: secret, hash: sha256(secret), scopes: ["admin"] });
    return secret;
  }
});

describe("a key for chosen sites", () => {
  test("sees those sites and what is there, and nothing of the organization as a whole", async () => {
    const flat = (await api("POST", "/sites", { name: "Flat", timezone: "UTC", currency: "EUR" })).body.id;
    const here = (await api("POST", "/devices", { name: "Here", siteId: flat })).body.id;
    const there = (await api("POST", "/devices", { name: "There", siteId: anna.siteId })).body.id;
    const { call, secret } = await newKey({ siteIds: [flat] });
    for (const by of [call, apiWith(await tokenOf(secret))]) {
      expect((await by("GET", "/sites")).body.items.map(({ id }: { id: string }) => id)).toEqual([flat]);
      expect((await by("GET", "/devices")).body.items.map(({ id }: { id: string }) => id)).toEqual([here]);
      expect((await by("GET", `/devices/${there}`)).status).toBe(404);
      expect(
        (await by("GET", `/sites/${anna.siteId}/costs?step=day&from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z`))
          .status,
      ).toBe(404);
      expect((await by("PATCH", `/devices/${here}`, { siteId: anna.siteId })).status).toBe(404);
      expect((await by("PATCH", `/sites/${flat}`, { name: "Flat 2" })).status).toBe(200);
      expect((await by("POST", "/sites", { name: "x", timezone: "UTC", currency: "EUR" })).status).toBe(403);
    }
    const made = await call("POST", "/devices", { name: "Plug" }, { "idempotency-key": "limited" });
    expect([made.status, made.body.siteId]).toEqual([201, flat]);
    const again = await call("POST", "/devices", { name: "Plug" }, { "idempotency-key": "limited" });
    expect(again.body).toEqual(made.body);
  });
});
