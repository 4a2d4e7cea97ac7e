import { admittedTo } from "../../db/admission.ts";
import type { KeptAnswer } from "../../db/idempotency.ts";
import { QuotaExceeded } from "../../db/quota-exceeded.ts";
import { isUnreachable } from "../../db/unreachable.ts";
import { log } from "../../platform/log.ts";
import { logRefusal } from "../refusals.ts";
import { authenticate, isStillLetIn } from "./authenticate.server.ts";
import { conditional } from "./conditional.server.ts";
import { corsHeaders, pageOrigin } from "./cors.server.ts";
import type { Operation } from "./operation.server.ts";
import { operations } from "./catalogue.server.ts";
import { isRepeatable, once } from "./once.server.ts";
import { openApiDocument } from "./openapi.server.ts";
import { Problem, problemResponse } from "./problem.server.ts";
import { bytesOf, checked, jsonOf, queryOf, requireAcceptable } from "./request.server.ts";
import { Written, type Body } from "./written-list.server.ts";

export const apiRoot = "/api/v1";
const documentPath = "/openapi.json";

/**
 * Every request below /api/v1: find the operation, let the key in, check what was sent, handle, answer. Never throws.
 * `unsentBytes`: what the program has not taken yet of an answer that is still being sent.
 */
export async function dispatch(request: Request, unsentBytes: () => number = () => 0): Promise<Response> {
  try {
    const origin = pageOrigin(request);
    const cors = await corsHeaders(origin, request.method === "OPTIONS");
    const response = await answer(request, { origin, unsentBytes }).catch((error: unknown) => {
      const problem = problemOf(request, error);
      const { method, url } = request;
      logRefusal(problem.status, { method, path: new URL(url).pathname, reason: problem.message });
      return problemResponse(problem);
    });
    for (const [name, value] of Object.entries(cors)) response.headers.set(name, value);
    response.headers.append("vary", "origin");
    return response;
  } catch (error) {
    return problemResponse(problemOf(request, error));
  }
}

function problemOf(request: Request, error: unknown): Problem {
  if (error instanceof Problem) return error;
  // Not 429: waiting does not help, only fewer devices or another plan do.
  if (error instanceof QuotaExceeded) return new Problem(409, error.message);
  if (isUnreachable(error)) {
    return new Problem(503, "The database does not answer: try again in a moment.", {
      headers: { "retry-after": "5" },
    });
  }
  const { message, stack } = error as Error;
  log.error({ method: request.method, path: new URL(request.url).pathname, message, stack }, "an API call failed");
  return new Problem(500, "Something went wrong here; it is on record.");
}

async function answer(
  request: Request,
  { origin, unsentBytes }: { origin: string | null; unsentBytes: () => number },
): Promise<Response> {
  const url = new URL(request.url);
  const path = url.pathname.slice(apiRoot.length).replace(/\/$/, "");
  if (path === documentPath) return documentResponse(request, url);
  const { operation, params } = route(request.method, path);
  if (!operation) return new Response(null, { status: 204, headers: { allow: allowed(path) } });
  const { permission } = operation;
  const caller = await authenticate(request, permission, origin);
  requireAcceptable(request, operation.mediaType ?? "application/json");
  const query = checked(operation.query, queryOf(url), "query");
  const json = operation.body ? await jsonOf(request) : undefined;
  const body = operation.takesBytes ? await bytesOf(request) : operation.body && checked(operation.body, json, "body");
  const { organizationId, siteIds } = caller;
  const streaming = {
    signal: request.method === "HEAD" ? AbortSignal.abort() : request.signal,
    unsentBytes,
    isStillAllowed: () => isStillLetIn(request, permission, origin),
  };
  const call = { organizationId, caller, params, query, body, streaming };
  if (operation.mediaType)
    return admittedTo(organizationId, siteIds, async () => (await operation.handle(call)) as Response);
  const work = async () => answerOf(operation, await operation.handle(call));
  // What is made is small: never written in pieces.
  const made = async () => (await work()) as KeptAnswer;
  return admittedTo(organizationId, siteIds, async () =>
    respond(request, isRepeatable(operation) ? await once({ request, caller, json }, made) : await work()),
  );
}

type Answer = Omit<KeptAnswer, "body"> & { body: Body; isReplayed?: boolean };

function answerOf({ status, location }: Operation, result: unknown): Answer {
  const made = location ? apiRoot + location(result as { id: string | number }) : null;
  return { status, body: status === 204 ? "" : bodyOf(result), location: made };
}

const bodyOf = (result: unknown): Body => (result instanceof Written ? result.json : JSON.stringify(result));

function respond({ method, headers: sent }: Request, { status, body, location, isReplayed = false }: Answer): Response {
  // A cache may keep what was read, but has to ask each time; who may not is refused before it is told that nothing changed.
  if (method === "GET" || method === "HEAD")
    return conditional(sent, body, { "cache-control": "private, no-cache", vary: "authorization" });
  const headers = new Headers({ "cache-control": "no-store" });
  if (location) headers.set("location", location);
  if (isReplayed) headers.set("idempotent-replayed", "true");
  if (status === 204) return new Response(null, { status, headers });
  headers.set("content-type", "application/json");
  return new Response(body, { status, headers });
}

/** Open to anybody, pages elsewhere among them. */
function documentResponse({ method, headers }: Request, url: URL): Response {
  const cors = { "access-control-allow-origin": "*" };
  if (method === "OPTIONS")
    return new Response(null, { status: 204, headers: { ...cors, allow: "GET, HEAD, OPTIONS" } });
  if (method !== "GET" && method !== "HEAD") throw wrongMethod(method, "GET, HEAD, OPTIONS");
  const body = JSON.stringify(openApiDocument(url.origin + apiRoot));
  return conditional(headers, body, { ...cors, "cache-control": "no-cache" });
}

/** The operation of a path and method; null: OPTIONS. @throws Problem 404, 405. */
function route(method: string, path: string): { operation: Operation | null; params: Record<string, string> } {
  const here = operationsAt(path);
  if (!here.length)
    throw new Problem(404, `There is nothing at ${apiRoot}${path}: ${apiRoot}${documentPath} lists what there is.`);
  if (method === "OPTIONS") return { operation: null, params: {} };
  const wanted = method === "HEAD" ? "GET" : method;
  const found = here.find(({ operation }) => operation.method === wanted);
  if (!found) throw wrongMethod(method, allowed(path));
  return found;
}

const wrongMethod = (method: string, allow: string) =>
  new Problem(405, `${method} is not possible here: ${allow} are.`, { headers: { allow } });

function allowed(path: string): string {
  const methods = operationsAt(path).map(({ operation }) => operation.method);
  return [...new Set(methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]))), "OPTIONS"].join(
    ", ",
  );
}

/** Each operation with the parts of its path; those in braces stand for anything. */
const templates = operations.map((operation) => ({
  operation,
  parts: operation.path.split("/").map((text) => ({ text, name: /^\{(\w+)\}$/.exec(text)?.[1] })),
}));

/** The operations whose path this is, with what the braces stand for. */
function operationsAt(path: string): { operation: Operation; params: Record<string, string> }[] {
  const given = path.split("/");
  const here = templates.filter(
    ({ parts }) =>
      parts.length === given.length &&
      parts.every(({ text, name }, i) => text === given[i] || (name !== undefined && given[i] !== "")),
  );
  return here.map(({ operation, parts }) => ({
    operation,
    params: Object.fromEntries(parts.flatMap(({ name }, i) => (name === undefined ? [] : [[name, given[i]!]]))),
  }));
}
