import type { LoaderFunctionArgs } from "@remix-run/node";
import { requireSite } from "../auth/require-member.server.ts";
import { csvFileName, csvResponse, csvText } from "../charts/csv.ts";
import { loadOverview } from "../overview/load-overview.server.ts";
import { barRows, powerRows } from "../overview/overview-csv.ts";
import { periodsOf } from "../overview/periods.ts";

/** What a chart of the overview shows: `chart` is power, days or months; `day`, `month` and `year` as on the page. */
export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  const query = new URL(request.url).searchParams;
  const nowMs = Date.now();
  const overview = await loadOverview(organizationId, site, { nowMs, periods: periodsOf(query, site.timezone, nowMs) });
  const chart = query.get("chart");
  if (chart === "days" || chart === "months") {
    const shown = overview[chart];
    return csvResponse(csvText(barRows(shown.bars, site)), csvFileName(site.name, "energy", shown.key));
  }
  if (chart !== "power") throw new Response("chart is one of power, days, months", { status: 400 });
  return csvResponse(csvText(powerRows(overview.day.points, site)), csvFileName(site.name, "power", overview.day.key));
}
