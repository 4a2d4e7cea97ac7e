import { data, type LoaderFunctionArgs } from "@remix-run/node";
import { requireSite } from "../auth/require-member.server.ts";
import { readBillDays } from "../costs/bill-periods.ts";
import { requirePricedContract } from "../costs/contract-bill.server.ts";
import { billedPeriod } from "../costs/load-bill.server.ts";
import { loadWhy } from "../costs/load-why.server.ts";

/** What is behind a line of a bill: `from` and `to` as on the bill's page, `line` its place on it. */
export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  const contract = await requirePricedContract(organizationId, site, params["contractId"]);
  const query = new URL(request.url).searchParams;
  const line = Number(query.get("line") ?? NaN);
  if (!Number.isInteger(line) || line < 0) throw new Response("line is a number from 0", { status: 400 });
  const today = new Date().toISOString().slice(0, 10);
  const days = readBillDays(query, [], today);
  const period = billedPeriod(days, site.timezone, Date.now());
  const found = period && (await loadWhy(organizationId, site, contract, { period, line }));
  return data({ why: found && "energy" in found ? found.energy : null });
}
