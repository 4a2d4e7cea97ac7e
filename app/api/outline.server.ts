import { exampleOf, type Schema } from "./example.server.ts";
import { openApiDocument } from "./openapi.server.ts";

/** The OpenAPI document as people read it: operations by tag, and the fields of what goes in and comes out. */

export interface Field {
  name: string;
  type: string;
  isRequired: boolean;
  description: string;
}

export interface OperationOutline {
  id: string;
  method: string;
  path: string;
  summary: string;
  description: string;
  /** "API key with the scope read", "token of a device". */
  needs: string;
  parameters: (Field & { in: string })[];
  body: Field[];
  /** What a first try may send; null: no body. */
  sends: { type: string; example: string } | null;
  answers: { status: string; description: string; schema: string | null }[];
}

type Answer = OperationOutline["answers"][number];

export interface Outline {
  description: string;
  /** What every call can be answered with; the operations' own answers leave it out. */
  always: Answer[];
  tags: { name: string; operations: OperationOutline[] }[];
  schemas: { name: string; description: string; fields: Field[] }[];
}

interface RawOperation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  security: Record<string, string[]>[];
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: Schema }> }>;
}

export function outline(server: string): Outline {
  const { info, tags, paths, components } = openApiDocument(server);
  const schemas = components?.schemas as Record<string, Schema>;
  const operations = Object.entries(paths as Record<string, Record<string, RawOperation>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, raw]) => ({
      tag: raw.tags[0],
      ...operationOutline(method, path, raw, schemas),
    })),
  );
  const always = [
    ...new Map(operations.flatMap(({ answers }) => answers.filter(isUsual)).map((one) => [one.status, one])).values(),
  ];
  for (const operation of operations) operation.answers = operation.answers.filter((answer) => !isUsual(answer));
  return {
    description: info.description ?? "",
    always: always.sort((a, b) => Number(a.status) - Number(b.status)),
    tags: (tags ?? []).map(({ name }) => ({ name, operations: operations.filter((o) => o.tag === name) })),
    schemas: Object.entries(schemas).map(([name, schema]) => ({
      name,
      description: schema.description ?? "",
      fields: fieldsOf(schema, schemas),
    })),
  };
}

const usual = new Set(["400", "401", "403", "406", "413", "415", "429", "503"]);
const isUsual = ({ status }: Answer) => usual.has(status);

function operationOutline(
  method: string,
  path: string,
  raw: RawOperation,
  schemas: Record<string, Schema>,
): OperationOutline {
  const body = raw.requestBody?.content["application/json"]?.schema;
  return {
    id: raw.operationId,
    method: method.toUpperCase(),
    path,
    summary: raw.summary,
    description: raw.description ?? "",
    needs: raw.security.map(doorOf).filter(Boolean).join(", or "),
    parameters: (raw.parameters ?? []).map((p) => ({ ...field(p.name, p.schema, Boolean(p.required)), in: p.in })),
    body: body ? fieldsOf(body, schemas) : [],
    sends: sendsOf(raw, schemas),
    answers: Object.entries(raw.responses).map(([status, { description, content }]) => {
      const schema = Object.values(content ?? {})[0]?.schema;
      return { status, description, schema: schema ? typeOf(schema) : null };
    }),
  };
}

/** An access token opens what its key does: that is said once, on top. */
function doorOf(security: Record<string, string[]>): string | null {
  const [scheme, scopes = []] = Object.entries(security)[0] ?? [];
  if (scheme === "accessToken") return null;
  if (scheme === "deviceToken") return "token of a device";
  return scopes.length ? `API key with the scope ${scopes.join(", ")}` : "API key";
}

function sendsOf({ requestBody }: RawOperation, schemas: Record<string, Schema>): OperationOutline["sends"] {
  const [type, described] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  if (!type || !described) return null;
  if (type !== "application/json") return { type, example: "" };
  return { type, example: JSON.stringify(exampleOf(described.schema, schemas), null, 2) };
}

function fieldsOf(schema: Schema, schemas: Record<string, Schema>): Field[] {
  return fieldsWithin(schema.$ref ? schemas[schema.$ref.split("/").at(-1)!]! : schema, "");
}

/** With those of objects that have no name under which they are listed themselves: "lines[].amount". */
function fieldsWithin({ properties = {}, required = [] }: Schema, within: string): Field[] {
  return Object.entries(properties).flatMap(([name, one]) => [
    field(within + name, one, required.includes(name)),
    ...fieldsInside(one, within + name),
  ]);
}

function fieldsInside(schema: Schema, name: string): Field[] {
  const { items, properties, anyOf = [] } = schema;
  if (items) return fieldsInside(items, `${name}[]`);
  if (properties) return fieldsWithin(schema, `${name}.`);
  return anyOf.flatMap((variant) => fieldsInside(variant, name));
}

function field(name: string, schema: Schema, isRequired: boolean): Field {
  return {
    name,
    type: typeOf(schema),
    isRequired,
    description: [schema.description?.replace(/\.$/, ""), boundsOf(schema)].filter(Boolean).join(". "),
  };
}

function boundsOf({ minimum, maximum, default: usual }: Schema): string {
  const parts = [
    ...(minimum !== undefined && maximum !== undefined ? [`${minimum} to ${maximum}`] : []),
    ...(usual !== undefined ? [`default ${typeof usual === "string" ? usual : JSON.stringify(usual)}`] : []),
  ];
  return parts.join(", ");
}

function typeOf(schema: Schema): string {
  if (schema.$ref) return schema.$ref.split("/").at(-1)!;
  if (schema.enum) return schema.enum.map(String).join(" | ");
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants) return variants.map(typeOf).join(" | ");
  if (schema.items) return `${typeOf(schema.items)}[]`;
  if (schema.properties?.["items"]?.items) return `list of ${typeOf(schema.properties["items"].items)}`;
  const types = [schema.type ?? "any"].flat();
  return types.map((type) => (type === "string" && schema.format ? schema.format : type)).join(" | ");
}
