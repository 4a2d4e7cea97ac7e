import { isAllowedOrigin } from "../../db/api-keys.ts";

/**
 * Which web pages elsewhere may call the API (cross-origin resource sharing): those whose origin an API key lists. Never with
 * cookies: the API does not look at any.
 */
const methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
const sent = "authorization, content-type, if-none-match, idempotency-key";
const shown = "etag, location, retry-after, idempotent-replayed, www-authenticate";

/** The origin of a page elsewhere that sends a request; null: our own page, or no page at all. */
export function pageOrigin(request: Request): string | null {
  const origin = request.headers.get("origin");
  if (origin === null) return null;
  const host = request.headers.get("x-forwarded-host") ?? request.headers.get("host") ?? new URL(request.url).host;
  return URL.canParse(origin) && new URL(origin).host === host ? null : origin;
}

/** The headers by which a browser lets a page of this origin read the answer. None: it may not. */
export async function corsHeaders(origin: string | null, isPreflight: boolean): Promise<Record<string, string>> {
  if (origin === null || !(await isAllowedOrigin(origin))) return {};
  return {
    "access-control-allow-origin": origin,
    "access-control-expose-headers": shown,
    ...(isPreflight && {
      "access-control-allow-methods": methods,
      "access-control-allow-headers": sent,
      "access-control-max-age": "600",
    }),
  };
}

/** An origin as a browser sends it: scheme, host, and the port where it is not the usual one. null: it is none. */
export function originOf(text: string): string | null {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return null;
  const { origin, pathname, search, hash, username } = new URL(text);
  return pathname === "/" && !search && !hash && !username ? origin : null;
}
