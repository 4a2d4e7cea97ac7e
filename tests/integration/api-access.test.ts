import {
  generateKeyPair,
  SignJWT,
  UnsecuredJWT,
  decodeJwt,
  decodeProtectedHeader,
  createLocalJWKSet,
  jwtVerify,
} from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { removeOldSigningKeys, rotateSigningKey, verifyingKeys } from "../../db/signing-keys.ts";
import { createApiKey } from "../../db/api-keys.ts";
import { asNobody } from "../../db/as-user.ts";
import { asSystem } from "../../db/as-system.ts";
import { loader as keySet } from "../../app/routes/[.]well-known.jwks[.]json.ts";
import type { CreatedOrganization } from "../../cli/org.ts";
import { apiWith as plainApiWith, type Answer, type Call } from "../support/api.ts";
import { heldToDocument } from "../support/api-contract.ts";
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
async function newKey(more: Record<string, unknown> = {}): Promise<{ id: string; secret: string; call: Call }> {
  const { status, body } = await api("POST", "/api-keys", { name: "Test", scopes: ["read", "write"], ...more });
  expect(status).toBe(201);
  return { id: body.id, secret: body.secret, call: apiWith(body.secret) };
}

async function tokenOf(secret: string): Promise<string> {
  const { status, body, headers } = await apiWith(secret)("POST", "/token");
  expect([status, headers.get("cache-control")]).toEqual([200, "no-store"]);
  return body.access_token;
}

const statusWith = async (secret: string) => (await apiWith(secret)("GET", "/sites")).status;

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

