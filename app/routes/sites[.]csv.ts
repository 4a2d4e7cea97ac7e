import type { LoaderFunctionArgs } from "@remix-run/node";
import { requireOrganization } from "../auth/require-member.server.ts";
import { csvFileName, csvResponse, csvText } from "../charts/csv.ts";
import { loadSites } from "../sites/load-sites.server.ts";
import { siteRows } from "../sites/sites-csv.ts";

/** What the page of all places shows; the period as on the page. */
export async function loader({ request }: LoaderFunctionArgs) {
  const { organizationId, organization: name } = await requireOrganization(request, "site.read");
  const lines = await loadSites(organizationId, new URL(request.url).searchParams, Date.now());
  const period = lines[0]?.period;
  return csvResponse(csvText(siteRows(lines)), csvFileName(name, "places", period?.first ?? "", period?.last ?? ""));
}
