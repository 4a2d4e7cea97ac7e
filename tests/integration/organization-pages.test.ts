import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loader as audit } from "../../app/routes/organization.audit.tsx";
import { loader as auditCsv } from "../../app/routes/organization.audit[.]csv.ts";
import { loader as auditLines } from "../../app/routes/organization.audit[.]jsonl.ts";
import { loader as download } from "../../app/routes/organization.data.$exportId.download.ts";
import { action as change, loader as data } from "../../app/routes/organization.data.tsx";
import { loader as frame } from "../../app/routes/organization.tsx";
import { hashPassword } from "../../app/auth/password.server.ts";
import { runAs } from "../../db/actor.ts";
import { listExports } from "../../db/exports.ts";
import { updateSite } from "../../db/sites.ts";
import { log } from "../../platform/log.ts";
import deleteOrganization from "../../workers/tasks/delete-organization.ts";
import exportOrganization from "../../workers/tasks/export-organization.ts";
import { apiWith } from "../support/api.ts";
import { open, send, someone, type Page, type Person } from "../support/pages.ts";
import { openTestDatabase, sha256, type OpenDatabase } from "../support/tenants.ts";

let db: OpenDatabase;
let anna: Person;
let viewer: Person;
let stranger: Person;
const password = "correct horse battery";
const context = { log, signal: new AbortController().signal };

beforeAll(async () => {
  db = await openTestDatabase();
  anna = await someone();
  stranger = await someone();
  const other = await someone();
  viewer = { ...other, organizationId: anna.organizationId };
  await db.owner.query("update auth.users set password_hash = $2 where id = $1", [
    anna.userId,
    await hashPassword(password),
  ]);
  await db.owner.query("delete from energy.memberships where user_id = $1", [other.userId]);
  await db.owner.query("insert into energy.memberships (organization_id, user_id, role) values ($1, $2, 'viewer')", [
    anna.organizationId,
    other.userId,
  ]);
  await runAs({ kind: "person", id: anna.userId, address: "192.0.2.9" }, () =>
    updateSite(anna.organizationId, anna.siteId, { name: '=HYPERLINK("http://evil")' }),
  );
});
afterAll(() => db?.close());

const textOf = async (page: Page, { cookie }: Person, search = ""): Promise<string> => {
  const request = new Request(`http://energy.test/x${search}`, { headers: { cookie, host: "energy.test" } });
  return ((await page({ request, params: {}, context: {} as never })) as Response).text();
};

describe("the audit log's pages", () => {
  test("show and find", async () => {
    const { body } = await open(audit, anna.cookie, {}, "?action=site.&who=example");
    expect(body["events"]).toMatchObject([
      { action: "site.changed", actorName: expect.stringContaining("@") as string, address: "192.0.2.9" },
    ]);
    expect((await open(audit, anna.cookie, {}, "?text=nowhere-to-be-found")).body["events"]).toEqual([]);
    expect((await open(audit, anna.cookie, {}, "?before=1")).body["events"]).toEqual([]);
  });

  test("as CSV no text is a formula, and as JSON Lines each is one entry", async () => {
    const csv = await textOf(auditCsv, anna, "?action=site.changed");
    const [head, row] = csv.split("\r\n");
    expect(head).toMatch(/^id,time,actor,/);
    expect(row).toContain(`"'=HYPERLINK(""http://evil"")"`);
    const lines = (await textOf(auditLines, anna, "?action=site.changed")).trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { after: unknown }).after)).toEqual([
      { name: '=HYPERLINK("http://evil")' },
    ]);
  });

  test("taking the log along is on record", async () => {
    const { body } = await open(audit, anna.cookie, {}, "?action=audit.exported");
    expect(body["events"]).toMatchObject([
      { after: { format: "jsonl", action: "site.changed" } },
      { after: { format: "csv" } },
    ]);
  });

  test.each<[string, Page]>([
    ["the log", audit],
    ["as CSV", auditCsv],
    ["as JSON Lines", auditLines],
    ["the data", data],
  ])("%s is not for a viewer, nor for nobody", async (_what, page) => {
    expect((await open(page, viewer.cookie, {})).status).toBe(403);
    expect((await open(page, "", {})).status).toBe(302);
  });

  test("the API pages through the same, newest first", async () => {
    const key = "ek_test";
    await db.owner.query(
      "insert into energy.api_keys (organization_id, name, hash, scopes) values ($1, 'Log', $2, '{read,admin}')",
      [anna.organizationId, sha256(key)],
    );
    const call = apiWith(key);
    const first = await call("GET", "/audit?limit=2");
    expect(first.status).toBe(200);
    const second = await call("GET", `/audit?limit=2&cursor=${first.body.nextCursor}`);
    const ids = [...first.body.items, ...second.body.items].map(({ id }: { id: number }) => id);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a));
    expect((await call("GET", "/audit?from=yesterday")).body.errors[0].path).toBe("from");
  });
});

