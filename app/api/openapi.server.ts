import { z } from "zod";
import { operations } from "./catalogue.server.ts";
import type { Operation } from "./operation.server.ts";

type Json = Record<string, unknown>;

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    detail: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: "Problem" });

/** The OpenAPI 3.1 document, made from the schemas that validate the requests. */
export function openapi(origin: string): Json {
  const paths: Record<string, Json> = {};
  for (const operation of operations) (paths[operation.path] ??= {})[operation.method.toLowerCase()] = describe(operation);
  paths["/readings"] = { post: pushReadings };
  return {
    openapi: "3.1.0",
    info: { title: "Energy Tracking", version: "1", description: "Times are ISO 8601 with zone; errors are RFC 9457 problem details; lists have a cursor." },
    servers: [{ url: `${origin}/api/v1` }],
    security: [{ apiKey: [] }],
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: "http", scheme: "bearer", description: "An API key of the organization" },
        deviceToken: { type: "http", scheme: "bearer", description: "The token of a device's credential" },
      },
      schemas: { Problem: schemaOf(problem, "output") },
    },
  };
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): unknown {
  const { $schema: _, id: __, ...rest } = z.toJSONSchema(schema, { io, target: "draft-2020-12", unrepresentable: "any" }) as Json;
  return rest;
}

function describe({ id, summary, scope, params, query, body, status, response }: Operation): Json {
  const problemAnswer = (description: string) => ({ description, content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } } });
  return {
    operationId: id,
    summary,
    description: `Needs the scope \`${scope}\`.`,
    parameters: [...parameters(params, "path"), ...parameters(query, "query")],
    ...(body && { requestBody: { required: true, content: { "application/json": { schema: schemaOf(body, "input") } } } }),
    responses: {
      [status]: { description: summary, ...(response && { content: { "application/json": { schema: schemaOf(response, "output") } } }) },
      400: problemAnswer("Not valid"),
      401: problemAnswer("No valid key"),
      403: problemAnswer("The key lacks the scope"),
      404: problemAnswer("Not found"),
    },
  };
}

function parameters(schema: z.ZodType | undefined, where: "path" | "query"): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = schemaOf(schema, "input") as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(properties).map(([name, property]) => ({ name, in: where, required: where === "path" || required.includes(name), schema: property }));
}

/** The way in for readings is the ingest's own: it is described here for those who look for it here. */
const pushReadings: Json = {
  operationId: "pushReadings",
  summary: "Stores readings of the device whose token is sent; answered after they are committed",
  security: [{ deviceToken: [] }],
  requestBody: {
    required: true,
    content: {
      "application/json": {
        schema: { oneOf: [{ type: "object" }, { type: "array", items: { type: "object" } }] },
        example: { power: 421, "energy.import": 1234.5, time: "2026-03-29T10:00:00Z" },
      },
    },
  },
  responses: { 204: { description: "Committed" }, 400: { description: "Not understood" }, 401: { description: "Unknown token" }, 503: { description: "Cannot be stored now; Retry-After says when to try again" } },
};
