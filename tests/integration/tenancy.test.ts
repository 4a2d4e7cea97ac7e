import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDevice } from "../../db/devices.ts";
import { seal } from "../../db/seal.ts";
import { asOrganization } from "../../db/as-organization.ts";
import { asUser, asNobody } from "../../db/as-user.ts";
import { saveSession } from "../../db/accounts.ts";
import { database } from "../../db/client.ts";
import { enqueue } from "../../db/jobs.ts";
import type { CreatedOrganization } from "../../cli/org.ts";
import { createImport, putChunk } from "../../db/imports.ts";
import { addChannel, makeTenant, openTestDatabase, sha256, type OpenDatabase } from "../support/tenants.ts";

/** Whatever a page forgets to ask for, the database shows one tenant's rows, or none. */
interface Tenant extends CreatedOrganization {
  deviceId: string;
  channelId: number;
}

let db: OpenDatabase;
let anna: Tenant;
let ben: Tenant;

beforeAll(async () => {
  db = await openTestDatabase();
  anna = await furnish("anna");
  ben = await furnish("ben");
});

afterAll(() => db.close());

/** An organization with a row in every table and view that a tenant has. */
async function furnish(name: string): Promise<Tenant> {
  const made = await makeTenant(name);
  const { organizationId, siteId, userId } = made;
  const kept = {
    username: `d-${name}`,
    passwordHash: sha256(`p ${name}`),
    tokenHash: sha256(`t ${name}`),
    passwordSealed: seal(`p ${name}`),
  };
  const device = await createDevice(organizationId, { siteId, name, kind: "device" }, kept);
  const deviceId = device!.id;
  await saveSession(userId, sha256(`session ${name}`), new Date(Date.now() + 60_000));
  const now = Math.floor(Date.now() / 1000) * 1000;
  const channelId = await addChannel(db.owner, { organizationId, deviceId, metric: "power", readings: [[now, 5]] });
  const file = { deviceId, fileName: `${name}.csv`, size: 3, options: null, createdBy: userId };
  const started = await createImport(organizationId, file);
  if (typeof started === "string") throw new Error(started);
  await putChunk(organizationId, { importId: started.id, number: 0, bytes: new Uint8Array(3) });
  const day = "(date '2026-01-01')";
  await db.owner.query(`
    insert into telemetry.states values (${channelId}, now(), '${name}');
    insert into telemetry.rollup_buckets values (${channelId}, now(), 1, 0, 0, 0, 900, 1, 1, 1, 1, 1);
    insert into telemetry.rollup_days (channel_id, day, energy_kwh, covered_s, count) values (${channelId}, ${day}, '{1}', '{900}', '{1}');
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
    insert into energy.meter_groups (organization_id, site_id, name) values ('${organizationId}', '${siteId}', '${name}');
    insert into energy.virtual_meters (organization_id, site_id, name, formula, medium, unit)
      values ('${organizationId}', '${siteId}', '${name}', 'c${channelId}', 'electricity', 'kWh');
    with made as (insert into energy.exports (organization_id) values ('${organizationId}') returning id)
      insert into energy.export_chunks (export_id, number, organization_id, bytes) select id, 0, '${organizationId}', '' from made;
    insert into energy.deletions (organization_id, due_at) values ('${organizationId}', now() + interval '1 day');
    insert into telemetry.parked (device_id, awaits, expires_at, received_at, envelope, payload)
      values ('${deviceId}', '${name}', now(), now(), '{}', '')`);
  return { ...made, deviceId, channelId };
}

