import { findBearer } from "../../db/access-tokens.ts";
import { identify } from "../../db/actor.ts";
import type { ApiKey } from "../../db/api-keys.ts";
import { isOfSite, type Permission } from "../../domain/access/permissions.ts";
import { Strangers } from "../../domain/access/strangers.ts";
import { scopeFor } from "../../domain/access/scopes.ts";
import { hashSecret } from "../auth/secret-link.server.ts";
import { countCall } from "./limits.server.ts";
import { Problem } from "./problem.server.ts";

/** Who calls: an API key, or the one that an access token was made from. */
export type Caller = ApiKey & { isToken: boolean };

/**
 * Whose key or access token a request carries. `permission`: what the call needs; null: any key will do.
 * @throws Problem 401; 403 without the scope, for the whole organization with a key of some sites, or from a web page that may
 *   not use the key; 429.
 */
export async function authenticate(
  request: Request,
  permission: Permission | null,
  pageOrigin: string | null,
): Promise<Caller> {
  const secret = secretOf(request);
  if (!secret) throw refused(401, "Send an API key or an access token: the header Authorization: Bearer <key>.", "");
  const address = request.headers.get("x-client-address");
  const hash = hashSecret(secret);
  if (address) slowDown(address, hash);
  const caller = await findBearer(secret);
  if (caller) strangers.passed(hash);
  else if (address) strangers.failed(address, hash, Date.now());
  if (!caller) {
    throw refused(
      401,
      "The API key or access token is unknown, was revoked, or has expired.",
      ', error="invalid_token"',
    );
  }
  identify({ kind: "key", id: caller.id });
  await countCall(caller);
  requireScope(caller, permission, pageOrigin);
  return caller;
}

function secretOf({ headers }: Request): string | undefined {
  return /^bearer +(\S{1,2000}) *$/i.exec(headers.get("authorization") ?? "")?.[1];
}

/** Whether a request that was let in before would be let in now. It is no further call. */
export async function isStillLetIn(
  request: Request,
  permission: Permission | null,
  pageOrigin: string | null,
): Promise<boolean> {
  const caller = await findBearer(secretOf(request) ?? "");
  if (!caller) return false;
  try {
    requireScope(caller, permission, pageOrigin);
    return true;
  } catch {
    return false;
  }
}

/** @throws Problem 403 */
function requireScope(caller: Caller, permission: Permission | null, pageOrigin: string | null): void {
  if (pageOrigin !== null && !caller.origins.includes(pageOrigin)) {
    throw new Problem(403, `Pages of ${pageOrigin} may not use this API key: the key does not list that origin.`);
  }
  if (permission === null) return;
  const scope = scopeFor(permission);
  if (!caller.scopes.includes(scope)) {
    const missing = `, error="insufficient_scope", scope="${scope}"`;
    throw refused(403, `The API key may not do this: it lacks the scope ${scope}.`, missing);
  }
  if (caller.siteIds !== null && !isOfSite(permission)) {
    throw new Problem(
      403,
      "The API key may not do this: it is for chosen sites, and this is of the organization as a whole.",
    );
  }
}

const strangers = new Strangers();

/** Who shows one secret after another that opens nothing. @throws Problem 429 */
function slowDown(address: string, hash: string): void {
  const waitS = strangers.waitS(address, hash, Date.now());
  if (waitS > 0)
    throw new Problem(429, `Too many keys that open nothing came from your address: wait ${waitS} s.`, {
      headers: { "retry-after": String(waitS) },
    });
}

/** RFC 6750. */
const refused = (status: number, detail: string, error: string) =>
  new Problem(status, detail, { headers: { "www-authenticate": `Bearer realm="energy"${error}` } });
