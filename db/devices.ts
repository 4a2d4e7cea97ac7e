import { asOrganization } from "./as-organization.ts";
import { isUuid, type Sql } from "./client.ts";
import { insertCredential, revokeAll, type KeptCredential } from "./credentials.ts";
import { enqueue } from "./jobs.ts";
import { notify } from "./live.ts";
import { pageOf, type Page, type PageQuery } from "./page.ts";
import { extentOf } from "./readings.ts";
import { rollAnew } from "./roll-anew.ts";

/** What sends data, or what a gateway speaks for. */
export interface Device {
  id: string;
  siteId: string;
  name: string;
  kind: "device" | "gateway";
  /** The name its messages give it; null until one came that has a name. */
  externalId: string | null;
  gatewayId: string | null;
  config: Record<string, unknown>;
  createdAt: Date;
  /** null: first heard through its gateway, it waits in the inbox. */
  acceptedAt: Date | null;
  /** Arrival of its newest reading, epoch milliseconds. */
  lastHeardMs: number | null;
  /** null: it is spoken for by a gateway, or never had one. */
  credential: { username: string; createdAt: Date; revokedAt: Date | null } | null;
}

const select = `
  select d.id, d.site_id as "siteId", d.name, d.kind, d.external_id as "externalId", d.gateway_id as "gatewayId", d.config,
    d.created_at as "createdAt", d.accepted_at as "acceptedAt", d.created_at::text as position,
    (select extract(epoch from max(l.received_at))::float8 * 1000 from energy.channels c join energy.channel_latest l on l.channel_id = c.id
     where c.device_id = d.id) as "lastHeardMs",
    (select json_build_object('username', k.username, 'createdAt', k.created_at, 'revokedAt', k.revoked_at) from energy.credentials k
     where k.device_id = d.id order by k.revoked_at is null desc, k.created_at desc limit 1) as credential
  from energy.devices d
  left join energy.devices g on g.id = d.gateway_id
  where d.deleted_at is null and g.deleted_at is null and d.merged_into is null and d.ignored_at is null`;

interface Row extends Omit<Device, "credential"> {
  position: string;
  credential: { username: string; createdAt: string; revokedAt: string | null } | null;
}

function asDevice({ credential, position: _, ...row }: Row): Device {
  const dates = credential && {
    username: credential.username,
    createdAt: new Date(credential.createdAt),
    revokedAt: credential.revokedAt === null ? null : new Date(credential.revokedAt),
  };
  return { ...row, credential: dates };
}

/** In order of creation. */
export async function listDevices(
  organizationId: string,
  { siteId }: { siteId?: string | undefined } = {},
): Promise<Device[]> {
  if (siteId !== undefined && !isUuid(siteId)) return [];
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<Row>(
      `${select} and ($1::uuid is null or d.site_id = $1) order by d.created_at, d.id`,
      [siteId ?? null],
    );
    return rows.map(asDevice);
  });
}

/** One page of them, in order of creation. */
export async function devicesPage(
  organizationId: string,
  { siteId, after, limit }: PageQuery & { siteId?: string | undefined },
): Promise<Page<Device>> {
  if (siteId !== undefined && !isUuid(siteId)) return { items: [], next: null };
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<Row>(
      `${select} and ($1::uuid is null or d.site_id = $1) and ($2::timestamptz is null or (d.created_at, d.id) > ($2, $3::uuid))
       order by d.created_at, d.id limit $4`,
      [siteId ?? null, after?.createdAt ?? null, after?.id ?? null, limit + 1],
    );
    return pageOf(
      rows.map((row) => ({ ...asDevice(row), position: row.position })),
      limit,
    );
  });
}

export async function getDevice(organizationId: string, id: string): Promise<Device | null> {
  if (!isUuid(id)) return null;
  return asOrganization(organizationId, (sql) => find(sql, id));
}

async function find(sql: Sql, id: string): Promise<Device | null> {
  const { rows } = await sql.query<Row>(`${select} and d.id = $1`, [id]);
  return rows[0] ? asDevice(rows[0]) : null;
}

/** Of some ids those that are devices of this site. */
export async function devicesOfSite(organizationId: string, siteId: string, ids: readonly string[]): Promise<string[]> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<{ id: string }>(
      "select id from energy.devices where site_id = $1 and id = any ($2)",
      [siteId, ids],
    );
    return rows.map((row) => row.id);
  });
}

