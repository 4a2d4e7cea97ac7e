import type { IncomingMessage } from "node:http";
import type { Environment } from "../../platform/env.ts";

/**
 * Whether a WebSocket may be opened: browsers say which page asks for it, and pages of other sites may not, unless
 * MQTT_WEBSOCKET_ORIGINS lists them. Devices and programs say nothing, and show their credential all the same.
 */
export function mayConnect(
  { headers }: Pick<IncomingMessage, "headers">,
  { PUBLIC_URL, MQTT_WEBSOCKET_ORIGINS }: Pick<Environment, "PUBLIC_URL" | "MQTT_WEBSOCKET_ORIGINS">,
): boolean {
  const { origin } = headers;
  if (origin === undefined || MQTT_WEBSOCKET_ORIGINS.includes(origin)) return true;
  // "null": a sandboxed frame, or a file.
  if (!URL.canParse(origin)) return false;
  const { host } = new URL(origin);
  return host === headers.host || (PUBLIC_URL !== undefined && host === new URL(PUBLIC_URL).host);
}
