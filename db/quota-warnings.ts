import { warningShare, type Quota } from "../domain/access/quota.ts";
import { announce } from "./announce.ts";
import { asSystem } from "./as-system.ts";
import type { Sql } from "./client.ts";
import { enqueueMail } from "./mail.ts";

interface Nearly {
  organizationId: string;
  organization: string;
  quota: Quota;
  used: number;
  most: number;
  level: "near" | "full";
}

/**
 * Tells the owners of organizations that use most of something, and once more at the limit; each once a period: a UTC day for
 * readings, else a month.
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
         insert into energy.quota_warnings (organization_id, quota, period, level)
         select n.id, n.quota, p.period, case when n.used >= n.most then 'full' else 'near' end
         from nearly n cross join lateral (
           select case n.quota when 'readings' then energy.utc_day() else date_trunc('month', energy.utc_day())::date end as period) p
         where n.used >= $1::float8 * n.most and not exists (select from energy.quota_warnings w
           where w.organization_id = n.id and w.quota = n.quota and w.period = p.period and w.level = 'full')
         on conflict do nothing returning organization_id, quota, level)
       select n.id as "organizationId", n.name as organization, n.quota, n.used, n.most, d.level
       from nearly n join noted d on d.organization_id = n.id and d.quota = n.quota`,
      [warningShare],
    );
    for (const { level, ...nearly } of rows) {
      await tellOwners(sql, nearly, usageUrl);
      const { organizationId, quota, used, most } = nearly;
      await announce(sql, `usage.${level}`, { quota, used, most }, { organizationId });
    }
    return new Set(rows.map(({ organizationId }) => organizationId)).size;
  });
}

async function tellOwners(
  sql: Sql,
  { organizationId, ...told }: Omit<Nearly, "level">,
  usageUrl: string,
): Promise<void> {
  const { rows } = await sql.query<{ email: string }>("select email from energy.owners_of($1)", [organizationId]);
  // The mail is the organization's, and goes when that goes.
  await sql.query("select set_config('app.organization_id', $1, true)", [organizationId]);
  for (const { email } of rows) {
    const data = { ...told, usageUrl: `${usageUrl}?organization=${organizationId}` };
    await enqueueMail(sql, { to: email, template: "quota-warning", data });
  }
  await sql.query("select set_config('app.organization_id', '', true)");
}
