import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { CreatedOrganization } from "../../cli/org.ts";
import { saveSession } from "../../db/accounts.ts";
import { createDevice } from "../../db/devices.ts";
import { createImport, putChunk } from "../../db/imports.ts";
import { sealPassword } from "../../db/credentials.ts";
import { seal } from "../../db/seal.ts";
import { addChannel, makeTenant, sha256 } from "./tenants.ts";

export type Tenant = CreatedOrganization & Furniture;

/** Of what a site has one each. */
export interface Furniture {
  deviceId: string;
  channelId: number;
}

/** An organization with a row in every table and view that a tenant has. */
export async function furnish(owner: pg.Client, name: string): Promise<Tenant> {
  const made = await makeTenant(name);
  await saveSession(made.userId, sha256(`session ${name}`), new Date(Date.now() + 60_000));
  const webhookId = randomUUID();
  const secrets = seal("[]", { column: "energy.webhooks.secrets_sealed", row: webhookId });
  await owner.query(`
    insert into energy.invitations (organization_id, email, role, token_hash, expires_at)
      values ('${made.organizationId}', 'guest@example.org', 'viewer', 'invitation ${name}', now());
    insert into energy.raw_retention (organization_id, days) values ('${made.organizationId}', 400);
    with made as (insert into energy.exports (organization_id) values ('${made.organizationId}') returning id)
      insert into energy.export_chunks (export_id, number, organization_id, bytes) select id, 0, '${made.organizationId}', '' from made;
    with made as (insert into energy.webhooks (id, organization_id, name, url, events, secrets_sealed)
        values ('${webhookId}', '${made.organizationId}', '${name}', 'https://${name}.example/', '{device.back}', '${secrets}') returning id)
      insert into energy.webhook_deliveries (organization_id, webhook_id, type, occurred_at, data)
        select '${made.organizationId}', id, 'webhook.test', now(), '{}' from made;
    insert into energy.deletions (organization_id, due_at) values ('${made.organizationId}', now() + interval '1 day');
    insert into auth.tokens (hash, user_id, purpose, expires_at) values ('token ${name}', '${made.userId}', 'verify-email', now());
    insert into auth.two_factors (user_id, secret_sealed) values ('${made.userId}', '${name}');
    insert into auth.recovery_codes (user_id, hash) values ('${made.userId}', 'code ${name}')`);
  return { ...made, ...(await furnishSite(owner, made, name)) };
}

export async function furnishSite(
  owner: pg.Client,
  { organizationId, siteId, userId }: Pick<CreatedOrganization, "organizationId" | "siteId" | "userId">,
  name: string,
): Promise<Furniture> {
  const kept = {
    username: `d-${name}`,
    passwordHash: sha256(`p ${name}`),
    tokenHash: sha256(`t ${name}`),
    passwordSealed: sealPassword(`d-${name}`, `p ${name}`),
  };
  const device = await createDevice(organizationId, { siteId, name, kind: "device" }, kept);
  const deviceId = device!.id;
  const now = Math.floor(Date.now() / 1000) * 1000;
  const channelId = await addChannel(owner, { organizationId, deviceId, metric: "power", readings: [[now, 5]] });
  const file = { deviceId, fileName: `${name}.csv`, size: 3, options: null, createdBy: userId };
  const started = await createImport(organizationId, file);
  if (typeof started === "string") throw new Error(started);
  await putChunk(organizationId, { importId: started.id, number: 0, bytes: new Uint8Array(3) });
  const day = "(date '2026-01-01')";
  await owner.query(`
    insert into telemetry.states values (${channelId}, now(), '${name}');
    insert into telemetry.rollup_buckets values (${channelId}, now(), 1, 0, 0, 0, 900, 1, 1, 1, 1, 1);
    insert into telemetry.rollup_days (channel_id, day, energy_kwh) select ${channelId}, ${day}, telemetry.float8_bytes(array_fill(1::float8, array[96]));
    insert into telemetry.reading_days (channel_id, day, first_time, last_time, count, step_us, tick_us, divisor, first_whole)
      values (${channelId}, ${day}, '2026-01-01Z', '2026-01-01Z', 1, 0, 1, 1, 1);
    insert into telemetry.cadence values (${channelId}, ${day}, 10, now());
    insert into telemetry.meter_events values (${channelId}, now(), 'reset', 2, 1, 1, 2, now(), now(), now(), 10, false);
    insert into telemetry.estimated_gaps values (${channelId}, now(), now());
    insert into telemetry.rejects values ('${deviceId}', now(), 'malformed', 1, now(), '${name}', 'mqtt', '${name}', '${name}');
    insert into telemetry.messages values ('${deviceId}', 1, now(), 'mqtt', '${name}', '${name}', null, '[]', '[]');
    insert into telemetry.device_hours values ('${deviceId}', now(), 1, 1, 0, now(), null);
    insert into energy.meter_replacements (organization_id, channel_id, at) values ('${organizationId}', ${channelId}, now());
    with contract as (insert into energy.contracts (organization_id, site_id, name, medium)
        values ('${organizationId}', '${siteId}', '${name}', 'electricity') returning id)
      insert into energy.contract_versions (organization_id, contract_id, valid_from, tariff)
        select '${organizationId}', id, ${day}, '{}' from contract;
    insert into energy.bill_checks (organization_id, contract_id, from_day, to_day, items, total)
      select organization_id, id, ${day}, ${day} + 1, '[]', 1 from energy.contracts where site_id = '${siteId}';
    insert into energy.corrections (organization_id, channel_id, what, from_time, amount)
      values ('${organizationId}', ${channelId}, 'reading', now(), 1);
    insert into energy.meter_groups (organization_id, site_id, name) values ('${organizationId}', '${siteId}', '${name}');
    insert into energy.shared_links (organization_id, site_id, name, what, token_hash, expires_at)
      values ('${organizationId}', '${siteId}', '${name}', 'overview', 'link ${name}', now());
    insert into energy.virtual_meters (organization_id, site_id, name, formula, medium, unit)
      values ('${organizationId}', '${siteId}', '${name}', 'c${channelId}', 'electricity', 'kWh');
    insert into telemetry.parked (device_id, awaits, expires_at, received_at, envelope, payload)
      values ('${deviceId}', '${name}', now(), now(), '{}', '')`);
  return { deviceId, channelId };
}

const tenantTables = [
  "api_keys",
  "bill_checks",
  "channels",
  "contract_versions",
  "contracts",
  "corrections",
  "credentials",
  "deletions",
  "devices",
  "export_chunks",
  "exports",
  "import_chunks",
  "imports",
  "invitations",
  "memberships",
  "meter_groups",
  "meter_replacements",
  "organizations",
  "raw_retention",
  "shared_links",
  "sites",
  "virtual_meters",
  "webhook_deliveries",
  "webhooks",
];
const views = [
  ...["cadence", "estimated_gaps", "events", "latest", "readings", "reading_rows", "reading_days"],
  ...["rollup_buckets", "rollup_days", "states"],
].map((name) => `channel_${name}`);
/** What the organization's role may read: tables, and views of telemetry. */
export const organizationSees = [
  ...tenantTables,
  ...views,
  "device_hours",
  "device_messages",
  "device_parked",
  "device_rejects",
].map((name) => `energy.${name}`);

/** Everything of a relation as one text, and how many rows it is. */
export const whole = (relation: string) =>
  `select coalesce(json_agg(r)::text, '') as text, count(*)::int as n from ${relation} r`;
