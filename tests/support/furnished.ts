import type pg from "pg";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { saveSession } from "../../db/accounts.ts";
import { asSystem } from "../../db/as-system.ts";
import { createDevice } from "../../db/devices.ts";
import { createImport, putChunk } from "../../db/imports.ts";
import { enqueue } from "../../db/jobs.ts";
import { packOldReadings } from "../../db/pack-readings.ts";
import { packOldBuckets } from "../../db/rollups.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";
import { addChannel, makeTenant, sha256 } from "./tenants.ts";

/** An organization with something in every table that a tenant has: a new table needs a row here. */
export interface Furnished {
  organizationId: string;
  userId: string;
  siteId: string;
  deviceId: string;
  channels: number[];
  /** What must never leave the installation. */
  secrets: string[];
}

const quarter = 900_000;
const dayMs = 86_400_000;

export async function furnishOrganization(owner: pg.Client, name: string): Promise<Furnished> {
  const { organizationId, siteId, userId, apiKey } = await makeTenant(name, "Europe/Berlin");
  const { shown, kept } = newCredential();
  const device = await createDevice(organizationId, { siteId, name: `=${name}\t"1"\\N\n`, kind: "gateway" }, kept);
  const deviceId = device!.id;
  await saveSession(userId, sha256(`session ${name}`), new Date(Date.now() + 60_000));
  const now = Math.floor(Date.now() / quarter) * quarter;
  const readings = (from: number, valueOf: (i: number) => number): [number, number][] =>
    Array.from({ length: 300 }, (_, i) => [from + i * quarter, valueOf(i)]);
  const given = { organizationId, deviceId };
  const counter = { quantity: "energy", unit: "kWh", kind: "counter", direction: "import" };
  const channels = [
    await addChannel(owner, {
      ...{ ...given, metric: "power" },
      readings: readings(now - 3 * dayMs, (i) => 1000 / (i + 3)),
    }),
    await addChannel(owner, {
      ...{ ...given, ...counter, metric: "energy.import" },
      readings: readings(now - 400 * dayMs, (i) => i * 0.1),
    }),
    await addChannel(owner, {
      ...{ ...given, ...counter, metric: "energy.export" },
      readings: readings(now - 20 * dayMs, (i) => (i < 200 ? 1_000_000 + i * 333 : i * 7)),
    }),
    await addChannel(owner, { ...given, metric: "online", kind: "state", quantity: "state", unit: null }),
  ];
  await owner.query("update energy.channels set scale = 0.001, shift = 0.25 where id = $1", [channels[2]]);
  await people(owner, { organizationId, siteId, userId, deviceId, channels });
  while ((await rollUpOnce()) > 0);
  await asSystem((sql) => packOldBuckets(sql, now));
  await packOldReadings(now, new AbortController().signal);
  await devices(owner, { deviceId, channels });
  await waiting({ organizationId, deviceId, userId });
  await platform(owner, { organizationId, userId });
  await owner.query("update energy.channels set parent_id = $2 where id = $1", [channels[1], channels[2]]);
  await owner.query("update energy.devices set gateway_id = id, external_id = 'self' where id = $1", [deviceId]);
  const hashes = [kept.passwordHash, kept.tokenHash, kept.passwordSealed, sha256(apiKey)];
  const secrets = [...hashes, shown.password, shown.token, apiKey, sha256(`session ${name}`)];
  return { organizationId, userId, siteId, deviceId, channels, secrets };
}

