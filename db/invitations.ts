import type pg from "pg";
import { mayHandle } from "../domain/access/membership.ts";
import type { MemberRole } from "../domain/access/permissions.ts";
import type { Mail } from "../domain/mail/templates.ts";
import { asOrganization } from "./as-organization.ts";
import { asNobody, asUser } from "./as-user.ts";
import { isUuid, type Sql } from "./client.ts";
import { enqueueMail } from "./mail.ts";
import { asQuotaExceeded } from "./quota-exceeded.ts";
import { actorOf, areSites, type By, type MemberFault } from "./members.ts";

/** Somebody is asked into an organization. The secret of the link arrives here hashed (SHA-256), addresses in lower case. */
export interface Invitation {
  id: string;
  email: string;
  role: MemberRole;
  siteIds: string[] | null;
  /** Who invited, as they are called; null: an API key, or nobody who is a member now. */
  invitedBy: string | null;
  createdAt: Date;
  sentAt: Date;
  expiresAt: Date;
}

/** So many may wait at once, so many mails go out in a day, and so long must pass before somebody gets the next one. */
export const mostWaiting = 100;
export const mostADay = 200;
export const secondsBetween = 60;
export const invitationDays = 7;

const select = `select id, email, role, site_ids as "siteIds", energy.member_name(invited_by) as "invitedBy",
  created_at as "createdAt", sent_at as "sentAt", expires_at as "expiresAt"
  from energy.invitations where accepted_at is null and revoked_at is null`;

/** Those that wait, also those that have run out; the newest first. */
export async function listInvitations(organizationId: string): Promise<Invitation[]> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<Invitation>(`${select} order by created_at desc, id`);
    return rows;
  });
}

export async function getInvitation(organizationId: string, id: string): Promise<Invitation | null> {
  return isUuid(id) ? asOrganization(organizationId, (sql) => find(sql, id)) : null;
}

async function find(sql: Sql, id: string): Promise<Invitation | null> {
  const { rows } = await sql.query<Invitation>(`${select} and id = $1`, [id]);
  return rows[0] ?? null;
}

/** A link's secret as it is kept, and the mail that carries it. `write` gets what the mail must say. */
export interface InvitationMail {
  tokenHash: string;
  write: (told: { to: string; organization: string; inviter: string | null; role: MemberRole }) => Mail;
}

export type InvitationFault =
  | Extract<MemberFault, "not-found" | "not-allowed" | "no-such-site" | "owner-sees-all">
  | "member-already"
  | "too-many"
  | "too-soon";

/** Invites somebody. Whom an invitation waits for already gets a new one in its place. */
export async function invite(
  organizationId: string,
  { by, email, role, siteIds }: { by: By; email: string; role: MemberRole; siteIds: readonly string[] | null },
  mail: InvitationMail,
): Promise<Invitation | InvitationFault> {
  return asOrganization(organizationId, async (sql) => {
    if (!mayHandle(await actorOf(sql, by), role)) return "not-allowed";
    if (role === "owner" && siteIds !== null) return "owner-sees-all";
    if (siteIds && !(await areSites(sql, siteIds))) return "no-such-site";
    if ((await sql.query("select from energy.members() where email = $1", [email])).rowCount) return "member-already";
    const fault = await tooMuchMail(sql, email);
    if (fault) return fault;
    const { rows } = await sql.query<{ id: string }>(
      `insert into energy.invitations (organization_id, email, role, site_ids, token_hash, invited_by, expires_at)
       values ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 day')
       on conflict (organization_id, email) where accepted_at is null and revoked_at is null
       do update set role = excluded.role, site_ids = excluded.site_ids, token_hash = excluded.token_hash,
         invited_by = excluded.invited_by, sent_at = now(), expires_at = excluded.expires_at
       returning id`,
      [organizationId, email, role, siteIds, mail.tokenHash, "userId" in by ? by.userId : null, invitationDays],
    );
    return send(sql, rows[0]!.id, mail);
  });
}

