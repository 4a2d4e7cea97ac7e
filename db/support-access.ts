import { asOrganization } from "./as-organization.ts";
import { asUser } from "./as-user.ts";
import { isUuid } from "./client.ts";

/**
 * Looking into a tenant for support: an owner consents for some hours, an admin of the platform goes in under that consent and
 * is a viewer there, and either side ends it at any time. Nothing else lets an admin see what is a tenant's.
 */
export const supportHours = [1, 4, 24] as const;

/** The consent that holds now. */
export interface Support {
  /** Address of the owner who gave it; null: their account is gone. */
  grantedBy: string | null;
  grantedAt: Date;
  expiresAt: Date;
  /** Addresses of those who are in. */
  visitors: string[];
}

export function supportOf(organizationId: string): Promise<Support | null> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<Support>(
      `select granted_by as "grantedBy", granted_at as "grantedAt", expires_at as "expiresAt", visitors from energy.current_support()`,
    );
    return rows[0] ?? null;
  });
}

/** An owner lets support look in from now on, in place of an earlier consent. false: they are no owner. */
export function grantSupport(
  organizationId: string,
  { userId, hours }: { userId: string; hours: (typeof supportHours)[number] },
): Promise<boolean> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<{ done: boolean }>("select energy.grant_support($1, $2) as done", [userId, hours]);
    return rows[0]!.done;
  });
}

/** Ends the consent and every visit under it. */
export async function endSupport(organizationId: string): Promise<void> {
  await asOrganization(organizationId, (sql) => sql.query("select energy.end_support()"));
}

/** An admin of the platform goes in. false: nobody lets them. @throws for who is no admin. */
export async function enterForSupport(userId: string, organizationId: string): Promise<boolean> {
  if (!isUuid(organizationId)) return false;
  return asUser(userId, async (sql) => {
    const { rows } = await sql.query<{ done: boolean }>("select energy.enter_support($1) as done", [organizationId]);
    return rows[0]!.done;
  });
}

export async function leaveSupport(userId: string, organizationId: string): Promise<void> {
  if (!isUuid(organizationId)) return;
  await asUser(userId, (sql) => sql.query("select energy.leave_support($1)", [organizationId]));
}
