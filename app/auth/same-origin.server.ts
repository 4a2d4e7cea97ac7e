/**
 * Whether a request that changes something was sent by a page of another site, which must not act in a person's name. Browsers
 * send Origin with every unsafe method; programs, which carry no cookie of anybody, may send none.
 */
export function isFromElsewhere(header: (name: string) => string | null | undefined): boolean {
  const origin = header("origin") ?? null;
  if (origin === null) return header("sec-fetch-site") === "cross-site";
  const host = header("x-forwarded-host") ?? header("host");
  // "null": a sandboxed frame or a redirect across sites.
  return !URL.canParse(origin) || new URL(origin).host !== host;
}
