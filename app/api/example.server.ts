/** What of JSON Schema the document uses. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  enum?: unknown[];
  default?: unknown;
  example?: unknown;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
}

/** A value that fits a schema, to begin a call with: what the schema shows as its example, or the simplest there is. */
export function exampleOf(schema: Schema, schemas: Record<string, Schema>, depth = 0): unknown {
  const at = schema.$ref ? schemas[schema.$ref.split("/").at(-1)!]! : schema;
  if (at.example !== undefined) return at.example;
  if (at.default !== undefined) return at.default;
  if (at.enum) return at.enum[0];
  const variants = at.anyOf ?? at.oneOf;
  if (variants) return exampleOf(variants[0]!, schemas, depth + 1);
  const types = [at.type ?? "any"].flat();
  if (types.includes("null")) return null;
  switch (types[0]) {
    case "object":
      return depth > 4 ? {} : requiredOf(at, schemas, depth);
    case "array":
      return at.items && depth < 4 ? [exampleOf(at.items, schemas, depth + 1)] : [];
    case "integer":
    case "number":
      return at.minimum ?? 1;
    case "boolean":
      return false;
    case "string":
      return at.format === "uuid" ? "00000000-0000-4000-8000-000000000000" : "…";
    default:
      return {};
  }
}

/** Of an object what must be there; of one where nothing must be, its first field. */
function requiredOf({ properties = {}, required = [] }: Schema, schemas: Record<string, Schema>, depth: number) {
  const names = required.length ? required.filter((name) => properties[name]) : Object.keys(properties).slice(0, 1);
  return Object.fromEntries(names.map((name) => [name, exampleOf(properties[name]!, schemas, depth + 1)]));
}
