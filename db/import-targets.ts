import { systemPool } from "./as-system.ts";
import type { ImportState } from "./imports.ts";

/** A site that history may go to, as a command line names it. */
export interface TargetSite {
  id: string;
  name: string;
  timezone: string;
  organizationId: string;
  organization: string;
}

/** Sites by organization and site, each an id or a name; null: any. In order of creation. */
export async function findSites(organization: string | null, site: string | null): Promise<TargetSite[]> {
  const { rows } = await systemPool().query<TargetSite>(
    `select s.id, s.name, s.timezone, o.id as "organizationId", o.name as organization
     from energy.sites s join energy.organizations o on o.id = s.organization_id
     where ($1::text is null or $1 in (o.id::text, o.name)) and ($2::text is null or $2 in (s.id::text, s.name)) order by s.created_at`,
    [organization, site],
  );
  return rows;
}

export interface TargetDevice {
  id: string;
  name: string;
  siteId: string;
}

/** Devices of these sites by id or name. */
export async function findDevices(siteIds: readonly string[], device: string): Promise<TargetDevice[]> {
  const { rows } = await systemPool().query<TargetDevice>(
    `select id, name, site_id as "siteId" from energy.devices
     where site_id = any ($1) and deleted_at is null and $2 in (id::text, name) order by created_at`,
    [siteIds, device],
  );
  return rows;
}

/** An import of the same file that has not ended: an interrupted command goes on with it. */
export async function findUnfinished(
  deviceId: string,
  { fileName, size }: { fileName: string; size: number },
): Promise<{ id: string; state: ImportState; chunks: number } | null> {
  const { rows } = await systemPool().query<{ id: string; state: ImportState; chunks: number }>(
    `select i.id, i.state, (select count(*) from energy.import_chunks c where c.import_id = i.id) as chunks from energy.imports i
     where i.device_id = $1 and i.file_name = $2 and i.size = $3 and i.state in ('uploading', 'waiting', 'running')
     order by i.created_at desc limit 1`,
    [deviceId, fileName, size],
  );
  return rows[0] ?? null;
}
