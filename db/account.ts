import type pg from "pg";
import type { Mail } from "../domain/mail/templates.ts";
import { issueToken, withToken, type NewToken } from "./account-tokens.ts";
import { asUser } from "./as-user.ts";
import type { Sql } from "./client.ts";
import { enqueueMail } from "./mail.ts";

/** What a person sees and changes of their own account. Notices to them are put in with the change that they tell of. */
export interface Account {
  id: string;
  email: string;
  name: string;
  passwordHash: string;
  isVerified: boolean;
  /** An address that was asked for and is not confirmed yet. */
  pendingEmail: string | null;
  hasTwoFactor: boolean;
  recoveryCodesLeft: number;
}

export async function getAccount(userId: string): Promise<Account> {
  return asUser(userId, (sql) => readAccount(sql, userId));
}

async function readAccount(sql: Sql, userId: string): Promise<Account> {
  const { rows } = await sql.query<Account>(
    `select u.id, u.email, u.name, u.password_hash as "passwordHash", u.email_verified_at is not null as "isVerified",
       (select t.email from auth.tokens t where t.user_id = u.id and t.purpose = 'change-email' and t.expires_at > now()
        order by t.created_at desc limit 1) as "pendingEmail",
       exists (select from auth.two_factors f where f.user_id = u.id and f.confirmed_at is not null) as "hasTwoFactor",
       (select count(*)::int from auth.recovery_codes c where c.user_id = u.id and c.used_at is null) as "recoveryCodesLeft"
     from auth.users u where u.id = $1`,
    [userId],
  );
  return rows[0]!;
}

export async function renameAccount(userId: string, name: string): Promise<void> {
  await asUser(userId, (sql) => sql.query("update auth.users set name = $2 where id = $1", [userId, name]));
}

/** Whoever made this account showed that the address is theirs, or was vouched for. */
export async function markVerified(userId: string): Promise<void> {
  await asUser(userId, (sql) =>
    sql.query("update auth.users set email_verified_at = coalesce(email_verified_at, now()) where id = $1", [userId]),
  );
}

/** Keeps a token whose link is in one of the mails, and sends them. An earlier link for the same purpose ends. */
export async function mailToken(userId: string, token: NewToken, mails: readonly Mail[]): Promise<void> {
  await asUser(userId, async (sql) => {
    await sql.query("delete from auth.tokens where user_id = $1 and purpose = $2", [userId, token.purpose]);
    await issueToken(sql, userId, token);
    for (const mail of mails) await enqueueMail(sql, mail);
  });
}

/** Every way in but the password ends: sessions, and links that were sent. */
async function endAllAccess(sql: Sql, userId: string): Promise<void> {
  await sql.query("delete from auth.sessions where user_id = $1", [userId]);
  await sql.query("delete from auth.tokens where user_id = $1", [userId]);
}

/** A new password. All sessions end, the one that asked too: it gets a new one. */
export async function changePassword(userId: string, passwordHash: string, notice: Mail): Promise<void> {
  await asUser(userId, async (sql) => {
    await sql.query("update auth.users set password_hash = $2 where id = $1", [userId, passwordHash]);
    await endAllAccess(sql, userId);
    await enqueueMail(sql, notice);
  });
}

/**
 * A new password by a link that was mailed. The link proves the address as well. Where that was not proved before, the account
 * may have been set up by somebody else in the person's name, whose second factor must not keep them out.
 * false: the link is of no use (any more).
 */
export async function resetPassword(
  tokenHash: string,
  passwordHash: string,
  noticeTo: (email: string) => Mail,
): Promise<boolean> {
  const done = await withToken(tokenHash, "reset-password", async (sql, { userId, email }) => {
    const { isVerified } = await readAccount(sql, userId);
    await sql.query(
      `update auth.users set password_hash = $2, email_verified_at = coalesce(email_verified_at, now())
       where id = $1`,
      [userId, passwordHash],
    );
    if (!isVerified) await sql.query("delete from auth.two_factors where user_id = $1", [userId]);
    await endAllAccess(sql, userId);
    await enqueueMail(sql, noticeTo(email!));
    return true;
  });
  return done ?? false;
}

/** false: the link is of no use (any more). */
export async function verifyEmail(tokenHash: string): Promise<boolean> {
  const done = await withToken(tokenHash, "verify-email", async (sql, { userId, email }) => {
    const { rowCount } = await sql.query(
      "update auth.users set email_verified_at = coalesce(email_verified_at, now()) where id = $1 and email = $2",
      [userId, email],
    );
    return rowCount === 1;
  });
  return done ?? false;
}

export type EmailChanged = { ok: true; userId: string; email: string } | { ok: false; reason: "link" | "taken" };

/** The address that the link was sent to becomes the account's. All sessions end. `noticeTo`: what the old address is told. */
export async function changeEmail(tokenHash: string, noticeTo: (oldEmail: string) => Mail): Promise<EmailChanged> {
  try {
    const done = await withToken(tokenHash, "change-email", async (sql, { userId, email }) => {
      const old = await readAccount(sql, userId);
      await sql.query("update auth.users set email = $2, email_verified_at = now() where id = $1", [userId, email]);
      await endAllAccess(sql, userId);
      await enqueueMail(sql, noticeTo(old.email));
      return { ok: true as const, userId, email: email! };
    });
    return done ?? { ok: false, reason: "link" };
  } catch (error) {
    if ((error as pg.DatabaseError).code === "23505") return { ok: false, reason: "taken" };
    throw error;
  }
}

/**
 * Deletes the person and all that is theirs alone: sessions, memberships, mails.
 * Answers the organizations that nobody else owns; where there are any, nothing is deleted.
 */
export async function deleteAccount(userId: string, farewell: Mail): Promise<string[]> {
  return asUser(userId, async (sql) => {
    const { rows } = await sql.query<{ organization: string }>("select organization from auth.delete_account()");
    if (rows.length === 0) await enqueueMail(sql, farewell);
    return rows.map(({ organization }) => organization);
  });
}
