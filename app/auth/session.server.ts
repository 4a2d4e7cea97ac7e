import { createHash } from "node:crypto";
import { Lucia, TimeSpan, type Adapter, type DatabaseSession, type DatabaseUser } from "lucia";
import {
  endExpiredSessions,
  endSession,
  endSessionsOf,
  extendSession,
  findSession,
  saveSession,
  sessionsOf,
} from "../../db/accounts.ts";
import { identify } from "../../db/actor.ts";
import { isUnreachable } from "../../db/unreachable.ts";

declare module "lucia" {
  interface Register {
    Lucia: Lucia;
    DatabaseUserAttributes: { email: string; name: string };
  }
}

/** Only the hash of a session id is stored: who reads the database cannot become somebody. */
const hashed = (id: string) => createHash("sha256").update(id).digest("hex");

const adapter: Adapter = {
  async getSessionAndUser(id) {
    const found = await findSession(hashed(id));
    if (!found) return [null, null];
    const { userId, expiresAt, email, name } = found;
    const session: DatabaseSession = { id, userId, expiresAt, attributes: {} };
    const user: DatabaseUser = { id: userId, attributes: { email, name } };
    return [session, user];
  },
  async getUserSessions(userId) {
    return (await sessionsOf(userId)).map(({ id, expiresAt }) => ({ id, userId, expiresAt, attributes: {} }));
  },
  setSession: ({ id, userId, expiresAt }) => saveSession(userId, hashed(id), expiresAt),
  updateSessionExpiration: (id, expiresAt) => extendSession(hashed(id), expiresAt),
  deleteSession: (id) => endSession(hashed(id)),
  deleteUserSessions: endSessionsOf,
  deleteExpiredSessions: endExpiredSessions,
};

/** Lucia 3 is kept behind this file. */
const make = (secure: boolean) =>
  new Lucia(adapter, {
    sessionExpiresIn: new TimeSpan(30, "d"),
    // The session in the database runs out, and is extended while it is used; the cookie is only its carrier.
    sessionCookie: { name: "session", expires: false, attributes: { sameSite: "lax", secure, path: "/" } },
    getUserAttributes: ({ email, name }) => ({ email, name }),
  }) as unknown as Lucia;

const overHttps = make(true);
const overHttp = make(false);

/** `secure` follows the address that people open. */
function lucia(request: Request): Lucia {
  const isHttps =
    new URL(request.url).protocol === "https:" || request.headers.get("x-forwarded-proto")?.split(",")[0] === "https";
  return isHttps ? overHttps : overHttp;
}

export interface User {
  id: string;
  email: string;
  name: string;
}

/** Signs a person in: the Set-Cookie header. */
export async function startSession(request: Request, userId: string): Promise<string> {
  const auth = lucia(request);
  const session = await auth.createSession(userId, {});
  return auth.createSessionCookie(session.id).serialize();
}

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
  const { user } = await auth.validateSession(id).catch(notAvailable);
  if (!user) return null;
  const { email, name } = user as unknown as User;
  identify({ kind: "person", id: user.id, session: hashed(id).slice(0, 16) });
  return { id: user.id, email, name };
}

/** For the first query of a page. @throws Response 503 while the database is gone, else what it was given. */
export function notAvailable(error: unknown): never {
  if (!isUnreachable(error)) throw error;
  throw new Response("The database does not answer", { status: 503, headers: { "retry-after": "5" } });
}
