import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asOrganization } from "../../db/as-organization.ts";
import { asUser, asNobody } from "../../db/as-user.ts";
import { database } from "../../db/client.ts";
import { enqueue } from "../../db/jobs.ts";
import { furnish, organizationSees, whole, type Tenant } from "../support/furniture.ts";
import { openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

/** Whatever a page forgets to ask for, the database shows one tenant's rows, or none. */
let db: OpenDatabase;
let anna: Tenant;
let ben: Tenant;

beforeAll(async () => {
  db = await openTestDatabase();
  anna = await furnish(db.owner, "anna");
  ben = await furnish(db.owner, "ben");
});

afterAll(() => db.close());

/** Tables and views that a role may read, as "schema.name". */
async function readable(role: string, schema: string): Promise<string[]> {
  const { rows } = await db.owner.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $2 and c.relkind in ('r', 'p', 'v', 'm', 'f') and has_table_privilege($1, c.oid, 'select') order by 1`,
    [role, schema],
  );
  return rows.map((row) => row.name);
}

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
  const ownAuth = ["recovery_codes", "sessions", "tokens", "two_factors", "users"].map((name) => `auth.${name}`);
  const own = [...ownAuth, "energy.memberships", "energy.organizations", "energy.sites"];

  test("the relations below are all that there are", async () => {
    // rate_limits is the login throttle's: keys of nobody in particular.
    expect(await readable("energy_user", "auth")).toEqual([...ownAuth, "auth.rate_limits"].sort());
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
