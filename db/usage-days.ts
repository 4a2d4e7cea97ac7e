import { systemPool } from "./as-system.ts";
import type { Sql } from "./client.ts";

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

/** A month is shown; a year lets who runs the platform look back. */
export async function forgetOldUsage(sql: Sql): Promise<void> {
  await sql.query("delete from energy.usage_days where day < energy.utc_day() - 400");
  await sql.query("delete from energy.quota_warnings where period < energy.utc_day() - 400");
}
