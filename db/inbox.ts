import { asOrganization } from "./as-organization.ts";
import { isUuid } from "./client.ts";
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
         d.created_at as "firstHeard",
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

/** How many wait in a site's inbox. */
export async function inboxSize(organizationId: string, siteId: string): Promise<number> {
  if (!isUuid(siteId)) return 0;
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<{ n: number }>(
      `select count(*)::int as n from energy.devices d join energy.devices g on g.id = d.gateway_id
       where d.site_id = $1 and d.accepted_at is null and d.ignored_at is null and d.merged_into is null
         and d.deleted_at is null and g.deleted_at is null`,
      [siteId],
    );
    return rows[0]!.n;
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
