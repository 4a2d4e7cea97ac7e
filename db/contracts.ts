import type { Medium } from "../domain/channel.ts";
import { asOrganization, readAsOrganization } from "./as-organization.ts";
import { isUuid, type Sql } from "./client.ts";

/** By which tariff a flow of a site is paid for: of the whole site, or of one meter. */
export interface Contract {
  id: string;
  siteId: string;
  name: string;
  medium: ContractMedium;
  /** The meter that it prices; null: the whole site's flow of the medium. */
  channelId: number | null;
  /** The first local day that it no longer holds, "2026-03-01"; null: it goes on. */
  endsOn: string | null;
  /** Those in force, by their first day. */
  versions: ContractVersion[];
}

export type ContractMedium = Exclude<Medium, "none">;

export interface ContractVersion {
  id: string;
  /** The first local day that it holds, "2026-01-01". */
  validFrom: string;
  /** As it was stored: whoever reads it checks it by the tariff's schema. */
  tariff: unknown;
  note: string;
  createdBy: string | null;
  /** How the author is called; null: the API, or no member any more. */
  author: string | null;
  createdMs: number;
}

/** A version that no longer holds, and when and by whom that was said. */
export interface PastVersion extends ContractVersion {
  supersededMs: number;
  supersededBy: string | null;
  supersededAuthor: string | null;
}

const versionFields = `'id', v.id, 'validFrom', v.valid_from::text, 'tariff', v.tariff, 'note', v.note, 'createdBy', v.created_by,
  'author', energy.member_name(v.created_by),
  'createdMs', (extract(epoch from v.created_at) * 1000)::float8`;

const columns = `c.id, c.site_id as "siteId", c.name, c.medium, c.channel_id as "channelId", c.ends_on::text as "endsOn",
  coalesce((select json_agg(json_build_object(${versionFields}) order by v.valid_from)
    from energy.contract_versions v where v.contract_id = c.id and v.superseded_at is null), '[]') as versions`;

/** A site's contracts, oldest first. */
export async function contractsOf(organizationId: string, siteId: string): Promise<Contract[]> {
  return readAsOrganization(organizationId, (sql) => contractsWithin(sql, siteId));
}

/** The same inside a transaction that is open already. */
export async function contractsWithin(sql: Sql, siteId: string): Promise<Contract[]> {
  return isUuid(siteId) ? readContracts(sql, "c.site_id = $1", siteId) : [];
}

export async function getContract(organizationId: string, id: string): Promise<Contract | null> {
  if (!isUuid(id)) return null;
  return asOrganization(organizationId, async (sql) => (await readContracts(sql, "c.id = $1", id))[0] ?? null);
}

async function readContracts(sql: Sql, where: string, id: string): Promise<Contract[]> {
  const { rows } = await sql.query<Contract>({
    name: `contracts-${where}`,
    text: `select ${columns} from energy.contracts c where ${where} order by c.created_at, c.id`,
    values: [id],
  });
  return rows;
}

export interface NewContract {
  siteId: string;
  name: string;
  medium: ContractMedium;
  channelId: number | null;
  createdBy: string | null;
  version: NewVersion;
}

export interface NewVersion {
  validFrom: string;
  tariff: unknown;
  note: string;
}

/** @returns null where the site, or the meter at that site, does not exist. */
export async function createContract(organizationId: string, given: NewContract): Promise<Contract | null> {
  const { siteId, name, medium, channelId, createdBy, version } = given;
  if (!isUuid(siteId)) return null;
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<{ id: string }>(
      `insert into energy.contracts (organization_id, site_id, name, medium, channel_id, created_by)
       select $1, s.id, $3, $4, $5::int, $6 from energy.sites s
       where s.id = $2 and ($5::int is null or exists (
         select from energy.channels ch join energy.devices d on d.id = ch.device_id where ch.id = $5 and d.site_id = s.id))
       returning id`,
      [organizationId, siteId, name, medium, channelId, createdBy],
    );
    const id = rows[0]?.id;
    if (!id) return null;
    await insertVersion(sql, organizationId, id, { ...version, createdBy });
    return (await readContracts(sql, "c.id = $1", id))[0]!;
  });
}

export interface ContractPatch {
  name?: string;
  endsOn?: string | null;
}

