import { randomBytes } from "node:crypto";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import { exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { operations } from "../../app/api/catalogue.server.ts";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { hub } from "../../app/live/hub.server.ts";
import { createDevice } from "../../db/devices.ts";
import { signingKey } from "../../db/signing-keys.ts";
import { patience, startIngest, type Ingest } from "../../ingest/main.ts";
import { readEnvironment } from "../../platform/env.ts";
import { log } from "../../platform/log.ts";
import { apiWith } from "../support/api.ts";
import { examples } from "../support/api-examples.ts";
import { connectMqtt, publish, until } from "../support/clients.ts";
import { password, person } from "../support/people.ts";
import { startRealServer, type RealServer } from "../support/real-server.ts";
import { routeAccess } from "../support/route-access.ts";
import { ask, paramsOf, routeModule, trespassers, type Trespasser } from "../support/trespass.ts";
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

interface Got {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}
interface Sent {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  to?: RealServer;
}

/** By node:http, which sends paths and headers as they are written. */
function send(path: string, { method = "GET", headers = {}, body, to = server }: Sent = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const all = { ...(body !== undefined && { "content-length": String(Buffer.byteLength(body)) }), ...headers };
    const sent = httpRequest({ host: "127.0.0.1", port: to.port, path, method, headers: all }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString() }),
      );
      response.on("error", reject);
    });
    sent.on("error", reject).end(body);
  });
}

const own = () => ({ origin: server.url, host: `127.0.0.1:${server.port}` });
const post = (path: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
  send(path, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", ...own(), ...headers },
    body: new URLSearchParams(form).toString(),
  });
const cookiesOf = ({ headers }: Got) => (headers["set-cookie"] ?? []).map((line) => line.split(";")[0]!);
const sessionOf = (got: Got) => cookiesOf(got).find((pair) => pair.startsWith("session="));

/** The address of a route's file, about the first organization. */
function pathOf(file: string): string {
  const params = paramsOf(file, tenants.ids);
  const name = file
    .replace(/\.tsx?$/, "")
    .replaceAll("[.]", "\u0001")
    .replace(/\[(\w+)\]/g, "$1")
    .replace(/_(?=\.|$)/g, "");
  const parts = name.split(".").filter((part) => part !== "_index" && part !== "index" && part !== "");
  return `/${parts
    .map((part) => (part.startsWith("$") ? (params[part.slice(1)] ?? "sites") : part))
    .join("/")
    .replaceAll("\u0001", ".")}`;
}
const pages = Object.entries(routeAccess).filter(
  ([file]) => file.startsWith("sites.$siteId") && !file.includes(".live."),
);

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
      const got = await send(pathOf(file), { method: "POST", headers: sent, body: "intent=delete" });
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

describe("ids of others", () => {
  test("every page, and what pages load while one goes on, is not found", async () => {
    const { cookie } = who["foreigner"]!;
    for (const [file, { loader }] of pages) {
      if (!loader) continue;
      for (const path of [pathOf(file), `${pathOf(file)}.data`]) {
        const got = await send(path, { headers: { cookie } });
        const told = tenants.markers.filter((text) => got.body.includes(text) && !path.includes(text));
        expect({ path, told, isFound: got.status < 300 && !got.body.includes("404") }).toEqual({
          path,
          told: [],
          isFound: false,
        });
      }
    }
  });
});

const sqlTexts = [
  `'"; drop table energy.sites; --`,
  `' or '1'='1`,
  "\u0000",
  "%' union select password_hash from auth.users --",
];

