import { asSystem } from "./as-system.ts";
import type { Sql } from "./client.ts";

/** What only the people who run the installation do, from a terminal, and the worker. */

/** Sets a password and ends that person's sessions. false: nobody has this address. */
export async function setPassword(email: string, passwordHash: string): Promise<boolean> {
  const { rows } = await asSystem((sql) =>
    sql.query<{ id: string | null }>("select auth.set_password($1, $2) as id", [email, passwordHash]),
  );
  return rows[0]?.id !== null;
}

export async function invite(email: string, tokenHash: string, expiresAt: Date): Promise<void> {
  await asSystem((sql) => sql.query("select auth.invite($1, $2, $3)", [email, tokenHash, expiresAt]));
}

/** Switches a person's two-factor login off and ends their sessions. false: nobody with this address has it on. */
export async function removeTwoFactorOf(email: string): Promise<boolean> {
  const { rows } = await asSystem((sql) =>
    sql.query<{ done: boolean }>("select auth.remove_two_factor($1) as done", [email]),
  );
  return rows[0]!.done;
}

/** A token for a new password. false: nobody has this address. */
export async function issueResetToken(sql: Sql, email: string, hash: string, expiresAt: Date): Promise<boolean> {
  const { rows } = await sql.query<{ issued: boolean }>("select auth.issue_reset_token($1, $2, $3) as issued", [
    email,
    hash,
    expiresAt,
  ]);
  return rows[0]!.issued;
}

/** Removes sessions and tokens that have run out. */
export async function forgetExpired(sql: Sql): Promise<void> {
  await sql.query("select auth.forget_expired()");
}

/** Who may open /admin. false: nobody has this address. */
export async function setPlatformAdmin(email: string, isAdmin: boolean): Promise<boolean> {
  const { rows } = await asSystem((sql) =>
    sql.query<{ done: boolean }>("select auth.set_platform_admin($1, $2) as done", [email, isAdmin]),
  );
  return rows[0]!.done;
}

export async function listPlatformAdmins(): Promise<{ email: string; grantedAt: Date }[]> {
  const { rows } = await asSystem((sql) =>
    sql.query<{ email: string; grantedAt: Date }>(
      `select email, granted_at as "grantedAt" from auth.platform_admins()`,
    ),
  );
  return rows;
}

/** The plan without limits, for an organization that was made from the terminal. */
export async function liftLimits(organizationId: string): Promise<void> {
  await asSystem((sql) =>
    sql.query("update energy.organizations set plan = 'unlimited' where id = $1", [organizationId]),
  );
}
