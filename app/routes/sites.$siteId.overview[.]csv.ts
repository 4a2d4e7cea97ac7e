import type { LoaderFunctionArgs } from "@remix-run/node";
import { requireSite } from "../auth/require-member.server.ts";
import { csv, csvResponse } from "../charts/csv.ts";
import { loadOverview, type Bar } from "../overview/load-overview.server.ts";

/** What a chart of the overview shows, as CSV. */
export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  const query = new URL(request.url).searchParams;
  const nowMs = Date.now();
  const at = Number(query.get("at")) || nowMs;
  const overview = await loadOverview(organizationId, site, nowMs, { monthMs: at, yearMs: at });
  switch (query.get("chart")) {
    case "days":
      return csvResponse("days", barsCsv(overview.days));
    case "months":
      return csvResponse("months", barsCsv(overview.months));
    default: {
      const rows = overview.lastDay.map((p) => [iso(p.timeMs), p.consumptionW, p.productionW, p.importW, p.exportW]);
      return csvResponse("power", csv(["time", "used W", "production W", "import W", "export W"], rows));
    }
  }
}

function barsCsv(bars: Bar[]): string {
  const header = ["start", "end", "used kWh", "estimated kWh", "production kWh", "import kWh", "export kWh", "completeness"];
  return csv(
    header,
    bars.map((b) => [iso(b.startMs), iso(b.endMs), b.kwh, b.estimatedKwh, b.productionKwh, b.importKwh, b.exportKwh, b.completeness]),
  );
}

const iso = (ms: number) => new Date(ms).toISOString();
