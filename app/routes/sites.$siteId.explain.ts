import type { LoaderFunctionArgs } from "@remix-run/node";
import { media } from "../../domain/channel.ts";
import { readMeterId } from "../../domain/site/meter.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { longestWindowMs } from "../corrections/explain.server.ts";
import { explainSite } from "../overview/explain-site.server.ts";

/**
 * Which channels a figure of the site comes from: `from` and `to` of its step, epoch milliseconds, on quarter-hours; of one `medium`
 * or one `meter` (c12) alone where it says so.
 */
export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  const query = new URL(request.url).searchParams;
  const [startMs, endMs] = [Number(query.get("from")), Number(query.get("to"))];
  if (!(startMs >= 0 && endMs > startMs && endMs - startMs <= longestWindowMs && startMs % 900_000 === 0))
    throw new Response("expected from and to on quarter-hours, at most 400 days apart", { status: 400 });
  const medium = media.find((name) => name === query.get("medium")) ?? null;
  const meter = readMeterId(query.get("meter") ?? "");
  const channelId = meter?.kind === "channel" ? meter.number : null;
  return explainSite(organizationId, site.id, { startMs, endMs }, { medium, channelId });
}
