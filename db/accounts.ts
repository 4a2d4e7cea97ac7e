import type pg from "pg";
import { database } from "./client.ts";
import { asNobody, asNobodyChanging, asUser } from "./as-user.ts";
import { recordEvent } from "./audit.ts";

/** People and their sessions. Session ids arrive here hashed (SHA-256), addresses are kept in lower case. */
export interface Login {
  id: string;
  passwordHash: string;
  /** Whether mail to the address is known to reach the person. */
  isVerified: boolean;
  hasTwoFactor: boolean;
}

export async function findLogin(email: string): Promise<Login | null> {
  const { rows } = await asNobody().query<Login>(
    `select id, password_hash as "passwordHash", is_verified as "isVerified", has_two_factor as "hasTwoFactor"
     from auth.find_login($1)`,
    [email],
  );
  return rows[0] ?? null;
}

export interface SignUp {
  email: string;
  passwordHash: string;
  organization: string;
  site: { name: string; timezone: string; currency: string; pricePerKwh: string | null };
  /** SHA-256 of the invitation's token, where one is needed. */
  invitationHash: string | null;
}

export type SignedUp =
  | { ok: true; userId: string; organizationId: string; siteId: string }
  | { ok: false; reason: "email-taken" | "invitation-not-valid" };

/** A person, an organization that they own, and its first site: all or nothing. */
export async function signUp({ email, passwordHash, organization, site, invitationHash }: SignUp): Promise<SignedUp> {
  try {
    const { rows } = await asNobodyChanging((sql) =>
      sql.query<{ userId: string; organizationId: string; siteId: string }>(
        `select user_id as "userId", organization_id as "organizationId", site_id as "siteId" from auth.sign_up($1, $2, $3, $4, $5, $6, $7, $8)`,
        [email, passwordHash, organization, site.name, site.timezone, site.currency, site.pricePerKwh, invitationHash],
      ),
    );
    return { ok: true, ...rows[0]! };
  } catch (error) {
    const { code, message } = error as pg.DatabaseError;
    if (code === "23505") return { ok: false, reason: "email-taken" };
    if (message === "invitation-not-valid") return { ok: false, reason: "invitation-not-valid" };
    throw error;
  }
}

/** The invitation that a token opens, still unused and in time. */
export async function openInvitation(tokenHash: string): Promise<{ id: string; email: string } | null> {
  const { rows } = await asNobody().query<{ id: string; email: string }>(
    "select id, email from auth.open_invitation($1)",
    [tokenHash],
  );
  return rows[0] ?? null;
}

/** Whose browser it is: as it calls itself, and its address on the network. */
export interface Client {
  userAgent: string;
  address: string;
}

export interface SessionUser {
  sessionId: string;
  userId: string;
  expiresAt: Date;
  email: string;
  name: string;
  /** Where it was last used, and whether that was noted more than a minute ago. */
  address: string;
  isStale: boolean;
}

/** null: there is none, or it is more than 90 days old. */
export async function findSession(sessionHash: string): Promise<SessionUser | null> {
  const { rows } = await asNobody().query<SessionUser>({
    name: "session",
    text: `select session_id as "sessionId", user_id as "userId", expires_at as "expiresAt", email, name, address,
             is_stale as "isStale" from auth.session_user($1)`,
    values: [sessionHash],
  });
  return rows[0] ?? null;
}

const unknown: Client = { userAgent: "", address: "" };

export async function saveSession(
  userId: string,
  sessionHash: string,
  expiresAt: Date,
  { userAgent, address }: Client = unknown,
): Promise<void> {
  await asUser(userId, (sql) =>
    sql.query(
      `insert into auth.sessions (id, user_id, expires_at, user_agent, address) values ($1, $2, $3, left($4, 500), left($5, 100))`,
      [sessionHash, userId, expiresAt, userAgent, address],
    ),
  );
}

/** Notes that it is used now, and by whom. */
export async function touchSession(sessionHash: string, { userAgent, address }: Client): Promise<void> {
  await asNobody().query("select auth.touch_session($1, $2, $3)", [sessionHash, userAgent, address]);
}

