import { announce } from "./announce.ts";
import { asSystem, systemPool } from "./as-system.ts";
import { openPassword } from "./credentials.ts";
import { notify } from "./live.ts";

/** Whom a credential stands for. */
export interface Identity {
  credentialId: string;
  username: string;
  organizationId: string;
  siteId: string;
  deviceId: string;
  /** The device that the credential was made for: another one where that was merged into `deviceId`. */
  madeForId: string;
  kind: "device" | "gateway";
  externalId: string | null;
  config: Record<string, unknown>;
}

/** A credential's row as the ingest checks it; hashes are SHA-256 in hex. */
export interface KnownCredential {
  identity: Identity;
  passwordHash: string;
  tokenHash: string;
  revoked: boolean;
}

const columns = `c.id as "credentialId", c.username, c.organization_id as "organizationId", t.site_id as "siteId", t.id as "deviceId", d.id as "madeForId",
  d.kind, d.external_id as "externalId", d.config, c.password_hash as "passwordHash", c.token_hash as "tokenHash",
  c.revoked_at is not null or d.deleted_at is not null or t.deleted_at is not null as revoked`;

/** A device that was merged into another speaks for that one. */
const source = `energy.credentials c join energy.devices d on d.id = c.device_id join energy.devices t on t.id = coalesce(d.merged_into, d.id)`;

interface Row extends Identity {
  passwordHash: string;
  tokenHash: string;
  revoked: boolean;
}

function known({ passwordHash, tokenHash, revoked, ...identity }: Row): KnownCredential {
  return { identity, passwordHash, tokenHash, revoked };
}

export async function findCredentialByUsername(username: string): Promise<KnownCredential | null> {
  const { rows } = await systemPool().query<Row>({
    name: "credential-by-username",
    text: `select ${columns} from ${source} where c.username = $1`,
    values: [username],
  });
  return rows[0] ? known(rows[0]) : null;
}

/** The plain password of a credential, which formats with encryption of their own need; null: it cannot be read any more. */
export async function passwordOf(credentialId: string): Promise<string | null> {
  const { rows } = await systemPool().query<{ username: string; sealed: string | null }>({
    name: "password-of-credential",
    text: `select username, password_sealed as sealed from energy.credentials where id = $1`,
    values: [credentialId],
  });
  const [found] = rows;
  return found?.sealed ? openPassword(found.username, found.sealed) : null;
}

/** Finds by the SHA-256 of a token, or of a password sent alone (the emoncms way). */
export async function findCredentialBySecret(hash: string): Promise<KnownCredential | null> {
  const { rows } = await systemPool().query<Row>({
    name: "credential-by-secret",
    text: `select ${columns} from ${source}
           where c.token_hash = $1 or c.password_hash = $1`,
    values: [hash],
  });
  return rows[0] ? known(rows[0]) : null;
}

/** Those of the credentials that still are. */
export async function findCredentialsById(ids: readonly string[]): Promise<KnownCredential[]> {
  const { rows } = await systemPool().query<Row>(`select ${columns} from ${source} where c.id = any ($1)`, [ids]);
  return rows.map(known);
}

/** The first message that has a name gives it to the device. Answers the name the device has afterwards. */
export async function claimExternalId(deviceId: string, name: string): Promise<string | null> {
  const { rows } = await asSystem((sql) =>
    sql.query<{ external_id: string | null }>(
      `update energy.devices set external_id = coalesce(external_id, $2) where id = $1 returning external_id`,
      [deviceId, name],
    ),
  );
  return rows[0]?.external_id ?? null;
}

/** Whom a device's messages are from, by its newest credential. null: it has none. */
export async function identityOfDevice(deviceId: string): Promise<Identity | null> {
  const { rows } = await systemPool().query<Row>(
    `select ${columns} from ${source}
     where c.device_id = $1 and d.deleted_at is null order by c.revoked_at is null desc, c.created_at desc limit 1`,
    [deviceId],
  );
  return rows[0] ? known(rows[0]).identity : null;
}

/** Where the readings go of a device that a gateway speaks for. */
export interface ChildDevice {
  id: string;
  /** The device of that name: another one where it was merged into `id`. */
  madeForId: string;
  fault: "deleted" | "ignored" | null;
}

/**
 * A device that a gateway speaks for, made when it is first heard: it then waits in the inbox, unless the gateway was told to
 * accept by itself. One that was merged into
 * another answers with that. null: the gateway has `limit` of them already.
 */
export async function childDevice(gateway: Identity, name: string, limit: number): Promise<ChildDevice | null> {
  const find = () =>
    systemPool().query<ChildDevice>(
      `select t.id, d.id as "madeForId", case when t.deleted_at is not null then 'deleted' when d.ignored_at is not null then 'ignored' end as fault
       from energy.devices d join energy.devices t on t.id = coalesce(d.merged_into, d.id)
       where d.gateway_id = $1 and d.external_id = $2`,
      [gateway.deviceId, name],
    );
  const found = (await find()).rows[0];
  if (found) return found;
  const isAccepted = gateway.config["autoAccept"] === true;
  const made = await asSystem(async (sql) => {
    const { rows } = await sql.query<ChildDevice>(
      `insert into energy.devices (organization_id, site_id, name, external_id, gateway_id, accepted_at)
       select $1, $2, $3, $3, $4, case when $6 then now() end where (select count(*) from energy.devices where gateway_id = $4) < $5
       on conflict do nothing returning id, id as "madeForId", null as fault`,
      [gateway.organizationId, gateway.siteId, name, gateway.deviceId, limit, isAccepted],
    );
    if (rows[0] && !isAccepted) {
      const found = { deviceId: rows[0].id, deviceName: name, siteId: gateway.siteId, gatewayId: gateway.deviceId };
      await announce(sql, "device.found", found, gateway);
    }
    return rows[0];
  });
  if (made) await notify(systemPool(), { devices: [gateway.deviceId, made.id] });
  return made ?? (await find()).rows[0] ?? null;
}
