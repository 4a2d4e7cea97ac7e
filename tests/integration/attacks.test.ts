import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { hub } from "../../app/live/hub.server.ts";
import { createDevice } from "../../db/devices.ts";
import { signingKey } from "../../db/signing-keys.ts";
import { patience, startIngest, type Ingest } from "../../ingest/main.ts";
import { readEnvironment } from "../../platform/env.ts";
import { log } from "../../platform/log.ts";
import { failuresAMinute } from "../../domain/access/strangers.ts";
import { apiWith } from "../support/api.ts";
import { connectMqtt, until } from "../support/clients.ts";
import { pathOf, sendTo, type Got, type Sent } from "../support/hostile-requests.ts";
import { password, person } from "../support/people.ts";
import { startRealServer, type RealServer } from "../support/real-server.ts";
import { routeAccess } from "../support/route-access.ts";
import { trespassers, type Trespasser } from "../support/trespass.ts";
import { makeTwoTenants, type TwoTenants } from "../support/two-tenants.ts";

/** What is tried against every web application, tried against this one as it runs: none of it works. */
let tenants: TwoTenants;
let who: Record<string, Trespasser>;
let server: RealServer;
let ingest: Ingest;

beforeAll(async () => {
  tenants = await makeTwoTenants();
  who = await trespassers(tenants);
  ingest = await startIngest(readEnvironment({ NODE_ENV: "test", HOST: "127.0.0.1", MQTT_PORT: "0" }), log);
  server = await startRealServer({}, [ingest.push]);
});
afterAll(async () => {
  await server.close();
  await ingest.stop();
  await hub().close();
  await tenants.db.close();
});

const send = (path: string, { to = server, ...sent }: Sent & { to?: RealServer } = {}) => sendTo(to, path, sent);
const own = () => ({ origin: server.url, host: `127.0.0.1:${server.port}` });
const post = (path: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
  send(path, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", ...own(), ...headers },
    body: new URLSearchParams(form).toString(),
  });
const cookiesOf = ({ headers }: Got) => (headers["set-cookie"] ?? []).map((line) => line.split(";")[0]!);
const sessionOf = (got: Got) => cookiesOf(got).find((pair) => pair.startsWith("session="));

describe("sessions", () => {
  test("an id that an attacker has planted is never the one of a login", async () => {
    const { email } = await person();
    const planted = `session=${"a".repeat(40)}`;
    const known = sessionOf(await post("/login", { email, password }))!;
    for (const cookie of [planted, known]) {
      const got = await post("/login", { email, password }, { cookie });
      expect(got.status).toBe(302);
      expect(sessionOf(got)).toBeDefined();
      expect(sessionOf(got)).not.toBe(cookie);
      expect(got.headers["set-cookie"]!.join()).toMatch(/HttpOnly.*SameSite=Lax|SameSite=Lax.*HttpOnly/i);
      // Neither the planted one nor the one before is anybody's afterwards.
      expect((await send("/account", { headers: { cookie } })).headers.location).toMatch(/^\/login/);
    }
  });

  test("over https, a cookie of a neighbouring host is not read, and ours is bound to this one", async () => {
    const https = await startRealServer({ PUBLIC_URL: "https://energy.test" });
    try {
      const { email, cookie } = await person();
      const headers = {
        origin: "https://energy.test",
        host: "energy.test",
        "content-type": "application/x-www-form-urlencoded",
      };
      const body = new URLSearchParams({ email, password }).toString();
      const got = await send("/login", { method: "POST", headers, body, to: https });
      const lines = got.headers["set-cookie"]!;
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) expect(line).toMatch(/^__Host-[a-z]+=.*; Path=\/(;|$).*/i);
      for (const line of lines) expect(line).toMatch(/; Secure/);
      const account = (sent: string) => send("/account", { headers: { cookie: sent, host: "energy.test" }, to: https });
      expect((await account(cookie)).status).toBe(302);
      expect((await account(cookiesOf(got).join("; "))).status).toBe(200);
      expect(got.headers["strict-transport-security"]).toMatch(/max-age=31536000; includeSubDomains/);
    } finally {
      await https.close();
    }
  });
});

