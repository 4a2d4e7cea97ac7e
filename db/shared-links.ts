import { asOrganization } from "./as-organization.ts";
import { asNobody } from "./as-user.ts";
import { isUuid, type Sql } from "./client.ts";

/** What a link can show: one page of a site. */
export const sharedPages = ["overview", "flows", "costs"] as const;
export type SharedPage = (typeof sharedPages)[number];
export const sharedRanges = ["day", "week", "month", "year"] as const;
export type SharedRange = (typeof sharedRanges)[number];

/** One page of one site for whoever has the link. Its secret arrives here hashed (SHA-256). */
export interface SharedLink {
  id: string;
  siteId: string;
  siteName: string;
  /** For whom it is, in its maker's words. */
  name: string;
  what: SharedPage;
  /** Of flows and costs: which period, by a day in it ("2026-11-01"); null: the running one. */
  range: SharedRange | null;
  atDay: string | null;
  createdBy: string | null;
  createdAt: Date;
  expiresAt: Date;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
}

/** So many may be open at once. */
export const mostLinks = 200;

const select = `select l.id, l.site_id as "siteId", s.name as "siteName", l.name, l.what, l.range, l.at_day::text as "atDay",
  energy.member_name(l.created_by) as "createdBy", l.created_at as "createdAt", l.expires_at as "expiresAt",
  l.revoked_at as "revokedAt", l.last_used_at as "lastUsedAt"
  from energy.shared_links l join energy.sites s on s.id = l.site_id`;

/** Those that are open, and what ended in the last 30 days; the newest first. */
export async function listLinks(organizationId: string): Promise<SharedLink[]> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<SharedLink>(
      `${select} where least(l.revoked_at, l.expires_at) > now() - interval '30 days' order by l.created_at desc, l.id`,
    );
    return rows;
  });
}

export async function getLink(organizationId: string, id: string): Promise<SharedLink | null> {
  return isUuid(id) ? asOrganization(organizationId, (sql) => find(sql, id)) : null;
}

async function find(sql: Sql, id: string): Promise<SharedLink | null> {
  const { rows } = await sql.query<SharedLink>(`${select} where l.id = $1`, [id]);
  return rows[0] ?? null;
}

export interface NewLink {
  siteId: string;
  name: string;
  what: SharedPage;
  range: SharedRange | null;
  atDay: string | null;
  tokenHash: string;
  /** null: an API key. */
  createdBy: string | null;
  days: number;
}

export async function createLink(
  organizationId: string,
  link: NewLink,
): Promise<SharedLink | "no-such-site" | "too-many"> {
  if (!isUuid(link.siteId)) return "no-such-site";
  return asOrganization(organizationId, async (sql) => {
    if (!(await sql.query("select from energy.sites where id = $1", [link.siteId])).rowCount) return "no-such-site";
    const open = await sql.query("select from energy.shared_links where revoked_at is null and expires_at > now()");
    if ((open.rowCount ?? 0) >= mostLinks) return "too-many";
    const { rows } = await sql.query<{ id: string }>(
      `insert into energy.shared_links (organization_id, site_id, name, what, range, at_day, token_hash, created_by, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, now() + $9 * interval '1 day') returning id`,
      [
        ...[organizationId, link.siteId, link.name, link.what, link.range, link.atDay],
        ...[link.tokenHash, link.createdBy, link.days],
      ],
    );
    return (await find(sql, rows[0]!.id))!;
  });
}

/** It opens nothing any more. null: there is no such link. */
export async function revokeLink(organizationId: string, id: string): Promise<SharedLink | null> {
  if (!isUuid(id)) return null;
  return asOrganization(organizationId, async (sql) => {
    await sql.query("update energy.shared_links set revoked_at = coalesce(revoked_at, now()) where id = $1", [id]);
    return find(sql, id);
  });
}

/** What the secret opens; null: nothing, or nothing any more. */
export async function openLink(tokenHash: string): Promise<{
  organizationId: string;
  siteId: string;
  what: SharedPage;
  range: SharedRange | null;
  atDay: string | null;
} | null> {
  const { rows } = await asNobody().query(
    `select organization_id as "organizationId", site_id as "siteId", what, range, at_day as "atDay" from energy.open_link($1)`,
    [tokenHash],
  );
  return rows[0] ?? null;
}
