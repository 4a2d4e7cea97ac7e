import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  generateKeyPair,
  jwtVerify,
  SignJWT,
  UnsecuredJWT,
} from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { countToken } from "../../app/auth/throttle.server.ts";
import { loader as keySet } from "../../app/routes/[.]well-known.jwks[.]json.ts";
import type { CreatedOrganization } from "../../cli/org.ts";
import { rotateKey } from "../../cli/secrets.ts";
import { jsonWebKeySet } from "../../db/access-tokens.ts";
import { asNobody } from "../../db/as-user.ts";
import { asSystem } from "../../db/as-system.ts";
import { removeOldSigningKeys, rotateSigningKey, verifyingKeys } from "../../db/signing-keys.ts";
import { apiWith as plainApiWith, type Call } from "../support/api.ts";
import { heldToDocument } from "../support/api-contract.ts";
import { makeKey, statusWith, tokenOf } from "../support/api-keys.ts";
import { makeTenant, openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

/** What an API key is traded for. */
const apiWith = (key: string | null): Call => heldToDocument(plainApiWith(key));

let db: OpenDatabase;
let anna: CreatedOrganization;
let api: Call;

beforeAll(async () => {
  db = await openTestDatabase();
  anna = await makeTenant("anna");
  api = apiWith(anna.apiKey);
});

afterAll(() => db.close());

const newKey = (more: object = {}) => makeKey(api, more);

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

  test("is made 300 times an hour for one key, whichever process makes it", async () => {
    const { id, secret } = await newKey({ scopes: ["read"] });
    const counted = await Promise.all(Array.from({ length: 300 }, () => countToken(id)));
    expect(counted.every((waitS) => waitS === 0)).toBe(true);
    const { status, headers, body } = await apiWith(secret)("POST", "/token");
    expect([status, body.detail]).toEqual([429, expect.stringMatching(/Too many access tokens/)]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(3_000);
    expect(await statusWith(secret)).toBe(200);
    const other = await newKey({ scopes: ["read"] });
    expect(await tokenOf(other.secret)).toBeTruthy();
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
    expect(rows.every(({ private_sealed: sealed }) => /^v2\./.test(sealed) && !sealed.includes("PRIVATE"))).toBe(true);
  });

  test("by command: at once, and the one before is good until its tokens are out", async () => {
    const { secret } = await newKey();
    const before = await tokenOf(secret);
    const { kid, dropped } = await rotateKey({ isCompromised: false });
    expect(dropped).toBe(0);
    const after = await tokenOf(secret);
    expect(decodeProtectedHeader(after).kid).toBe(kid);
    expect([await statusWith(before), await statusWith(after)]).toEqual([200, 200]);
    const { keys } = await jsonWebKeySet();
    expect(keys.map((key) => key.kid).slice(0, 2)).toEqual([kid, decodeProtectedHeader(before).kid]);
  });

  test("one that somebody else has is dropped at once, whatever a process remembers", async () => {
    const { secret } = await newKey();
    const before = await tokenOf(secret);
    // Remembered by this process, as by any other that has just verified it.
    expect(await statusWith(before)).toBe(200);
    const { kid, dropped } = await rotateKey({ isCompromised: true });
    expect(dropped).toBeGreaterThan(0);
    expect(await statusWith(before)).toBe(401);
    expect((await jsonWebKeySet()).keys.map((key) => key.kid)).toEqual([kid]);
    const after = await tokenOf(secret);
    expect([decodeProtectedHeader(after).kid, await statusWith(after), await statusWith(secret)]).toEqual([
      kid,
      200,
      200,
    ]);
  });
});
