import { createHash, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import { STATUS_CODES } from "node:http";
import { fileURLToPath } from "node:url";
import { createRequestHandler } from "@remix-run/express";
import type { AppLoadContext, ServerBuild } from "@remix-run/node";
import compression from "compression";
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Response } from "express";
import type { ViteDevServer } from "vite";
import { beginAdmission } from "../db/admission.ts";
import { runAs } from "../db/actor.ts";
import { asNobody } from "../db/as-user.ts";
import type { Environment } from "../platform/env.ts";
import { log } from "../platform/log.ts";
import { checkAddress, checkForms, hostCookies, securityHeaders } from "./browser-safety.ts";
import { apiHandler } from "./api-handler.ts";
import { secretAddresses, withoutSecret } from "./auth/secret-link.server.ts";
import { logRefusals } from "./refusals.ts";
import { collectProcessMetrics, counter, gauge, metricsText } from "../platform/metrics.ts";
import { hub } from "./live/hub.server.ts";

declare module "@remix-run/node" {
  interface AppLoadContext {
    cspNonce: string;
    env: Environment;
    /** The browser's address, seen through the proxies that TRUST_PROXY names. */
    address: string;
    /** Bytes of the response that the browser has not taken yet: what an endless response must look at. */
    unsentBytes: () => number;
  }
}

export interface WebOptions {
  env: Environment;
  build?: ServerBuild;
  /** In development, instead of a build. */
  devServer?: ViteDevServer;
  /** Handled ahead of everything else: the pushes of the ingest. */
  before?: RequestHandler[];
}

const builtClient = fileURLToPath(new URL("../build/client", import.meta.url));

/** The web app as an express app: security headers, health, metrics, assets, and Remix for all else. */
export function createWebHandler({ env, build, devServer, before = [] }: WebOptions): Express {
  const app = express();
  app.disable("x-powered-by");
  app.set("trust proxy", env.TRUST_PROXY);
  for (const handler of before) app.use(handler);
  health(app, env);
  app.use(counting);
  app.use(namingWho, logRefusals);
  app.use((_request, response, next) => {
    response.locals["cspNonce"] = randomBytes(16).toString("base64");
    next();
  });
  app.use(securityHeaders(env, Boolean(devServer)));
  app.use(hostCookies(env));
  app.use(checkAddress, checkForms);
  app.use(secretAddresses, discreet);
  app.use(
    compression({ filter: (request, response) => !isEventStream(response) && compression.filter(request, response) }),
  );
  app.use((request, _response, next) => {
    // What the session is told of its place (auth/session): never what the browser says of itself.
    request.headers["x-client-address"] = request.ip ?? "";
    next();
  });
  app.use((_request, _response, next) => beginAdmission(next));
  const loadBuild = async () =>
    devServer ? ((await devServer.ssrLoadModule("virtual:remix/server-build")) as ServerBuild) : build!;
  const remix = createRequestHandler({
    build: devServer ? loadBuild : build!,
    // Only a development server may show stacks in the browser, whatever NODE_ENV a built app was started with.
    mode: devServer ? "development" : "production",
    getLoadContext: (request, response): AppLoadContext => ({
      cspNonce: response.locals["cspNonce"] as string,
      env,
      address: request.ip ?? "unknown",
      unsentBytes: () => response.writableLength,
    }),
  });
  // The API has no files: no call need look for one.
  app.all(["/api/v1", "/api/v1/*"], apiHandler(loadBuild));
  app.all("/api/*", remix);
  assets(app, devServer);
  app.all("*", remix);
  app.use(answerError);
  return app;
}

/** What the web is asked, and what of it fails here. */
const requestsTotal = counter("web_requests_total", "Requests that the web answered");
const failuresTotal = counter("web_failures_total", "Requests that the web answered with 5xx");
const counting: RequestHandler = (_request, response, next) => {
  response.once("finish", () => {
    requestsTotal.inc();
    if (response.statusCode >= 500) failuresTotal.inc();
  });
  next();
};

/** What a request changes is written down with where it came from; who it is, app/auth and app/api find out. */
const namingWho: RequestHandler = (request, response, next) => {
  const id = randomUUID();
  response.setHeader("x-request-id", id);
  const agent = request.get("user-agent") ?? "";
  runAs({ kind: "person", address: request.ip ?? "unknown", agent, request: id }, next);
};

/** What fails outside of Remix (a malformed address, say): a sentence (of the API as RFC 9457 has it), never a stack. */
const answerError: ErrorRequestHandler = (error: Error & { status?: number }, request, response, next) => {
  if (response.headersSent) return next(error);
  const status = error.status && error.status >= 400 && error.status < 500 ? error.status : 500;
  if (status === 500)
    log.error({ url: withoutSecret(request.path), reason: error.message, stack: error.stack }, "a request failed");
  if (!request.path.startsWith("/api/"))
    return void response.status(status).type("text/plain").send(STATUS_CODES[status]);
  const problem = { type: "about:blank", title: STATUS_CODES[status], status, detail: "The request cannot be read." };
  response.status(status).type("application/problem+json").send(JSON.stringify(problem));
};

const isEventStream = (response: Response) =>
  String(response.getHeader("content-type")).startsWith("text/event-stream");

function health(app: Express, env: Environment): void {
  collectProcessMetrics();
  gauge("live_streams", "Streams of live values that are open", () => hub().size);
  app.get("/healthz", (_request, response) => void response.json({ ok: true }));
  app.get("/readyz", (_request, response) => {
    inTime(asNobody().query("select 1")).then(
      () => response.json({ ok: true }),
      () => response.status(503).json({ ok: false, database: "does not answer" }),
    );
  });
  app.get("/metrics", (request, response, next) => {
    if (env.METRICS_TOKEN && !isEqual(request.headers.authorization ?? "", `Bearer ${env.METRICS_TOKEN}`)) {
      return void response.status(401).end();
    }
    metricsText().then(({ body, contentType }) => response.type(contentType).send(body), next);
  });
}

const readyWithinMs = 3_000;

/** Rejects when the database takes too long: whoever asks wants to know now. */
function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("took too long")), readyWithinMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

const sha256 = (text: string) => createHash("sha256").update(text).digest();
const isEqual = (a: string, b: string) => timingSafeEqual(sha256(a), sha256(b));

/**
 * Pages whose address is a secret are found and kept by nobody, and tell it to no other site. A shared page tells it to no page at
 * all; an invitation has a form, which browsers would send without its origin then.
 */
const discreet: RequestHandler = ({ baseUrl }, response, next) => {
  response.set({ "X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store" });
  if (baseUrl === "/shared") response.set("Referrer-Policy", "no-referrer");
  next();
};

function assets(app: Express, devServer: ViteDevServer | undefined): void {
  if (devServer) {
    app.use(devServer.middlewares);
    return;
  }
  app.use("/assets", express.static(`${builtClient}/assets`, { immutable: true, maxAge: "1y", fallthrough: false }));
  app.use(express.static(builtClient, { maxAge: "1h" }));
}
