import { ports, readTarget, type TargetFault } from "../../platform/outgoing/target.ts";

/** Why messages cannot go to an address, as whoever wrote it is told. */
const words: Record<TargetFault, string> = {
  "not-an-address": "expected an address such as https://home.example/energy",
  "too-long": "expected at most 2,000 characters",
  "not-https": "expected an address that begins with https://",
  credentials: "expected an address without a user name or password: messages are signed",
  port: `expected port ${ports.join(" or ")}`,
  host: "expected a host's full name in the public Internet, such as home.example; who runs this installation can allow others",
};

/** The address as it is kept, or why messages cannot go there. @param allowed WEBHOOK_ALLOWED_HOSTS */
export function readAddress(address: string, allowed: readonly string[]): { url: string } | { fault: string } {
  const target = readTarget(address, allowed);
  return target.ok ? { url: target.url.href } : { fault: words[target.reason] };
}