/** The mail once more, with a link of its own; the one before it opens nothing any more. */
export async function resendInvitation(
  organizationId: string,
  { by, id }: { by: By; id: string },
  mail: InvitationMail,
): Promise<Invitation | "not-found" | "not-allowed" | "too-many" | "too-soon"> {
  if (!isUuid(id)) return "not-found";
  return asOrganization(organizationId, async (sql) => {
    const before = await find(sql, id);
    if (!before) return "not-found";
    if (!mayHandle(await actorOf(sql, by), before.role)) return "not-allowed";
    const fault = await tooMuchMail(sql, before.email);
    if (fault) return fault;
    await sql.query(
      `update energy.invitations set token_hash = $2, invited_by = $3, sent_at = now(), expires_at = now() + $4 * interval '1 day'
       where id = $1`,
      [id, mail.tokenHash, "userId" in by ? by.userId : null, invitationDays],
    );
    return send(sql, id, mail);
  });
}

/** An organization is no sender of mass mail. */
async function tooMuchMail(sql: Sql, email: string): Promise<"too-many" | "too-soon" | null> {
  const { rows } = await sql.query<{ waiting: number; today: number; isSoon: boolean }>(
    `select (count(*) filter (where accepted_at is null and revoked_at is null and expires_at > now() and email <> $1))::int as waiting,
       (count(*) filter (where sent_at > now() - interval '1 day'))::int as today,
       coalesce(bool_or(email = $1 and sent_at > now() - $2 * interval '1 second'), false) as "isSoon"
     from energy.invitations`,
    [email, secondsBetween],
  );
  const { waiting, today, isSoon } = rows[0]!;
  if (isSoon) return "too-soon";
  return waiting >= mostWaiting || today >= mostADay ? "too-many" : null;
}

async function send(sql: Sql, id: string, { write }: InvitationMail): Promise<Invitation> {
  const invitation = (await find(sql, id))!;
  const { rows } = await sql.query<{ name: string }>("select name from energy.organizations");
  const { email: to, invitedBy: inviter, role } = invitation;
  await enqueueMail(sql, write({ to, organization: rows[0]!.name, inviter, role }));
  return invitation;
}

/** The link opens nothing any more. */
export async function revokeInvitation(
  organizationId: string,
  { by, id }: { by: By; id: string },
): Promise<"revoked" | "not-found" | "not-allowed"> {
  if (!isUuid(id)) return "not-found";
  return asOrganization(organizationId, async (sql) => {
    const before = await find(sql, id);
    if (!before) return "not-found";
    if (!mayHandle(await actorOf(sql, by), before.role)) return "not-allowed";
    await sql.query("update energy.invitations set revoked_at = now() where id = $1", [id]);
    return "revoked";
  });
}

/** What whoever has the link is shown. */
export interface OpenInvitation {
  organization: string;
  email: string;
  role: MemberRole;
  siteIds: string[] | null;
  invitedBy: string | null;
  expiresAt: Date;
  hasAccount: boolean;
}

/** null: unknown, accepted, revoked or run out. */
export async function openInvitation(tokenHash: string): Promise<OpenInvitation | null> {
  const { rows } = await asNobody().query<OpenInvitation>(
    `select organization, email, role, site_ids as "siteIds", invited_by as "invitedBy", expires_at as "expiresAt",
       has_account as "hasAccount" from energy.open_invitation($1)`,
    [tokenHash],
  );
  return rows[0] ?? null;
}

/** The organization that the person belongs to now; null: the invitation is not theirs, or is of no use any more. */
export async function acceptInvitation(userId: string, tokenHash: string): Promise<string | null> {
  return asUser(userId, async (sql) => {
    const { rows } = await sql.query<{ id: string | null }>("select energy.accept_invitation($1) as id", [tokenHash]);
    return rows[0]!.id;
  });
}

export type SignedUpInvited =
  { ok: true; userId: string; organizationId: string } | { ok: false; reason: "email-taken" | "invitation-not-valid" };

/** An account for the address that was invited, and its membership: both or neither. */
export async function signUpInvited(
  tokenHash: string,
  { name, passwordHash }: { name: string; passwordHash: string },
): Promise<SignedUpInvited> {
  try {
    const { rows } = await asNobody().query<{ userId: string; organizationId: string }>(
      `select user_id as "userId", organization_id as "organizationId" from auth.sign_up_invited($1, $2, $3)`,
      [tokenHash, name, passwordHash],
    );
    return rows[0] ? { ok: true, ...rows[0] } : { ok: false, reason: "invitation-not-valid" };
  } catch (error) {
    const { code, message } = error as pg.DatabaseError;
    if (code === "23505") return { ok: false, reason: "email-taken" };
    if (message === "invitation-not-valid") return { ok: false, reason: "invitation-not-valid" };
    throw asQuotaExceeded(error) ?? error;
  }
}