describe("SQL in every text", () => {
  const stillThere = async () =>
    (await tenants.db.owner.query<{ n: number }>("select count(*)::int as n from energy.sites")).rows[0]!.n;

  /** The same object with one of its texts replaced, for each of them. */
  function* withText(value: unknown, text: string): Generator<unknown> {
    if (typeof value === "string") yield text;
    else if (Array.isArray(value))
      for (const [i, one] of value.entries()) for (const other of withText(one, text)) yield value.with(i, other);
    else if (value !== null && typeof value === "object")
      for (const [name, one] of Object.entries(value))
        for (const other of withText(one, text)) yield { ...value, [name]: other };
  }

  test("of the API: every part of a path, every field of a query, every text of a body", async () => {
    const call = apiWith(tenants.own.apiKey);
    const sites = await stillThere();
    let tries = 0;
    for (const { id, method, path: template, query } of operations) {
      if (id === "deleteSite" || id === "createToken") continue;
      const { path, body } = examples[id]!;
      const at = path(tenants.ownIds).split("?")[0]!;
      const ways = sqlTexts.flatMap((text) => {
        const sent = encodeURIComponent(text);
        const fields = Object.keys(query.shape).map((name) => `${at}?${name}=${sent}`);
        const places = [...template.matchAll(/\{(\w+)\}/g)].map(([whole]) =>
          template.replace(whole, sent).replaceAll(/\{\w+\}/g, "1"),
        );
        const calls: [string, unknown][] = [...fields, ...places].map((way) => [way, body?.(tenants.ownIds)]);
        for (const other of withText(body?.(tenants.ownIds), text)) calls.push([path(tenants.ownIds), other]);
        return calls;
      });
      for (const [way, given] of ways) {
        tries++;
        const answer = await call(method, way, given);
        const text = JSON.stringify(answer.body);
        expect({ id, way, given, failed: answer.status >= 500, told: /syntax error|argon2/.test(text) }).toEqual({
          id,
          way,
          given,
          failed: false,
          told: false,
        });
      }
    }
    expect(tries).toBeGreaterThan(500);
    expect(await stillThere()).toBeGreaterThanOrEqual(sites);
  });

  test("of the pages: every field of a form and of a query", async () => {
    for (const [file, { action = {}, loader, search }] of Object.entries(routeAccess)) {
      if (file.startsWith("api.") || file.startsWith("login") || file.startsWith("signup") || file.startsWith("logout"))
        continue;
      const pageOf = await routeModule(file);
      const params = paramsOf(file, tenants.ownIds);
      const by = who["foreigner"]!;
      const [text] = sqlTexts;
      const queries = loader
        ? [
            "from",
            "to",
            "range",
            "sort",
            "step",
            "channel",
            "start",
            "next",
            "token",
            ...new URLSearchParams(search?.(tenants.ownIds) ?? "").keys(),
          ]
        : [];
      for (const name of queries) {
        const outcome = await ask(pageOf.loader!, by, { params, search: `?${name}=${encodeURIComponent(text!)}` });
        expect({ file, name, failed: outcome.status >= 500 && outcome.text }).toEqual({ file, name, failed: false });
      }
      for (const [name, posted] of Object.entries(action))
        for (const form of withText((posted.harmless ?? posted.form)?.(tenants.ownIds) ?? {}, text!)) {
          const outcome = await ask(pageOf.action!, by, { params, form: form as Record<string, string> });
          expect({ file, name, form, failed: outcome.status >= 500 && outcome.text }).toEqual({
            file,
            name,
            form,
            failed: false,
          });
        }
    }
  });
});

const hostile = `=cmd|'"><script>alert(1)</script><img src=x onerror=alert(1)>`;

