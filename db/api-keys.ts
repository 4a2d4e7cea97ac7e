import { asOrganization } from "./as-organization.ts";
import { asNobody } from "./as-user.ts";

/** Whose key it is, and what it may do. */
export interface ApiKey {
  id: string;
  organizationId: string;
  scopes: string[];
  expiresAt: Date | null;
}

/** Finds a key by its SHA-256 (hex); an expired one is not found. */
export async function findApiKey(hash: string): Promise<ApiKey | null> {
  const { rows } = await asNobody().query<ApiKey>({
    name: "find-api-key",
    text: `select id, organization_id as "organizationId", scopes, expires_at as "expiresAt" from energy.find_api_key($1)`,
    values: [hash],
  });
  const key = rows[0];
  return key && (!key.expiresAt || key.expiresAt.getTime() > Date.now()) ? key : null;
}

export async function createApiKey(
  organizationId: string,
  { name, hash, scopes }: { name: string; hash: string; scopes: readonly string[] },
): Promise<void> {
  await asOrganization(organizationId, (sql) =>
    sql.query("insert into energy.api_keys (organization_id, name, hash, scopes) values ($1, $2, $3, $4)", [
      organizationId,
      name,
      hash,
      scopes,
    ]),
  );
}