describe("the organization's data", () => {
  test("are made a file of, which its people can fetch, and others cannot", async () => {
    expect((await send(change, anna, {}, { intent: "export" })).status).toBe(200);
    const [asked] = await listExports(anna.organizationId);
    expect((await open(data, anna.cookie, {})).body["exports"]).toMatchObject([{ state: "waiting" }]);
    expect((await open(download, anna.cookie, { exportId: asked!.id })).status).toBe(404);
    await exportOrganization({ organizationId: anna.organizationId, exportId: asked!.id }, context);
    const answer = await open(download, anna.cookie, { exportId: asked!.id });
    expect(answer.headers.get("content-disposition")).toMatch(/attachment; filename="test_\d{4}-\d\d-\d\d\.zip"/);
    expect((await open(download, stranger.cookie, { exportId: asked!.id })).status).toBe(404);
    expect((await open(download, viewer.cookie, { exportId: asked!.id })).status).toBe(403);
    const { body } = await open(audit, anna.cookie, {}, "?action=export.fetched");
    expect(body["events"]).toMatchObject([{ objectId: asked!.id }]);
  });

  test.each([
    ["another name", { name: "test", password }, "name"],
    ["no name", { name: "", password }, "name"],
    ["a wrong password", { name: "Test", password: "wrong" }, "password"],
  ])("are not deleted with %s", async (_what, form, field) => {
    const { status, body } = await send(change, anna, {}, { intent: "delete", when: "now", ...form });
    expect(status).toBe(400);
    expect(Object.keys(body["faults"] as object)).toEqual([field]);
    expect((await open(data, anna.cookie, {})).body["deletion"]).toBeNull();
  });

  test("are deleted by an owner alone", async () => {
    await db.owner.query("update energy.memberships set role = 'admin' where user_id = $1", [viewer.userId]);
    const form = { intent: "delete", when: "now", name: "Test", password };
    expect((await send(change, viewer, {}, form)).status).toBe(403);
    expect((await send(change, viewer, {}, { intent: "keep" })).status).toBe(403);
    expect((await open(data, viewer.cookie, {})).body["mayDelete"]).toBe(false);
  });

  test("stay until the time of grace is over, and for good when that is taken back", async () => {
    const form = { intent: "delete", when: "later", name: " Test ", password };
    expect((await send(change, anna, {}, form)).status).toBe(200);
    expect((await open(data, anna.cookie, {})).body["deletion"]).toMatchObject({ isRunning: false });
    expect((await send(change, anna, {}, { intent: "keep" })).body["said"]).toBe("It will not be deleted");
    expect((await open(data, anna.cookie, {})).body["deletion"]).toBeNull();
  });

  test("are gone at once where that is said, and their people are told", async () => {
    await send(change, anna, {}, { intent: "delete", when: "later", name: "Test", password });
    await send(change, anna, {}, { intent: "delete", when: "now", name: "Test", password });
    expect((await open(data, anna.cookie, {})).body["deletion"]).toMatchObject({ isRunning: true });
    await deleteOrganization({ organizationId: anna.organizationId }, context);
    const answer = await open(frame, anna.cookie, {});
    expect([answer.status, answer.headers.get("location")]).toEqual([302, "/organization/new"]);
  });
});