describe("forms of other sites", () => {
  test.each([
    [{ origin: "https://evil.example" }],
    [{ origin: "null" }],
    [{ origin: "http://127.0.0.1" }],
    [{ "sec-fetch-site": "cross-site" }],
  ])("%j does nothing, whatever the page", async (from) => {
    const { cookie } = who["owner"]!;
    const withAction = Object.entries(routeAccess).filter(([file, { action }]) => action && !file.startsWith("api."));
    const { origin: _origin, ...headers } = { ...own(), cookie, ...from } as Record<string, string>;
    const sent = "origin" in from ? { ...headers, origin: from.origin } : headers;
    for (const [file] of withAction) {
      const got = await send(pathOf(file, tenants.ids), { method: "POST", headers: sent, body: "intent=delete" });
      expect({ file, status: got.status, body: got.body }).toEqual({
        file,
        status: 403,
        body: "Another site sent this form",
      });
    }
  });

  test("the API takes no cookie for a key", async () => {
    const headers = { cookie: who["owner"]!.cookie };
    expect((await send("/api/v1/sites", { headers })).status).toBe(401);
  });

  test("a form without a length, or of more than two megabytes, is not read", async () => {
    const chunked = { ...own(), "transfer-encoding": "chunked" };
    expect((await send("/login", { method: "POST", headers: chunked })).status).toBe(411);
    expect((await send("/login", { method: "POST", headers: { ...own(), "content-length": "2000001" } })).status).toBe(
      413,
    );
  });
});