/** What people made: rows that refer to one another, also in a circle. */
async function people(owner: pg.Client, { organizationId, siteId, userId, channels }: Omit<Furnished, "secrets">) {
  const [power, counter] = channels;
  const whose = `'${organizationId}'`;
  await owner.query(`
    with contract as (insert into energy.contracts (organization_id, site_id, name, medium, channel_id, created_by)
        values (${whose}, '${siteId}', 'Power', 'electricity', ${power}, '${userId}') returning id),
      version as (insert into energy.contract_versions (organization_id, contract_id, valid_from, tariff)
        select ${whose}, id, '2026-01-01', '{"name": "flat"}' from contract)
      insert into energy.bill_checks (organization_id, contract_id, from_day, to_day, items, total)
        select ${whose}, id, '2026-01-01', '2026-02-01', '[]', 12345.678901 from contract;
    insert into energy.raw_retention (organization_id, days) values (${whose}, 400);
    insert into energy.invitations (organization_id, email, role, token_hash, expires_at)
      values (${whose}, 'guest@example.org', 'viewer', 'invitation ' || ${whose}, now());
    insert into energy.shared_links (organization_id, site_id, name, what, token_hash, expires_at)
      values (${whose}, '${siteId}', 'Neighbours', 'overview', 'link ' || ${whose}, now());
    insert into auth.mails (organization_id, recipient, template, data_sealed) values (${whose}, 'guest@example.org', 'invitation', 'x');
    insert into energy.meter_groups (organization_id, site_id, name) values (${whose}, '${siteId}', 'Cellar');
    insert into energy.virtual_meters (organization_id, site_id, name, formula, medium, unit, parent_id, group_id)
      select ${whose}, '${siteId}', 'Twice', 'c${power} * 2 + c${power}', 'electricity', 'kWh', ${counter}, id
      from energy.meter_groups where organization_id = ${whose};
    update energy.channels set parent_virtual_id = (select id from energy.virtual_meters where organization_id = ${whose}) where id = ${power};
    insert into energy.corrections (organization_id, channel_id, what, from_time, to_time, reason)
      values (${whose}, ${power}, 'exclude', now() - interval '2 days', now() - interval '1 day', '=cmd()');
    insert into energy.corrections (organization_id, channel_id, what, undoes)
      select ${whose}, ${power}, 'undo', id from energy.corrections where organization_id = ${whose};
    insert into energy.meter_replacements (organization_id, channel_id, at)
      select ${whose}, ${counter}, min(time) + interval '1 day' from telemetry.readings where channel_id = ${counter};`);
}

/** What devices leave behind beside their readings. */
async function devices(owner: pg.Client, { deviceId, channels }: Pick<Furnished, "deviceId" | "channels">) {
  const state = channels[3];
  await owner.query(`
    insert into telemetry.states values (${state}, now(), '\\N "=1+1"');
    insert into telemetry.latest values (${state}, now(), null, 'on', now()) on conflict do nothing;
    insert into telemetry.dirty values (${channels[0]}, now(), now());
    insert into telemetry.rejects values ('${deviceId}', now(), 'malformed', 1, now(), 'd', 'mqtt', 'a', 's');
    insert into telemetry.messages values ('${deviceId}', 1, now(), 'mqtt', 'a', 'p', null, '[]', '[]');
    insert into telemetry.decoder_states values ('${deviceId}', 'sparkplug-b', '{"births": 1}');
    insert into telemetry.device_hours values ('${deviceId}', now(), 1, 1, 0, now(), 0.1);`);
  await owner.query(
    `insert into telemetry.parked (device_id, awaits, expires_at, received_at, envelope, payload)
     values ($1, 'birth', now(), now(), '{"topic": "a\\\\b"}', $2)`,
    [deviceId, Buffer.from([0, 1, 10, 9, 92, 255])],
  );
}

/** An import that was begun, and jobs. */
async function waiting({
  organizationId,
  deviceId,
  userId,
}: Pick<Furnished, "organizationId" | "deviceId" | "userId">) {
  const file = { deviceId, fileName: "year.csv", size: 3, options: null, createdBy: userId };
  const begun = await createImport(organizationId, file);
  if (typeof begun === "string") throw new Error(begun);
  await putChunk(organizationId, { importId: begun.id, number: 0, bytes: new Uint8Array(3) });
  const later = { runAt: new Date("2100-01-01Z") };
  await asSystem((sql) => enqueue(sql, "delete-device", { organizationId, deviceId }, later));
  const deliveryId = "00000000-0000-4000-8000-000000000000";
  await asSystem((sql) => enqueue(sql, "deliver-webhook", { organizationId, deliveryId }, later));
  await asSystem((sql) => enqueue(sql, "settle-device", { organizationId, deviceId }, later));
}