describe("an access token", () => {
  test("says whose it is, and verifies with the published keys", async () => {
    const { id, secret } = await newKey({ scopes: ["read"] });
    const token = await tokenOf(secret);
    const { alg, kid, typ } = decodeProtectedHeader(token);
    expect([alg, typ]).toEqual(["EdDSA", "at+jwt"]);
    const response = await keySet({ request: new Request("http://energy.test/.well-known/jwks.json") } as never);
    const keys = (await response.json()) as { keys: Record<string, unknown>[] };
    expect(keys.keys.map((key) => key["kid"])).toContain(kid);
    expect(keys.keys.every((key) => key["kty"] === "OKP" && key["crv"] === "Ed25519" && key["d"] === undefined)).toBe(
      true,
    );
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys as never));
    expect(payload).toMatchObject({ sub: id, org: anna.organizationId, scope: "read", aud: `${payload.iss}/api/v1` });
    expect(payload.exp! - payload.iat!).toBe(900);
  });

  test("opens no more than its key, and buys no other token", async () => {
    const { secret } = await newKey({ scopes: ["read"] });
    const call = apiWith(await tokenOf(secret));
    expect((await call("POST", "/sites", { name: "x", timezone: "UTC", currency: "EUR" })).status).toBe(403);
    expect((await call("POST", "/token")).status).toBe(403);
  });

  test("loses the scopes that its key loses", async () => {
    const { id, secret } = await newKey();
    const call = apiWith(await tokenOf(secret));
    expect((await call("GET", "/sites")).status).toBe(200);
    await db.owner.query("update energy.api_keys set scopes = '{write}' where id = $1", [id]);
    expect((await call("GET", "/sites")).status).toBe(403);
  });

  test("ends with its key, where that is sooner", async () => {
    const { secret } = await newKey({ expiresAt: new Date(Date.now() + 60_000).toISOString() });
    const { exp, iat } = decodeJwt(await tokenOf(secret));
    expect(exp! - iat!).toBeLessThanOrEqual(60);
  });

  describe("that is not ours", () => {
    test.each<[string, (own: Forging) => Promise<string> | string]>([
      ["unsigned", ({ claims }) => new UnsecuredJWT(claims).encode()],
      ["signed with another key", async ({ sign }) => sign({}, {}, (await generateKeyPair("EdDSA")).privateKey)],
      [
        "signed with the public key as a secret",
        ({ sign, x }) => sign({ alg: "HS256" }, {}, Buffer.from(x, "base64url")),
      ],
      ["of a key that nobody has", ({ sign }) => sign({ kid: "other" })],
      ["without the name of a key", ({ sign }) => sign({ kid: undefined })],
      ["of another type", ({ sign }) => sign({ typ: "JWT" })],
      ["out of time", ({ sign }) => sign({}, { exp: Math.floor(Date.now() / 1000) - 1 })],
      ["without an end", ({ sign }) => sign({}, { exp: undefined })],
      ["of another issuer", ({ sign }) => sign({}, { iss: "https://evil.example" })],
      ["for somebody else", ({ sign }) => sign({}, { aud: "https://evil.example" })],
      ["of nobody's key", ({ sign }) => sign({}, { sub: "00000000-0000-4000-8000-000000000000" })],
      ["of a key that is no id", ({ sign }) => sign({}, { sub: "x" })],
      ["of another organization", ({ sign }) => sign({}, { org: "00000000-0000-4000-8000-000000000000" })],
      ["changed afterwards", ({ token }) => token.replace(/\.(.)/, (_all, first) => `.${first === "e" ? "f" : "e"}`)],
      ["cut", ({ token }) => token.slice(0, -2)],
      ["no token at all", () => "a.b.c"],
    ])("%s: 401", async (_what, forge) => {
      const own = await forging();
      expect(await statusWith(await own.sign({}))).toBe(200);
      const answer = await apiWith(await forge(own))("GET", "/sites");
      expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([
        401,
        'Bearer realm="energy", error="invalid_token"',
      ]);
    });
  });

  interface Forging {
    token: string;
    claims: Record<string, unknown>;
    /** The public key. */
    x: string;
    sign: (header: object, claims?: object, key?: CryptoKey | Uint8Array) => Promise<string>;
  }

  /** Signs like the product does, but for what is given. */
  async function forging(): Promise<Forging> {
    const { secret } = await newKey();
    const token = await tokenOf(secret);
    const { alg, kid, typ } = decodeProtectedHeader(token);
    const { signing, publicJwk } = (await verifyingKeys()).find((key) => key.kid === kid)!;
    const claims = decodeJwt(token);
    return {
      token,
      claims,
      x: publicJwk.x!,
      sign: (header, changed = {}, key = signing!) =>
        new SignJWT({ ...claims, ...changed })
          .setProtectedHeader({ alg, kid, typ, ...header } as { alg: string })
          .sign(key),
    };
  }

  test("keys take turns: the old one verifies until its tokens are out, then it is gone", async () => {
    const { secret } = await newKey();
    const before = await tokenOf(secret);
    const kid = await rotateSigningKey(asNobody());
    expect((await verifyingKeys(true))[0]!.kid).toBe(kid);
    const after = await tokenOf(secret);
    expect(decodeProtectedHeader(after).kid).toBe(kid);
    expect([await statusWith(before), await statusWith(after)]).toEqual([200, 200]);
    await asSystem(removeOldSigningKeys);
    expect((await verifyingKeys(true)).map((key) => key.kid)).toEqual([kid, decodeProtectedHeader(before).kid]);
    await db.owner.query("update auth.signing_keys set created_at = created_at - interval '1 hour'");
    expect((await verifyingKeys(true)).map((key) => key.kid)).toEqual([kid]);
    expect([await statusWith(before), await statusWith(after)]).toEqual([401, 200]);
    await asSystem(removeOldSigningKeys);
    expect((await db.owner.query("select kid from auth.signing_keys")).rows).toEqual([{ kid }]);
    // A month later the next request for a token makes the next key.
    await db.owner.query("update auth.signing_keys set created_at = created_at - interval '31 days'");
    await verifyingKeys(true);
    expect(decodeProtectedHeader(await tokenOf(secret)).kid).not.toBe(kid);
    const { rows } = await db.owner.query("select private_sealed from auth.signing_keys");
    expect(rows.every(({ private_sealed: sealed }) => /^v1\./.test(sealed) && !sealed.includes("PRIVATE"))).toBe(true);
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
