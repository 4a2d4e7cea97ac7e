import { asOrganization } from "./as-organization.ts";
import { isUuid, type Sql } from "./client.ts";
import { notify } from "./live.ts";
import { seal, unseal } from "./seal.ts";

/**
 * What is kept of a credential: the user name, SHA-256 of the secrets in hex, and the password sealed (db/seal.ts) for
 * brokers and formats that need the plain value.
 */
export interface KeptCredential {
  username: string;
  passwordHash: string;
  tokenHash: string;
  passwordSealed: string;
}

const placeOf = (username: string) => ({ column: "energy.credentials.password_sealed" as const, row: username });

export const sealPassword = (username: string, password: string): string => seal(password, placeOf(username));

/** null: it cannot be read any more (db/seal.ts says when). */
export const openPassword = (username: string, sealed: string): string | null => unseal(sealed, placeOf(username));

/** A device's new credential; who serves it (an external broker, the ingest's memory of refusals) is told. */
export async function insertCredential(
  sql: Sql,
  { organizationId, deviceId }: { organizationId: string; deviceId: string },
  { username, passwordHash, tokenHash, passwordSealed }: KeptCredential,
): Promise<void> {
  const { rows } = await sql.query<{ id: string }>(
    `insert into energy.credentials (organization_id, device_id, username, password_hash, token_hash, password_sealed)
     values ($1, $2, $3, $4, $5, $6) returning id`,
    [organizationId, deviceId, username, passwordHash, tokenHash, passwordSealed],
  );
  await notify(sql, { credentials: rows.map((row) => row.id) });
}

/** Ends every credential of a device, and tells the ingest, which ends their connections. */
export async function revokeAll(sql: Sql, deviceId: string): Promise<number> {
  const { rows } = await sql.query<{ id: string }>(
    "update energy.credentials set revoked_at = now() where device_id = $1 and revoked_at is null returning id",
    [deviceId],
  );
  await notify(sql, { credentials: rows.map((row) => row.id) });
  return rows.length;
}

/** A new credential in place of the old; the device and its history stay. false: there is no such device. */
export async function rotateCredential(
  organizationId: string,
  deviceId: string,
  credential: KeptCredential,
): Promise<boolean> {
  if (!isUuid(deviceId)) return false;
  return asOrganization(organizationId, async (sql) => {
    const { rowCount } = await sql.query(
      "select from energy.devices where id = $1 and deleted_at is null and gateway_id is null",
      [deviceId],
    );
    if (!rowCount) return false;
    await revokeAll(sql, deviceId);
    await insertCredential(sql, { organizationId, deviceId }, credential);
    return true;
  });
}

/** The device is locked out until it gets a new credential; its history stays. false: it had none. */
export async function revokeCredential(organizationId: string, deviceId: string): Promise<boolean> {
  if (!isUuid(deviceId)) return false;
  return asOrganization(organizationId, async (sql) => (await revokeAll(sql, deviceId)) > 0);
}
