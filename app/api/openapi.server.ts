import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from "@asteasolutions/zod-to-openapi";
import type { Operation } from "./operation.server.ts";
import { operations } from "./catalogue.server.ts";
import { ProblemSchema } from "./schemas.server.ts";
import { z } from "./zod.server.ts";

/** The OpenAPI 3.1 document, made from the table that validates the requests. */

const apiKey = "apiKey";
const deviceToken = "deviceToken";

const problemWords: Readonly<Record<number, string>> = {
  400: "Not valid: `errors` names each field",
  401: "No API key, or one that is unknown or has expired",
  403: "The API key lacks the scope",
  404: "There is no such thing in this organization",
  409: "It does not fit what there is",
  413: "The body is too large",
  415: "The body is not JSON",
  429: "Too many calls: `Retry-After` says how long to wait",
};

/** The statuses that an operation can answer with, but the good one. */
function problemsOf({ params, query, body, takesBytes, problems }: Operation): number[] {
  const checksInput = body !== null || Object.keys(query.shape).length > 0;
  return [
    ...new Set([
      ...(checksInput ? [400] : []),
      ...[401, 403],
      ...(Object.keys(params.shape).length ? [404] : []),
      ...(body ? [413, 415] : takesBytes ? [413] : []),
      ...problems,
      429,
    ]),
  ].sort((a, b) => a - b);
}

function problemAnswer(status: number): RouteConfig["responses"][string] {
  return {
    description: problemWords[status] ?? "Not possible",
    content: { "application/problem+json": { schema: ProblemSchema } },
  };
}

const bytes = z.string().openapi({ format: "binary" });

function routeOf(operation: Operation): RouteConfig {
  const { id, method, path, tag, summary, description, scope, params, query, body, status, response } = operation;
  const good = {
    description: status === 201 ? "Made" : status === 204 ? "Done" : "As asked",
    ...(response && { content: { "application/json": { schema: response } } }),
  };
  const problems = problemsOf(operation).map((code) => [String(code), problemAnswer(code)]);
  return {
    operationId: id,
    method: method.toLowerCase() as RouteConfig["method"],
    path,
    tags: [tag],
    summary,
    ...(description && { description }),
    security: [{ [apiKey]: [scope] }],
    request: {
      params,
      query,
      ...(operation.takesBytes && {
        body: { required: true, content: { "application/octet-stream": { schema: bytes } } },
      }),
      ...(body && { body: { required: true, content: { "application/json": { schema: body } } } }),
    },
    responses: { [String(status)]: good, ...Object.fromEntries(problems) },
  };
}

const readingsBody = z
  .union([z.record(z.string(), z.unknown()), z.array(z.record(z.string(), z.unknown()))])
  .openapi("Readings", {
    description:
      'An object, or an array of objects: `{"device"?, "time"?, "<metric>": number, …}`, or rows `{"device", "metric", "value", "unit", "time", "kind"}`.',
    example: { device: "meter-1", time: "2026-03-01T12:00:00Z", power: 1250, "energy.import": 4821.5 },
  });

/** Devices send their readings here; the ingest answers it, not the web. */
const postReadings: RouteConfig = {
  operationId: "postReadings",
  method: "post",
  path: "/readings",
  tags: ["Readings"],
  summary: "Send readings, with a device's own token",
  description:
    "Answered after the readings are committed. Refusals are on the device's record (`GET /devices/{id}/rejects`).",
  security: [{ [deviceToken]: [] }],
  request: { body: { required: true, content: { "application/json": { schema: readingsBody } } } },
  responses: {
    204: { description: "Stored" },
    ...Object.fromEntries([400, 401, 403, 413, 422, 503].map((status) => [status, problemAnswer(status)])),
  },
};

let made: Omit<ReturnType<OpenApiGeneratorV31["generateDocument"]>, "servers"> | undefined;

/** @param server where the API is, such as https://energy.example/api/v1 */
export function openApiDocument(server: string) {
  made ??= makeDocument();
  return { ...made, servers: [{ url: server }] };
}

function makeDocument() {
  const registry = new OpenAPIRegistry();
  registry.registerComponent("securitySchemes", apiKey, {
    type: "http",
    scheme: "bearer",
    description: "An API key of the organization. Scopes: read, write, ingest, admin.",
  });
  registry.registerComponent("securitySchemes", deviceToken, {
    type: "http",
    scheme: "bearer",
    description: "The token of a device's credential.",
  });
  for (const operation of operations) registry.registerPath(routeOf(operation));
  registry.registerPath(postReadings);
  return new OpenApiGeneratorV31(registry.definitions, { sortComponents: "alphabetically" }).generateDocument({
    openapi: "3.1.0",
    info: {
      title: "Energy Tracking",
      version: "1",
      description:
        "Times are ISO-8601 with zone. Every list is `{items, nextCursor}`: send `nextCursor` as `cursor` for the next page. Errors are problem details (RFC 9457). An id of another organization is not found, as one that does not exist.",
    },
    tags: ["Sites", "Devices", "Channels", "Meters", "Imports", "Readings"].map((name) => ({ name })),
  });
}
