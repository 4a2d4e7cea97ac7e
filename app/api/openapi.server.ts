import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from "@asteasolutions/zod-to-openapi";
import { scopeFor } from "../../domain/access/scopes.ts";
import { eventExample, eventJsonSchema, events, eventTypes, type EventType } from "../../domain/webhook/events.ts";
import { isRepeatable, longestKey } from "./once.server.ts";
import type { Operation } from "./operation.server.ts";
import { operations } from "./catalogue.server.ts";
import { ProblemSchema } from "./schemas.server.ts";
import { z } from "./zod.server.ts";

/** The OpenAPI 3.1 document, made from the table that validates the requests. */

const apiKey = "apiKey";
const accessToken = "accessToken";
const deviceToken = "deviceToken";

const problemWords: Readonly<Record<number, string>> = {
  400: "Not valid: `errors` names each field",
  401: "No API key or access token, or one that is unknown, was revoked or has expired",
  403: "The API key lacks the scope, or may not be used by this web page",
  404: "There is no such thing in this organization",
  406: "`Accept` leaves out what the answer is",
  409: "It does not fit what there is",
  413: "The body is too large",
  415: "The body is not JSON",
  422: "The `Idempotency-Key` came with another request",
  429: "Too many calls: `Retry-After` says how long to wait",
  503: "Not available now: `Retry-After` says when to try again",
};

/** The statuses that an operation can answer with, but the good one. */
function problemsOf(operation: Operation): number[] {
  const { params, body, takesBytes, problems } = operation;
  return [
    ...new Set([
      ...[400, 401, 403, 406],
      ...(Object.keys(params.shape).length ? [404] : []),
      ...(body ? [413, 415] : takesBytes ? [413] : []),
      ...(isRepeatable(operation) ? [409, 422] : []),
      ...problems,
      ...[429, 503],
    ]),
  ].sort((a, b) => a - b);
}

const text = (description: string) => ({ description, required: true, schema: { type: "string" as const } });
const seconds = { description: "Seconds", required: true, schema: { type: "integer" as const, minimum: 1 } };

/** The headers of the good answer that a program looks into. */
function headersOf(operation: Operation) {
  const { method, location, mediaType } = operation;
  const replayed = { ...text("`true`: an answer of before, by its `Idempotency-Key`"), required: false };
  return {
    ...(method === "GET" && !mediaType && { ETag: text("Send it as `If-None-Match`: 304 when nothing changed") }),
    ...(location && { Location: text("Where what was made is") }),
    ...(isRepeatable(operation) && { "Idempotent-Replayed": replayed }),
  };
}

const repeatHeader = z.object({
  "Idempotency-Key": z.string().min(1).max(longestKey).optional().openapi({
    description:
      "A name of this one request: sent again within 24 hours it is answered as before, and nothing is made twice",
    example: "8e03978e-40d5-43dd-bc93-6894a57f9324",
  }),
});
const knownHeader = z.object({
  "If-None-Match": z.string().optional().openapi({ description: "An `ETag` of before" }),
});

function problemAnswer(status: number): RouteConfig["responses"][string] {
  return {
    description: problemWords[status] ?? "Not possible",
    ...(status === 429 || status === 503 ? { headers: { "Retry-After": seconds } } : {}),
    ...(status === 401 ? { headers: { "WWW-Authenticate": text("RFC 6750") } } : {}),
    content: { "application/problem+json": { schema: ProblemSchema } },
  };
}

const bytes = z.string().openapi({ format: "binary" });
const serverSentEvents = z.string().openapi({ description: "Server-sent events" });

