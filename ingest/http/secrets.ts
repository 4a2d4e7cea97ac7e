import type { Shown } from "../identify.ts";

/**
 * The credential of an HTTP request, in whichever way its format carries it: Authorization (Bearer, InfluxDB's Token, Basic),
 * `u` and `p` (InfluxDB v1), `apikey` or `devicekey` (emoncms), or the path (ThingsBoard). null: none was shown.
 */
export function shownCredential(request: {
  path: string;
  query: URLSearchParams;
  authorization: string | undefined;
}): Shown | null {
  return fromHeader(request.authorization) ?? fromQuery(request.query) ?? fromPath(request.path);
}

function fromHeader(header: string | undefined): Shown | null {
  const [, scheme, rest] = /^(\S+)\s+(.+)$/.exec(header?.trim() ?? "") ?? [];
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
  const key = query.get("apikey") ?? query.get("devicekey");
  return key ? { secret: key } : null;
}

function fromPath(path: string): Shown | null {
  const [, token] = /^\/api\/v1\/([^/]+)\/telemetry$/.exec(path) ?? [];
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
