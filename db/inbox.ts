import { asOrganization } from "./as-organization.ts";
import { isUuid, type Sql } from "./client.ts";
import { mergeDevices } from "./merge.ts";
import { forgetInIngest } from "./devices.ts";
import { notify } from "./live.ts";

/** A device that a gateway was heard to speak for, and that nobody has accepted yet. */
export interface InboxDevice {
  id: string;
  siteId: string;
  name: string;
  externalId: string;
  gatewayId: string;
  gatewayName: string;
  firstHeard: Date;
  /** How many channels it has, and how many of them have a value. */
  channels: number;
  /** A person chose to ignore it: nothing more of it is kept. */
  isIgnored: boolean;
}

/** What waits in a site's inbox, newest first; with `ignored`, what was ignored instead. */
export async function inboxOf(
  organizationId: string,
  siteId: string,
  { ignored = false }: { ignored?: boolean } = {},
): Promise<InboxDevice[]> {
  if (!isUuid(siteId)) return [];
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<InboxDevice>(
      `select d.id, d.site_id as "siteId", d.name, d.external_id as "externalId", d.gateway_id as "gatewayId", g.name as "gatewayName",
         d.created_at as "firstHeard", (select count(*)::int from energy.channels c where c.device_id = d.id) as channels,
         d.ignored_at is not null as "isIgnored"
       from energy.devices d join energy.devices g on g.id = d.gateway_id
       where d.site_id = $1 and d.merged_into is null and d.deleted_at is null and g.deleted_at is null
         and case when $2 then d.ignored_at is not null else d.accepted_at is null and d.ignored_at is null end
       order by d.created_at desc, d.id`,
      [siteId, ignored],
    );
    return rows;
  });
}

/** From now on it counts at its site. Its readings are there from the first one on. @returns how many were accepted. */
export async function acceptDevices(organizationId: string, ids: readonly string[], name?: string): Promise<number> {
  return changeDevices(
    organizationId,
    ids,
    "accepted_at = coalesce(accepted_at, now()), ignored_at = null, name = coalesce($2, name)",
    [name ?? null],
  );
}

/** Nothing more of it is kept, until it is accepted after all. What is stored stays. @returns how many were ignored. */
export async function ignoreDevices(organizationId: string, ids: readonly string[]): Promise<number> {
  return changeDevices(organizationId, ids, "ignored_at = now()", []);
}

async function changeDevices(
  organizationId: string,
  ids: readonly string[],
  assignments: string,
  values: unknown[],
): Promise<number> {
  const devices = ids.filter(isUuid);
  if (!devices.length) return 0;
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<{ id: string; gatewayId: string }>(
      `update energy.devices set ${assignments} where id = any ($1) and gateway_id is not null and deleted_at is null and merged_into is null
       returning id, gateway_id as "gatewayId"`,
      [devices, ...values],
    );
    // The ingest remembers devices by their gateway's credential.
    for (const gateway of new Set(rows.map(({ gatewayId }) => gatewayId))) await forgetInIngest(sql, gateway);
    await notify(sql, { devices: rows.map(({ id }) => id) });
    return rows.length;
  });
}

export type MoveFault = "not-found" | "not-a-gateway" | "is-a-gateway" | "no-name";

/**
 * Moves a device to another gateway: its history stays, and what arrives there under its name is its own. If the new gateway
 * was heard to speak for it already, the two become one.
 */
export async function moveToGateway(
  organizationId: string,
  deviceId: string,
  gatewayId: string,
  userId: string | null,
): Promise<{ ok: true } | { ok: false; fault: MoveFault }> {
  if (!isUuid(deviceId) || !isUuid(gatewayId)) return { ok: false, fault: "not-found" };
  const found = await asOrganization(organizationId, (sql) => findMove(sql, deviceId, gatewayId));
  if ("fault" in found) return { ok: false, fault: found.fault };
  if (found.twinId !== null)
    await mergeDevices(organizationId, found.twinId, deviceId, { isAnotherMeter: false, userId });
  await asOrganization(organizationId, async (sql) => {
    await forgetInIngest(sql, deviceId);
    // The twin's name is free for the device itself, which needs no detour then.
    if (found.twinId !== null)
      await sql.query("update energy.devices set external_id = null where id = $1", [found.twinId]);
    await sql.query(
      `update energy.devices d set gateway_id = g.id, site_id = g.site_id, accepted_at = coalesce(d.accepted_at, now())
       from energy.devices g where d.id = $1 and g.id = $2`,
      [deviceId, gatewayId],
    );
    await forgetInIngest(sql, deviceId);
  });
  return { ok: true };
}

async function findMove(
  sql: Sql,
  deviceId: string,
  gatewayId: string,
): Promise<{ twinId: string | null } | { fault: MoveFault }> {
  const { rows } = await sql.query<{
    kind: string;
    gatewayKind: string;
    externalId: string | null;
    twinId: string | null;
  }>(
    `select d.kind, g.kind as "gatewayKind", d.external_id as "externalId",
       (select t.id from energy.devices t where t.gateway_id = g.id and t.external_id = d.external_id and t.id <> d.id
          and t.merged_into is null and t.deleted_at is null) as "twinId"
     from energy.devices d, energy.devices g
     where d.id = $1 and g.id = $2 and d.deleted_at is null and g.deleted_at is null`,
    [deviceId, gatewayId],
  );
  const move = rows[0];
  if (!move) return { fault: "not-found" };
  if (move.gatewayKind !== "gateway") return { fault: "not-a-gateway" };
  if (move.kind === "gateway") return { fault: "is-a-gateway" };
  if (move.externalId === null) return { fault: "no-name" };
  return { twinId: move.twinId };
}
