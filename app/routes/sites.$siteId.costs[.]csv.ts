import type { LoaderFunctionArgs } from "@remix-run/node";
import { requireSite } from "../auth/require-member.server.ts";
import { csvFileName, csvResponse, csvText } from "../charts/csv.ts";
import { costRows } from "../costs/costs-csv.ts";
import { loadCosts } from "../costs/load-costs.server.ts";
import { readPeriod } from "../period/period.ts";

/** What the page of costs shows; the period as on the page. */
export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  const nowMs = Date.now();
  const period = readPeriod(new URL(request.url).searchParams, site.timezone, nowMs, "month");
  const { bars } = await loadCosts(organizationId, site, period, nowMs);
  const name = csvFileName(site.name, "costs", period.first, period.last);
  return csvResponse(csvText(costRows(bars, site.timezone, site.currency)), name);
}