describe("names that are scripts and formulas", () => {
  beforeAll(async () => {
    const { db, theirs, ids } = tenants;
    const { shown, kept } = newCredential();
    await createDevice(theirs.organizationId, { siteId: ids.site, name: "Gateway", kind: "gateway" }, kept);
    const client = await connectMqtt(ingest.mqttPort!, shown);
    // As a stranger's device may call itself.
    await publish(client, "energy/<img src=x onerror=alert(1)>", {
      time: Date.now() / 1000,
      power: 5,
      "<b>odd</b>": 1,
    });
    await until(async () => {
      const { rows } = await db.owner.query("select from energy.devices where name like '%<img%'");
      expect(rows).toHaveLength(1);
    });
    await client.endAsync();
    await db.owner.query("update energy.organizations set name = $2 where id = $1", [theirs.organizationId, hostile]);
    for (const table of [
      "sites",
      "devices",
      "channels",
      "contracts",
      "virtual_meters",
      "meter_groups",
      "shared_links",
      "api_keys",
    ])
      await db.owner.query(
        `update energy.${table} set name = $2 where organization_id = $1 and name not like '%<img%'`,
        [theirs.organizationId, hostile],
      );
    await db.owner.query("update auth.users set name = $1", [hostile]);
    await db.owner.query("update energy.imports set file_name = $1", [hostile]);
  });

  const shown = Object.entries(routeAccess).filter(
    ([file, { loader }]) => loader && !file.includes(".live.") && !/^(logout|login|api|switch|theme)/.test(file),
  );

  test("are shown as texts on every page", async () => {
    const { cookie } = who["owner"]!;
    let escaped = 0;
    for (const [file, { search }] of shown) {
      const got = await send(`${pathOf(file)}?${search?.(tenants.ids) ?? ""}`, {
        headers: { cookie, "user-agent": "Googlebot" },
      });
      expect({ file, status: got.status, failed: got.status >= 500 && got.body }).toMatchObject({
        file,
        failed: false,
      });
      if (!String(got.headers["content-type"]).startsWith("text/html")) continue;
      const { body } = got;
      expect({ file, found: /<script>alert|<img src=x|<b>odd/.exec(body)?.[0] }).toEqual({ file, found: undefined });
      if (body.includes("&lt;script&gt;")) escaped++;
      // Every script of the page has the nonce of its policy.
      const nonce = /'nonce-([^']+)'/.exec(String(got.headers["content-security-policy"]))![1]!;
      const scripts = [...body.matchAll(/<script\b([^>]*)>/g)].map(([, attributes]) => attributes!);
      expect({ file, without: scripts.filter((attributes) => !attributes.includes(`nonce="${nonce}"`)) }).toEqual({
        file,
        without: [],
      });
      expect({ file, handlers: /<[a-z][^>"']*\son\w+=/i.exec(body)?.[0] }).toEqual({ file, handlers: undefined });
    }
    expect(escaped).toBeGreaterThan(15);
  });

  test("are no formulas in any table that one can save", async () => {
    const { cookie } = who["owner"]!;
    const saved = [
      ...shown
        .filter(([file]) => file.includes("csv"))
        .map(([file, { search }]) => `${pathOf(file)}?${search?.(tenants.ids) ?? ""}`),
      `${pathOf("sites.$siteId.devices.$deviceId.series.ts")}?channel=${tenants.ids.channel}&format=csv`,
      `${pathOf("sites.$siteId.devices.$deviceId.readings.ts")}?channel=${tenants.ids.channel}&format=csv`,
    ];
    expect(saved.length).toBeGreaterThan(6);
    for (const path of saved) {
      const got = await send(path, { headers: { cookie } });
      expect([path, got.status, got.headers["content-type"]]).toEqual([path, 200, "text/csv; charset=utf-8"]);
      expect(got.headers["content-disposition"]).toMatch(/^attachment; filename="[a-z0-9._-]+\.csv"$/);
      const cells = (parse(got.body, { relaxColumnCount: true, bom: true }) as string[][]).flat();
      const formulas = cells.filter((cell) => /^\s*[=+@\t\r-]/.test(cell) && Number.isNaN(Number(cell)));
      expect({ path, formulas }).toEqual({ path, formulas: [] });
    }
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
    const { body } = await send("/login", { method: "TRACE", headers: { cookie: "session=secret-of-mine" } });
    expect(body).not.toContain("secret-of-mine");
  });
});