function routeOf(operation: Operation): RouteConfig {
  const { id, method, path, tag, summary, description, permission, params, query, body, status, response, mediaType } =
    operation;
  const good = {
    description: status === 201 ? "Made" : status === 204 ? "Done" : "As asked",
    headers: headersOf(operation),
    ...(response && { content: { "application/json": { schema: response } } }),
    ...(mediaType && {
      content: { [mediaType]: { schema: mediaType === "text/event-stream" ? serverSentEvents : bytes } },
    }),
  };
  const unchanged = method === "GET" && !mediaType ? { 304: { description: "As `If-None-Match` has it" } } : {};
  const needed = permission === null ? [] : [scopeFor(permission)];
  const problems = problemsOf(operation).map((code) => [String(code), problemAnswer(code)]);
  return {
    operationId: id,
    method: method.toLowerCase() as RouteConfig["method"],
    path,
    tags: [tag],
    summary,
    ...(description && { description }),
    security: [{ [apiKey]: needed }, ...(permission === null ? [] : [{ [accessToken]: needed }])],
    request: {
      params,
      query,
      ...(method === "GET" && !mediaType && { headers: knownHeader }),
      ...(isRepeatable(operation) && { headers: repeatHeader }),
      ...(operation.takesBytes && {
        body: { required: true, content: { "application/octet-stream": { schema: bytes } } },
      }),
      ...(body && { body: { required: true, content: { "application/json": { schema: body } } } }),
    },
    responses: { [String(status)]: good, ...unchanged, ...Object.fromEntries(problems) },
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
  summary: "Send readings, with a device's own token, or with an API key and the device's id",
  description:
    "Answered after the readings are committed. Refusals are on the device's record (`GET /devices/{id}/rejects`).",
  security: [{ [deviceToken]: [] }, { [apiKey]: ["ingest"] }, { [accessToken]: ["ingest"] }],
  request: {
    query: z.object({
      deviceId: z.string().optional().openapi({
        description: "With an API key: the device, or the gateway, whose readings these are",
        format: "uuid",
      }),
    }),
    body: { required: true, content: { "application/json": { schema: readingsBody } } },
  },
  responses: {
    204: { description: "Stored" },
    ...Object.fromEntries([400, 403, 404, 413, 415, 422, 429, 503].map((status) => [status, problemAnswer(status)])),
    401: { ...problemAnswer(401), headers: {} },
  },
};

/** What webhooks are sent: the same JSON Schema that the sender's types come from. */
function webhookOf(type: EventType): RouteConfig {
  const { $schema: _, ...schema } = eventJsonSchema(type);
  const example = { type, timestamp: "2026-03-01T12:00:00.000Z", data: eventExample[type] };
  return {
    operationId: `on${type.replace(/(?:^|[.])(.)/g, (_, letter: string) => letter.toUpperCase())}`,
    method: "post",
    path: type,
    tags: ["Access"],
    summary: events[type].about,
    request: {
      headers: z.object({
        "webhook-id": z
          .string()
          .openapi({ description: "The same at each try", example: "msg_8e03978e-40d5-43dd-bc93-6894a57f9324" }),
        "webhook-timestamp": z
          .string()
          .openapi({ description: "When it is sent, in seconds since 1970", example: "1772366400" }),
        "webhook-signature": z
          .string()
          .openapi({ description: "Standard Webhooks 1.0; one for each secret that holds", example: "v1,…" }),
      }),
      body: { required: true, content: { "application/json": { schema: schema as object, example } } },
    },
    responses: { 200: { description: "Any 2xx: it was taken. All else is tried again; 410: nothing more is sent" } },
  };
}

/** Paragraphs of CommonMark; the first says the most. */
const aboutTheApi = [
  "All that the pages can do, as JSON over HTTP. Send an API key, or an access token, as the bearer with each call; an id of another organization is not found, as one that does not exist.",
  "Times are ISO-8601 with zone. Every list is `{items, nextCursor}`: send `nextCursor` as `cursor` for the next page.",
  "Errors are problem details (RFC 9457, `application/problem+json`): `detail` is one sentence, `errors` names each field that is wrong.",
  "`POST /token` trades an API key for an access token of 15 minutes (JWT, EdDSA), so that the key need not travel with each call. It opens what its key opens at that moment, and nothing once the key is revoked. The keys to verify it are at `/.well-known/jwks.json`; a new one takes over every 30 days.",
  "What is read has an `ETag`: sent as `If-None-Match`, it is answered 304 when nothing changed.",
  "What makes or does something takes an `Idempotency-Key`: the same request with the same key within 24 hours is answered as before (header `Idempotent-Replayed`), and nothing is made twice. Another request with it is refused (422), one while the first is under way too (409). What was refused may be tried again with the same key.",
  "Too many calls of one key, or of one organization, are answered 429; `Retry-After` says how many seconds to wait.",
  "Web pages of other addresses may call where an API key lists their origin. Cookies are never looked at: who has no key gets in nowhere.",
].join("\n\n");

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
    description: "An API key of the organization. Scopes: read, write, ingest, admin; none contains another.",
  });
  registry.registerComponent("securitySchemes", accessToken, {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "What `POST /token` gives for an API key, for 15 minutes.",
  });
  registry.registerComponent("securitySchemes", deviceToken, {
    type: "http",
    scheme: "bearer",
    description: "The token of a device's credential.",
  });
  for (const operation of operations) registry.registerPath(routeOf(operation));
  registry.registerPath(postReadings);
  for (const type of eventTypes) registry.registerWebhook(webhookOf(type));
  return new OpenApiGeneratorV31(registry.definitions, { sortComponents: "alphabetically" }).generateDocument({
    openapi: "3.1.0",
    info: {
      title: "Energy Tracking",
      version: "1",
      description: aboutTheApi,
    },
    tags: ["Organization", "Sites", "Devices", "Channels", "Meters", "Costs", "Imports", "Access", "Readings"].map(
      (name) => ({
        name,
      }),
    ),
  });
}
