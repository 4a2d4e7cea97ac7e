import type { Mail } from "../domain/mail/templates.ts";
import { asUser } from "./as-user.ts";
import type { Sql } from "./client.ts";
import { enqueueMail } from "./mail.ts";
import { seal, unseal, type Place } from "./seal.ts";

/** A person's second factor. Recovery codes arrive here hashed (SHA-256). */
export interface TwoFactor {
  /** Base32. null: sealed under another APP_SECRET; only a recovery code lets in then. */
  secret: string | null;
  isConfirmed: boolean;
}

const placeOf = (userId: string): Place => ({ column: "auth.two_factors.secret_sealed", row: userId });

export async function getTwoFactor(userId: string): Promise<TwoFactor | null> {
  return asUser(userId, async (sql) => {
    const { rows } = await sql.query<{ sealed: string; isConfirmed: boolean }>(
      `select secret_sealed as sealed, confirmed_at is not null as "isConfirmed" from auth.two_factors where user_id = $1`,
      [userId],
    );
    const [found] = rows;
    return found ? { secret: unseal(found.sealed, placeOf(userId)), isConfirmed: found.isConfirmed } : null;
  });
}

/** Begins to set it up, or begins again. One that is on stays as it is. */
export async function beginTwoFactor(userId: string, secret: string): Promise<void> {
  await asUser(userId, (sql) =>
    sql.query(
      `insert into auth.two_factors as f (user_id, secret_sealed) values ($1, $2)
       on conflict (user_id) do update set secret_sealed = excluded.secret_sealed, created_at = now(), last_step = 0
       where f.confirmed_at is null`,
      [userId, seal(secret, placeOf(userId))],
    ),
  );
}

/**
 * Switches it on with the first code, of this step, and ends all sessions.
 * false: there is nothing to switch on, or the code was used already.
 */
export async function confirmTwoFactor(
  userId: string,
  { step, codeHashes, notice }: { step: number; codeHashes: readonly string[]; notice: Mail },
): Promise<boolean> {
  return asUser(userId, async (sql) => {
    const { rowCount } = await sql.query(
      `update auth.two_factors set confirmed_at = now(), last_step = $2
       where user_id = $1 and confirmed_at is null and last_step < $2`,
      [userId, step],
    );
    if (rowCount === 0) return false;
    await keepCodes(sql, userId, codeHashes);
    await sql.query("delete from auth.sessions where user_id = $1", [userId]);
    await enqueueMail(sql, notice);
    return true;
  });
}

/** Uses the code of a step. false: it, or a later one, was used already. */
export async function takeStep(userId: string, step: number): Promise<boolean> {
  return asUser(userId, async (sql) => {
    const { rowCount } = await sql.query(
      `update auth.two_factors set last_step = $2
       where user_id = $1 and confirmed_at is not null and last_step < $2`,
      [userId, step],
    );
    return rowCount === 1;
  });
}

/** Uses a recovery code, and tells its owner. false: there is none, or it was used already. */
export async function takeRecoveryCode(userId: string, hash: string, notice: Mail): Promise<boolean> {
  return asUser(userId, async (sql) => {
    const { rowCount } = await sql.query(
      "update auth.recovery_codes set used_at = now() where user_id = $1 and hash = $2 and used_at is null",
      [userId, hash],
    );
    if (rowCount === 0) return false;
    await enqueueMail(sql, notice);
    return true;
  });
}

export async function replaceRecoveryCodes(userId: string, codeHashes: readonly string[], notice: Mail): Promise<void> {
  await asUser(userId, async (sql) => {
    await sql.query("delete from auth.recovery_codes where user_id = $1", [userId]);
    await keepCodes(sql, userId, codeHashes);
    await enqueueMail(sql, notice);
  });
}

/** Switches it off, and ends all sessions. */
export async function removeTwoFactor(userId: string, notice: Mail): Promise<void> {
  await asUser(userId, async (sql) => {
    await sql.query("delete from auth.two_factors where user_id = $1", [userId]);
    await sql.query("delete from auth.sessions where user_id = $1", [userId]);
    await enqueueMail(sql, notice);
  });
}

const keepCodes = (sql: Sql, userId: string, codeHashes: readonly string[]) =>
  sql.query("insert into auth.recovery_codes (user_id, hash) select $1, unnest($2::text[])", [userId, codeHashes]);
