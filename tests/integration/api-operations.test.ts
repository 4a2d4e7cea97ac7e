import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { operations } from "../../app/api/catalogue.server.ts";
import { hub } from "../../app/live/hub.server.ts";
import { openApiDocument } from "../../app/api/openapi.server.ts";
import type { Operation } from "../../app/api/operation.server.ts";
import { ProblemSchema } from "../../app/api/schemas.server.ts";
import type { CreatedOrganization } from "../../cli/org.ts";
import { createApiKey } from "../../db/api-keys.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";
import { scopes } from "../../domain/access/credential.ts";
import { scopeFor } from "../../domain/access/scopes.ts";
import { isRepeatable } from "../../app/api/once.server.ts";
import { apiWith as plainApiWith, type Answer, type Call } from "../support/api.ts";
import { heldToDocument, holdBodyToDocument } from "../support/api-contract.ts";
import { examples, type Ids } from "../support/api-examples.ts";
import { apiTenant } from "../support/api-tenant.ts";
import { makeTenant, openTestDatabase, sha256, type OpenDatabase } from "../support/tenants.ts";

/**
 * Every line of the API's table, held to the same promises, and every answer to the OpenAPI document. A new line needs a valid
 * call in tests/support/api-examples.ts.
 */
const apiWith = (key: string | null): Call => heldToDocument(plainApiWith(key));
let db: OpenDatabase;
let anna: CreatedOrganization;
let ben: CreatedOrganization;
let ids: { anna: Ids; ben: Ids };
let asAnna: Call;
let byToken: Call;
let otherKey: Call;
let readOnly: Call;

/** The same id for everything that has one. */
const allAs = (id: string, channel = id): Ids => ({
  ...{ virtualMeter: id === channel ? id : `v${channel}`, group: channel },
  ...{
    site: id,
    emptySite: id,
    device: id,
    gateway: id,
    heard: id,
    unwanted: id,
    twin: id,
    import: id,
    export: id,
    correction: id,
  },
  ...{
    contract: id,
    version: id,
    billCheck: id,
    apiKey: id,
    member: id,
    invitation: id,
    link: id,
    webhook: id,
    delivery: id,
    channel,
    otherChannel: channel,
  },
});
const unknown = allAs("00000000-0000-4000-8000-000000000000", "2147483647");

const rank = ({ id }: Operation) => Object.keys(examples).indexOf(id);

/** Deletions last: the others need what they remove. */
const inOrder = [...operations].sort((a, b) => rank(a) - rank(b));

beforeAll(async () => {
  db = await openTestDatabase();
  [anna, ben] = [await makeTenant("anna", "Europe/Berlin"), await makeTenant("ben")];
  asAnna = apiWith(anna.apiKey);
  byToken = apiWith((await asAnna("POST", "/token")).body.access_token);
  ids = { anna: await apiTenant(db.owner, anna), ben: await apiTenant(db.owner, ben) };
  while ((await rollUpOnce()) > 0);
  await createApiKey(anna.organizationId, { name: "reader", hash: sha256("reader"), scopes: ["read"] });
  await createApiKey(anna.organizationId, { name: "other", hash: sha256("other"), scopes });
  [readOnly, otherKey] = [apiWith("reader"), apiWith("other")];
});

afterAll(async () => {
  await hub().close();
  await db.close();
});

function isProblem({ status, headers, body }: Answer, expected: number): void {
  expect(status).toBe(expected);
  expect(headers.get("content-type")).toBe("application/problem+json");
  expect(ProblemSchema.strict().parse(body)).toMatchObject({ status: expected, type: "about:blank" });
}

interface Sent {
  body?: unknown;
  headers?: Record<string, string>;
}

const call = (
  by: Call,
  { id, method }: Operation,
  whose: Ids,
  { body = examples[id]!.body?.(whose), headers }: Sent = {},
) => by(method, examples[id]!.path(whose), body, headers);

