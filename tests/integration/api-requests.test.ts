import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dispatch } from "../../app/api/dispatch.server.ts";
import type { CreatedOrganization } from "../../cli/org.ts";
import { createApiKey } from "../../db/api-keys.ts";
import { apiWith, type Answer, type Call } from "../support/api.ts";
import { addChannel, makeTenant, openTestDatabase, sha256, type OpenDatabase } from "../support/tenants.ts";

let db: OpenDatabase;
let anna: CreatedOrganization;
let api: Call;

beforeAll(async () => {
  db = await openTestDatabase();
  anna = await makeTenant("anna");
  api = apiWith(anna.apiKey);
});

afterAll(() => db.close());

const site = { name: "Home", timezone: "UTC", currency: "EUR" };

describe("what is not there, or not so", () => {
  test.each(["/nothing", "/sites/a/b", "/devices//rejects", "", "/openapi.json/x", "/constructor"])(
    "%s",
    async (path) => {
      const { status, headers, body } = await api("GET", path);
      expect([status, headers.get("content-type")]).toEqual([404, "application/problem+json"]);
      expect(body).toMatchObject({ type: "about:blank", title: "Not Found", status: 404 });
    },
  );

  test("a wrong method is told which are right", async () => {
    const answer = await api("PUT", "/sites/x");
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, HEAD, PATCH, DELETE, OPTIONS"]);
    expect((await api("POST", "/openapi.json", {})).status).toBe(405);
    const options = await api("OPTIONS", "/sites");
    expect([options.status, options.headers.get("allow")]).toEqual([204, "GET, HEAD, POST, OPTIONS"]);
  });

  test("a slash at the end, and HEAD, are forgiven", async () => {
    expect((await api("GET", "/sites/")).status).toBe(200);
    expect((await api("HEAD", `/sites/${anna.siteId}`)).status).toBe(200);
  });
});

describe("keys", () => {
  test("an expired one is refused", async () => {
    await createApiKey(anna.organizationId, { name: "old", hash: sha256("old"), scopes: ["read"] });
    expect((await apiWith("old")("GET", "/sites")).status).toBe(200);
    await db.owner.query("update energy.api_keys set expires_at = now() - interval '1 second' where name = 'old'");
    const answer = await apiWith("old")("GET", "/sites");
    expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([
      401,
      'Bearer realm="energy", error="invalid_token"',
    ]);
  });

  test.each(["Basic abc", "Bearer", "Bearer a b", "token x", `Bearer ${"x".repeat(5000)}`])(
    "%s",
    async (authorization) => {
      expect(
        (await apiWith(null)("GET", "/sites", undefined, { authorization: authorization.slice(0, 6000) })).status,
      ).toBe(401);
    },
  );
});

describe("bodies", () => {
  test("not JSON, and not text", async () => {
    const answer = await api("POST", "/sites", '{"name":');
    expect([answer.status, answer.body.title]).toEqual([400, "Bad Request"]);
    expect(answer.body.detail).toMatch(/not JSON/);
    expect(
      (await api("POST", "/sites", "name=x", { "content-type": "application/x-www-form-urlencoded" })).status,
    ).toBe(415);
    expect((await api("POST", "/sites", "{}", { "content-encoding": "gzip" })).status).toBe(415);
    expect((await api("POST", "/sites", site, { "content-type": "application/json; charset=utf-8" })).status).toBe(201);
  });

  test("too large, announced or not", async () => {
    const large = JSON.stringify({ ...site, name: "x".repeat(1_000_000) });
    expect((await api("POST", "/sites", large)).status).toBe(413);
    const endless = new ReadableStream<Uint8Array>({
      pull: (stream) => stream.enqueue(new Uint8Array(65_536).fill(32)),
    });
    const headers = { authorization: `Bearer ${anna.apiKey}`, "content-type": "application/json" };
    const init = { method: "POST", headers, body: endless, duplex: "half" };
    expect((await dispatch(new Request("http://energy.test/api/v1/sites", init as RequestInit))).status).toBe(413);
  });

  test("what no database could store is refused, and named", async () => {
    for (const name of ["a\u0000b", "a\ud800b", "line\nbreak", "   "]) {
      const answer = await api("POST", "/sites", { ...site, name });
      expect([answer.status, answer.body.errors[0].path]).toEqual([400, "name"]);
    }
    for (const config of [
      { a: "\u0000" },
      { "\u0000": 1 },
      { deep: [{ a: "\udc00" }] },
      { long: "x".repeat(30_000) },
    ]) {
      const answer = await api("POST", "/devices", { name: "Meter", config });
      expect([answer.status, answer.body.errors[0].path]).toEqual([400, "config"]);
    }
    const name = "Küche 😀 ' \" \\ <b>";
    expect((await api("POST", "/sites", { ...site, name })).body.name).toBe(name);
  });

  test("every field that is wrong is named", async () => {
    const answer = await api("POST", "/sites", {
      timezone: "+02:00",
      currency: "euro",
      pricePerKwh: "a lot",
      colour: "red",
    });
    expect(answer.body.errors.map((e: { path: string }) => e.path).sort()).toEqual(
      ["colour", "currency", "name", "pricePerKwh", "timezone"].sort(),
    );
  });

  test("prices are decimal", async () => {
    const prices = [
      [0.1, "0.1"],
      ["0.123456", "0.123456"],
      ["-1", "-1"],
      [null, null],
      [undefined, null],
      ["0", "0"],
    ];
    for (const [given, kept] of prices) {
      const made = await api("POST", "/sites", { ...site, pricePerKwh: given });
      expect([made.status, made.body.pricePerKwh]).toEqual([201, kept]);
      expect((await api("GET", `/sites/${made.body.id}`)).body.pricePerKwh).toBe(kept);
    }
    for (const wrong of [1e-9, "1e3", "NaN", "", 5000, true]) {
      expect((await api("POST", "/sites", { ...site, pricePerKwh: wrong })).status).toBe(400);
    }
  });
});

