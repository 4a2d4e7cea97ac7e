import type { LoaderFunctionArgs } from "@remix-run/node";
import { requireSite } from "../auth/require-member.server.ts";
import { csvFileName, csvResponse, csvText } from "../charts/csv.ts";
import { readPeriod } from "../period/period.ts";
import { loadUsage } from "../usage/load-usage.server.ts";
import { usageBarRows, usageRows } from "../usage/usage-csv.ts";
import { readUsageQuery } from "../usage/usage-query.ts";

/** What the page of usage shows: `chart` is shares or bars; all else as on the page. */
export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  const search = new URL(request.url).searchParams;
  const nowMs = Date.now();
  const period = readPeriod(search, site.timezone, nowMs, "month");
  const usage = await loadUsage(organizationId, site, { period, query: readUsageQuery(search), nowMs });
  const chart = search.get("chart");
  if (chart !== "shares" && chart !== "bars") throw new Response("chart is one of shares, bars", { status: 400 });
  const rows = chart === "bars" ? usageBarRows(usage, site.timezone) : usageRows(usage, site);
  return csvResponse(csvText(rows), csvFileName(site.name, usage.medium, chart, period.first, period.last));
}
