import { warningShare, type Quota } from "../domain/access/quota.ts";
import { asSystem } from "./as-system.ts";
import type { Sql } from "./client.ts";
import { enqueueMail } from "./mail.ts";

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
