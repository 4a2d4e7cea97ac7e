import type { LoaderFunctionArgs } from "@remix-run/node";
import { requireSite } from "../auth/require-member.server.ts";
import { eventStream } from "../live/event-stream.server.ts";
import { hub } from "../live/hub.server.ts";

/** What happens at a site, as it happens: events ready, latest, rollups, device, refresh, beat. */
export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const { organizationId, site, user } = await requireSite(request, params["siteId"]);
  return eventStream({
    signal: request.signal,
    unsentBytes: context.unsentBytes,
    isStillAllowed: () =>
      requireSite(request, params["siteId"]).then(
        (member) => member.organizationId === organizationId,
        () => false,
      ),
    onAccessChange: (ask) => hub().onAccessChange(user.id, ask),
    start: (send) => hub().join(organizationId, site.id, send),
  });
}