export async function updateContract(
  organizationId: string,
  id: string,
  { name, endsOn }: ContractPatch,
): Promise<Contract | null> {
  if (!isUuid(id)) return null;
  return asOrganization(organizationId, async (sql) => {
    await sql.query(
      `update energy.contracts set name = coalesce($2, name), ends_on = case when $3 then $4::date else ends_on end where id = $1`,
      [id, name ?? null, endsOn !== undefined, endsOn ?? null],
    );
    return (await readContracts(sql, "c.id = $1", id))[0] ?? null;
  });
}

/** It and all its versions; what it priced is no longer priced by it. @returns false: there is none. */
export async function deleteContract(organizationId: string, id: string): Promise<boolean> {
  if (!isUuid(id)) return false;
  return asOrganization(organizationId, async (sql) => {
    const { rowCount } = await sql.query("delete from energy.contracts where id = $1", [id]);
    return rowCount === 1;
  });
}

/**
 * Enters a version. One that began on the same day is corrected by it: superseded, and kept for whoever asks.
 * @returns null: there is no such contract.
 */
export async function putVersion(
  organizationId: string,
  contractId: string,
  version: NewVersion & { createdBy: string | null },
): Promise<Contract | null> {
  if (!isUuid(contractId)) return null;
  return asOrganization(organizationId, async (sql) => {
    if (!(await lockContract(sql, contractId))) return null;
    await supersede(sql, contractId, { validFrom: version.validFrom, by: version.createdBy });
    await insertVersion(sql, organizationId, contractId, version);
    return (await readContracts(sql, "c.id = $1", contractId))[0]!;
  });
}

/**
 * Takes a version back: the one before it holds on. A contract keeps at least one version.
 * @returns the contract, or why not.
 */
export async function withdrawVersion(
  organizationId: string,
  contractId: string,
  { versionId, by }: { versionId: string; by: string | null },
): Promise<Contract | "not-found" | "only-version"> {
  if (!isUuid(contractId) || !isUuid(versionId)) return "not-found";
  return asOrganization(organizationId, async (sql) => {
    const contract = (await lockContract(sql, contractId)) && (await readContracts(sql, "c.id = $1", contractId))[0];
    const version = contract && contract.versions.find(({ id }) => id === versionId);
    if (!version) return "not-found";
    if (contract.versions.length === 1) return "only-version";
    await supersede(sql, contractId, { validFrom: version.validFrom, by });
    return (await readContracts(sql, "c.id = $1", contractId))[0]!;
  });
}

/** What was said once and no longer holds, newest correction first. */
export async function pastVersions(organizationId: string, contractId: string): Promise<PastVersion[]> {
  if (!isUuid(contractId)) return [];
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<{ version: PastVersion }>(
      `select json_build_object(${versionFields}, 'supersededMs', (extract(epoch from v.superseded_at) * 1000)::float8,
         'supersededBy', v.superseded_by, 'supersededAuthor', energy.member_name(v.superseded_by)) as version
       from energy.contract_versions v where v.contract_id = $1 and v.superseded_at is not null order by v.superseded_at desc, v.id`,
      [contractId],
    );
    return rows.map(({ version }) => version);
  });
}

/** Two corrections of one contract come one after the other. */
async function lockContract(sql: Sql, id: string): Promise<boolean> {
  const { rowCount } = await sql.query("select from energy.contracts where id = $1 for update", [id]);
  return rowCount === 1;
}

async function supersede(
  sql: Sql,
  contractId: string,
  { validFrom, by }: { validFrom: string; by: string | null },
): Promise<void> {
  await sql.query(
    `update energy.contract_versions set superseded_at = clock_timestamp(), superseded_by = $3
     where contract_id = $1 and valid_from = $2::date and superseded_at is null`,
    [contractId, validFrom, by],
  );
}

async function insertVersion(
  sql: Sql,
  organizationId: string,
  contractId: string,
  { validFrom, tariff, note, createdBy }: NewVersion & { createdBy: string | null },
): Promise<void> {
  await sql.query(
    `insert into energy.contract_versions (organization_id, contract_id, valid_from, tariff, note, created_by, created_at)
     values ($1, $2, $3::date, $4, $5, $6, clock_timestamp())`,
    [organizationId, contractId, validFrom, JSON.stringify(tariff), note, createdBy],
  );
}
