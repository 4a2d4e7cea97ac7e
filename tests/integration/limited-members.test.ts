import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { action as createSitePage } from "../../app/routes/sites.new.tsx";
import { loader as allSites } from "../../app/routes/sites._index.tsx";
import { action as general, loader as generalPage } from "../../app/routes/organization._index.tsx";
import { action as linksAction, loader as linksPage } from "../../app/routes/organization.links.tsx";
import { loader as membersPage } from "../../app/routes/organization.members.tsx";
import { loader as frame } from "../../app/routes/organization.tsx";
import { loader as live } from "../../app/routes/sites.$siteId.live.ts";
import { hub } from "../../app/live/hub.server.ts";
import { systemPool } from "../../db/as-system.ts";
import { notify } from "../../db/live.ts";
import { createSite } from "../../db/sites.ts";
import { until } from "../support/clients.ts";
import { furnish, furnishSite, type Furniture, type Tenant } from "../support/furniture.ts";
import { member } from "../support/organization-members.ts";
import { open, origin, send, type Page, type Person } from "../support/pages.ts";
import { openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

/** A landlord's tenant sees one flat: every page of another one is not there, with whatever ids. */
interface Place extends Furniture {
  siteId: string;
}

let db: OpenDatabase;
let house: Tenant;
let flat: Place;
/** Sees the flat and not the house, though the role is one that may change things. */
let tenant: Person;
let params: Record<"house" | "flat", Record<string, string>>;

beforeAll(async () => {
  db = await openTestDatabase();
  house = await furnish(db.owner, "house");
  const { id: siteId } = await createSite(house.organizationId, { name: "Flat", timezone: "UTC", currency: "EUR" });
  flat = { siteId, ...(await furnishSite(db.owner, { ...house, siteId }, "flat")) };
  tenant = await member(db.owner, house, { role: "admin", siteIds: [siteId] });
  params = { house: await paramsOf(house), flat: await paramsOf(flat) };
});
afterAll(async () => {
  await hub().close();
  await db.close();
});

/** Every id that an address can have. */
async function paramsOf({ siteId, deviceId }: Place): Promise<Record<string, string>> {
  const one = async (sql: string, id: string) => (await db.owner.query<{ id: string }>(sql, [id])).rows[0]!.id;
  const contractId = await one("select id from energy.contracts where site_id = $1", siteId);
  return {
    ...{ siteId, deviceId, contractId },
    checkId: await one("select id from energy.bill_checks where contract_id = $1", contractId),
    importId: await one("select id from energy.imports where device_id = $1", deviceId),
    number: "0",
  };
}

/** Every route of a site that loads or does something, and the ids in its address. */
const files = readdirSync(new URL("../../app/routes/", import.meta.url)).filter((name) =>
  name.startsWith("sites.$siteId"),
);
const idsIn = (file: string) => [...file.matchAll(/\$(\w+)/g)].map(([, name]) => name!);
const moduleOf = (file: string) =>
  import(/* @vite-ignore */ `../../app/routes/${file}`) as Promise<{ loader?: Page; action?: Page }>;

async function statusesOf(file: string, ids: Record<string, string>, person: Person): Promise<(string | number)[]> {
  const { loader, action } = await moduleOf(file);
  return [
    ...(loader ? [(await open(loader, person.cookie, ids)).status] : []),
    ...(action ? [(await send(action, person, ids, { intent: "nonsense" })).status] : []),
  ];
}

describe("a member who is limited to one place", () => {
  test("there are as many routes as there should be", () => expect(files.length).toBeGreaterThan(40));

  test.each(files)("%s: the other place is not found", async (file) => {
    const statuses = await statusesOf(file, params.house, tenant);
    expect(statuses.length).toBeGreaterThan(0);
    expect(new Set(statuses)).toEqual(new Set([404]));
  });

  test.each(files.filter((file) => idsIn(file).length > 1))(
    "%s: what is the other place's is not found at theirs",
    async (file) => {
      const ids = { ...params.house, siteId: flat.siteId };
      expect(new Set(await statusesOf(file, ids, tenant))).toEqual(new Set([404]));
    },
  );

  test.each([
    "sites.$siteId.devices.$deviceId._index.tsx",
    "sites.$siteId.devices.$deviceId.settings.tsx",
    "sites.$siteId.import.$importId._index.tsx",
    "sites.$siteId.meters._index.tsx",
  ])("%s: their own place is there", async (file) => {
    expect((await open((await moduleOf(file)).loader!, tenant.cookie, params.flat)).status).toBe(200);
  });

  test("their own place is there, and the organization shows no more", async () => {
    const layout = await open((await moduleOf("sites.$siteId.tsx")).loader!, tenant.cookie, { siteId: flat.siteId });
    expect(layout.body).toMatchObject({ site: { name: "Flat" }, sites: [{ name: "Flat" }], mayCreate: false });
    expect((await open(allSites, tenant.cookie, {})).body["lines"]).toMatchObject([{ name: "Flat" }]);
    expect((await open(generalPage, tenant.cookie, {})).body).toMatchObject({
      mayChange: false,
      heirs: [],
      sites: [{ name: "Flat" }],
    });
    const { tabs } = (await open(frame, tenant.cookie, {})).body as { tabs: { label: string }[] };
    expect(tabs.map(({ label }) => label)).toEqual(["Organization", "Roles", "Links"]);
  });

  test("what is of the organization as a whole is not allowed", async () => {
    expect((await open(membersPage, tenant.cookie, {})).status).toBe(403);
    for (const [page, form] of [
      [createSitePage, { site: "x", timezone: "UTC", currency: "EUR" }],
      [general, { intent: "rename", name: "Taken" }],
      [general, { intent: "transfer", to: tenant.userId }],
    ] as const)
      expect((await send(page as Page, tenant, {}, form)).status).toBe(403);
    const { rows } = await db.owner.query("select name from energy.organizations where id = $1", [
      house.organizationId,
    ]);
    expect(rows).toEqual([{ name: "house" }]);
  });

  test("links are theirs to make for their own place only, and of others they see none", async () => {
    const form = { intent: "create", name: "x", what: "overview", days: "1" };
    expect((await send(linksAction, tenant, {}, { ...form, site: house.siteId })).status).toBe(404);
    expect((await send(linksAction, tenant, {}, { ...form, site: flat.siteId })).status).toBe(200);
    const { rows } = await db.owner.query<{ id: string }>(
      `insert into energy.shared_links (organization_id, site_id, name, what, token_hash, expires_at)
       values ($1, $2, 'the house', 'overview', 'hash', now() + interval '1 day') returning id`,
      [house.organizationId, house.siteId],
    );
    const { links } = (await open(linksPage, tenant.cookie, {})).body as { links: { name: string }[] };
    // The second is the one that their place was furnished with.
    expect(links.map(({ name }) => name)).toEqual(["x", "flat"]);
    expect((await send(linksAction, tenant, {}, { intent: "revoke", link: rows[0]!.id })).status).toBe(404);
  });

  test("the stream of their place carries nothing of the other one", async () => {
    const stop = new AbortController();
    const request = new Request(origin, { headers: { cookie: tenant.cookie }, signal: stop.signal });
    const page = { request, params: { siteId: flat.siteId }, context: { unsentBytes: () => 0 } };
    const response = (await live(page as never)) as Response;
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let heard = "";
    const reading = (async () => {
      for (let part = await reader.read(); !part.done; part = await reader.read()) heard += part.value;
    })();
    await until(() => heard.includes("event: ready"));
    await notify(systemPool(), { latest: [house.channelId], rollups: [house.channelId], devices: [house.deviceId] });
    await notify(systemPool(), { latest: [flat.channelId], devices: [flat.deviceId] });
    await until(() => heard.includes("event: latest") && heard.includes("event: device"));
    stop.abort();
    await reading;
    expect(heard).toContain(`[[${flat.channelId},`);
    expect(heard).not.toContain(house.deviceId);
    expect(heard).not.toContain(`[${house.channelId},`);
  });

  test("a limit that comes later holds from the next page on", async () => {
    const late = await member(db.owner, house, { role: "viewer" });
    const site = (await moduleOf("sites.$siteId.tsx")).loader!;
    const see = async () => (await open(site, late.cookie, { siteId: house.siteId })).status;
    expect(await see()).toBe(200);
    await db.owner.query("update energy.memberships set site_ids = $2 where user_id = $1", [
      late.userId,
      [flat.siteId],
    ]);
    expect(await see()).toBe(404);
  });
});
