import type { Scope } from "../domain/access/credential.ts";
import { asOrganization } from "./as-organization.ts";
import { asNobody } from "./as-user.ts";
import { isUuid, type Sql } from "./client.ts";
import { pageOf, type Page, type PageQuery } from "./page.ts";

/** A program's keys to the API of one organization. Only their SHA-256 is kept. */

/** Whose key it is, and what it may do. */
export interface ApiKey {
  id: string;
  organizationId: string;
  scopes: Scope[];
  expiresAt: Date | null;
  /** null: every site of the organization. */
  siteIds: string[] | null;
  /** Web origins whose pages may send it. */
  origins: string[];
}

/** A key as its organization sees it. */
export interface ListedApiKey extends Omit<ApiKey, "organizationId"> {
  name: string;
  /** Its first characters; empty: made before they were kept. */
  prefix: string;
  /** null: a program, or no member any more. */
  author: string | null;
  createdAt: Date;
  /** To the minute. */
  lastUsedAt: Date | null;
}

export interface NewApiKey {
  name: string;
  /** SHA-256 in hex. */
  hash: string;
  prefix?: string;
  scopes: readonly Scope[];
  siteIds?: readonly string[] | null;
  origins?: readonly string[];
  expiresAt?: Date | null;
  createdBy?: string | null;
}

const foundColumns = `id, organization_id as "organizationId", scopes, expires_at as "expiresAt", site_ids as "siteIds", origins`;

const inTime = (key: ApiKey | undefined): ApiKey | null =>
  key && (!key.expiresAt || key.expiresAt.getTime() > Date.now()) ? key : null;

/** Finds a key by its SHA-256 (hex); an expired one is not found. */
export async function findApiKey(hash: string): Promise<ApiKey | null> {
  const { rows } = await asNobody().query<ApiKey>({
    name: "api-key",
    text: `select ${foundColumns} from energy.find_api_key($1)`,
    values: [hash],
  });
  return inTime(rows[0]);
}

/** Finds the key that an access token was made from: not an expired or revoked one, nor once the signing key `kid` was dropped. */
export async function findApiKeyById(id: string, kid: string): Promise<ApiKey | null> {
  if (!isUuid(id)) return null;
  const { rows } = await asNobody().query<ApiKey>({
    name: "api-key-by-id",
    text: `select ${foundColumns} from energy.find_api_key_by_id($1)
           where exists (select from auth.signing_keys() s where s.kid = $2)`,
    values: [id, kid],
  });
  return inTime(rows[0]);
}

/** Whether some key may be used by the web pages of this origin. */
export async function isAllowedOrigin(origin: string): Promise<boolean> {
  const { rows } = await asNobody().query<{ allowed: boolean }>("select energy.is_allowed_origin($1) as allowed", [
    origin,
  ]);
  return rows[0]!.allowed;
}

const columns = `id, name, prefix, scopes, site_ids as "siteIds", origins, energy.member_name(created_by) as author,
  created_at as "createdAt", expires_at as "expiresAt", last_used_at as "lastUsedAt"`;

/** Most keys of an organization. */
export const mostApiKeys = 200;

/** @returns "too-many" when the organization has `mostApiKeys`, "no-site" when one of the sites is not its own. */
export function createApiKey(organizationId: string, given: NewApiKey): Promise<ListedApiKey | "too-many" | "no-site"> {
  const { name, hash, prefix = "", scopes, siteIds = null, origins = [], expiresAt = null, createdBy = null } = given;
  return asOrganization(organizationId, async (sql) => {
    if (siteIds && !(await areSites(sql, siteIds))) return "no-site";
    const { rows } = await sql.query<ListedApiKey>(
      `insert into energy.api_keys (organization_id, name, hash, prefix, scopes, site_ids, origins, expires_at, created_by)
       select $1, $2, $3, $4, $5, $6, $7, $8, $9 where (select count(*) from energy.api_keys) < $10 returning ${columns}`,
      [organizationId, name, hash, prefix, scopes, siteIds, origins, expiresAt, createdBy, mostApiKeys],
    );
    return rows[0] ?? "too-many";
  });
}

async function areSites(sql: Sql, ids: readonly string[]): Promise<boolean> {
  if (!ids.every(isUuid)) return false;
  const { rows } = await sql.query<{ n: number }>("select count(*) as n from energy.sites where id = any ($1)", [ids]);
  return rows[0]!.n === new Set(ids).size;
}

/** One page of them, oldest first. */
export function apiKeysPage(organizationId: string, { after, limit }: PageQuery): Promise<Page<ListedApiKey>> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<ListedApiKey & { position: string }>(
      `select ${columns}, created_at::text as position from energy.api_keys
       where $1::timestamptz is null or (created_at, id) > ($1, $2::uuid) order by created_at, id limit $3`,
      [after?.createdAt ?? null, after?.id ?? null, limit + 1],
    );
    return pageOf(rows, limit);
  });
}

export async function getApiKey(organizationId: string, id: string): Promise<ListedApiKey | null> {
  if (!isUuid(id)) return null;
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<ListedApiKey>(`select ${columns} from energy.api_keys where id = $1`, [id]);
    return rows[0] ?? null;
  });
}

export interface ApiKeyPatch {
  name?: string | undefined;
  origins?: readonly string[] | undefined;
  /** null: never. */
  expiresAt?: Date | null | undefined;
}

/** What it opens stays as it is: for other scopes or sites a new key is made. null: there is no such key. */
export async function updateApiKey(
  organizationId: string,
  id: string,
  { name = undefined, origins = undefined, expiresAt }: ApiKeyPatch,
): Promise<ListedApiKey | null> {
  if (!isUuid(id)) return null;
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<ListedApiKey>(
      `update energy.api_keys set name = coalesce($2, name), origins = coalesce($3, origins),
         expires_at = case when $4 then $5::timestamptz else expires_at end
       where id = $1 returning ${columns}`,
      [id, name ?? null, origins ?? null, expiresAt !== undefined, expiresAt ?? null],
    );
    return rows[0] ?? null;
  });
}

/** It opens nothing any more, nor do the access tokens that were made from it. */
export async function revokeApiKey(organizationId: string, id: string): Promise<boolean> {
  if (!isUuid(id)) return false;
  return asOrganization(organizationId, async (sql) => {
    const { rowCount } = await sql.query("delete from energy.api_keys where id = $1", [id]);
    return rowCount === 1;
  });
}
