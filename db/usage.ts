import { warningShare, type Quota } from "../domain/access/quota.ts";
import { asOrganization } from "./as-organization.ts";
import { asSystem, systemPool } from "./as-system.ts";
import type { Sql } from "./client.ts";
import { enqueueMail } from "./mail.ts";

/** What an organization uses of its plan. */
export interface Usage {
  plan: string;
  /** null: history is kept for ever. */
  retentionDays: number | null;
  /** `most` null: no limit. */
  quotas: { quota: Quota; used: number; most: number | null }[];
  /** Readings that came in, and that were more than the plan has, by UTC day ("2026-03-01"); at most 31, those with none left out. */
  days: { day: string; readings: number; refused: number }[];
}

interface QuotaRow {
  title: string;
  retentionDays: number | null;
  quota: Quota;
  used: number;
  most: number | null;
}

/** null: it is not for who asks, because they see some sites only. */
export function usageOf(organizationId: string): Promise<Usage | null> {
  return asOrganization(organizationId, async (sql) => {
    const { rows } = await sql.query<QuotaRow>(
      `select title, retention_days as "retentionDays", quota, used, most from energy.current_usage()`,
    );
    const { rows: days } = await sql.query<Usage["days"][number]>(
      "select day, readings, refused from energy.current_usage_days()",
    );
    const [first] = rows;
    if (!first) return null;
    const quotas = rows.map(({ quota, used, most }) => ({ quota, used, most }));
    return { plan: first.title, retentionDays: first.retentionDays, quotas, days };
  });
}

/** What one ingest took since it last wrote it down. */
export interface UsageAdded {
  organizationId: string;
  /** UTC, "2026-03-01". */
  day: string;
  readings: number;
  refused: number;
}

/** An organization's readings of a day by all processes, and what its plan has. */
export interface UsageSoFar {
  organizationId: string;
  day: string;
  readings: number;
  most: number | null;
}

/** Adds up. Answers for each where it stands. An organization that is gone is left out. */
export async function addUsage(added: readonly UsageAdded[]): Promise<UsageSoFar[]> {
  const { rows } = await systemPool().query<UsageSoFar>(
    `with given as (
       select o.id as organization_id, g.day, g.readings, g.refused, p.readings_per_day as most
       from unnest($1::uuid[], $2::date[], $3::int8[], $4::int8[]) as g(organization_id, day, readings, refused)
       join energy.organizations o on o.id = g.organization_id join energy.plans p on p.name = o.plan),
     stored as (
       insert into energy.usage_days as u (organization_id, day, readings, refused)
       select organization_id, day, readings, refused from given order by organization_id, day
       on conflict (organization_id, day) do update
         set readings = u.readings + excluded.readings, refused = u.refused + excluded.refused
       returning organization_id, day, readings)
     select g.organization_id as "organizationId", s.readings, g.most, g.day::text as day
     from given g join stored s using (organization_id, day)`,
    [
      added.map(({ organizationId }) => organizationId),
      added.map(({ day }) => day),
      added.map(({ readings }) => readings),
      added.map(({ refused }) => refused),
    ],
  );
  return rows;
}

interface Nearly {
  organizationId: string;
  organization: string;
  quota: Quota;
  used: number;
  most: number;
}

/**
 * Tells the owners of organizations that use most of something, once a period: a UTC day for readings, else a month.
 * @param usageUrl where they see it. Answers how many organizations were told of something.
 */
export async function warnOfQuotas(usageUrl: string): Promise<number> {
  return asSystem(async (sql) => {
    const { rows } = await sql.query<Nearly>(
      `with nearly as (
         select o.id, o.name, q as quota, energy.used(o.id, q) as used, energy.quota(o.id, q) as most
         from energy.organizations o cross join unnest(array['devices', 'channels', 'members', 'readings']) q
         where o.plan in (select p.name from energy.plans p
           where coalesce(p.devices, p.channels, p.members, p.readings_per_day) is not null)),
       noted as (
         insert into energy.quota_warnings (organization_id, quota, period)
         select id, quota, case quota when 'readings' then energy.utc_day() else date_trunc('month', energy.utc_day())::date end
         from nearly where used >= $1::float8 * most on conflict do nothing returning organization_id, quota)
       select n.id as "organizationId", n.name as organization, n.quota, n.used, n.most
       from nearly n join noted d on d.organization_id = n.id and d.quota = n.quota`,
      [warningShare],
    );
    for (const nearly of rows) await tellOwners(sql, nearly, usageUrl);
    return new Set(rows.map(({ organizationId }) => organizationId)).size;
  });
}

async function tellOwners(sql: Sql, { organizationId, ...told }: Nearly, usageUrl: string): Promise<void> {
  const { rows } = await sql.query<{ email: string }>("select email from energy.owners_of($1)", [organizationId]);
  // The mail is the organization's, and goes when that goes.
  await sql.query("select set_config('app.organization_id', $1, true)", [organizationId]);
  for (const { email } of rows) {
    const data = { ...told, usageUrl: `${usageUrl}?organization=${organizationId}` };
    await enqueueMail(sql, { to: email, template: "quota-warning", data });
  }
  await sql.query("select set_config('app.organization_id', '', true)");
}

/** A month is shown; a year lets who runs the platform look back. */
export async function forgetOldUsage(sql: Sql): Promise<void> {
  await sql.query("delete from energy.usage_days where day < energy.utc_day() - 400");
  await sql.query("delete from energy.quota_warnings where period < energy.utc_day() - 400");
}
