import type { LoaderFunctionArgs } from "@remix-run/node";
import { newestReadings } from "../../db/newest-readings.ts";
import { requireDevice } from "../auth/require-device.server.ts";
import { csvFileName, csvResponse } from "../charts/csv.ts";
import { readChart, requireChannel } from "../device/chosen.server.ts";
import type { ReadingsPage } from "../device/readings-card.tsx";
import { readingsCsv } from "../device/readings-csv.server.ts";

const pageSize = 50;

/** Raw readings of a channel: a page of them, newest first, `before` an instant; or, with `format=csv`, all of a chart's window. */
export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const { organizationId, site, device } = await requireDevice(request, params);
  const query = new URL(request.url).searchParams;
  const channel = await requireChannel(organizationId, device.id, query.get("channel"));
  if (query.get("format") === "csv") {
    const window = readChart(query, site.timezone, Date.now());
    const day = new Date(window.toMs).toISOString().slice(0, 10);
    const stream = readingsCsv(organizationId, channel, {
      ...window,
      signal: request.signal,
      unsentBytes: context.unsentBytes,
    });
    return csvResponse(stream, csvFileName(device.name, channel.metric, "readings", window.name, day));
  }
  const before = Number(query.get("before"));
  const kind = channel.kind === "state" ? "states" : "readings";
  const readings = await newestReadings(organizationId, channel.id, {
    kind,
    beforeMs: before > 0 ? before : null,
    limit: pageSize + 1,
  });
  const page: ReadingsPage = {
    channelId: channel.id,
    readings: readings.slice(0, pageSize),
    hasMore: readings.length > pageSize,
  };
  return page;
}
