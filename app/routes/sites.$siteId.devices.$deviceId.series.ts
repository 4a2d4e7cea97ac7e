import type { LoaderFunctionArgs } from "@remix-run/node";
import { requireDevice } from "../auth/require-device.server.ts";
import { csvFileName, csvResponse, csvText } from "../charts/csv.ts";
import { loadSeries } from "../device/load-series.server.ts";
import { readChart, requireChannel } from "../device/chosen.server.ts";
import { seriesRows } from "../device/series.ts";

/** What a channel's chart shows, as CSV (`format=csv`) or JSON. `channel`, `range` and `to` as on the device's page. */
export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site, device } = await requireDevice(request, params);
  const query = new URL(request.url).searchParams;
  const channel = await requireChannel(organizationId, device.id, query.get("channel"));
  const window = readChart(query, site.timezone, Date.now());
  const series = await loadSeries(organizationId, channel, window);
  if (query.get("format") !== "csv") return Response.json(series, { headers: { "cache-control": "no-store" } });
  const day = new Date(window.toMs).toISOString().slice(0, 10);
  return csvResponse(csvText(seriesRows(series, channel)), csvFileName(device.name, channel.metric, window.name, day));
}