describe("lists in pages", () => {
  test("sites and devices: everything once, in order, whatever comes and goes meanwhile", async () => {
    const ben = await makeTenant("ben");
    const mine = apiWith(ben.apiKey);
    const made: string[] = [];
    for (let i = 0; i < 7; i++) made.push((await mine("POST", "/devices", { name: `Plug ${i}` })).body.id);
    // Made by one statement: the same instant, to the microsecond.
    await db.owner.query(
      "update energy.devices set created_at = '2026-01-01T00:00:00.123456Z' where organization_id = $1",
      [ben.organizationId],
    );
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Answer["body"] = (await mine("GET", `/devices?limit=2${cursor ? `&cursor=${cursor}` : ""}`)).body;
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items.map((item: { id: string }) => item.id));
      cursor = page.nextCursor;
      // The row that the cursor stands on goes.
      if (seen.length === 2) await mine("DELETE", `/devices/${seen[1]}`);
    } while (cursor);
    expect(seen).toEqual([...made].sort());
    for (let i = 0; i < 3; i++) await mine("POST", "/sites", { ...site, name: `Site ${i}` });
    const first = (await mine("GET", "/sites?limit=3")).body;
    const second = (await mine("GET", `/sites?limit=3&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...second.items].map((s: { name: string }) => s.name)).toEqual([
      "Home",
      "Site 0",
      "Site 1",
      "Site 2",
    ]);
    expect(second.nextCursor).toBeNull();
  });

  test("channels and refusals", async () => {
    const device = (await api("POST", "/devices", { name: "Meter" })).body.id;
    const given = { organizationId: anna.organizationId, deviceId: device };
    const channels: string[] = [];
    for (const metric of ["voltage", "current", "power"])
      channels.push(String(await addChannel(db.owner, { ...given, metric })));
    await db.owner.query(
      `insert into telemetry.rejects select $1, now(), r, 2, now() - o * interval '1 minute', 'd', 'mqtt', 't', 's'
       from unnest('{malformed,future,unknown-format}'::text[]) with ordinality as x(r, o)`,
      [device],
    );
    for (const [path, expected, key] of [
      [`/channels?deviceId=${device}`, channels, "id"],
      [`/devices/${device}/rejects?`, ["malformed", "future", "unknown-format"], "reason"],
    ] as const) {
      const first = (await api("GET", `${path}&limit=2`)).body;
      const second = (await api("GET", `${path}&limit=2&cursor=${first.nextCursor}`)).body;
      expect([...first.items, ...second.items].map((item) => item[key])).toEqual(expected);
      expect([first.items.length, second.nextCursor]).toEqual([2, null]);
    }
  });

  test.each(["limit=0", "limit=501", "limit=x", "cursor=x", "cursor=e30", "limit=1&limit=2"])(
    "%s is refused",
    async (query) => {
      expect((await api("GET", `/devices?${query}`)).status).toBe(400);
    },
  );
});
