import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { operations } from "../../app/api/catalogue.server.ts";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { hub } from "../../app/live/hub.server.ts";
import { createDevice } from "../../db/devices.ts";
import { startIngest, type Ingest } from "../../ingest/main.ts";
import { readEnvironment } from "../../platform/env.ts";
import { log } from "../../platform/log.ts";
import { apiWith } from "../support/api.ts";
import { examples } from "../support/api-examples.ts";
import { connectMqtt, publish, until } from "../support/clients.ts";
import { pathOf, sendTo, type Sent } from "../support/hostile-requests.ts";
import { startRealServer, type RealServer } from "../support/real-server.ts";
import { routeAccess } from "../support/route-access.ts";
import { ask, paramsOf, routeModule, trespassers, type Trespasser } from "../support/trespass.ts";
import { makeTwoTenants, type TwoTenants } from "../support/two-tenants.ts";

/** Ids of others, SQL, scripts and formulas in every place that takes a text: beside tests/integration/attacks.test.ts. */
let tenants: TwoTenants;
let who: Record<string, Trespasser>;
let server: RealServer;
let ingest: Ingest;

beforeAll(async () => {
  tenants = await makeTwoTenants();
  who = await trespassers(tenants);
  ingest = await startIngest(readEnvironment({ NODE_ENV: "test", HOST: "127.0.0.1", MQTT_PORT: "0" }), log);
  server = await startRealServer();
});
afterAll(async () => {
  await server.close();
  await ingest.stop();
  await hub().close();
  await tenants.db.close();
});

const send = (path: string, sent?: Sent) => sendTo(server, path, sent);
const at = (file: string) => pathOf(file, tenants.ids);
const pages = Object.entries(routeAccess).filter(
  ([file]) => file.startsWith("sites.$siteId") && !file.includes(".live."),
);

