import { z } from "zod";
import { createSite, deleteSite, getSite, listSites, updateSite, type Site } from "../../db/sites.ts";
import { isZone } from "../../domain/local-time/zone.ts";
import { isCurrency, parsePrice } from "../../domain/tariff/flat.ts";
import { listOf, operation, page, paging } from "./operation.server.ts";
import { ApiProblem, notFound } from "./problem.server.ts";

const price = z
  .string()
  .refine((text) => parsePrice(text).ok, "a decimal number such as 0.32, with at most six decimals")
  .nullable()
  .describe("Flat price per kWh in the site's currency, decimal text");

const site = z
  .object({ id: z.uuid(), name: z.string(), timezone: z.string(), currency: z.string(), pricePerKwh: z.string().nullable(), createdAt: z.iso.datetime() })
  .meta({ id: "Site" });

const fields = {
  name: z.string().trim().min(1).max(100),
  timezone: z.string().refine(isZone, "an IANA time zone such as Europe/Berlin"),
  currency: z.string().refine(isCurrency, "an ISO 4217 currency such as EUR"),
};

const id = z.object({ id: z.string() });
const asJson = (found: Site) => ({ ...found, createdAt: found.createdAt.toISOString() });

export const siteOperations = [
  operation({
    method: "GET",
    path: "/sites",
    id: "listSites",
    summary: "The organization's sites, oldest first",
    scope: "read",
    query: paging,
    status: 200,
    response: listOf(site),
    handle: async ({ organizationId, query }) => page((await listSites(organizationId)).map(asJson), query),
  }),
  operation({
    method: "POST",
    path: "/sites",
    id: "createSite",
    summary: "Adds a site",
    scope: "write",
    body: z.strictObject({ ...fields, pricePerKwh: price.optional() }),
    status: 201,
    response: site,
    handle: async ({ organizationId, body: { pricePerKwh = null, ...rest } }) => asJson(await createSite(organizationId, { ...rest, pricePerKwh })),
  }),
  operation({
    method: "GET",
    path: "/sites/{id}",
    id: "getSite",
    summary: "One site",
    scope: "read",
    params: id,
    status: 200,
    response: site,
    handle: async ({ organizationId, params }) => asJson((await getSite(organizationId, params.id)) ?? raise("site")),
  }),
  operation({
    method: "PATCH",
    path: "/sites/{id}",
    id: "updateSite",
    summary: "Changes a site",
    scope: "write",
    params: id,
    body: z.strictObject({ ...fields, pricePerKwh: price }).partial(),
    status: 200,
    response: site,
    handle: async ({ organizationId, params, body }) => asJson((await updateSite(organizationId, params.id, defined(body))) ?? raise("site")),
  }),
  operation({
    method: "DELETE",
    path: "/sites/{id}",
    id: "deleteSite",
    summary: "Removes a site that has no devices",
    scope: "write",
    params: id,
    status: 204,
    handle: async ({ organizationId, params }) => {
      const outcome = await deleteSite(organizationId, params.id);
      if (outcome === "not-found") throw notFound("site");
      if (outcome === "has-devices") throw new ApiProblem(409, "The site still has devices: move or delete them first.");
    },
  }),
];

/** Without the keys that are undefined, which a patch leaves alone. */
export function defined<T extends object>(patch: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
}

export function raise(what: string): never {
  throw notFound(what);
}
