import { createSite, deleteSite, getSite, sitesPage, updateSite, type Site } from "../../db/sites.ts";
import { afterRow, cursorOfRow } from "./cursor.server.ts";
import { operation } from "./operation.server.ts";
import { notFound, Problem } from "./problem.server.ts";
import { currency, gramsPerKwh, instantOut, listOf, listPaging, name, price, timezone } from "./schemas.server.ts";
import { z } from "./zod.server.ts";

export const siteId = z.string().openapi({ format: "uuid" });
const params = z.object({ id: siteId });

const SiteSchema = z
  .object({
    id: siteId,
    name: z.string(),
    timezone: z.string(),
    currency: z.string(),
    pricePerKwh: z.string().nullable().openapi({ description: "Decimal, in the site's currency; null: not known" }),
    co2GPerKwh: z.string().nullable().openapi({ description: "Grams of CO2 for a kWh from the grid; null: not known" }),
    createdAt: instantOut,
  })
  .openapi("Site");

const fields = {
  ...{ name, timezone, currency },
  pricePerKwh: price.nullable().optional(),
  co2GPerKwh: gramsPerKwh.nullable().optional(),
};

const shown = ({ id, name, timezone, currency, pricePerKwh, co2GPerKwh, createdAt }: Site) => ({
  ...{ id, name, timezone, currency, pricePerKwh, co2GPerKwh },
  createdAt: createdAt.toISOString(),
});

/** The site, or the same 404 for one that never was and one of somebody else's. */
export async function requiredSite(organizationId: string, id: string): Promise<Site> {
  const site = await getSite(organizationId, id);
  if (!site) throw notFound("site");
  return site;
}

export const siteOperations = [
  operation({
    id: "listSites",
    method: "GET",
    path: "/sites",
    tag: "Sites",
    summary: "The sites, oldest first",
    permission: "site.read",
    query: z.strictObject(listPaging),
    response: listOf(SiteSchema),
    async handle({ organizationId, query: { limit, cursor } }) {
      const { items, next } = await sitesPage(organizationId, { after: afterRow(cursor), limit });
      return { items: items.map(shown), nextCursor: cursorOfRow(next) };
    },
  }),
  operation({
    id: "createSite",
    method: "POST",
    path: "/sites",
    tag: "Sites",
    summary: "Make a site: a place with one time zone and one currency",
    permission: "site.create",
    body: z.strictObject(fields).openapi("NewSite"),
    status: 201,
    response: SiteSchema,
    location: ({ id }) => `/sites/${id}`,
    async handle({ organizationId, body }) {
      return shown(
        await createSite(organizationId, {
          ...body,
          pricePerKwh: body.pricePerKwh ?? null,
          co2GPerKwh: body.co2GPerKwh ?? null,
        }),
      );
    },
  }),
  operation({
    id: "getSite",
    method: "GET",
    path: "/sites/{id}",
    tag: "Sites",
    summary: "A site",
    permission: "site.read",
    params,
    response: SiteSchema,
    handle: async ({ organizationId, params: { id } }) => shown(await requiredSite(organizationId, id)),
  }),
  operation({
    id: "updateSite",
    method: "PATCH",
    path: "/sites/{id}",
    tag: "Sites",
    summary: "Change a site",
    permission: "site.change",
    params,
    body: z.strictObject(fields).partial().openapi("SitePatch"),
    response: SiteSchema,
    async handle({ organizationId, params: { id }, body }) {
      const site = await updateSite(organizationId, id, body);
      if (!site) throw notFound("site");
      return shown(site);
    },
  }),
  operation({
    id: "deleteSite",
    method: "DELETE",
    path: "/sites/{id}",
    tag: "Sites",
    summary: "Delete a site that has no devices",
    permission: "site.change",
    params,
    problems: [409],
    async handle({ organizationId, params: { id } }) {
      const outcome = await deleteSite(organizationId, id);
      if (outcome === "not-found") throw notFound("site");
      if (outcome === "has-devices") {
        throw new Problem(
          409,
          "The site has devices: move or delete them first. The data of a deleted one may take a moment to go.",
        );
      }
    },
  }),
];
