import { createHash, randomBytes } from "node:crypto";
import { asNobody, asUser } from "./as-user.ts";
import type { Sql } from "./client.ts";
import { jobs } from "./jobs.ts";

/** What links in mails and half-finished logins stand for. Tokens arrive here hashed (SHA-256). */
export type TokenPurpose = "verify-email" | "reset-password" | "change-email" | "second-factor";

/** 192 random bits for a link or a cookie, and the hash that is kept of it. */
export function makeToken(): { token: string; hash: string } {
  const token = randomBytes(24).toString("base64url");
  return { token, hash: hashToken(token) };
}

export const hashToken = (token: string): string => createHash("sha256").update(token).digest("hex");

export interface NewToken {
  hash: string;
  purpose: TokenPurpose;
  /** The address that following the link proves. */
  email: string | null;
  expiresAt: Date;
}

/** In the person's own context. */
export async function issueToken(
  sql: Sql,
  userId: string,
  { hash, purpose, email, expiresAt }: NewToken,
): Promise<void> {
  await sql.query(
    "insert into auth.tokens (hash, user_id, purpose, email, expires_at) values ($1, $2, $3, lower($4), $5)",
    [hash, userId, purpose, email, expiresAt],
  );
}

/** Whose token it is, without using it. null: there is none, it was used, or it has run out. */
export async function tokenOwner(
  hash: string,
  purpose: TokenPurpose,
): Promise<{ userId: string; email: string | null } | null> {
  const { rows } = await asNobody().query<{ userId: string; email: string | null }>(
    `select user_id as "userId", email from auth.token_owner($1, $2)`,
    [hash, purpose],
  );
  return rows[0] ?? null;
}

/** Uses a token: of two who come at once, one gets it. null as above. */
export async function takeToken(
  sql: Sql,
  hash: string,
  purpose: TokenPurpose,
): Promise<{ email: string | null } | null> {
  const { rows } = await sql.query<{ email: string | null }>(
    "delete from auth.tokens where hash = $1 and purpose = $2 and expires_at > now() returning email",
    [hash, purpose],
  );
  return rows[0] ?? null;
}

/**
 * Runs `work` with a token, in its owner's context and in the transaction that uses it up. null: the token is of no use (any
 * more). What `work` throws leaves the token as it was.
 */
export async function withToken<T>(
  hash: string,
  purpose: TokenPurpose,
  work: (sql: Sql, owner: { userId: string; email: string | null }) => Promise<T>,
): Promise<T | null> {
  const owner = await tokenOwner(hash, purpose);
  if (!owner) return null;
  return asUser(owner.userId, async (sql) => {
    const taken = await takeToken(sql, hash, purpose);
    return taken ? work(sql, { userId: owner.userId, email: taken.email }) : null;
  });
}

/** Has a mail with a link for a new password written, if anybody has this address: the same work whether or not. */
export async function requestReset(email: string): Promise<void> {
  await asNobody().query("select auth.request_reset($1, $2)", [email, jobs["write-reset-mail"].attempts]);
}
