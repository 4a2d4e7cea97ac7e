import { data, type LoaderFunctionArgs } from "@remix-run/node";
import { requireSite } from "../auth/require-member.server.ts";
import { readWhatIf, scenarioOfForm } from "../costs/what-if-query.ts";
import { whySimulated } from "../costs/what-if.server.ts";

/** What is behind a line of a simulated year: the question as on its page, `of` with or without, `component`, `rate` and `unit`. */
export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  const query = new URL(request.url).searchParams;
  const read = scenarioOfForm(readWhatIf(query, site.timezone));
  if (!read.ok) throw new Response(read.error, { status: 400 });
  const of = query.get("of");
  if (of !== "with" && of !== "without") throw new Response("of is one of with, without", { status: 400 });
  const line = {
    component: query.get("component") ?? "",
    rate: query.get("rate"),
    unit: query.get("unit") ?? undefined,
  };
  const asked = { ...line, isWith: of === "with", nowMs: Date.now() };
  const found = await whySimulated(organizationId, site, read.scenario, asked);
  return data({ why: found.ok ? found.why : null });
}
