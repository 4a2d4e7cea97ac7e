import type { LoaderFunctionArgs } from "@remix-run/node";
import { getChannel } from "../../db/channels.ts";
import { readingsOf, statesOf } from "../../db/readings.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { csv, csvResponse } from "../charts/csv.ts";
import { ranges, type RangeName } from "../device/load-device.server.ts";

const most = 500_000;

/** The raw readings of a channel in a range, as CSV. */
export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId } = await requireSite(request, params["siteId"]);
  const query = new URL(request.url).searchParams;
  const channel = await getChannel(organizationId, Number(query.get("channel")));
  if (!channel || channel.deviceId !== params["deviceId"]) throw new Response("Not found", { status: 404 });
  const spanMs = ranges[(query.get("range") ?? "day") as RangeName] ?? ranges.day;
  const nowMs = Date.now();
  const range = { fromMs: nowMs - spanMs, toMs: nowMs + 1, limit: most };
  const read = channel.kind === "state" ? statesOf : readingsOf;
  const rows = await read(organizationId, channel.id, range);
  const header = ["time", `${channel.metric}${channel.unit ? ` (${channel.unit})` : ""}`];
  return csvResponse("readings", csv(header, rows.map(({ timeMs, value }) => [new Date(timeMs).toISOString(), value])));
}
