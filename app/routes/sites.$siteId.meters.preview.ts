import type { LoaderFunctionArgs } from "@remix-run/node";
import { media } from "../../domain/channel.ts";
import { readMeterId } from "../../domain/site/meter.ts";
import { requireSite } from "../auth/require-member.server.ts";
import { previewFormula } from "../meters/preview.server.ts";

/** What a formula would give: `?formula=c1-c2&medium=electricity`, of a meter that is changed also `&id=3`. */
export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  const query = new URL(request.url).searchParams;
  return previewFormula(
    organizationId,
    site,
    {
      formula: query.get("formula") ?? "",
      medium: media.find((medium) => medium === query.get("medium")) ?? "electricity",
      id: readMeterId(`v${query.get("id") ?? ""}`)?.number ?? null,
    },
    Date.now(),
  );
}
