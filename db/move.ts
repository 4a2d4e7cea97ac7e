import { asOrganization } from "./as-organization.ts";
import { isUuid, type Sql } from "./client.ts";
import { forgetInIngest } from "./devices.ts";
import { mergeDevices } from "./merge.ts";
import { rollAnew } from "./roll-anew.ts";

export type MoveFault = "not-found" | "not-a-gateway" | "is-a-gateway" | "no-name" | "taken" | "not-alike";

/** Where a device would go, and whom the gateway has heard under its name already. */
export interface Move {
  externalId: string;
  siteId: string;
  newSiteId: string;
  /** Heard there and not yet one with it; null: nobody was. */
  twinId: string | null;
}

export type MovePreview = { ok: true; move: Move } | { ok: false; fault: MoveFault };

/** What a move would do, or why it cannot be. */
export async function previewMove(organizationId: string, deviceId: string, gatewayId: string): Promise<MovePreview> {
  if (!isUuid(deviceId) || !isUuid(gatewayId)) return { ok: false, fault: "not-found" };
  return asOrganization(organizationId, (sql) => findMove(sql, deviceId, gatewayId));
}

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
  const found = await previewMove(organizationId, deviceId, gatewayId);
  if (!found.ok) return found;
  const { twinId, externalId, siteId, newSiteId } = found.move;
  if (twinId !== null && !(await becomeOne(organizationId, twinId, deviceId, userId)))
    return { ok: false, fault: "not-alike" };
  return asOrganization(organizationId, async (sql) => {
    await forgetInIngest(sql, deviceId);
    // The name is free for the device itself, which needs no detour then.
    await sql.query(
      "update energy.devices set external_id = null where gateway_id = $1 and external_id = $2 and id <> $3",
      [gatewayId, externalId, deviceId],
    );
    await sql.query(
      `update energy.devices d set gateway_id = g.id, site_id = g.site_id, accepted_at = coalesce(d.accepted_at, now())
       from energy.devices g where d.id = $1 and g.id = $2`,
      [deviceId, gatewayId],
    );
    if (siteId !== newSiteId) await rollAnew(sql, { siteId: newSiteId, deviceId });
    await forgetInIngest(sql, deviceId);
    return { ok: true };
  });
}

/** One that was ignored there comes back with what it had until then. */
async function becomeOne(
  organizationId: string,
  twinId: string,
  deviceId: string,
  userId: string | null,
): Promise<boolean> {
  await asOrganization(organizationId, (sql) =>
    sql.query("update energy.devices set ignored_at = null where id = $1", [twinId]),
  );
  return (await mergeDevices(organizationId, twinId, deviceId, { isAnotherMeter: false, userId })).ok;
}

interface MoveRow {
  kind: string;
  gatewayKind: string;
  externalId: string | null;
  siteId: string;
  newSiteId: string;
  twin: { id: string; mergedInto: string | null; isDeleted: boolean } | null;
}

async function findMove(sql: Sql, deviceId: string, gatewayId: string): Promise<MovePreview> {
  const { rows } = await sql.query<MoveRow>(
    `select d.kind, g.kind as "gatewayKind", d.external_id as "externalId", d.site_id as "siteId", g.site_id as "newSiteId",
       (select json_build_object('id', t.id, 'mergedInto', t.merged_into, 'isDeleted', t.deleted_at is not null)
        from energy.devices t where t.gateway_id = g.id and t.external_id = d.external_id and t.id <> d.id) as twin
     from energy.devices d, energy.devices g
     where d.id = $1 and g.id = $2 and d.deleted_at is null and g.deleted_at is null and d.merged_into is null`,
    [deviceId, gatewayId],
  );
  const row = rows[0];
  if (!row) return { ok: false, fault: "not-found" };
  const { twin, externalId, siteId, newSiteId } = row;
  if (row.gatewayKind !== "gateway") return { ok: false, fault: "not-a-gateway" };
  if (row.kind === "gateway") return { ok: false, fault: "is-a-gateway" };
  if (externalId === null) return { ok: false, fault: "no-name" };
  if (twin && twin.mergedInto !== null && twin.mergedInto !== deviceId) return { ok: false, fault: "taken" };
  const isHeard = twin !== null && twin.mergedInto === null && !twin.isDeleted;
  return { ok: true, move: { externalId, siteId, newSiteId, twinId: isHeard ? twin.id : null } };
}
