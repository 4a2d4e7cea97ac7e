import type pg from "pg";
import { mayHandle, type Actor } from "../domain/access/membership.ts";
import { roles, type MemberRole } from "../domain/access/permissions.ts";
import { asOrganization } from "./as-organization.ts";
import { asUser } from "./as-user.ts";
import { isUuid, type Sql } from "./client.ts";
import { mailOfMembership } from "./membership-mail.ts";

/** Somebody who belongs to an organization. `siteIds`: the sites they see; null: all. */
export interface OrganizationMember {
  userId: string;
  name: string;
  email: string;
  role: MemberRole;
  siteIds: string[] | null;
  createdAt: Date;
}

const select = `select user_id as "userId", name, email, role, site_ids as "siteIds", created_at as "createdAt" from energy.members()`;

/** Owners first, then by how long they belong. */
export async function listMembers(organizationId: string): Promise<OrganizationMember[]> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<OrganizationMember>(
      `${select} order by array_position($1::text[], role), created_at, user_id`,
      [roles],
    );
    return rows;
  });
}

export async function getMember(organizationId: string, userId: string): Promise<OrganizationMember | null> {
  return isUuid(userId) ? asOrganization(organizationId, (sql) => find(sql, userId)) : null;
}

async function find(sql: Sql, userId: string): Promise<OrganizationMember | null> {
  const { rows } = await sql.query<OrganizationMember>(`${select} where user_id = $1`, [userId]);
  return rows[0] ?? null;
}

/** Who changes it: a person (whose role is looked up when it is done, not when the page was loaded), or an API key. */
export type By = { userId: string } | Actor;

export type MemberFault = "not-found" | "not-allowed" | "last-owner" | "no-such-site" | "owner-sees-all";

/** The name of the exception that energy.keep_an_owner raises. */
const isLastOwner = (error: unknown) => (error as pg.DatabaseError).message === "last-owner";

/**
 * Runs a change of members while no other one of the organization runs: what it read of roles still holds when it writes.
 */
async function changing<T>(organizationId: string, work: (sql: Sql) => Promise<T>): Promise<T | "last-owner"> {
  try {
    return await asOrganization(organizationId, async (sql) => {
      await sql.query("select from energy.organizations for no key update");
      return work(sql);
    });
  } catch (error) {
    if (isLastOwner(error)) return "last-owner";
    throw error;
  }
}

/** What somebody may do at this moment. Who is no member any more may nothing. */
export async function actorOf(sql: Sql, by: By): Promise<Actor> {
  if (!("userId" in by)) return by;
  const { rows } = await sql.query<Actor>(
    `select role, site_ids as "siteIds" from energy.memberships where user_id = $1`,
    [by.userId],
  );
  return rows[0] ?? { role: "viewer", siteIds: [] };
}

/** Whether all of these are sites of the organization. */
export async function areSites(sql: Sql, siteIds: readonly string[]): Promise<boolean> {
  if (!siteIds.every(isUuid)) return false;
  const { rows } = await sql.query<{ n: number }>("select count(*)::int as n from energy.sites where id = any ($1)", [
    siteIds,
  ]);
  return rows[0]!.n === new Set(siteIds).size;
}

/** Another role, or other sites (null: all); they are told by mail. An owner sees all sites; who becomes one does from then on. */
export async function changeMember(
  organizationId: string,
  { by, userId }: { by: By; userId: string },
  patch: { role?: MemberRole | undefined; siteIds?: readonly string[] | null | undefined },
): Promise<OrganizationMember | MemberFault> {
  if (!isUuid(userId)) return "not-found";
  return changing(organizationId, async (sql) => {
    const before = await find(sql, userId);
    if (!before) return "not-found";
    const role = patch.role ?? before.role;
    const siteIds = patch.siteIds !== undefined ? patch.siteIds : role === "owner" ? null : before.siteIds;
    const actor = await actorOf(sql, by);
    if (!mayHandle(actor, before.role) || !mayHandle(actor, role)) return "not-allowed";
    if (role === "owner" && siteIds !== null) return "owner-sees-all";
    if (siteIds && !(await areSites(sql, siteIds))) return "no-such-site";
    await sql.query("update energy.memberships set role = $2, site_ids = $3 where user_id = $1", [
      userId,
      role,
      siteIds,
    ]);
    const after = (await find(sql, userId))!;
    await mailOfMembership(sql, before, after);
    return after;
  });
}

/** They are told by mail. */
export async function removeMember(
  organizationId: string,
  { by, userId }: { by: By; userId: string },
): Promise<"removed" | MemberFault> {
  if (!isUuid(userId)) return "not-found";
  return changing(organizationId, async (sql) => {
    const before = await find(sql, userId);
    if (!before) return "not-found";
    if (!mayHandle(await actorOf(sql, by), before.role)) return "not-allowed";
    await sql.query("delete from energy.memberships where user_id = $1", [userId]);
    await mailOfMembership(sql, before, null);
    return "removed";
  });
}

/** An owner makes another member the owner in their place, and is an admin from then on: both or neither. */
export async function transferOwnership(
  organizationId: string,
  { from, to }: { from: string; to: string },
): Promise<"transferred" | MemberFault> {
  if (!isUuid(to) || from === to) return "not-found";
  return changing(organizationId, async (sql) => {
    if (!mayHandle(await actorOf(sql, { userId: from }), "owner")) return "not-allowed";
    const [heir, giver] = [await find(sql, to), await find(sql, from)];
    if (!heir || !giver) return "not-found";
    await sql.query("update energy.memberships set role = 'owner', site_ids = null where user_id = $1", [to]);
    await sql.query("update energy.memberships set role = 'admin' where user_id = $1", [from]);
    await mailOfMembership(sql, heir, { ...heir, role: "owner", siteIds: null });
    await mailOfMembership(sql, giver, { ...giver, role: "admin" });
    return "transferred";
  });
}

/** A person leaves by themselves, also one who is limited to some sites. */
export async function leaveOrganization(
  userId: string,
  organizationId: string,
): Promise<"left" | "not-found" | "last-owner"> {
  try {
    const { rowCount } = await asUser(userId, (sql) =>
      sql.query("delete from energy.memberships where organization_id = $1 and user_id = $2", [organizationId, userId]),
    );
    return rowCount ? "left" : "not-found";
  } catch (error) {
    if (isLastOwner(error)) return "last-owner";
    throw error;
  }
}