describe.each(inOrder.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
  "%s",
  (_name, operation) => {
    const example = examples[operation.id];
    const isOwned = operation.path.includes("{") || /[?&](site|device)Id=/.test(example?.path(unknown) ?? "");

    test("has an example", () => expect(example).toBeDefined());

    test("is refused without a key, with one that is unknown, and without the scope", async () => {
      for (const by of [apiWith(null), apiWith("ek_unknown")]) {
        const answer = await call(by, operation, ids.anna);
        isProblem(answer, 401);
        expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
      }
      const { permission } = operation;
      if (permission !== null && scopeFor(permission) !== "read")
        isProblem(await call(readOnly, operation, ids.anna), 403);
    });

    if (isOwned)
      test("answers another organization's id as one that does not exist", async () => {
        const [theirs, nobodys] = [await call(asAnna, operation, ids.ben), await call(asAnna, operation, unknown)];
        isProblem(theirs, 404);
        expect(theirs.body).toEqual(nobodys.body);
        const odd = ["x", "0", "%00", "-1", "99999999999"].map((id) => examples[operation.id]!.path(allAs(id)));
        const body = examples[operation.id]!.body?.(ids.anna);
        for (const answer of await Promise.all(odd.map((path) => asAnna(operation.method, path, body))))
          isProblem(answer, 404);
      });

    test("refuses what it does not know", async () => {
      const path = example!.path(ids.anna);
      const answer = await asAnna(
        operation.method,
        `${path}${path.includes("?") ? "&" : "?"}nonsense=1`,
        example!.body?.(ids.anna),
      );
      isProblem(answer, 400);
      expect(answer.body.errors).toEqual([{ path: "nonsense", message: "there is no such field here" }]);
    });

    if (operation.body)
      test("refuses a body that is wrong, and names the field", async () => {
        const answer = await call(asAnna, operation, ids.anna, { body: example!.wrong });
        isProblem(answer, 400);
        expect(answer.body.errors.map((e: { path: string }) => e.path)).toContain(example!.wrongField);
        isProblem(
          await call(asAnna, operation, ids.anna, {
            body: { ...(example!.body?.(ids.anna) as object | undefined), nonsense: 1 },
          }),
          400,
        );
        const path = example!.path(ids.anna);
        const odd = ["", "{", "[]", "null", '"x"', "1"].map((body) => asAnna(operation.method, path, body));
        for (const answer of await Promise.all(odd)) isProblem(answer, 400);
        isProblem(await call(asAnna, operation, ids.anna, { headers: { "content-type": "text/xml" } }), 415);
        isProblem(await call(asAnna, operation, ids.anna, { headers: { "content-length": "1000001" } }), 413);
      });

    test("is refused where no JSON is taken", async () => {
      isProblem(
        await call(asAnna, operation, ids.anna, { headers: { accept: "text/html, application/json;q=0" } }),
        406,
      );
    });

    test("does what it says, once", async () => {
      const headers: Record<string, string> = isRepeatable(operation) ? { "idempotency-key": operation.id } : {};
      if (operation.body) holdBodyToDocument(operation.method, operation.path, example!.body?.(ids.anna));
      const by = operation.id === "createToken" ? asAnna : byToken;
      const answer = await call(by, operation, ids.anna, { headers });
      const { status, body } = answer;
      expect(body === null ? status : { status, body }).toEqual(
        operation.response || operation.mediaType ? { status: operation.status, body } : 204,
      );
      if (operation.mediaType) return isStreamed(answer, operation.mediaType);
      // Parsing drops what the schema does not have: nothing undeclared goes out.
      if (operation.response) expect(operation.response.parse(body)).toEqual(body);
      if (operation.location) await isFound(answer);
      if (operation.method === "GET") await isKnownAfterwards(by, answer);
      else expect(answer.headers.get("cache-control")).toBe("no-store");
      if (isRepeatable(operation)) await isAnsweredAgain(by, answer, headers);
    });

    /** What comes as it is, and not from a cache. */
    function isStreamed({ headers, body }: Answer, type: string): void {
      expect(headers.get("content-type")).toMatch(type);
      expect(headers.get("cache-control")).toMatch(/^no-store/);
      expect(headers.get("etag")).toBeNull();
      expect(body).not.toBe("");
    }

    async function isFound({ headers, body }: Answer): Promise<void> {
      const made = await asAnna("GET", headers.get("location")!.replace("/api/v1", ""));
      expect(made.body).toMatchObject({ id: body.id, ...(body.name !== undefined && { name: body.name }) });
    }

    async function isKnownAfterwards(by: Call, { headers }: Answer): Promise<void> {
      expect(headers.get("cache-control")).toBe("private, no-cache");
      const etag = headers.get("etag")!;
      const again = await call(by, operation, ids.anna, { headers: { "if-none-match": `"other", ${etag}` } });
      // What says how long ago something was may be another by now.
      if (again.status !== 200)
        expect([again.status, again.headers.get("etag"), again.body]).toEqual([304, etag, null]);
      else expect(again.headers.get("etag")).not.toBe(etag);
    }

    async function isAnsweredAgain(by: Call, { status, body, headers }: Answer, sent: object): Promise<void> {
      const again = await call(by, operation, ids.anna, { headers: { ...sent } });
      expect(again.headers.get("idempotent-replayed")).toBe("true");
      expect([again.status, again.body, again.headers.get("location")]).toEqual([
        status,
        body,
        headers.get("location"),
      ]);
      isProblem(await call(otherKey, operation, ids.anna, { headers: { ...sent } }), 422);
    }
  },
);

describe("the OpenAPI document", () => {
  const document = JSON.parse(JSON.stringify(openApiDocument("https://energy.example/api/v1")));

  test("is served, and says where it is", async () => {
    const answer = await plainApiWith(null)("GET", "/openapi.json");
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ ...document, servers: [{ url: "http://energy.test/api/v1" }] });
    expect(answer.body.openapi).toBe("3.1.0");
  });

  test("has every operation, and the way in for readings", () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const wanted = [...operations.map(({ method, path }) => `${method} ${path}`), "POST /readings"];
    expect(described.sort()).toEqual(wanted.sort());
  });

  test("every reference leads somewhere, every operation has its own id", () => {
    const references = JSON.stringify(document)
      .match(/"#\/[^"]+"/g)!
      .map((text) => JSON.parse(text).slice(2).split("/"));
    for (const parts of references) {
      expect(
        parts.reduce((at: Record<string, unknown>, part: string) => at?.[part], document),
        parts.join("/"),
      ).toBeDefined();
    }
    const operationIds = operations.map(({ id }) => id);
    expect(new Set(operationIds).size).toBe(operationIds.length);
  });
});
