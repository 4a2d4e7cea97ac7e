import { createHash } from "node:crypto";
import { Lucia, TimeSpan, type Adapter, type DatabaseSession, type DatabaseUser } from "lucia";
import {
  endSession,
  endSessionsOf,
  extendSession,
  findSession,
  saveSession,
  sessionsOf,
  touchSession,
  type Client,
} from "../../db/accounts.ts";
import { identify } from "../../db/actor.ts";
import { isUnreachable } from "../../db/unreachable.ts";

declare module "lucia" {
  interface Register {
    Lucia: Lucia;
    DatabaseUserAttributes: { email: string; name: string };
    DatabaseSessionAttributes: Client & { isStale: boolean };
  }
}

/** Only the hash of a session id is stored: who reads the database cannot become somebody. */
const hashed = (id: string) => createHash("sha256").update(id).digest("hex");

const adapter: Adapter = {
  async getSessionAndUser(id) {
    const found = await findSession(hashed(id));
    if (!found) return [null, null];
    const { userId, expiresAt, email, name, address, isStale } = found;
    const session: DatabaseSession = { id, userId, expiresAt, attributes: { userAgent: "", address, isStale } };
    const user: DatabaseUser = { id: userId, attributes: { email, name } };
    return [session, user];
  },
  async getUserSessions(userId) {
    return (await sessionsOf(userId)).map(({ id, expiresAt, userAgent, address }) => ({
      ...{ id, userId, expiresAt },
      attributes: { userAgent, address, isStale: false },
    }));
  },
  setSession: ({ id, userId, expiresAt, attributes }) => saveSession(userId, hashed(id), expiresAt, attributes),
  updateSessionExpiration: (id, expiresAt) => extendSession(hashed(id), expiresAt),
  deleteSession: (id) => endSession(hashed(id)),
  deleteUserSessions: endSessionsOf,
  // The hourly upkeep does (db/account-administration); a session that has run out lets nobody in before that.
  deleteExpiredSessions: () => Promise.resolve(),
};

/** Lucia 3 is kept behind this file. */
const make = (secure: boolean) =>
  new Lucia(adapter, {
    // Not used for so long, it ends; it is extended in the second half of that. And in any case 90 days after the login
    // (auth.session_user).
    sessionExpiresIn: new TimeSpan(30, "d"),
    // The session in the database runs out, and is extended while it is used; the cookie is only its carrier.
    sessionCookie: { name: "session", expires: false, attributes: { sameSite: "lax", secure, path: "/" } },
    getUserAttributes: ({ email, name }) => ({ email, name }),
    getSessionAttributes: ({ address, isStale }) => ({ address, isStale }),
  }) as unknown as Lucia;

const overHttps = make(true);
const overHttp = make(false);

/** Whether people open it by HTTPS: then cookies are for that alone. */
export const isOverHttps = (request: Request): boolean =>
  new URL(request.url).protocol === "https:" || request.headers.get("x-forwarded-proto")?.split(",")[0] === "https";

const lucia = (request: Request): Lucia => (isOverHttps(request) ? overHttps : overHttp);

export interface User {
  id: string;
  email: string;
  name: string;
}

/** The browser that asks: what it calls itself, and its address as app/server saw it. */
function clientOf({ headers }: Request): Client {
  return { userAgent: headers.get("user-agent") ?? "", address: headers.get("x-client-address") ?? "" };
}

const cookieOf = (request: Request, auth: Lucia) => auth.readSessionCookie(request.headers.get("cookie") ?? "");

/** Signs a person in, always under a new id; the session that the browser had ends. The Set-Cookie header. */
export async function startSession(request: Request, userId: string): Promise<string> {
  const auth = lucia(request);
  const old = cookieOf(request, auth);
  if (old) await auth.invalidateSession(old);
  const session = await auth.createSession(userId, { ...clientOf(request), isStale: false });
  return auth.createSessionCookie(session.id).serialize();
}

/** The hash that the browser's own session is kept under; null: it has none. */
export function ownSessionHash(request: Request): string | null {
  const id = cookieOf(request, lucia(request));
  return id ? hashed(id) : null;
}

/**
 * With the end of a session the browser drops what it kept of the pages. Not the cookies: the session's is removed by name, and the
 * others (the theme) are nobody's secret, while a neighbour below the same domain would lose all of theirs.
 */
export const forgetPages = { "clear-site-data": '"cache", "storage"' };

/** Signs out: the Set-Cookie header that removes the cookie. */
export async function stopSession(request: Request): Promise<string> {
  const auth = lucia(request);
  const id = auth.readSessionCookie(request.headers.get("cookie") ?? "");
  if (id) await auth.invalidateSession(id);
  return auth.createBlankSessionCookie().serialize();
}

/**
 * Who is signed in; null: nobody.
 * @throws Response 503 while the database is gone: this is what every page asks first.
 */
export async function userOf(request: Request): Promise<User | null> {
  const auth = lucia(request);
  const id = auth.readSessionCookie(request.headers.get("cookie") ?? "");
  if (!id) return null;
  const { user, session } = await auth.validateSession(id).catch(notAvailable);
  if (!user) return null;
  const client = clientOf(request);
  const { isStale, address } = session as unknown as Client & { isStale: boolean };
  if (isStale || (client.address && client.address !== address))
    await touchSession(hashed(id), client).catch(notAvailable);
  const { email, name } = user as unknown as User;
  identify({ kind: "person", id: user.id, session: hashed(id).slice(0, 16) });
  return { id: user.id, email, name };
}

/** For the first query of a page. @throws Response 503 while the database is gone, else what it was given. */
export function notAvailable(error: unknown): never {
  if (!isUnreachable(error)) throw error;
  throw new Response("The database does not answer", { status: 503, headers: { "retry-after": "5" } });
}
