import { issueToken, makeToken, hashToken, takeToken, tokenOwner } from "../../db/account-tokens.ts";
import { asUser } from "../../db/as-user.ts";
import { isOverHttps } from "./session.server.ts";

/**
 * Between the right password and the code of the second factor: a cookie that opens nothing but the page which asks for the
 * code. It is no session, so that no page can take it for one.
 */
const lifetimeS = 10 * 60;
const path = "/login";

function cookie(request: Request, value: string, maxAgeS: number): string {
  const secure = isOverHttps(request) ? "; Secure" : "";
  return `second-factor=${value}; Path=${path}; Max-Age=${maxAgeS}; HttpOnly; SameSite=Lax${secure}`;
}

function hashOf(request: Request): string | null {
  const [, token] = /(?:^|;\s*)second-factor=([\w-]+)/.exec(request.headers.get("cookie") ?? "") ?? [];
  return token ? hashToken(token) : null;
}

/** The password was right: the Set-Cookie header. */
export async function beginSecondFactor(request: Request, userId: string): Promise<string> {
  const { token, hash } = makeToken();
  const expiresAt = new Date(Date.now() + lifetimeS * 1000);
  await asUser(userId, (sql) => issueToken(sql, userId, { hash, purpose: "second-factor", email: null, expiresAt }));
  return cookie(request, token, lifetimeS);
}

/** Whose password was right in this browser, a short while ago. null: nobody's. */
export async function halfLoggedIn(request: Request): Promise<string | null> {
  const hash = hashOf(request);
  return hash === null ? null : ((await tokenOwner(hash, "second-factor"))?.userId ?? null);
}

/** The code was right too: the Set-Cookie header that takes the cookie away. false: somebody was faster with it. */
export async function endSecondFactor(request: Request, userId: string): Promise<string | false> {
  const taken = await asUser(userId, (sql) => takeToken(sql, hashOf(request) ?? "", "second-factor"));
  return taken ? cookie(request, "", 0) : false;
}
