import { randomBytes } from "node:crypto";
import type pg from "pg";
import { startSession } from "../../app/auth/session.server.ts";
import type { MemberRole } from "../../domain/access/permissions.ts";
import { origin, type Person } from "./pages.ts";

/** Somebody with an account and a session, who belongs nowhere yet. Their password is none that could be typed. */
export async function account(owner: pg.Client, email = `${randomBytes(6).toString("hex")}@example.org`) {
  const { rows } = await owner.query<{ id: string }>(
    "insert into auth.users (email, name, password_hash) values ($1, split_part($1, '@', 1), 'none') returning id",
    [email],
  );
  const userId = rows[0]!.id;
  const cookie = (await startSession(new Request(origin), userId)).split(";")[0]!;
  return { userId, email, cookie };
}

/** A member of somebody's organization. */
export async function member(
  owner: pg.Client,
  { organizationId, siteId }: Pick<Person, "organizationId" | "siteId">,
  { role, siteIds = null, email }: { role: MemberRole; siteIds?: string[] | null; email?: string },
): Promise<Person & { email: string }> {
  const made = await account(owner, email);
  await owner.query(
    "insert into energy.memberships (organization_id, user_id, role, site_ids) values ($1, $2, $3, $4)",
    [organizationId, made.userId, role, siteIds],
  );
  return { ...made, organizationId, siteId };
}

/** As if they had set up two-factor login; nobody knows its seed. */
export async function giveSecondFactor(owner: pg.Client, email: string): Promise<void> {
  await owner.query(
    `insert into auth.two_factors (user_id, secret_sealed, confirmed_at) select id, 'none', now() from auth.users where email = $1`,
    [email],
  );
}

/** Makes somebody what they could not be alone: the database does not let the last owner become anything else. */
export async function becomes(owner: pg.Client, userId: string, role: MemberRole): Promise<void> {
  await owner.query(
    `begin; set local session_replication_role = replica;
     update energy.memberships set role = '${role}' where user_id = '${userId}'; commit`,
  );
}
