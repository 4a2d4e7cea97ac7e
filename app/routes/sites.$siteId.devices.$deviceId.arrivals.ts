import type { LoaderFunctionArgs } from "@remix-run/node";
import { deviceMessages } from "../../db/device-messages.ts";
import { requireSite } from "../auth/require-member.server.ts";

/** The newest messages of a device, for the page that waits for them. */
export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId } = await requireSite(request, params["siteId"]);
  return { messages: await deviceMessages(organizationId, params["deviceId"] ?? "") };
}
