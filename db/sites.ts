import type { Site as SiteRow } from "../generated/prisma/client.ts";
import { prismaAsOrganization } from "./as-organization.ts";
import { isUuid } from "./client.ts";

/** A place with one time zone and one currency. `pricePerKwh`: decimal text in that currency; null: not known. */
export interface Site {
  id: string;
  name: string;
  timezone: string;
  currency: string;
  pricePerKwh: string | null;
  createdAt: Date;
}

export interface SitePatch {
  name?: string;
  timezone?: string;
  currency?: string;
  pricePerKwh?: string | null;
}

const asSite = ({ id, name, timezone, currency, pricePerKwh, createdAt }: SiteRow): Site => ({
  id,
  name,
  timezone,
  currency,
  pricePerKwh: pricePerKwh?.toString() ?? null,
  createdAt,
});

/** Oldest first. */
export async function listSites(organizationId: string): Promise<Site[]> {
  const rows = await prismaAsOrganization(organizationId, (tx) => tx.site.findMany({ orderBy: [{ createdAt: "asc" }, { id: "asc" }] }));
  return rows.map(asSite);
}

export async function getSite(organizationId: string, id: string): Promise<Site | null> {
  if (!isUuid(id)) return null;
  const row = await prismaAsOrganization(organizationId, (tx) => tx.site.findUnique({ where: { id } }));
  return row && asSite(row);
}

export async function createSite(
  organizationId: string,
  { name, timezone, currency, pricePerKwh = null }: Omit<Site, "id" | "createdAt" | "pricePerKwh"> & { pricePerKwh?: string | null },
): Promise<Site> {
  const data = { organizationId, name, timezone, currency, pricePerKwh };
  return asSite(await prismaAsOrganization(organizationId, (tx) => tx.site.create({ data })));
}

/** @returns null when there is no such site. */
export async function updateSite(organizationId: string, id: string, patch: SitePatch): Promise<Site | null> {
  if (!isUuid(id)) return null;
  return prismaAsOrganization(organizationId, async (tx) => {
    const { count } = await tx.site.updateMany({ where: { id }, data: patch });
    return count ? asSite(await tx.site.findUniqueOrThrow({ where: { id } })) : null;
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