/** How many rows of each table of the database have anything of an organization: its ids in any column, its channels' numbers. */
export async function traces(owner: pg.Client, of: Furnished): Promise<Record<string, number>> {
  const { rows: tables } = await owner.query<{ name: string; byChannel: boolean }>(
    `select format('%I.%I', n.nspname, c.relname) as name, exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'channel_id') as "byChannel"
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname !~ '^(pg_|information_schema|_?timescaledb)' and c.relkind in ('r', 'p') and not c.relispartition`,
  );
  const ids = [of.organizationId, of.siteId, of.deviceId].map((id) => `%${id}%`);
  const found: Record<string, number> = {};
  for (const { name, byChannel } of tables) {
    const { rows } = await owner.query<{ n: number }>(
      `select count(*) as n from ${name} t where t::text like any ($1) ${byChannel ? "or t.channel_id = any ($2)" : "and $2::int[] is not null"}`,
      [ids, of.channels],
    );
    if (rows[0]!.n) found[name] = rows[0]!.n;
  }
  return found;
}

/** The readings and quarter-hours of every channel, as they are stored, whatever they lie in. */
export async function figuresOf(owner: pg.Client, organizationId: string) {
  const { rows } = await owner.query<{ key: string; scale: number; readings: string; buckets: string }>(
    `select c.key, c.scale, (select json_agg(json_build_array(r.time, r.value) order by r.time)::text
        from telemetry.readings_between(c.id, '-infinity', 'infinity') r) as readings,
      (select json_agg(b order by b.start)::text from (
        select start, energy_kwh, reverse_kwh, estimated_kwh, estimated_reverse_kwh, covered_s, mean, min, max, count, last
        from telemetry.rollup_buckets where channel_id = c.id
        union all
        select d.day::timestamp at time zone 'UTC' + (i - 1) * interval '15 minutes', coalesce(u.e, 0), coalesce(u.r, 0),
          coalesce(u.s, 0), coalesce(u.sr, 0), coalesce(u.c, 900), u.mean, u.min, u.max, coalesce(u.k, 0), u.last
        from telemetry.rollup_days d
        cross join lateral unnest(array_fill(0, array[96]), telemetry.float8s(d.energy_kwh), telemetry.float8s(d.reverse_kwh),
          telemetry.float8s(d.estimated_kwh), telemetry.float8s(d.estimated_reverse_kwh), telemetry.float8s(d.covered_s),
          telemetry.float8s(d.mean), telemetry.float8s(d.min), telemetry.float8s(d.max), telemetry.int4s(d.count),
          telemetry.float8s(d.last)) with ordinality as u(slot, e, r, s, sr, c, mean, min, max, k, last, i)
        where d.channel_id = c.id and (u.e <> 0 or u.c is null or u.c <> 0 or u.k <> 0)) b) as buckets
     from energy.channels c where c.organization_id = $1 order by c.key`,
    [organizationId],
  );
  return rows;
}

/** What who runs the installation keeps of an organization. */
async function platform(owner: pg.Client, { organizationId, userId }: Pick<Furnished, "organizationId" | "userId">) {
  await owner.query(`insert into energy.usage_days values ($1, '2026-01-01', 5, 1)`, [organizationId]);
  await owner.query(`insert into energy.quota_warnings values ($1, 'devices', '2026-01-01')`, [organizationId]);
  await owner.query(
    `with made as (insert into energy.webhooks (id, organization_id, name, url, events, secrets_sealed, created_by)
         values (gen_random_uuid(), $1, 'Home Assistant', 'https://home.example/energy', '{device.silent}', 'whsec sealed', $2) returning id),
       told as (insert into energy.webhook_deliveries (organization_id, webhook_id, type, occurred_at, data)
         select $1, id, 'webhook.test', now(), '{}' from made)
     insert into energy.silent_devices (device_id, organization_id, since) select id, $1, now() from energy.devices where organization_id = $1`,
    [organizationId, userId],
  );
  await owner.query(
    `with given as (insert into energy.support_grants (organization_id, granted_by, expires_at)
       values ($1, $2, now() + interval '1 hour') returning id)
     insert into energy.support_visits (organization_id, grant_id, user_id) select $1, id, $2 from given`,
    [organizationId, userId],
  );
}