/** A device with its first credential. null: the site is not the organization's. */
export async function createDevice(
  organizationId: string,
  device: { siteId: string; name: string; kind: "device" | "gateway"; config?: Record<string, unknown> },
  credential: KeptCredential,
): Promise<Device | null> {
  if (!isUuid(device.siteId)) return null;
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<{ id: string }>(
      `insert into energy.devices (organization_id, site_id, name, kind, config)
       select organization_id, id, $2, $3, $4 from energy.sites where id = $1 returning id`,
      [device.siteId, device.name, device.kind, JSON.stringify(device.config ?? {})],
    );
    const id = rows[0]?.id;
    if (!id) return null;
    await insertCredential(sql, { organizationId, deviceId: id }, credential);
    return find(sql, id);
  });
}

export interface DevicePatch {
  name?: string | undefined;
  siteId?: string | undefined;
  kind?: "device" | "gateway" | undefined;
  config?: Record<string, unknown> | undefined;
}

/** @returns null when there is no such device, or no such site to move to. What a gateway speaks for moves with it. */
export async function updateDevice(organizationId: string, id: string, patch: DevicePatch): Promise<Device | null> {
  if (!isUuid(id) || (patch.siteId !== undefined && !isUuid(patch.siteId))) return null;
  return asOrganization(organizationId, async (sql) => {
    const before = await find(sql, id);
    if (!before) return null;
    if (patch.siteId !== undefined && patch.siteId !== before.siteId && !(await moveDevice(sql, id, patch.siteId)))
      return null;
    await sql.query(
      `update energy.devices set name = coalesce($2, name), kind = coalesce($3, kind), config = coalesce($4, config) where id = $1`,
      [id, patch.name ?? null, patch.kind ?? null, patch.config ? JSON.stringify(patch.config) : null],
    );
    // A new name is no reason to end the device's connection.
    if (patch.siteId !== undefined || patch.kind !== undefined || patch.config) await forgetInIngest(sql, id);
    if (patch.config) await notify(sql, { configured: [id] });
    return find(sql, id);
  });
}

async function moveDevice(sql: Sql, id: string, siteId: string): Promise<boolean> {
  const { rowCount } = await sql.query(
    `update energy.devices set site_id = $2 where (id = $1 or gateway_id = $1) and exists (select from energy.sites where id = $2)`,
    [id, siteId],
  );
  if (rowCount) await rollAnew(sql, { siteId, deviceId: id });
  return Boolean(rowCount);
}

/** The ingest remembers devices by their credentials: what changed must be read anew. */
export async function forgetInIngest(sql: Sql, deviceId: string): Promise<void> {
  const { rows } = await sql.query<{ id: string }>(
    `select k.id from energy.credentials k join energy.devices d on k.device_id in (d.id, d.gateway_id) where d.id = $1`,
    [deviceId],
  );
  await notify(sql, { credentials: rows.map((row) => row.id), devices: [deviceId] });
}

/** Hides the device (and what it speaks for) at once, ends its credential, and has its data removed by a job. */
export async function deleteDevice(organizationId: string, id: string): Promise<boolean> {
  if (!isUuid(id)) return false;
  return asOrganization(organizationId, async (sql) => {
    const { rowCount } = await sql.query(
      "update energy.devices set deleted_at = now() where id = $1 and deleted_at is null",
      [id],
    );
    if (!rowCount) return false;
    await revokeAll(sql, id);
    await forgetInIngest(sql, id);
    await enqueue(sql, "delete-device", { organizationId, deviceId: id }, { key: `delete-device:${id}` });
    return true;
  });
}

/** How much would go with a device. */
export interface DataSize {
  readings: number;
  channels: number;
  firstMs: number | null;
  lastMs: number | null;
}

export async function deviceDataSize(organizationId: string, id: string): Promise<DataSize> {
  if (!isUuid(id)) return { readings: 0, channels: 0, firstMs: null, lastMs: null };
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<{ id: number }>(
      "select c.id from energy.channels c join energy.devices d on d.id = c.device_id where d.id = $1 or d.gateway_id = $1",
      [id],
    );
    const channels = rows.map((row) => row.id);
    const { count, firstMs, lastMs } = await extentOf(sql, channels);
    return { readings: count, channels: channels.length, firstMs, lastMs };
  });
}
