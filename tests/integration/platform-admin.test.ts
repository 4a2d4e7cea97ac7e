import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { loader as healthPage } from "../../app/routes/admin._index.tsx";
import { action as changePlan, loader as organizationsPage } from "../../app/routes/admin.organizations.tsx";
import { action as savePlan, loader as plansPage } from "../../app/routes/admin.plans.tsx";
import { action as retry, loader as queuePage } from "../../app/routes/admin.queue.tsx";
import { action as lookIn } from "../../app/routes/admin.support.ts";
import { loader as layout } from "../../app/routes/admin.tsx";
import { action as organizationPage, loader as organizationLoader } from "../../app/routes/organization._index.tsx";
import { loader as organizationFrame } from "../../app/routes/organization.tsx";
import { loader as overview } from "../../app/routes/sites.$siteId._index.tsx";
import { loader as siteFrame } from "../../app/routes/sites.$siteId.tsx";
import { action as settings } from "../../app/routes/sites.$siteId.settings.tsx";
import { command as adminCommand } from "../../cli/admin.ts";
import { setPlatformAdmin } from "../../db/account-administration.ts";
import { asUser } from "../../db/as-user.ts";
import { asSystem } from "../../db/as-system.ts";
import { enqueueMail } from "../../db/mail.ts";
import { requireSite } from "../../app/auth/require-member.server.ts";
import { loader as devicesPage } from "../../app/routes/sites.$siteId.devices._index.tsx";
import { runAs } from "../../db/actor.ts";
import { beginAdmission } from "../../db/admission.ts";
import { auditPage } from "../../db/audit.ts";
import { startHeartbeat } from "../../db/heartbeat.ts";
import { ProcessRow } from "../../db/processes.ts";
import { open, send, someone, type Page, type Person } from "../support/pages.ts";
import { log } from "../../platform/log.ts";
import { until } from "../support/clients.ts";
import { account, giveSecondFactor, member } from "../support/organization-members.ts";
import { openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

/** The people who run the platform: what they see and do, and what not. */
let db: OpenDatabase;
let admin: Person;
let tenant: Person;

beforeAll(async () => {
  db = await openTestDatabase();
  const { email, ...who } = await account(db.owner, "root@example.org");
  admin = { ...who, organizationId: "", siteId: "" };
  expect(await setPlatformAdmin(email, true)).toBe(true);
  await giveSecondFactor(db.owner, email);
});
beforeEach(async () => {
  tenant = await someone();
});
afterAll(() => db.close());

const loaders: [string, Page][] = [
  ["admin", layout as Page],
  ["admin._index", healthPage as Page],
  ["admin.organizations", organizationsPage as Page],
  ["admin.plans", plansPage as Page],
  ["admin.queue", queuePage as Page],
];
const actions: [string, Page][] = [
  ["admin.organizations", changePlan as Page],
  ["admin.plans", savePlan as Page],
  ["admin.queue", retry as Page],
  ["admin.support", lookIn as Page],
];

describe("who does not run the platform", () => {
  test.each(loaders)("does not find %s", async (_name, page) => {
    expect((await open(page, tenant.cookie, {})).status).toBe(404);
    expect((await open(page, "", {})).status).toBe(302);
  });

  test.each(actions)("cannot act at %s", async (_name, page) => {
    const form = {
      organization: tenant.organizationId,
      plan: "unlimited",
      name: "x",
      title: "X",
      job: "1",
      intent: "enter",
    };
    expect((await send(page, tenant, {}, form)).status).toBe(404);
  });

  test("is refused by every function of the database", async () => {
    const { rows } = await db.owner.query<{ name: string; args: number; types: string[] }>(
      `select p.oid::regproc::text as name, p.pronargs as args, p.proargtypes::regtype[]::text[] as types from pg_proc p
       where p.pronamespace = 'energy'::regnamespace and p.proname like 'admin\\_%'`,
    );
    expect(rows.length).toBeGreaterThan(8);
    for (const { name, types } of rows) {
      const nothing = types.map((type) => `null::${type}`).join(", ");
      const asked = asUser(tenant.userId, (sql) => sql.query(`select ${name}(${nothing})`));
      await expect(asked, name).rejects.toThrow("not an admin of the platform");
    }
  });
});

test("a command makes somebody an admin, lists and unmakes them; nobody is one from the start", async () => {
  vi.stubEnv("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none");
  expect(adminCommand.commands.map((command) => command.name())).toEqual(["grant", "revoke", "list"]);
  vi.unstubAllEnvs();
  const { email, cookie } = await account(db.owner);
  expect((await open(healthPage as Page, cookie, {})).status).toBe(404);
  expect(await setPlatformAdmin(email.toUpperCase(), true)).toBe(true);
  const led = await open(healthPage as Page, cookie, {});
  expect([led.status, led.headers.get("location")]).toEqual([302, "/account/two-factor"]);
  await giveSecondFactor(db.owner, email);
  expect((await open(healthPage as Page, cookie, {})).status).toBe(200);
  expect(await setPlatformAdmin(email, false)).toBe(true);
  expect((await open(healthPage as Page, cookie, {})).status).toBe(404);
  expect(await setPlatformAdmin("nobody@example.org", true)).toBe(false);
});

describe("the pages", () => {
  test("health: processes that speak and that fell silent, the queue, the database, mail", async () => {
    const [ingest, worker] = [new ProcessRow("ingest"), new ProcessRow("worker")];
    // As a web process begins, which has counted nothing yet.
    const web = await startHeartbeat({
      ...{ kind: "web", counted: { requests: "web_requests_total" }, now: () => ({ streams: 7 }), log },
    });
    await until(async () => (await db.owner.query("select from energy.processes where kind = 'web'")).rowCount === 1);
    await ingest.beat({ facts: { messages: 12.5, connections: 3, spoolBytes: 10 } });
    await worker.beat({ number: 1, queueName: "pool-1" });
    await db.owner.query("update energy.processes set beat_at = now() - interval '1 minute' where kind = 'worker'");
    const { body } = await open(healthPage as Page, admin.cookie, {});
    expect(body).toMatchObject({
      processes: [
        { kind: "ingest", isSilent: false, facts: { messages: 12.5, connections: 3 } },
        { kind: "web", isSilent: false, facts: { requests: 0, streams: 7 } },
        { kind: "worker", isSilent: true },
      ],
      database: { engine: expect.any(String) as string, bytes: expect.any(Number) as number },
      mail: { refused: 0 },
    });
    await Promise.all([ingest.end(), web.stop(), worker.end()]);
  });

  test("organizations are found by name, with numbers, and get another plan", async () => {
    await db.owner.query("update energy.organizations set name = 'Mill Lane' where id = $1", [tenant.organizationId]);
    const found = async () =>
      ((await open(organizationsPage as Page, admin.cookie, {}, "?search=mILL")).body["organizations"] as object[])[0];
    expect(await found()).toMatchObject({ id: tenant.organizationId, devices: 0, members: 1, supportUntil: null });
    const form = { organization: tenant.organizationId, plan: "unlimited" };
    expect((await send(changePlan as Page, admin, {}, form)).status).toBe(200);
    expect(await found()).toMatchObject({ plan: "unlimited", fullest: null });
    expect((await send(changePlan as Page, admin, {}, { ...form, plan: "no-such" })).status).toBe(404);
  });

  test("plans are made and changed; what is no number is said by field", async () => {
    const wrong = await send(savePlan as Page, admin, {}, { of: "new", name: "Big One", title: "", devices: "many" });
    expect(wrong.status).toBe(400);
    expect(Object.keys(wrong.body["errors"] as object)).toEqual(["name", "title", "devices"]);
    const form = { of: "new", name: "big", title: "Big", devices: "5,000", retentionDays: "400" };
    expect((await send(savePlan as Page, admin, {}, form)).status).toBe(200);
    expect((await send(savePlan as Page, admin, {}, { ...form, devices: "6000" })).status).toBe(200);
    const { plans } = (await open(plansPage as Page, admin.cookie, {})).body as { plans: object[] };
    expect(plans).toContainEqual({
      ...{ name: "big", title: "Big", devices: 6000, channels: null, members: null },
      ...{ readingsPerDay: null, retentionDays: 400, organizations: 0 },
    });
  });

  test("failed jobs and mails show why, never what they carry, and are tried again", async () => {
    const mail = {
      to: "anna@example.org",
      template: "verify-email",
      data: { url: "https://energy.test/secret", hours: 1 },
    } as const;
    await asSystem((sql) => enqueueMail(sql, mail));
    await db.owner.query("update auth.mails set last_error = 'no route to anna@example.org', attempts = 3");
    await db.owner.query(
      `update graphile_worker._private_jobs set attempts = max_attempts, last_error = 'boom', run_at = now() + interval '1 day'`,
    );
    const { body } = await open(queuePage as Page, admin.cookie, {});
    const { jobs, mails } = body as { jobs: { id: number }[]; mails: { id: string }[] };
    expect(jobs).toMatchObject([{ task: "send-mail", lastError: "boom" }]);
    expect(mails).toMatchObject([
      { template: "verify-email", recipient: "a…@example.org", lastError: "no route to …" },
    ]);
    expect(JSON.stringify(body)).not.toMatch(/anna|secret|sealed|payload/);
    const due = async () =>
      (await db.owner.query("select attempts::int, run_at <= now() as due from graphile_worker._private_jobs")).rows;
    expect((await send(retry as Page, admin, {}, { job: String(jobs[0]!.id) })).body).toMatchObject({
      done: /now/ as unknown,
    });
    expect(await due()).toEqual([{ attempts: 0, due: true }]);
    await db.owner.query("update graphile_worker._private_jobs set run_at = now() + interval '1 day'");
    await send(retry as Page, admin, {}, { mail: mails[0]!.id });
    expect(await due()).toEqual([{ attempts: 0, due: true }]);
    await db.owner.query("delete from graphile_worker._private_jobs");
    expect((await send(retry as Page, admin, {}, { job: String(jobs[0]!.id) })).body).toEqual({
      done: "It is gone, or is running already",
    });
  });
});

describe("looking into an organization for support", () => {
  const at = (person: Person) => ({ siteId: person.siteId });
  const grant = (by: Person, hours = "1") =>
    send(organizationPage as Page, by, {}, { intent: "grant-support", hours, organization: tenant.organizationId });
  const enter = () => send(lookIn as Page, admin, {}, { intent: "enter", organization: tenant.organizationId });
  const sees = async () => (await open(overview as Page, admin.cookie, at(tenant))).status;

  test("is not possible without an owner's consent", async () => {
    expect(await sees()).toBe(404);
    expect((await enter()).status).toBe(404);
    const other = await member(db.owner, tenant, { role: "admin" });
    expect((await grant(other)).status).toBe(403);
    expect((await grant(tenant, "1000")).status).toBe(400);
    expect((await enter()).status).toBe(404);
  });

  test("is possible as a viewer while the owner allows it, and both sides see it", async () => {
    expect((await grant(tenant)).status).toBe(200);
    expect(await sees()).toBe(404);
    expect((await enter()).status).toBe(302);
    expect(await sees()).toBe(200);
    // Each page once a minute, whoever of its parts asks first, and who it was.
    expect(await sees()).toBe(200);
    await open(devicesPage as Page, admin.cookie, at(tenant));
    const reads = async () =>
      (await auditPage(tenant.organizationId, { action: "support.read" }, { before: null, limit: 10 })).items;
    expect((await reads()).map(({ objectName }) => objectName)).toEqual(["/x"]);
    const live = new Request("http://energy.test/sites/other", {
      headers: { cookie: admin.cookie, host: "energy.test" },
    });
    await runAs({ kind: "person" }, () => beginAdmission(() => requireSite(live, tenant.siteId)));
    expect((await reads()).map(({ objectName }) => objectName)).toEqual(["/sites/other", "/x"]);
    expect((await reads())[0]).toMatchObject({ actor: "person", actorId: admin.userId });
    const own = new Request("http://energy.test/sites/own", {
      headers: { cookie: tenant.cookie, host: "energy.test" },
    });
    await beginAdmission(() => requireSite(own, tenant.siteId));
    expect(await reads()).toHaveLength(2);
    const change = { intent: "settings", name: "Taken" };
    expect((await send(settings as Page, { ...admin, ...at(tenant) }, at(tenant), change)).status).toBe(403);
    const search = `?organization=${tenant.organizationId}`;
    const visitor = await open(siteFrame as Page, admin.cookie, at(tenant));
    expect(visitor.body["support"]).toMatchObject({ side: "visitor", organizationId: tenant.organizationId });
    const owner = await open(organizationFrame as Page, tenant.cookie, {}, search);
    expect(owner.body["support"]).toMatchObject({ side: "member", visitors: ["root@example.org"] });
    expect((await open(organizationLoader as Page, admin.cookie, {}, search)).body).toMatchObject({
      role: "viewer",
      mayGrantSupport: false,
    });
    await send(organizationPage as Page, tenant, {}, { intent: "end-support" });
    expect(await sees()).toBe(404);
    expect((await enter()).status).toBe(404);
    const { rows } = await db.owner.query<{ action: string; name: string | null }>(
      `select action, object_name as name from audit.events where organization_id = $1 and object_type like 'support%' order by id`,
      [tenant.organizationId],
    );
    expect(rows).toEqual([
      { action: "support_grant.created", name: null },
      { action: "support_visit.created", name: "root@example.org" },
      { action: "support.read", name: "/x" },
      { action: "support.read", name: "/sites/other" },
      { action: "support_grant.changed", name: null },
      { action: "support_visit.changed", name: "root@example.org" },
    ]);
  });

  test("ends when they leave, when its time is over, and when they run the platform no more", async () => {
    await grant(tenant);
    await enter();
    await send(lookIn as Page, admin, {}, { intent: "leave", organization: tenant.organizationId });
    expect(await sees()).toBe(404);
    await enter();
    expect(await sees()).toBe(200);
    await setPlatformAdmin("root@example.org", false);
    expect(await sees()).toBe(404);
    await setPlatformAdmin("root@example.org", true);
    expect(await sees()).toBe(404);
    await enter();
    await db.owner.query(
      "update energy.support_grants set granted_at = now() - interval '2 hours', expires_at = now() - interval '1 second'",
    );
    expect(await sees()).toBe(404);
    expect((await enter()).status).toBe(404);
  });
});
