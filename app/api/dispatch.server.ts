import { admittedTo } from "../../db/admission.ts";
import { log } from "../../platform/log.ts";
import { authenticate } from "./authenticate.server.ts";
import type { Operation } from "./operation.server.ts";
import { operations } from "./catalogue.server.ts";
import { openApiDocument } from "./openapi.server.ts";
import { Problem, problemResponse } from "./problem.server.ts";
import { bytesOf, checked, jsonOf, queryOf } from "./request.server.ts";

export const apiRoot = "/api/v1";

/** Every request below /api/v1: find the operation, let the key in, check what was sent, handle, answer. Never throws. */
export async function dispatch(request: Request): Promise<Response> {
  try {
    return await answer(request);
  } catch (error) {
    if (error instanceof Problem) return problemResponse(error);
    const { message, stack } = error as Error;
    log.error({ method: request.method, path: new URL(request.url).pathname, message, stack }, "an API call failed");
    return problemResponse(new Problem(500, "Something went wrong here; it is on record."));
  }
}

async function answer(request: Request): Promise<Response> {
  const url = new URL(request.url);
  const path = url.pathname.slice(apiRoot.length).replace(/\/$/, "");
  if (path === "/openapi.json") return documentResponse(request, url);
  const { operation, params } = route(request.method, path);
  if (!operation) return new Response(null, { status: 204, headers: { allow: allowed(path) } });
  const { organizationId } = await authenticate(request, operation.scope);
  const query = checked(operation.query, queryOf(url), "query");
  const body = operation.takesBytes
    ? await bytesOf(request)
    : operation.body && checked(operation.body, await jsonOf(request), "body");
  const call = { organizationId, params, query, body };
  const result = await admittedTo(organizationId, null, () => operation.handle(call));
  return resultResponse(operation, result);
}

function resultResponse({ status, location }: Operation, result: unknown): Response {
  const headers = new Headers({ "cache-control": "no-store" });
  if (location) headers.set("location", apiRoot + location(result as { id: string | number }));
  if (status === 204) return new Response(null, { status, headers });
  headers.set("content-type", "application/json");
  return new Response(JSON.stringify(result), { status, headers });
}

function documentResponse(request: Request, url: URL): Response {
  if (request.method !== "GET" && request.method !== "HEAD") throw wrongMethod(request.method, "GET, HEAD");
  const body = JSON.stringify(openApiDocument(url.origin + apiRoot));
  return new Response(body, { headers: { "content-type": "application/json", "cache-control": "no-cache" } });
}

/** The operation of a path and method; null: OPTIONS. @throws Problem 404, 405. */
function route(method: string, path: string): { operation: Operation | null; params: Record<string, string> } {
  const here = operations.flatMap((operation) => {
    const params = match(operation.path, path);
    return params ? [{ operation, params }] : [];
  });
  if (!here.length)
    throw new Problem(404, `There is nothing at ${apiRoot}${path}: ${apiRoot}/openapi.json lists what there is.`);
  if (method === "OPTIONS") return { operation: null, params: {} };
  const wanted = method === "HEAD" ? "GET" : method;
  const found = here.find(({ operation }) => operation.method === wanted);
  if (!found) throw wrongMethod(method, allowed(path));
  return found;
}

const wrongMethod = (method: string, allow: string) =>
  new Problem(405, `${method} is not possible here: ${allow} are.`, { headers: { allow } });

function allowed(path: string): string {
  const methods = operations.filter((operation) => match(operation.path, path)).map(({ method }) => method);
  return [...new Set(methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]))), "OPTIONS"].join(
    ", ",
  );
}

/** What `{…}` stands for in a path, or null where the path is another. */
function match(template: string, path: string): Record<string, string> | null {
  const [wanted, given] = [template.split("/"), path.split("/")];
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name && given[i]) params[name] = given[i];
    else if (part !== given[i]) return null;
  }
  return params;
}
