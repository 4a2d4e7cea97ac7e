import { createHash, randomBytes } from "node:crypto";
import {
  apiKeysPage,
  createApiKey,
  getApiKey,
  mostApiKeys,
  revokeApiKey,
  updateApiKey,
  type ListedApiKey,
} from "../../db/api-keys.ts";
import { apiKeyBytes, apiKeyPrefix, makeApiKey, scopes } from "../../domain/access/credential.ts";
import { originOf } from "./cors.server.ts";
import { afterRow, cursorOfRow } from "./cursor.server.ts";
import { operation } from "./operation.server.ts";
import { notFound, Problem } from "./problem.server.ts";
import { instantIn, instantOut, listOf, listPaging, name } from "./schemas.server.ts";
import { siteId } from "./sites.server.ts";
import { z } from "./zod.server.ts";

const keyId = z.string().openapi({ format: "uuid" });
const params = z.object({ id: keyId });

const origin = z
  .string()
  .transform((text, context) => {
    const found = originOf(text);
    if (found !== null) return found;
    context.addIssue({ code: "custom", message: "expected an origin such as https://energy.example" });
    return z.NEVER;
  })
  .openapi({ description: "A web origin whose pages may use the key", example: "https://energy.example" });
const origins = z.array(origin).max(20);
const future = instantIn.refine((text) => Date.parse(text) > Date.now(), "expected a time that is still to come");

const fields = {
  id: keyId,
  name: z.string(),
  prefix: z.string().openapi({ description: "Its first characters" }),
  scopes: z.array(z.enum(scopes)),
  siteIds: z.array(siteId).nullable().openapi({ description: "null: every site" }),
  origins: z.array(z.string()),
  author: z.string().nullable().openapi({ description: "null: a program, or no member any more" }),
  createdAt: instantOut,
  expiresAt: instantOut.nullable().openapi({ description: "null: never" }),
  lastUsedAt: instantOut.nullable().openapi({ description: "To the minute; null: never" }),
};
const ApiKeySchema = z.object(fields).openapi("ApiKey");
const secret = z.string().openapi({ description: "The key itself, in this answer alone: only its SHA-256 is kept" });
const NewApiKeySchema = z.object({ ...fields, secret }).openapi("CreatedApiKey");

/** What a form or a program gives to make a key. */
export const newApiKey = z
  .strictObject({
    name,
    scopes: z
      .array(z.enum(scopes))
      .min(1, "expected one scope at least")
      .refine((given) => new Set(given).size === given.length, "expected each scope once"),
    siteIds: z.array(siteId).min(1).max(500).nullable().default(null),
    origins: origins.default([]),
    expiresAt: future.nullable().default(null),
  })
  .refine(({ scopes, siteIds }) => siteIds === null || !scopes.includes("admin"), {
    path: ["scopes"],
    message: "admin is for the whole organization: it does not go with chosen sites",
  })
  .openapi("NewApiKey");

const shown = ({ id, name, prefix, scopes, siteIds, origins, author, ...times }: ListedApiKey) => ({
  ...{ id, name, prefix, scopes, siteIds, origins, author },
  createdAt: times.createdAt.toISOString(),
  expiresAt: times.expiresAt?.toISOString() ?? null,
  lastUsedAt: times.lastUsedAt?.toISOString() ?? null,
});

/**
 * Makes a key. `secret` is shown once.
 * @throws Problem 404 for a site of others, 409 when there are too many.
 */
export async function makeKey(organizationId: string, given: z.output<typeof newApiKey>, createdBy: string | null) {
  const secret = makeApiKey(randomBytes(apiKeyBytes));
  const hash = createHash("sha256").update(secret).digest("hex");
  const expiresAt = given.expiresAt === null ? null : new Date(given.expiresAt);
  const kept = { ...given, hash, prefix: apiKeyPrefix(secret), expiresAt, createdBy };
  const made = await createApiKey(organizationId, kept);
  if (made === "no-site") throw notFound("site");
  if (made === "too-many") throw new Problem(409, `An organization has at most ${mostApiKeys} API keys: revoke one.`);
  return { ...shown(made), secret };
}

export const apiKeyOperations = [
  operation({
    id: "listApiKeys",
    method: "GET",
    path: "/api-keys",
    tag: "Access",
    summary: "The API keys, oldest first",
    permission: "key.read",
    query: z.strictObject(listPaging),
    response: listOf(ApiKeySchema),
    async handle({ organizationId, query: { limit, cursor } }) {
      const { items, next } = await apiKeysPage(organizationId, { after: afterRow(cursor), limit });
      return { items: items.map(shown), nextCursor: cursorOfRow(next) };
    },
  }),
  operation({
    id: "createApiKey",
    method: "POST",
    path: "/api-keys",
    tag: "Access",
    summary: "Make an API key; it is in this answer alone",
    description:
      "Scopes: `read` reads all, `write` changes sites, devices, contracts and what else is measured and paid, `ingest` sends readings, `admin` manages the organization and its keys. None contains another. With `siteIds` the key sees those sites alone.",
    permission: "key.change",
    body: newApiKey,
    status: 201,
    response: NewApiKeySchema,
    problems: [404, 409],
    location: ({ id }) => `/api-keys/${id}`,
    handle: ({ organizationId, body }) => makeKey(organizationId, body, null),
  }),
  operation({
    id: "getApiKey",
    method: "GET",
    path: "/api-keys/{id}",
    tag: "Access",
    summary: "An API key",
    permission: "key.read",
    params,
    response: ApiKeySchema,
    async handle({ organizationId, params: { id } }) {
      const found = await getApiKey(organizationId, id);
      if (!found) throw notFound("API key");
      return shown(found);
    },
  }),
  operation({
    id: "updateApiKey",
    method: "PATCH",
    path: "/api-keys/{id}",
    tag: "Access",
    summary: "Rename a key, change its end or the web pages that may use it",
    description: "What it opens stays as it is: for other scopes or sites make a new one.",
    permission: "key.change",
    params,
    body: z.strictObject({ name, origins, expiresAt: future.nullable() }).partial().openapi("ApiKeyPatch"),
    response: ApiKeySchema,
    async handle({ organizationId, params: { id }, body: { expiresAt, ...patch } }) {
      const ends = expiresAt === undefined || expiresAt === null ? expiresAt : new Date(expiresAt);
      const changed = await updateApiKey(organizationId, id, { ...patch, expiresAt: ends });
      if (!changed) throw notFound("API key");
      return shown(changed);
    },
  }),
  operation({
    id: "revokeApiKey",
    method: "DELETE",
    path: "/api-keys/{id}",
    tag: "Access",
    summary: "Revoke a key: it and its access tokens open nothing from now on",
    permission: "key.change",
    params,
    async handle({ organizationId, params: { id } }) {
      if (!(await revokeApiKey(organizationId, id))) throw notFound("API key");
    },
  }),
];
