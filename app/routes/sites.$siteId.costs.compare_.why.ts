import { data, type ActionFunctionArgs } from "@remix-run/node";
import { parseJson } from "../api/request.server.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { readForm } from "../components/read-form.server.ts";
import { libraryNames } from "../../domain/tariff/library.ts";
import { longestPasted, whyRanked } from "../costs/compare.server.ts";

/**
 * What is behind a line of a tariff in the ranking: `of` its id, `component`, `rate` and `unit`; `json` of one that was pasted. A question,
 * not a change: a form only because a pasted tariff has no room in an address.
 */
export async function action({ request, params }: ActionFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  const form = await readForm(request);
  const [of, json, rate] = [String(form.get("of")), String(form.get("json") ?? ""), form.get("rate")];
  if (json.length > longestPasted) throw new Response("The tariff is too long", { status: 400 });
  const chosen = { library: [] as string[], contracts: [] as string[], tariffs: [] as unknown[] };
  if (json) chosen.tariffs.push(read(json));
  else if (libraryNames().includes(of)) chosen.library.push(of);
  else chosen.contracts.push(of);
  const unit = form.get("unit");
  const line = {
    ...{ component: String(form.get("component")), rate: rate === null ? null : String(rate) },
    ...(unit !== null && { unit: String(unit) }),
  };
  const asked = { ...line, of: json ? "pasted-1" : of, nowMs: Date.now() };
  const found = await whyRanked(organizationId, site, chosen, asked);
  return data({ why: found.ok ? found.why : null });
}

function read(json: string): unknown {
  try {
    return parseJson(json);
  } catch {
    throw new Response("expected JSON", { status: 400 });
  }
}
