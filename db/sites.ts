import type { Site as SiteRow } from "../generated/prisma/client.ts";
import { asOrganization, prismaAsOrganization, readAsOrganization } from "./as-organization.ts";
import { isUuid, type Sql } from "./client.ts";
import { pageOf, type Page, type PageQuery } from "./page.ts";
import { rollAnew } from "./roll-anew.ts";

/**
 * A place with one time zone and one currency. `pricePerKwh`: decimal text in that currency; `co2GPerKwh`: decimal text, what a
 * kWh from the grid emits; null: not known.
 */
export interface Site {
  id: string;
  name: string;
  timezone: string;
  currency: string;
  pricePerKwh: string | null;
  co2GPerKwh: string | null;
  createdAt: Date;
}

export interface SitePatch {
  name?: string;
  timezone?: string;
  currency?: string;
  pricePerKwh?: string | null;
  co2GPerKwh?: string | null;
}

const asSite = ({ id, name, timezone, currency, pricePerKwh, co2GPerKwh, createdAt }: SiteRow): Site => ({
  id,
  name,
  timezone,
  currency,
  pricePerKwh: pricePerKwh?.toString() ?? null,
  co2GPerKwh: co2GPerKwh?.toString() ?? null,
  createdAt,
});

const columns = `id, name, timezone, currency, trim_scale(price_per_kwh)::text as "pricePerKwh",
  trim_scale(co2_g_per_kwh)::text as "co2GPerKwh", created_at as "createdAt"`;

/** Oldest first. */
export async function listSites(organizationId: string): Promise<Site[]> {
  const rows = await prismaAsOrganization(organizationId, (tx) =>
    tx.site.findMany({ orderBy: [{ createdAt: "asc" }, { id: "asc" }] }),
  );
  return rows.map(asSite);
}

export async function getSite(organizationId: string, id: string): Promise<Site | null> {
  return readAsOrganization(organizationId, (sql) => siteOf(sql, id));
}

/** The same inside a transaction that is open already. */
export async function siteOf(sql: Sql, id: string): Promise<Site | null> {
  if (!isUuid(id)) return null;
  const { rows } = await sql.query<Site>({
    name: "site",
    text: `select ${columns} from energy.sites where id = $1`,
    values: [id],
  });
  return rows[0] ?? null;
}

export async function createSite(
  organizationId: string,
  {
    name,
    timezone,
    currency,
    pricePerKwh = null,
    co2GPerKwh = null,
  }: Required<Pick<SitePatch, "name" | "timezone" | "currency">> & SitePatch,
): Promise<Site> {
  const data = { organizationId, name, timezone, currency, pricePerKwh, co2GPerKwh };
  return asSite(await prismaAsOrganization(organizationId, (tx) => tx.site.create({ data })));
}

/** One page of them, oldest first. */
export async function sitesPage(organizationId: string, { after, limit }: PageQuery): Promise<Page<Site>> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<Site & { position: string }>(
      `select ${columns}, created_at::text as position from energy.sites
       where $1::timestamptz is null or (created_at, id) > ($1, $2::uuid) order by created_at, id limit $3`,
      [after?.createdAt ?? null, after?.id ?? null, limit + 1],
    );
    return pageOf(rows, limit);
  });
}

/** @returns null when there is no such site. In another zone, what its outages were estimated to be is worked out anew. */
export async function updateSite(organizationId: string, id: string, patch: SitePatch): Promise<Site | null> {
  if (!isUuid(id)) return null;
  const { name = null, timezone = null, currency = null, pricePerKwh, co2GPerKwh } = patch;
  return asOrganization(organizationId, async (sql) => {
    const before = await sql.query<{ timezone: string }>("select timezone from energy.sites where id = $1 for update", [
      id,
    ]);
    const { rows } = await sql.query<Site>(
      `update energy.sites set name = coalesce($2, name), timezone = coalesce($3, timezone), currency = coalesce($4, currency),
         price_per_kwh = case when $5 then $6::numeric else price_per_kwh end,
         co2_g_per_kwh = case when $7 then $8::numeric else co2_g_per_kwh end
       where id = $1 returning ${columns}`,
      [
        ...[id, name, timezone, currency, pricePerKwh !== undefined, pricePerKwh ?? null],
        ...[co2GPerKwh !== undefined, co2GPerKwh ?? null],
      ],
    );
    if (timezone !== null && before.rows[0] && before.rows[0].timezone !== timezone)
      await rollAnew(sql, { siteId: id });
    return rows[0] ?? null;
  });
}

/** A site that still has devices stays: their data would go with it. */
export async function deleteSite(organizationId: string, id: string): Promise<"deleted" | "has-devices" | "not-found"> {
  if (!isUuid(id)) return "not-found";
  return prismaAsOrganization(organizationId, async (tx) => {
    if (await tx.device.count({ where: { siteId: id } })) return "has-devices";
    const { count } = await tx.site.deleteMany({ where: { id } });
    return count ? "deleted" : "not-found";
  });
}
