import { asOrganization } from "./as-organization.ts";
import { isUuid } from "./client.ts";
import { lockTree, type MeterGroup } from "./meters.ts";

export type SavedGroup =
  { ok: true; group: MeterGroup } | { ok: false; reason: "not-found" | "name-taken" | "too-many" };

/** At one site. */
export const mostGroups = 100;

const columns = `id, site_id as "siteId", name`;

/** By name. */
export async function listGroups(organizationId: string, siteId: string): Promise<MeterGroup[]> {
  if (!isUuid(siteId)) return [];
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<MeterGroup>(
      `select ${columns} from energy.meter_groups where site_id = $1 order by name, id`,
      [siteId],
    );
    return rows;
  });
}

export async function getGroup(organizationId: string, id: number): Promise<MeterGroup | null> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<MeterGroup>(`select ${columns} from energy.meter_groups where id = $1`, [id]);
    return rows[0] ?? null;
  });
}

export async function createGroup(organizationId: string, siteId: string, name: string): Promise<SavedGroup> {
  if (!isUuid(siteId)) return { ok: false, reason: "not-found" };
  return asOrganization(organizationId, async (sql) => {
    const { rowCount } = await lockTree(sql, siteId);
    if (!rowCount) return { ok: false, reason: "not-found" };
    const counted = await sql.query<{ n: number }>(
      "select count(*)::int as n from energy.meter_groups where site_id = $1",
      [siteId],
    );
    if (counted.rows[0]!.n >= mostGroups) return { ok: false, reason: "too-many" };
    const { rows } = await sql.query<MeterGroup>(
      `insert into energy.meter_groups (organization_id, site_id, name) values ($1, $2, $3)
       on conflict (site_id, name) do nothing returning ${columns}`,
      [organizationId, siteId, name],
    );
    return rows[0] ? { ok: true, group: rows[0] } : { ok: false, reason: "name-taken" };
  });
}

export async function renameGroup(organizationId: string, id: number, name: string): Promise<SavedGroup> {
  return asOrganization(organizationId, async (sql) => {
    const { rows: before } = await sql.query<MeterGroup>(`select ${columns} from energy.meter_groups where id = $1`, [
      id,
    ]);
    if (!before[0]) return { ok: false, reason: "not-found" };
    await lockTree(sql, before[0].siteId);
    const { rows } = await sql.query<MeterGroup>(
      `update energy.meter_groups g set name = $2 where id = $1
         and not exists (select from energy.meter_groups o where o.site_id = g.site_id and o.name = $2 and o.id <> $1)
       returning ${columns}`,
      [id, name],
    );
    return rows[0] ? { ok: true, group: rows[0] } : { ok: false, reason: "name-taken" };
  });
}

/** Its meters are then in no group. false: there is none. */
export async function deleteGroup(organizationId: string, id: number): Promise<boolean> {
  return asOrganization(organizationId, async (sql) => {
    const { rowCount } = await sql.query("delete from energy.meter_groups where id = $1", [id]);
    return rowCount === 1;
  });
}
