import { createHash } from "node:crypto";
import type { z } from "zod";
import { findApiKey, type ApiKey } from "../../db/api-keys.ts";
import { log } from "../../platform/log.ts";
import { operations } from "./catalogue.server.ts";
import { openapi } from "./openapi.server.ts";
import type { Operation } from "./operation.server.ts";
import { ApiProblem, type FieldError } from "./problem.server.ts";

const largestBody = 1_000_000;

/** Answers a request below /api/v1. Every error is problem+json; unexpected ones are logged and say nothing of the inside. */
export async function dispatch(request: Request): Promise<Response> {
  try {
    return await answer(request);
  } catch (error) {
    if (error instanceof ApiProblem) return error.toResponse();
    log.error({ reason: (error as Error).message, stack: (error as Error).stack }, "an API call failed");
    return new ApiProblem(500, "It is in the log of this installation.").toResponse();
  }
}

async function answer(request: Request): Promise<Response> {
  const url = new URL(request.url);
  const path = decodePath(url.pathname.replace(/^\/api\/v1/, ""));
  if (path === "/openapi.json" && request.method === "GET") return Response.json(openapi(url.origin));
  const { operation, params } = match(request.method, path);
  const key = await authenticate(request.headers.get("authorization"));
  if (!key.scopes.includes(operation.scope)) throw new ApiProblem(403, `This needs the scope "${operation.scope}"; the key has ${key.scopes.join(", ") || "none"}.`);
  const query = Object.fromEntries(url.searchParams);
  const call = {
    organizationId: key.organizationId,
    params: parse(operation.params, params, "path"),
    query: parse(operation.query, query, "query"),
    body: operation.body ? parse(operation.body, await readBody(request), "body") : undefined,
  };
  const result = await operation.handle(call);
  if (operation.status === 204) return new Response(null, { status: 204 });
  return Response.json(result, { status: operation.status, headers: { "cache-control": "no-store" } });
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new ApiProblem(400, "The path is not valid percent-encoding.");
  }
}

function match(method: string, path: string): { operation: Operation; params: Record<string, string> } {
  const found = operations.map((operation) => ({ operation, params: paramsOf(operation.path, path) })).filter((m) => m.params !== null);
  if (!found.length) throw new ApiProblem(404, `There is nothing at /api/v1${path}; /api/v1/openapi.json lists what is.`);
  const chosen = found.find(({ operation }) => operation.method === method);
  if (chosen) return { operation: chosen.operation, params: chosen.params! };
  const allow = found.map(({ operation }) => operation.method).join(", ");
  throw new ApiProblem(405, `${method} is not allowed here; ${allow} is.`, { headers: { allow } });
}

/** "/devices/{id}" against "/devices/42"; null: another path. */
function paramsOf(template: string, path: string): Record<string, string> | null {
  const [wanted, given] = [template.split("/"), path.split("/")];
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name) params[name] = given[i]!;
    else if (part !== given[i]) return null;
  }
  return params;
}

async function authenticate(header: string | null): Promise<ApiKey> {
  const [, secret] = /^Bearer\s+(\S+)$/i.exec(header ?? "") ?? [];
  const key = secret ? await findApiKey(createHash("sha256").update(secret).digest("hex")) : null;
  if (key) return key;
  throw new ApiProblem(401, "Send an API key of the organization as: Authorization: Bearer <key>.", { headers: { "www-authenticate": "Bearer" } });
}

function parse<T extends z.ZodType>(schema: T | undefined, value: unknown, where: string): unknown {
  if (!schema) return value;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors: FieldError[] = result.error.issues.map((issue) => ({ path: [where, ...issue.path.map(String)].join("."), message: issue.message }));
  throw new ApiProblem(400, errors.map((e) => `${e.path}: ${e.message}`).slice(0, 3).join("; "), { errors });
}

async function readBody(request: Request): Promise<unknown> {
  if (Number(request.headers.get("content-length") ?? 0) > largestBody) throw tooLarge();
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > largestBody) throw tooLarge();
  }
  try {
    return JSON.parse(text || "{}");
  } catch (error) {
    throw new ApiProblem(400, `The body is not valid JSON: ${(error as Error).message}`);
  }
}

const tooLarge = () => new ApiProblem(413, `The body is larger than ${largestBody} bytes.`);