describe("ids of others", () => {
  test("every page, and what pages load while one goes on, is not found", async () => {
    const { cookie } = who["foreigner"]!;
    for (const [file, { loader }] of pages) {
      if (!loader) continue;
      const refused = async (path: string) => {
        const got = await send(path, { headers: { cookie } });
        const told = tenants.markers.filter((text) => got.body.includes(text) && !path.includes(text));
        expect({ path, told, isFound: got.status < 300 && !got.body.includes("404") }).toEqual({
          path,
          told: [],
          isFound: false,
        });
      };
      await Promise.all([at(file), `${at(file)}.data`].map(refused));
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
      const plain = path(tenants.ownIds).split("?")[0]!;
      const ways = sqlTexts.flatMap((text) => {
        const sent = encodeURIComponent(text);
        const fields = Object.keys(query.shape).map((name) => `${plain}?${name}=${sent}`);
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
        ? ["from", "range", "sort", "start", ...new URLSearchParams(search?.(tenants.ownIds) ?? "").keys()]
        : [];
      const asked = async (name: string) => {
        const outcome = await ask(pageOf.loader!, by, { params, search: `?${name}=${encodeURIComponent(text!)}` });
        expect({ file, name, failed: outcome.status >= 500 && outcome.text }).toEqual({ file, name, failed: false });
      };
      await Promise.all(queries.map(asked));
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

describe("characters that no text can have", () => {
  /** As a page sends a form while one is on it, with the session of the own organization's owner. */
  const posted = (file: string, body: string) =>
    send(`${pathOf(file, tenants.ownIds)}.data${file.includes("._index.") ? "?index" : ""}`, {
      method: "POST",
      headers: {
        ...{ cookie: who["foreigner"]!.cookie, origin: server.url, host: `127.0.0.1:${server.port}` },
        "content-type": "application/x-www-form-urlencoded",
      },
      body,
    });
  const opened = (path: string) => send(path, { headers: { cookie: who["foreigner"]!.cookie } });
  const every = Object.entries(routeAccess).filter(([file]) => !/^(api|logout)/.test(file));
  /** Half of a surrogate pair, written as UTF-8 would be if it could. */
  const half = "%ED%A0%80";
  /** Refused; not there for this person; led to another page, as who has no half login is. */
  const notDone = [400, 404, 202];

  test("in every field of every form: refused, or put right, and never a fault of the server", async () => {
    let [tries, jsonTries] = [0, 0];
    for (const [file, { action = {} }] of every)
      for (const [name, { harmless, form, body }] of Object.entries(action)) {
        const fields = Object.entries((harmless ?? form)?.(tenants.ownIds) ?? {});
        for (const [field] of fields) {
          const others = new URLSearchParams(fields.filter(([other]) => other !== field)).toString();
          const zero = await posted(file, `${others}&${field}=a%00b`);
          const halved = await posted(file, `${others}&${field}=a${half}b`);
          tries += 2;
          expect({ file, name, field, zero: notDone.includes(zero.status), halved: halved.status >= 500 }).toEqual({
            ...{ file, name, field, zero: true, halved: false },
          });
        }
        // In JSON both can be spelt without being sent.
        const json = Object.entries(form?.(tenants.ownIds) ?? {}).filter(([, value]) => value.startsWith("{"));
        for (const [field, value] of json)
          for (const text of ["\\u0000", "\\ud800"]) {
            jsonTries++;
            const fields = { ...form!(tenants.ownIds), [field]: value.replace('"name":"', `"name":"${text}`) };
            const { status } = await posted(file, new URLSearchParams(fields).toString());
            expect({ file, name, field, text, status }).toEqual({ file, name, field, text, status: 400 });
          }
        if (body)
          for (const text of ['{"a":"\\u0000"}', '{"medium":"\\ud800"}', "a\0b"]) {
            const { status } = await posted(file, text);
            expect({ file, name, text, failed: status >= 500 }).toEqual({ file, name, text, failed: false });
          }
      }
    expect(tries).toBeGreaterThan(150);
    expect(jsonTries).toBeGreaterThan(2);
    expect((await posted("login.tsx", "email=a%00b&password=x")).status).toBe(400);
  });

  test("in every part of a path and every field of a query", async () => {
    let tries = 0;
    for (const [file, { loader, search }] of every) {
      if (!loader || file.includes(".live.")) continue;
      const path = pathOf(file, tenants.ownIds);
      const names = ["from", ...new URLSearchParams(search?.(tenants.ownIds) ?? "").keys()];
      const ids = Object.values(paramsOf(file, tenants.ownIds));
      const ways = (text: string) => [
        ...names.map((name) => `${path}.data?${name}=${text}`),
        ...ids.map((id) => `${path.replace(id, text)}.data`),
      ];
      const statuses = (all: string[]) =>
        Promise.all(all.map(async (way) => [way, (await opened(way)).status] as const));
      for (const [way, status] of await statuses(ways("a%00b"))) expect([way, status]).toEqual([way, 400]);
      for (const [way, status] of await statuses(ways(half))) expect([way, status >= 500]).toEqual([way, false]);
      tries += 2 * ways("").length;
    }
    expect(tries).toBeGreaterThan(250);
  });

  test("and what is no form at all", async () => {
    const headers = { cookie: who["foreigner"]!.cookie, origin: server.url, host: `127.0.0.1:${server.port}` };
    const text = { method: "POST", headers: { ...headers, "content-type": "text/plain" }, body: "no form" };
    expect((await send("/login", text)).status).toBe(400);
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
      const got = await send(`${at(file)}?${search?.(tenants.ids) ?? ""}`, {
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
      // The policy forbids them: a browser would leave the element without its look, and complain.
      expect({ file, styled: /<[a-z][^>]*\sstyle=[^>]*>/i.exec(body)?.[0] }).toEqual({ file, styled: undefined });
      expect({ file, handlers: /<[a-z][^>"']*\son\w+=/i.exec(body)?.[0] }).toEqual({ file, handlers: undefined });
    }
    expect(escaped).toBeGreaterThan(15);
  });

  test("are no formulas in any table that one can save", async () => {
    const { cookie } = who["owner"]!;
    const saved = [
      ...shown
        .filter(([file]) => file.includes("csv"))
        .map(([file, { search }]) => `${at(file)}?${search?.(tenants.ids) ?? ""}`),
      `${at("sites.$siteId.devices.$deviceId.series.ts")}?channel=${tenants.ids.channel}&format=csv`,
      `${at("sites.$siteId.devices.$deviceId.readings.ts")}?channel=${tenants.ids.channel}&format=csv`,
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
