import { redirect, type LoaderFunctionArgs } from "@remix-run/node";
import { requireSite } from "../auth/require-member.server.ts";
import { priceOfSettings } from "../costs/contract-bill.server.ts";
import { pricedContracts } from "../costs/contracts.server.ts";

/** The bill of the site's first contract; without one, the way to enter it. */
export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  const contracts = await pricedContracts(organizationId, site);
  const first = contracts.find(({ endsMs }) => endsMs > Date.now()) ?? contracts[0];
  const at = `/sites/${site.id}`;
  return redirect(first ? `${at}/contracts/${first.id ?? priceOfSettings}/bill` : `${at}/costs`);
}
