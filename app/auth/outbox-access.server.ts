import { isIP } from "node:net";
import type { Environment } from "../../platform/env.ts";

/**
 * Who may read the outbox reads everybody's links and can be anybody. So it opens outside production only, while no mail
 * provider is set, and to the machine itself: through HOST, or by the caller's address where HOST lets others in. Not behind
 * a public address: there a proxy may make every caller look like the machine itself.
 */
export function mayReadOutbox(env: Environment, address: string): boolean {
  if (env.NODE_ENV === "production" || env.RESEND_API_KEY) return false;
  if (env.PUBLIC_URL && !isLoopback(new URL(env.PUBLIC_URL).hostname)) return false;
  return isLoopback(env.HOST) || isLoopback(address);
}

function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, "$1").replace(/^::ffff:/i, "");
  return name === "localhost" || name === "::1" || (isIP(name) === 4 && name.startsWith("127."));
}