describe("guessing", () => {
  test("passwords: after some tries one waits, whatever address one claims to come from", async () => {
    const { email } = await person();
    const statuses: number[] = [];
    for (let i = 0; i < 7; i++) {
      const got = await post("/login", { email, password: `wrong ${i}` }, { "x-forwarded-for": `203.0.113.${i}` });
      statuses.push(got.status);
      if (got.status === 429) expect(Number(got.headers["retry-after"])).toBeGreaterThan(0);
    }
    expect(statuses.slice(0, 5)).toEqual([400, 400, 400, 400, 400]);
    expect(statuses.at(-1)).toBe(429);
    // Not even with the right one.
    expect((await post("/login", { email, password })).status).toBe(429);
  });

  test("accounts: one that exists is answered as one that does not, and as late", async () => {
    const times: Record<string, number[]> = { known: [], unknown: [] };
    const said: Record<string, Set<string>> = { known: new Set(), unknown: new Set() };
    for (let i = 0; i < 4; i++)
      for (const kind of ["known", "unknown"]) {
        const email = kind === "known" ? (await person()).email : `${randomBytes(6).toString("hex")}@example.org`;
        const started = performance.now();
        const got = await post("/login.data", { email, password: "not the one" });
        times[kind]!.push(performance.now() - started);
        said[kind]!.add(`${got.status} ${got.body.replaceAll(email, "…")}`);
      }
    expect([...said["known"]!]).toEqual([...said["unknown"]!]);
    const median = (list: number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!;
    // A password that is not checked at all is answered many times faster.
    const ratio = median(times["known"]!) / median(times["unknown"]!);
    expect(ratio).toBeLessThan(6);
    expect(ratio).toBeGreaterThan(1 / 6);
  });

  test("a new password is promised to everybody alike", async () => {
    const { email } = await person();
    const asked = async (to: string) => {
      const got = await post("/forgot-password.data", { email: to });
      return `${got.status} ${got.body.replaceAll(to, "…")}`;
    };
    expect(await asked(email)).toBe(await asked("nobody.at.all@example.org"));
  });
});

describe("forged tokens", () => {
  test("open nothing", async () => {
    const good = (await apiWith(tenants.own.apiKey)("POST", "/token")).body.access_token as string;
    const bearer = (token: string) => send("/api/v1/sites", { headers: { authorization: `Bearer ${token}` } });
    expect((await bearer(good)).status).toBe(200);
    const [header, payload] = good
      .split(".")
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
    const { kid, signing, verifying } = await signingKey();
    const other = await generateKeyPair("EdDSA", { extractable: true });
    const jwks = JSON.parse((await send("/.well-known/jwks.json")).body) as { keys: object[] };
    const signed = (claims: object, headers: object = {}, key: unknown = signing) =>
      new SignJWT({ ...payload, ...claims }).setProtectedHeader({ ...header, ...headers }).sign(key as CryptoKey);
    const publicAsSecret = new TextEncoder().encode(await exportSPKI(verifying as CryptoKey));
    const jwkAsSecret = new TextEncoder().encode(JSON.stringify(jwks.keys[0]));
    const nowS = Math.floor(Date.now() / 1000);
    const [head, body, signature] = good.split(".") as [string, string, string];
    const altered = Buffer.from(JSON.stringify({ ...payload, org: tenants.theirs.organizationId })).toString(
      "base64url",
    );
    const forged: Record<string, string> = {
      none: new UnsecuredJWT(payload).encode(),
      "none, with a signature": `${Buffer.from(JSON.stringify({ ...header, alg: "none" })).toString("base64url")}.${body}.${signature}`,
      "HS256 with the public key": await signed({}, { alg: "HS256" }, publicAsSecret),
      "HS256 with the key set": await signed({}, { alg: "HS256" }, jwkAsSecret),
      "another key under our kid": await signed({}, {}, other.privateKey),
      "an unknown kid": await signed({}, { kid: "none" }, other.privateKey),
      "a kid that is a path": await signed({}, { kid: "../../../dev/null" }, other.privateKey),
      "a key of its own": await signed({}, { jwk: jwks.keys[0], kid }, other.privateKey),
      expired: await signed({ iat: nowS - 3600, exp: nowS - 1 }),
      "without an end": await signed({ exp: undefined }),
      "of another issuer": await signed({ iss: "https://evil.example" }),
      "for another audience": await signed({ aud: "https://evil.example" }),
      "of another type": await signed({}, { typ: "id+jwt" }),
      "of another organization": await signed({ org: tenants.theirs.organizationId }),
      "with altered claims": `${head}.${altered}.${signature}`,
    };
    for (const [what, token] of Object.entries(forged))
      expect([what, (await bearer(token)).status]).toEqual([what, 401]);
  });
});

describe("what is meant to exhaust the server", () => {
  test("a bomb of gzip is not unpacked", async () => {
    const bomb = gzipSync(Buffer.alloc(100_000_000), { level: 9 });
    const { shown, kept } = newCredential();
    await createDevice(
      tenants.own.organizationId,
      { siteId: tenants.own.siteId, name: "Bomber", kind: "device" },
      kept,
    );
    const headers = {
      authorization: `Bearer ${shown.token}`,
      "content-type": "application/json",
      "content-encoding": "gzip",
    };
    const pushed = await send("/api/v1/readings", { method: "POST", headers, body: bomb });
    expect([400, 413, 415]).toContain(pushed.status);
    const key = { ...headers, authorization: `Bearer ${tenants.own.apiKey}` };
    expect((await send("/api/v1/sites", { method: "POST", headers: key, body: bomb })).status).toBe(415);
  });

  test("JSON that is nested without end is refused", async () => {
    const call = apiWith(tenants.own.apiKey);
    for (const body of ["[".repeat(400_000), `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`]) {
      const answer = await call("POST", "/sites", body);
      expect([answer.status, answer.body.detail]).toEqual([400, expect.stringContaining("nested more than 64 deep")]);
    }
    // Brackets in a text are no nesting.
    const text = { name: "[".repeat(90), timezone: "UTC", currency: "EUR" };
    expect((await call("POST", "/sites", text)).status).toBe(201);
  });

  test("headers that are too large end the request", async () => {
    expect((await send("/login", { headers: { "x-large": "x".repeat(20_000) } })).status).toBe(431);
  });

  test("who sends a byte now and then is let go", async () => {
    expect(patience.headersTimeout).toBeLessThanOrEqual(15_000);
    const hasty = await startRealServer({}, [], { ...patience, headersTimeout: 200, connectionsCheckingInterval: 50 });
    try {
      const socket = connect(hasty.port, "127.0.0.1");
      let answer = "";
      socket.on("data", (chunk) => (answer += chunk.toString()));
      const gone = new Promise<void>((resolve) => socket.on("close", () => resolve()));
      socket.on("error", () => {});
      socket.write("GET /healthz HTTP/1.1\r\nHost: x\r\n");
      const drip = setInterval(() => socket.writable && socket.write("X-A: b\r\n"), 50);
      await gone;
      clearInterval(drip);
      expect(answer).toMatch(/^(HTTP\/1\.1 408|$)/);
    } finally {
      await hasty.close();
    }
  });
});

describe("files that are none of ours to give", () => {
  const ways = [
    ...["/../package.json", "/assets/../../package.json", "/assets/..%2f..%2fpackage.json", "/..%5c..%5cpackage.json"],
    ...["/assets/%2e%2e/%2e%2e/package.json", "/%2e%2e%2f%2e%2e%2fetc/passwd", "/assets/....//....//package.json"],
    ...["/.git/config", "/.env", "/assets/", "/package.json", "//etc/passwd", "/assets/..%00/package.json"],
  ];
  test.each(ways)("%s", async (path) => {
    const { status, body } = await send(path, { headers: { cookie: who["owner"]!.cookie } });
    expect([400, 403, 404]).toContain(status);
    expect(body).not.toMatch(/root:|"dependencies"|\[core\]|APP_SECRET/);
  });

  test("a login leads nowhere else", async () => {
    const { email } = await person();
    for (const next of ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
      expect((await post("/login", { email, password, next })).headers.location).toBe("/");
  });

  test("TRACE gives no header back", async () => {
    const { status, body } = await send("/login", { method: "TRACE", headers: { cookie: "session=secret-of-mine" } });
    expect(status).toBe(405);
    expect(body).not.toContain("secret-of-mine");
  });
});

describe("who is refused", () => {
  test("is written down: who, what and why, and nothing that they sent", async () => {
    const lines = vi.spyOn(log, "info");
    const { foreigner, viewer } = who as Record<"foreigner" | "viewer", Trespasser>;
    const site = `/sites/${tenants.theirs.siteId}`;
    await send(`${site}?secret=of-mine`, { headers: { cookie: foreigner.cookie } });
    await post(`${site}/settings`, { name: "of-mine" }, { cookie: viewer.cookie });
    await post("/theme", { theme: "dark" }, { cookie: viewer.cookie, origin: "https://evil.example" });
    await send("/api/v1/sites", { headers: { authorization: "Bearer ek_of-mine" } });
    await send("/no-such-page-of-mine");
    const bearer = { authorization: `Bearer ${tenants.own.apiKey}` };
    await send(`/api/v1/sites/${tenants.theirs.siteId}`, { headers: bearer });
    const refused = () => lines.mock.calls.filter(([, text]) => text === "refused").map(([what]) => what as object);
    await until(() => expect(refused().length).toBeGreaterThanOrEqual(5));
    const person = expect.stringMatching(/^person [0-9a-f-]{36}$/);
    const shared = { address: "127.0.0.1", request: expect.stringMatching(/^[0-9a-f-]{36}$/) };
    const page = "/sites/:id";
    expect(refused()).toEqual([
      { ...shared, status: 404, method: "GET", route: page, reason: "not there, or not theirs", who: person },
      { ...shared, status: 403, method: "POST", route: `${page}/settings`, reason: expect.any(String), who: person },
      { ...shared, status: 403, method: "POST", route: "/theme", reason: "Another site sent this form", who: "nobody" },
      { ...shared, status: 401, method: "GET", route: "/api/v1/sites", reason: expect.any(String), who: "nobody" },
      {
        ...shared,
        status: 404,
        method: "GET",
        route: "/api/v1/sites/:id",
        reason: expect.any(String),
        who: expect.stringMatching(/^key /),
      },
    ]);
    expect(JSON.stringify(lines.mock.calls)).not.toMatch(/of-mine|ek_|session=/);
    lines.mockRestore();
  });

  test("or leaves, keeps nothing in the browser", async () => {
    const { cookie } = await person();
    const { headers } = await post("/logout", {}, { cookie });
    expect(headers["clear-site-data"]).toBe('"cache", "storage"');
  });
});

describe("keys and credentials, tried one after another", () => {
  const call = (key: string) => send("/api/v1/sites", { headers: { authorization: `Bearer ${key}` } });
  const push = (token: string) =>
    send("/api/v1/readings", {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ time: Date.now() / 1000, power: 5 }),
    });
  const connackOf = (username: string, secret: string) =>
    connectMqtt(ingest.mqttPort!, { username, password: secret }).then(
      async (client) => {
        await client.endAsync();
        return 0;
      },
      ({ code }: { code: number }) => code,
    );
  const device = async (name: string) => {
    const { shown, kept } = newCredential();
    const { organizationId, siteId } = tenants.own;
    await createDevice(organizationId, { siteId, name, kind: "device" }, kept);
    return shown;
  };

  test("the address waits, and what is good behind it goes on", async () => {
    const [known, program] = [await device("Known"), tenants.own.apiKey];
    expect([(await push(known.token)).status, (await call(program)).status]).toEqual([204, 200]);
    expect(await connackOf(known.username, known.password)).toBe(0);
    expect(await connackOf(known.username, "wrong")).toBe(4);

    const guesses = Array.from({ length: failuresAMinute }, (_, i) => `ek_${"guess".repeat(8)}${i}`);
    for (const guess of guesses) await Promise.all([call(guess), push(guess)]);
    for (const door of [call, push]) {
      const answers = [await door("ek_one_more"), await door("ek_and_one")];
      const late = answers.find(({ status }) => status === 429);
      expect([late?.headers["retry-after"], late?.body]).toEqual([
        "1",
        expect.stringMatching(/too many (keys|credentials)/i),
      ]);
    }
    expect(await Promise.all([connackOf("nobody", "a"), connackOf("nobody", "b")])).toContain(3);

    // As does what was let in before, however many the guesses.
    for (let i = 0; i < 3; i++) {
      expect([(await push(known.token)).status, (await call(program)).status]).toEqual([204, 200]);
      expect(await connackOf(known.username, known.password)).toBe(0);
    }
    // Who is new behind the same address is let in after a moment.
    const fresh = await device("Fresh");
    await until(async () => expect((await push(fresh.token)).status).toBe(204));
  });
});
