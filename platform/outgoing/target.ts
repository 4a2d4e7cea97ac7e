import { isIP } from "node:net";

/**
 * Where people may have messages sent to: an https address of a named host in the public Internet. The exception is what the operator
 * lists in WEBHOOK_ALLOWED_HOSTS, for an installation at home: those hosts may be private, be called by their IP address, speak http
 * and listen anywhere.
 */
export interface Target {
  url: URL;
  /** The operator listed it: its addresses may be private. */
  isAllowed: boolean;
}

export type TargetFault = "not-an-address" | "too-long" | "not-https" | "credentials" | "port" | "host";

/** Ports of https in the public Internet. */
export const ports = ["443", "8443"] as const;
export const longestAddress = 2_000;

/** A host of the allow-list: `host`, at any port, or `host:port`. */
export const allowedHost = /^(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/;

/** A name of two labels at least: `localhost` and a company's bare `intranet` are no hosts of the Internet. */
const publicName = /^(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

/** Takes an address as somebody wrote it. @param allowed entries of WEBHOOK_ALLOWED_HOSTS */
export function readTarget(
  address: string,
  allowed: readonly string[],
): ({ ok: true } & Target) | { ok: false; reason: TargetFault } {
  if (address.length > longestAddress) return { ok: false, reason: "too-long" };
  // The parser of addresses drops spaces and control characters, and reads a backslash as a slash.
  if (/[\u0000-\u0020\u007f\\]/.test(address) || !URL.canParse(address)) return { ok: false, reason: "not-an-address" };
  const url = new URL(address);
  url.hash = "";
  if (url.username || url.password) return { ok: false, reason: "credentials" };
  const host = url.hostname;
  // 2130706433, 0x7f.1 and 017700000001 are all 127.0.0.1: an IP address is taken in its one plain spelling alone.
  const isAddress = isIP(host.replace(/^\[|\]$/g, "")) > 0;
  if (isAddress && !address.toLowerCase().includes(`//${host}`)) return { ok: false, reason: "host" };
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const isHttp = url.protocol === "http:" || url.protocol === "https:";
  if (isHttp && (allowed.includes(host) || allowed.includes(`${host}:${port}`)))
    return { ok: true, url, isAllowed: true };
  if (url.protocol !== "https:") return { ok: false, reason: "not-https" };
  if (isAddress || !publicName.test(host)) return { ok: false, reason: "host" };
  if (!(ports as readonly string[]).includes(port)) return { ok: false, reason: "port" };
  return { ok: true, url, isAllowed: false };
}
