import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { membershipAtSite } from "../../db/accounts.ts";
import { admit, admittedTo, beginAdmission } from "../../db/admission.ts";
import { asOrganization } from "../../db/as-organization.ts";
import { asUser } from "../../db/as-user.ts";
import type { Sql } from "../../db/client.ts";
import { createSite, listSites } from "../../db/sites.ts";
import { furnish, furnishSite, organizationSees, whole, type Furniture, type Tenant } from "../support/furniture.ts";
import { openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

/** Who is limited to some sites of an organization: whatever a page forgets to ask for, the other sites are not there. */
let db: OpenDatabase;
let ben: Tenant;
/** Of two sites: what is at the second is `annex`. */
let carla: Tenant;
let annex: Furniture & { siteId: string };

beforeAll(async () => {
  db = await openTestDatabase();
  [ben, carla] = [await furnish(db.owner, "ben"), await furnish(db.owner, "carla")];
  const { id: siteId } = await createSite(carla.organizationId, { name: "annex", timezone: "UTC", currency: "EUR" });
  annex = { siteId, ...(await furnishSite(db.owner, { ...carla, siteId }, "annex")) };
});

afterAll(() => db.close());

describe("a forgotten where clause, for who is limited to some sites of an organization", () => {
  const limited = <T>(siteIds: string[], work: (sql: Sql) => Promise<T>) =>
    admittedTo(carla.organizationId, siteIds, () => asOrganization(carla.organizationId, work));
  const seen = async (relation: string, siteIds: string[]) =>
    (await limited(siteIds, (sql) => sql.query<{ text: string; n: number }>(whole(relation)))).rows[0]!;
  /** Of the organization as a whole: hidden from who is limited, but for its name. */
  const hidden = ["api_keys", "deletions", "export_chunks", "exports", "invitations", "memberships", "raw_retention"];
  const ofWebhooks = ["webhooks", "webhook_deliveries"];
  const organizationWide = [...hidden, ...ofWebhooks, "organizations"].map((name) => `energy.${name}`);
  const ofSites = organizationSees.filter((name) => !organizationWide.includes(name));

  test.each(ofSites)("%s: what is at their site, and nothing of another", async (relation) => {
    const { text, n } = await seen(relation, [carla.siteId]);
    expect(n).toBeGreaterThan(0);
    for (const secret of [annex.siteId, annex.deviceId, `"channel_id":${annex.channelId},`, '"annex'])
      expect(text).not.toContain(secret);
    const both = await seen(relation, [carla.siteId, annex.siteId]);
    expect(both.n).toBeGreaterThan(n);
    const { rows } = await asOrganization(carla.organizationId, (sql) => sql.query<{ n: number }>(whole(relation)));
    expect(rows[0]!.n).toBe(both.n);
  });

  test.each(ofSites)("%s: nothing without a site, or for a site of others", async (relation) => {
    for (const siteIds of [[], [ben.siteId], ["00000000-0000-4000-8000-000000000000"]])
      expect((await seen(relation, siteIds)).n).toBe(0);
  });

  test("members, keys and webhooks are hidden; the organization's name is not, and stays as it is", async () => {
    for (const relation of [...hidden, ...ofWebhooks])
      expect((await seen(`energy.${relation}`, [carla.siteId])).n, relation).toBe(0);
    expect((await seen("energy.organizations", [carla.siteId])).n).toBe(1);
    const renamed = await limited([carla.siteId], (sql) => sql.query("update energy.organizations set name = 'taken'"));
    expect(renamed.rowCount).toBe(0);
  });

  test.each([
    ["a site", "insert into energy.sites (organization_id, name, timezone, currency) values ($1, $2, 'UTC', 'EUR')"],
    [
      "a device at another site",
      "insert into energy.devices (organization_id, site_id, name, kind) values ($1, $2, 'x', 'device')",
    ],
    ["their device to another site", "update energy.devices set site_id = $2 where organization_id = $1"],
  ])("%s: refused", async (_what, statement) => {
    const attempt = limited([carla.siteId], (sql) => sql.query(statement, [carla.organizationId, annex.siteId]));
    await expect(attempt).rejects.toThrow(/row-level security/);
  });

  test("what is of no use as a site is no context", async () => {
    await expect(limited(["x'; drop table energy.sites"], (sql) => sql.query("select 1"))).rejects.toThrow("not an id");
  });

  test("plain rows through Prisma are limited, too", async () => {
    const sites = (siteIds: string[]) =>
      admittedTo(carla.organizationId, siteIds, () => listSites(carla.organizationId));
    expect((await sites([annex.siteId])).map(({ name }) => name)).toEqual(["annex"]);
    expect(await sites([])).toEqual([]);
  });
});

describe("a request", () => {
  test("reaches an organization only when it was admitted to it, and as far as it was", async () => {
    await expect(beginAdmission(() => listSites(carla.organizationId))).rejects.toThrow("not admitted");
    await expect(admittedTo(ben.organizationId, null, () => listSites(carla.organizationId))).rejects.toThrow(
      "not admitted",
    );
    const names = await beginAdmission(async () => {
      await Promise.resolve().then(() => admit(carla.organizationId, [annex.siteId]));
      return (await listSites(carla.organizationId)).map(({ name }) => name);
    });
    expect(names).toEqual(["annex"]);
  });

  test("what is said in one holds for no other that runs beside it", async () => {
    const run = (siteId: string) =>
      beginAdmission(async () => {
        admit(carla.organizationId, [siteId]);
        const names = new Set<string>();
        for (let i = 0; i < 5; i++) for (const { name } of await listSites(carla.organizationId)) names.add(name);
        return [...names];
      });
    expect(await Promise.all([run(carla.siteId), run(annex.siteId)])).toEqual([["Home"], ["annex"]]);
  });
});

describe("a person's own context", () => {
  test("sites that they are not to see are not there", async () => {
    const names = async () =>
      (
        await asUser(carla.userId, (sql) =>
          sql.query<{ name: string }>("select name from energy.sites order by created_at"),
        )
      ).rows;
    expect(await names()).toEqual([{ name: "Home" }, { name: "annex" }]);
    // The last owner could not be limited.
    const second = "insert into energy.memberships (organization_id, user_id, role) values ($1, $2, 'owner')";
    await db.owner.query(second, [carla.organizationId, ben.userId]);
    const limit = "update energy.memberships set role = $2, site_ids = $3 where user_id = $1";
    await db.owner.query(limit, [carla.userId, "viewer", [annex.siteId]]);
    expect(await names()).toEqual([{ name: "annex" }]);
    expect(await membershipAtSite(carla.userId, carla.siteId)).toBeNull();
    expect(await membershipAtSite(carla.userId, annex.siteId)).toMatchObject({
      role: "viewer",
      siteIds: [annex.siteId],
    });
    await db.owner.query(limit, [carla.userId, "viewer", []]);
    expect(await names()).toEqual([]);
    await db.owner.query(limit, [carla.userId, "owner", null]);
  });
});
