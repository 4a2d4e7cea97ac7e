import type { Sql } from "./client.ts";

/**
 * Which tables hold rows of an organization, asked of the catalogue: one that a migration adds is exported, imported and erased
 * without anybody thinking of it. What is left out is named here, with the reason (tests/integration/data-rights.test.ts).
 */
export interface OrganizationTable {
  /** "energy.devices" */
  name: string;
  /** The column that says whose a row is. */
  key: "organization_id" | "device_id" | "channel_id" | "id";
  columns: { name: string; isGenerated: boolean }[];
}

/** Not in an export. */
export const notExported: Readonly<Record<string, string>> = {
  "auth.mails": "letters on their way, emptied once they are sent",
  "energy.idempotency_keys": "answers to programs, kept for a day",
  "energy.exports": "it says something of the export itself",
  "energy.export_chunks": "it says something of the export itself",
  "energy.deletions": "it says something of this installation",
  "energy.webhook_deliveries": "messages of the last 30 days, which say what the rest of the export says",
  "energy.silent_devices": "which devices are silent at present is seen by their readings",
  "energy.import_chunks": "pieces of files that were sent, until they are imported",
  "telemetry.readings": "in readings/, a file for each channel",
  "telemetry.reading_days": "in readings/, a file for each channel",
  "telemetry.rollup_buckets": "in energy/, a file for each channel",
  "telemetry.rollup_days": "in energy/, a file for each channel",
  "telemetry.dirty": "what the roll-up has still to do",
  "telemetry.cadence": "learned from the readings, and learned again",
  "telemetry.estimated_gaps": "found in the readings, and found again",
};

/** In an export to be read, and not taken into another installation. */
export const notImported: Readonly<Record<string, string>> = {
  "audit.events": "an installation's log says what happened in that installation",
  "energy.organizations": "its name is taken; the rest is the installation's to say",
  "energy.memberships": "nobody becomes a member of anything by a file: whoever imports becomes the owner, and invites",
  "energy.credentials": "secrets are not exported: a device gets a new credential",
  "energy.api_keys": "secrets are not exported: a program gets a new key",
  "energy.webhooks": "secrets are not exported: a webhook is made anew",
  "energy.usage_days": "what came in at that installation, by its plan",
  "energy.quota_warnings": "what was told at that installation",
  "energy.support_grants": "consent is given to who runs an installation, not to another",
  "energy.support_visits": "who looked in at that installation",
  "energy.imports": "what was imported is among the readings",
  "telemetry.meter_events": "found in the readings, and found again",
};

const secret = /(hash|sealed|secret|token|password)/;

/** Whether rows of a table can be made from an export: not without the secrets that it leaves out. */
export const isImported = ({ name, columns }: OrganizationTable): boolean =>
  !(name in notImported) && !columns.some((column) => secret.test(column.name));

/** Every table with rows of an organization that the role may read, the ones above included. */
export async function organizationTables(sql: Sql): Promise<OrganizationTable[]> {
  const { rows } = await sql.query<OrganizationTable>(
    `select n.nspname || '.' || c.relname as name, k.key,
       (select json_agg(json_build_object('name', a.attname, 'isGenerated', a.attidentity = 'a') order by a.attnum)
        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     cross join lateral (
       select a.attname::text as key from pg_attribute a
       where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         and (a.attname in ('organization_id', 'device_id', 'channel_id') or a.attname = 'id' and c.oid = 'energy.organizations'::regclass)
       order by a.attname = 'organization_id' desc, a.attname = 'device_id' desc limit 1) k
     where n.nspname in ('auth', 'energy', 'telemetry', 'analytics', 'audit') and c.relkind in ('r', 'p') and not c.relispartition
       and has_table_privilege(c.oid, 'select')
     order by 1`,
  );
  return rows;
}