export async function extendSession(sessionHash: string, expiresAt: Date): Promise<void> {
  await asNobody().query("select auth.extend_session($1, $2)", [sessionHash, expiresAt]);
}

export async function endSession(sessionHash: string): Promise<void> {
  await asNobody().query("select auth.end_session($1)", [sessionHash]);
}

export interface ListedSession extends Client {
  /** The hash that it is kept under. */
  id: string;
  expiresAt: Date;
  createdAt: Date;
  lastUsedAt: Date;
}

/** The sessions of a person that still let in, the last used first. */
export async function sessionsOf(userId: string): Promise<ListedSession[]> {
  return asUser(userId, async (sql) => {
    const { rows } = await sql.query<ListedSession>(
      `select id, expires_at as "expiresAt", created_at as "createdAt", last_used_at as "lastUsedAt",
         user_agent as "userAgent", address
       from auth.sessions where expires_at > now() and created_at > now() - interval '90 days'
       order by last_used_at desc, id`,
    );
    return rows;
  });
}

/** Ends one session of a person; of others it finds none. */
export async function endOwnSession(userId: string, sessionHash: string): Promise<void> {
  await endSessionsWhere(userId, "id = $1", sessionHash);
}

export async function endOtherSessions(userId: string, exceptHash: string): Promise<void> {
  await endSessionsWhere(userId, "id <> $1", exceptHash);
}

/** Each is an entry of the person's log, with the device and place that it was of. */
async function endSessionsWhere(userId: string, condition: "id = $1" | "id <> $1", hash: string): Promise<void> {
  await asUser(userId, async (sql) => {
    const { rows } = await sql.query<{ agent: string; address: string }>(
      `delete from auth.sessions where ${condition} returning user_agent as agent, address`,
      [hash],
    );
    const account = { action: "account.session-ended", objectType: "account", objectId: userId };
    for (const details of rows) await recordEvent(sql, { ...account, details });
  });
}

export async function endSessionsOf(userId: string): Promise<void> {
  await asUser(userId, (sql) => sql.query("delete from auth.sessions where user_id = $1", [userId]));
}

/** Where a person belongs, and as what. `siteIds`: the sites they see there; null: all. */
export interface Membership {
  organizationId: string;
  organization: string;
  role: string;
  siteIds: string[] | null;
  /** They are no member: an owner lets them look in for support until then (db/support-access.ts). null: a member. */
  supportUntil: Date | null;
  /** A second factor is asked of them here, and they have none: they may see nothing of it until they do. */
  lacksSecondFactor: boolean;
}

/** Row-level security shows a person no second factor but their own. */
const hasNone = "not exists (select from auth.two_factors f where f.confirmed_at is not null)";

const membership = `select m.organization_id as "organizationId", o.name as organization, m.role, m.site_ids as "siteIds", null::timestamptz as "supportUntil",
    o.requires_second_factor and ${hasNone} as "lacksSecondFactor"
  from energy.memberships m join energy.organizations o on o.id = m.organization_id`;

const visit = `select v.organization_id, v.organization, 'viewer', null::uuid[], v.expires_at, ${hasNone} from energy.support_memberships() v`;

/** Oldest first; last where they look in for support. */
export async function membershipsOf(userId: string): Promise<Membership[]> {
  return asUser(userId, async (sql) => {
    const { rows } = await sql.query<Membership>(
      `(${membership} where m.user_id = $1 order by m.created_at) union all (${visit})`,
      [userId],
    );
    return rows;
  });
}

/** The person's membership where a site is; null: not theirs to see, or no such site. */
export async function membershipAtSite(userId: string, siteId: string): Promise<Membership | null> {
  return asUser(userId, async (sql) => {
    const { rows } = await sql.query<Membership>(
      `${membership} join energy.sites s on s.organization_id = o.id
       where s.id = $1 and m.user_id = $2 and (m.site_ids is null or s.id = any (m.site_ids))
       union all (${visit} where v.organization_id = energy.support_organization_of($1))`,
      [siteId, userId],
    );
    return rows[0] ?? null;
  });
}

/** The pool that the login throttle's table is reached through. */
export const throttlePool = (): pg.Pool => database().user;