/** Tables and views that a role may read, as "schema.name". */
async function readable(role: string, schema: string): Promise<string[]> {
  const { rows } = await db.owner.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $2 and c.relkind in ('r', 'p', 'v', 'm', 'f') and has_table_privilege($1, c.oid, 'select') order by 1`,
    [role, schema],
  );
  return rows.map((row) => row.name);
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
  "memberships",
  "meter_groups",
  "meter_replacements",
  "organizations",
  "sites",
  "virtual_meters",
];
const views = [
  ...["cadence", "estimated_gaps", "events", "latest", "readings", "reading_rows", "reading_days"],
  ...["rollup_buckets", "rollup_days", "states"],
].map((name) => `channel_${name}`);
const organizationSees = [
  ...tenantTables,
  ...views,
  "device_hours",
  "device_messages",
  "device_parked",
  "device_rejects",
].map((name) => `energy.${name}`);

/** Everything of a relation as one text, and how many rows it is. */
const whole = (relation: string) =>
  `select coalesce(json_agg(r)::text, '') as text, count(*)::int as n from ${relation} r`;

describe("a forgotten where clause, in an organization's context", () => {
  test("the relations below are all that there are", async () => {
    expect(
      (await readable("energy_organization", "energy")).filter((name) => !organizationSees.includes(name)),
    ).toEqual([]);
    expect(await readable("energy_organization", "auth")).toEqual([]);
  });

  test.each(organizationSees)("%s: nothing without an organization", async (relation) => {
    const { rows } = await database().organization.query<{ n: number }>(whole(relation));
    expect(rows[0]!.n).toBe(0);
  });

  test.each(organizationSees)("%s: nothing of another organization", async (relation) => {
    const { rows } = await asOrganization(anna.organizationId, (sql) =>
      sql.query<{ text: string; n: number }>(whole(relation)),
    );
    const { text, n } = rows[0]!;
    expect(n).toBeGreaterThan(0);
    for (const secret of [
      ben.organizationId,
      ben.deviceId,
      ben.siteId,
      ben.userId,
      `"channel_id":${ben.channelId},`,
      '"ben',
    ]) {
      expect(text).not.toContain(secret);
    }
  });

  test.each(organizationSees)("%s: nothing for an organization that does not exist", async (relation) => {
    const nobody = "00000000-0000-4000-8000-000000000000";
    const { rows } = await asOrganization(nobody, (sql) => sql.query<{ n: number }>(whole(relation)));
    expect(rows[0]!.n).toBe(0);
  });

  test("changes and deletions reach only one's own", async () => {
    await asOrganization(anna.organizationId, async (sql) => {
      expect((await sql.query("update energy.sites set name = 'taken'")).rowCount).toBe(1);
      await sql.query("delete from energy.api_keys");
    });
    const { rows } = await db.owner.query("select name from energy.sites where organization_id = $1", [
      ben.organizationId,
    ]);
    expect(rows).toEqual([{ name: "Home" }]);
    expect((await db.owner.query("select from energy.api_keys")).rowCount).toBe(1);
  });

  test.each([
    [
      "a site for another",
      "insert into energy.sites (organization_id, name, timezone, currency) values ($1, 'x', 'UTC', 'EUR')",
    ],
    ["one's own site to another", "update energy.sites set organization_id = $1"],
  ])("%s: refused", async (_what, statement) => {
    const attempt = asOrganization(anna.organizationId, (sql) => sql.query(statement, [ben.organizationId]));
    await expect(attempt).rejects.toThrow(/row-level security/);
  });

  test("the context ends with its transaction, also when that fails", async () => {
    const failing = asOrganization(anna.organizationId, (sql) => sql.query("select 1 / 0"));
    await expect(failing).rejects.toThrow(/division by zero/);
    for (let i = 0; i < 12; i++) {
      const { rows } = await database().organization.query(`select current_setting('app.organization_id', true) as id`);
      expect(rows[0]).toEqual({ id: "" });
    }
  });
});

describe("a forgotten where clause, in a person's context", () => {
  const own = ["auth.sessions", "auth.users", "energy.memberships", "energy.organizations", "energy.sites"];

  test("the relations below are all that there are", async () => {
    // rate_limits is the login throttle's: keys of nobody in particular.
    expect(await readable("energy_user", "auth")).toEqual(["auth.rate_limits", "auth.sessions", "auth.users"]);
    expect(await readable("energy_user", "energy")).toEqual(own.filter((name) => name.startsWith("energy.")));
  });

  test.each(own)("%s", async (relation) => {
    expect((await asNobody().query<{ n: number }>(whole(relation))).rows[0]!.n).toBe(0);
    const { rows } = await asUser(anna.userId, (sql) => sql.query<{ text: string; n: number }>(whole(relation)));
    expect(rows[0]!.n).toBe(1);
    for (const secret of [ben.organizationId, ben.userId, ben.siteId, "ben@"])
      expect(rows[0]!.text).not.toContain(secret);
  });
});

describe("what the roles may do", () => {
  const web = ["energy_organization", "energy_user"];

  test.each(web)("%s has no rights in telemetry and the queue", async (role) => {
    const { rows } = await db.owner.query(
      `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ('telemetry', 'graphile_worker') and c.relkind in ('r', 'p', 'v', 'm', 'S')
         and case when c.relkind = 'S' then has_sequence_privilege($1, c.oid, 'usage, select, update')
           else has_table_privilege($1, c.oid, 'select, insert, update, delete, truncate') end
       union all select nspname from pg_namespace
       where nspname in ('telemetry', 'graphile_worker') and has_schema_privilege($1, oid, 'usage, create')`,
      [role],
    );
    expect(rows).toEqual([]);
    const pool = role === "energy_user" ? database().user : database().organization;
    await expect(pool.query("select * from telemetry.readings")).rejects.toThrow(/permission denied/);
    await expect(pool.query("select * from graphile_worker.jobs")).rejects.toThrow(/permission denied/);
  });

  test("none is a superuser or passes row-level security by", async () => {
    const { rows } = await db.owner.query(
      "select rolname from pg_roles where rolname like 'energy\\_%' and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)",
    );
    expect(rows).toEqual([]);
  });

  test("every table of energy and auth has row-level security", async () => {
    const { rows } = await db.owner.query(
      `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ('energy', 'auth') and c.relkind in ('r', 'p') and not c.relrowsecurity`,
    );
    expect(rows).toEqual([]);
  });

  test("every view of energy is a security barrier", async () => {
    const { rows } = await db.owner.query(
      `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'energy' and c.relkind in ('v', 'm')
         and not coalesce('security_barrier=true' = any (c.reloptions), false)`,
    );
    expect(rows).toEqual([]);
  });

  test("what runs with the owner's rights has a fixed search path and is not everybody's", async () => {
    const { rows } = await db.owner.query(
      `select p.oid::regprocedure::text as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where n.nspname in ('energy', 'auth', 'telemetry') and p.prosecdef
         and (not exists (select from unnest(p.proconfig) as s where s like 'search_path=%')
           or exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0))`,
    );
    expect(rows).toEqual([]);
  });
});

describe("what an organization can set going", () => {
  test("a job carries the organization that put it in, whatever its payload says", async () => {
    const payload = { organizationId: ben.organizationId, deviceId: ben.deviceId };
    await asOrganization(anna.organizationId, (sql) => enqueue(sql, "delete-device", payload, { key: "forged" }));
    const { rows } = await db.owner.query("select payload from graphile_worker._private_jobs where key = 'forged'");
    expect(rows).toEqual([{ payload: { organizationId: anna.organizationId, deviceId: ben.deviceId } }]);
  });

  test("another's channel is not read anew", async () => {
    const marks = async () =>
      (await db.owner.query("select from telemetry.dirty where channel_id = $1", [ben.channelId])).rowCount;
    const before = await marks();
    const mark = (tenant: Tenant) =>
      asOrganization(tenant.organizationId, (sql) =>
        sql.query("select energy.mark_channel_dirty($1)", [ben.channelId]),
      );
    await mark(anna);
    expect(await marks()).toBe(before);
    await mark(ben);
    expect(await marks()).toBe(before! + 1);
  });
});
