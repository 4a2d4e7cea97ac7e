import type { LoaderFunctionArgs } from "@remix-run/node";
import { requireSite } from "../auth/require-member.server.ts";
import { csvFileName, csvResponse, csvText } from "../charts/csv.ts";
import { flowRows, sankeyRows } from "../flows/flows-csv.ts";
import { loadFlows } from "../flows/load-flows.server.ts";
import { readPeriod } from "../period/period.ts";

/** What the page of flows shows: `chart` is flows or bars; the period as on the page. */
export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  const query = new URL(request.url).searchParams;
  const nowMs = Date.now();
  const period = readPeriod(query, site.timezone, nowMs);
  const flows = await loadFlows(organizationId, site, period, { nowMs, hasMoney: true });
  const { total, bars } = flows;
  const name = (chart: string) => csvFileName(site.name, chart, period.first, period.last);
  if (query.get("chart") === "bars") return csvResponse(csvText(flowRows(bars, site.timezone)), name("energy"));
  if (query.get("chart") !== "flows") throw new Response("chart is one of flows, bars", { status: 400 });
  return csvResponse(csvText(total ? sankeyRows(total, { ...flows, currency: site.currency }) : []), name("flows"));
}
