import type { LoaderFunctionArgs } from "@remix-run/node";
import { requireSite } from "../auth/require-member.server.ts";
import { eventStream } from "../live/event-stream.server.ts";
import { hub } from "../live/hub.server.ts";

/** What happens at a site, as it happens: events latest, rollups, device, refresh. */
export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, site } = await requireSite(request, params["siteId"]);
  return eventStream(request.signal, (send) => hub().join(organizationId, site.id, send));
}
