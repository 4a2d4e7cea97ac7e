import { data, type LoaderFunctionArgs } from "@remix-run/node";
import { requireSite } from "../auth/require-member.server.ts";
import { loadDifference } from "../costs/difference.server.ts";
import { readPeriod } from "../period/period.ts";

/** Why a period cost more or less than another: the period as on the page of costs, `by` previous or year. */
export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  const query = new URL(request.url).searchParams;
  const by = query.get("by");
  if (by !== "previous" && by !== "year") throw new Response("by is one of previous, year", { status: 400 });
  const nowMs = Date.now();
  const period = readPeriod(query, site.timezone, nowMs, "month");
  return data(await loadDifference(organizationId, site, period, { by, nowMs }));
}
