import { parametersOf, routeOf } from "../../domain/device/emoncms-request.ts";
import type { Message } from "../../domain/device/device.ts";
import type { Shown } from "../identify.ts";

/**
 * The credential of an HTTP request, in whichever way its format carries it: Authorization (Bearer, InfluxDB's Token, Basic, or
 * a bare emoncms key), `u` and `p` (InfluxDB v1), `apikey` or `devicekey` (emoncms, where they go before the header and may
 * be in the form), or the path (ThingsBoard), given by the one who hides it from the message. null: none was shown.
 */
export function shownCredential(message: Message, path: string): Shown | null {
  const fromHead = fromHeader(message.headers?.authorization);
  if (routeOf(path)) return fromKeys(parametersOf(message)) ?? fromHead;
  return fromHead ?? fromQuery(new URLSearchParams(message.query ?? "")) ?? fromPath(path);
}

/** A query as it may go on record: without what was shown in it. */
export function hideSecrets(query: string): string {
  const names = /(^|&)u=/.test(query) ? "apikey|devicekey|p" : "apikey|devicekey";
  return query.replace(new RegExp(`(^|&)(${names})=[^&]*`, "g"), "$1$2=***");
}

function fromHeader(header: string | undefined): Shown | null {
  const given = header?.trim() ?? "";
  if (/^[0-9a-f]{32}$/i.test(given)) return { secret: given };
  const [, scheme, rest] = /^(\S+)\s+(.+)$/.exec(given) ?? [];
  if (!scheme || !rest) return null;
  switch (scheme.toLowerCase()) {
    case "bearer":
      return { secret: rest };
    case "token":
      return pair(rest) ?? { secret: rest };
    case "basic":
      return pair(Buffer.from(rest, "base64").toString("utf8"));
    default:
      return null;
  }
}

function fromQuery(query: URLSearchParams): Shown | null {
  const username = query.get("u");
  if (username) return { username, secret: query.get("p") ?? "" };
  return fromKeys(new Map(query));
}

function fromKeys(parameters: ReadonlyMap<string, string>): Shown | null {
  const key = parameters.get("apikey") || parameters.get("devicekey");
  return key ? { secret: key } : null;
}

function fromPath(path: string): Shown | null {
  const [, token] = /^\/api\/v1\/([^/]+)\/(?:telemetry|attributes)$/.exec(path) ?? [];
  if (!token) return null;
  try {
    return { secret: decodeURIComponent(token) };
  } catch {
    // "%E0%A4%A" is no text at all.
    return null;
  }
}

/** "user:password", where the user part may be empty. */
function pair(text: string): Shown | null {
  const at = text.indexOf(":");
  if (at < 0) return null;
  const username = text.slice(0, at);
  return username ? { username, secret: text.slice(at + 1) } : { secret: text.slice(at + 1) };
}
