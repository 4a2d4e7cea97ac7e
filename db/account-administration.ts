import { systemPool } from "./as-system.ts";

/** What only the people who run the installation do, from a terminal. */

/** Sets a password and ends that person's sessions. false: nobody has this address. */
export async function setPassword(email: string, passwordHash: string): Promise<boolean> {
  const { rows } = await systemPool().query<{ id: string | null }>("select auth.set_password($1, $2) as id", [
    email,
    passwordHash,
  ]);
  return rows[0]?.id !== null;
}

export async function invite(email: string, tokenHash: string, expiresAt: Date): Promise<void> {
  await systemPool().query("select auth.invite($1, $2, $3)", [email, tokenHash, expiresAt]);
}

/** Who may open /admin. false: nobody has this address. */
export async function setPlatformAdmin(email: string, isAdmin: boolean): Promise<boolean> {
  const { rows } = await systemPool().query<{ done: boolean }>("select auth.set_platform_admin($1, $2) as done", [
    email,
    isAdmin,
  ]);
  return rows[0]!.done;
}

export async function listPlatformAdmins(): Promise<{ email: string; grantedAt: Date }[]> {
  const { rows } = await systemPool().query<{ email: string; grantedAt: Date }>(
    `select email, granted_at as "grantedAt" from auth.platform_admins()`,
  );
  return rows;
}

/** The plan without limits, for an organization that was made from the terminal. */
export async function liftLimits(organizationId: string): Promise<void> {
  await systemPool().query("update energy.organizations set plan = 'unlimited' where id = $1", [organizationId]);
}
