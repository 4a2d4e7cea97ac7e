import type { LoaderFunctionArgs } from "@remix-run/node";
import { deviceMessages, deviceRejects } from "../../db/device-messages.ts";
import { requireDevice } from "../auth/require-device.server.ts";

/** The newest messages and refusals of a device, for the page that waits for them. */
export async function loader({ request, params }: LoaderFunctionArgs) {
  const { organizationId, device } = await requireDevice(request, params);
  const [messages, rejects] = await Promise.all([
    deviceMessages(organizationId, device.id),
    deviceRejects(organizationId, device.id),
  ]);
  return { messages: messages.slice(0, 1), rejects, kind: device.kind };
}
