import type { LoaderFunctionArgs } from "@remix-run/node";
import { requireSite } from "../auth/require-member.server.ts";
import { csvFileName, csvResponse, csvText } from "../charts/csv.ts";
import { billRows } from "../costs/bill-csv.ts";
import { requirePricedContract } from "../costs/contract-bill.server.ts";
import { loadBill } from "../costs/load-bill.server.ts";

/** The bill as its page shows it. */
export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  const contract = await requirePricedContract(organizationId, site, params["contractId"]);
  const query = new URL(request.url).searchParams;
  const { bill, days } = await loadBill(organizationId, site, contract, { query, nowMs: Date.now() });
  if (!bill) throw new Response("Not found", { status: 404 });
  return csvResponse(csvText(billRows(bill)), csvFileName(site.name, "bill", contract.name, days.from, days.to));
}
