import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { expect } from "vitest";
import { openApiDocument } from "../../app/api/openapi.server.ts";
import type { Answer, Call } from "./api.ts";

/** Holds every answer of the API to its OpenAPI document: status, headers, type and body. */

interface Described {
  headers?: Record<string, { required?: boolean; schema: object }>;
  content?: Record<string, { schema: object }>;
}
interface DescribedOperation {
  operationId: string;
  requestBody?: Described;
  responses: Record<string, Described>;
}
type Paths = Record<string, Record<string, DescribedOperation>>;

const document = JSON.parse(JSON.stringify(openApiDocument("http://energy.test/api/v1"))) as { paths: Paths };
const ajv = new Ajv2020({ strict: false, allErrors: true, coerceTypes: false });
// The module is CommonJS, whose default import is the function itself.
(formats as unknown as (to: Ajv2020) => void)(ajv);
ajv.addSchema(document, "document");

const compiled = new Map<string, ValidateFunction>();

/** A schema of the document, by the way that leads there. */
function validatorAt(...way: string[]): ValidateFunction {
  const pointer = way.map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/");
  const known = compiled.get(pointer);
  if (known) return known;
  const made = ajv.compile({ $ref: `document#/${pointer}` });
  compiled.set(pointer, made);
  return made;
}

const templates = Object.keys(document.paths).map((template) => ({
  template,
  pattern: new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
}));

/** The document's operation for a request; null: it has none. */
function describedAt(method: string, path: string) {
  const pathname = path.split("?")[0]!.replace(/\/$/, "");
  const template = templates.find(({ pattern }) => pattern.test(pathname))?.template;
  const operation = template === undefined ? undefined : document.paths[template]![method.toLowerCase()];
  return operation ? { template: template!, operation } : null;
}

/** The same calls; an answer that the document does not describe so fails the test that asked. */
export function heldToDocument(call: Call): Call {
  return async (method, path, body, headers) => {
    const answer = await call(method, path, body, headers);
    heldAnswer(method, path, answer);
    return answer;
  };
}

/** Fails where the document does not describe the answer so. What it does not have at all is answered 404 or 405. */
export function heldAnswer(method: string, path: string, answer: Answer): void {
  const found = describedAt(method, path);
  if (found) holdToDocument(found, method.toLowerCase(), answer);
  else expect([404, 405]).toContain(answer.status);
}

function holdToDocument(
  { template, operation }: { template: string; operation: DescribedOperation },
  method: string,
  { status, headers, body }: Answer,
): void {
  const what = `${operation.operationId} answered ${status}`;
  const described = operation.responses[status];
  if (!described) throw new Error(`${what}, which the document does not have: ${JSON.stringify(body)}`);
  const way = ["paths", template, method, "responses", String(status)];
  for (const [name, { required, schema }] of Object.entries(described.headers ?? {})) {
    const value = headers.get(name);
    if (value === null) expect(required ?? false, `${what} without the header ${name}`).toBe(false);
    else expectValid(validatorAt(...way, "headers", name, "schema"), isNumeric(schema) ? Number(value) : value, what);
  }
  const types = Object.keys(described.content ?? {});
  if (!types.length) return expect(body, what).toBeNull();
  const type = headers.get("content-type")?.split(";")[0] ?? "";
  expect(types, `${what} as ${type}`).toContain(type);
  expectValid(validatorAt(...way, "content", type, "schema"), body, what);
}

const isNumeric = (schema: object) => (schema as { type?: string }).type === "integer";

function expectValid(validate: ValidateFunction, value: unknown, what: string): void {
  const isValid = validate(value);
  expect(isValid ? [] : validate.errors, `${what}: ${JSON.stringify(value)?.slice(0, 500)}`).toEqual([]);
}

/** A valid request's body is valid by the document too. */
export function holdBodyToDocument(method: string, path: string, body: unknown): void {
  const found = describedAt(method, path);
  if (!found?.operation.requestBody?.content?.["application/json"]) return;
  const way = ["paths", found.template, method.toLowerCase(), "requestBody", "content", "application/json", "schema"];
  expectValid(validatorAt(...way), body, `the body of ${found.operation.operationId}`);
}
