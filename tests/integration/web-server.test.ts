import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { AppLoadContext, ServerBuild } from "@remix-run/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWebHandler } from "../../app/server.ts";
import { closeDatabase, openDatabase } from "../../db/client.ts";
import { readEnvironment } from "../../platform/env.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

let database: TestDatabase;
let server: Server;

/** A Remix app of two routes: a text that is worth compressing, and an event stream. */
function smallBuild(): ServerBuild {
  const loader = ({ request, context }: { request: Request; context: AppLoadContext }) => {
    if (request.url.endsWith("/fails")) throw new Error("the secret of the house");
    if (request.url.endsWith("/events")) {
      const events = `data: ${"x".repeat(4_000)}\n\n`;
      return new Response(events, { headers: { "content-type": "text/event-stream" } });
    }
    return new Response(`${context.address} ${"word ".repeat(1_000)}`, { headers: { "content-type": "text/plain" } });
  };
  const routes = Object.fromEntries(
    ["text", "events", "fails", "shared/:token", "invitations/:token"].map((id) => [
      id,
      { id, path: id, module: { loader } },
    ]),
  );
  return {
    mode: "production",
    routes,
    future: { v3_singleFetch: true },
    entry: { module: { default: () => new Response("page"), handleError: () => {} } },
    assets: { routes: {}, entry: { module: "", imports: [] }, url: "", version: "" },
    publicPath: "/",
    assetsBuildDirectory: "build/client",
    isSpaMode: false,
    basename: "/",
  } as unknown as ServerBuild;
}

beforeAll(async () => {
  database = await createTestDatabase();
  openDatabase(database.appUrl);
  const env = readEnvironment({ NODE_ENV: "development", METRICS_TOKEN: "let me in", TRUST_PROXY: "1" });
  const before = [
    (request: { path: string }, response: { end: (text: string) => void }, next: () => void) =>
      request.path === "/pushed" ? response.end("taken") : next(),
  ];
  server = createServer(createWebHandler({ env, build: smallBuild(), before: before as never }));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterAll(async () => {
  server.close();
  await closeDatabase();
  await database.drop();
});

interface Got {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** By node:http, which sends paths as they are written and does not inflate. */
function get(path: string, headers: Record<string, string> = {}): Promise<Got> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    request.on("error", reject).end();
  });
}

describe("the web server", () => {
  test("what the ingest takes is handled ahead of all else", async () => {
    const { body, headers } = await get("/pushed");
    expect(body).toBe("taken");
    expect(headers["content-security-policy"]).toBeUndefined();
  });

  test("scripts run by a nonce of their request alone", async () => {
    const [first, second] = await Promise.all([get("/text"), get("/text")]);
    const nonceOf = ({ headers }: Got) => /'nonce-([^']{20,})'/.exec(String(headers["content-security-policy"]))![1];
    expect(nonceOf(first)).not.toBe(nonceOf(second));
    expect(first.headers["content-security-policy"]).not.toMatch(/script-src[^;]*unsafe-inline/);
    expect(first.headers["x-powered-by"]).toBeUndefined();
    const policy = String(first.headers["content-security-policy"]);
    expect(policy).not.toMatch(/unsafe-/);
    for (const directive of ["frame-ancestors", "base-uri", "object-src", "style-src-attr"])
      expect(policy).toContain(`${directive} 'none'`);
    expect(policy).toContain("form-action 'self'");
  });

  test("says what browsers may do with it", async () => {
    expect((await get("/text")).headers).toMatchObject({
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "permissions-policy": expect.stringContaining("camera=(), "),
      "referrer-policy": "same-origin",
      "x-content-type-options": "nosniff",
    });
    // Without https there is nothing to be strict about.
    expect((await get("/text")).headers["strict-transport-security"]).toBeUndefined();
  });

  test.each([
    ["/text", "same-origin", undefined],
    ["/shared/secret", "no-referrer", "noindex, nofollow"],
    // Its form would be sent without its origin under no-referrer, and be refused.
    ["/invitations/secret", "same-origin", "noindex, nofollow"],
  ])("%s tells its address to no other site", async (path, policy, robots) => {
    const { headers } = await get(path);
    expect([headers["referrer-policy"], headers["x-robots-tag"]]).toEqual([policy, robots]);
    if (robots) expect(headers["cache-control"]).toContain("no-store");
  });

  test("text is compressed, an event stream never", async () => {
    const gzip = { "accept-encoding": "gzip" };
    expect((await get("/text", gzip)).headers["content-encoding"]).toBe("gzip");
    expect((await get("/events", gzip)).headers["content-encoding"]).toBeUndefined();
  });

  test("the address is what the trusted proxy says", async () => {
    expect((await get("/text", { "x-forwarded-for": "203.0.113.9, 192.0.2.7" })).body).toMatch(/^192\.0\.2\.7 /);
  });

  test("errors carry no stack, also where NODE_ENV is development", async () => {
    const failed = await get("/fails");
    expect(failed.status).toBe(500);
    expect(failed.body).not.toMatch(/secret|at .*\.ts/);
    const malformed = await get("/%E0%A4%A");
    expect([malformed.status, malformed.body]).toEqual([400, "Bad Request"]);
    const call = await get("/api/v1/%E0%A4%A");
    expect([call.status, call.headers["content-type"]]).toEqual([400, "application/problem+json; charset=utf-8"]);
    expect(JSON.parse(call.body)).toMatchObject({ type: "about:blank", title: "Bad Request", status: 400 });
  });

  test("metrics ask for their token", async () => {
    expect((await get("/metrics")).status).toBe(401);
    expect((await get("/metrics", { authorization: "Bearer let me out" })).status).toBe(401);
    const { status, body } = await get("/metrics", { authorization: "Bearer let me in" });
    expect(status).toBe(200);
    expect(body).toMatch(/^# HELP/);
  });

  test("healthy as long as it answers; ready as long as the database does", async () => {
    expect(await get("/readyz")).toMatchObject({ status: 200, body: '{"ok":true}' });
    await closeDatabase();
    openDatabase("postgres://nobody@127.0.0.1:1/none");
    expect(await get("/readyz")).toMatchObject({ status: 503 });
    expect(await get("/healthz")).toMatchObject({ status: 200, body: '{"ok":true}' });
  });
});
