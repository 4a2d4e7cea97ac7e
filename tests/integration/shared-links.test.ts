import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { action as links, loader as linksPage } from "../../app/routes/organization.links.tsx";
import { loader as shared } from "../../app/routes/[shared].$token.tsx";
import { asSystem } from "../../db/as-system.ts";
import { createContract } from "../../db/contracts.ts";
import { createDevice } from "../../db/devices.ts";
import { saveBuckets } from "../../db/rollups.ts";
import { createSite } from "../../db/sites.ts";
import { roles } from "../../domain/access/permissions.ts";
import { bucketMs } from "../../domain/rollup/bucket.ts";
import { member } from "../support/organization-members.ts";
import { open, send, someone, type Answer, type Person } from "../support/pages.ts";
import { addChannel, openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

/** What a link shows to whoever has it: one page of one place, and nothing that the page does not show. */
let db: OpenDatabase;
let home: Person;
let otherSite: string;
/** Ids and names that no link may give away. */
let secrets: string[];

beforeAll(async () => {
  db = await openTestDatabase();
  home = await someone();
  const { organizationId, siteId } = home;
  otherSite = (await createSite(organizationId, { name: "Workshop", timezone: "UTC", currency: "EUR" })).id;
  const deviceId = await furnish(siteId, "Fridge plug", "consumer");
  await furnish(otherSite, "Lathe", "consumer");
  const contract = await createContract(organizationId, {
    ...{ siteId, name: "Green supplier", medium: "electricity", channelId: null, createdBy: home.userId },
    version: {
      validFrom: "2026-01-01",
      tariff: { name: "Flat", currency: "EUR", components: [{ type: "energy", price: "0.30" }] },
      note: "",
    },
  });
  secrets = [
    organizationId,
    siteId,
    otherSite,
    deviceId,
    contract!.id,
    home.userId,
    "Workshop",
    "Lathe",
    "@example.org",
  ];
});
afterAll(() => db.close());

/** A device whose channel counted a kWh in each of eight quarter-hours of 3 March. */
async function furnish(siteId: string, name: string, role: string): Promise<string> {
  const { organizationId } = home;
  const { id } = (await createDevice(organizationId, { siteId, name, kind: "device" }, newCredential().kept))!;
  const channelId = await addChannel(db.owner, {
    ...{ organizationId, deviceId: id, metric: "energy", role, kind: "counter", quantity: "energy", unit: "kWh" },
    isPrimary: true,
  });
  const nothing = {
    reverseKwh: 0,
    estimatedKwh: 0,
    estimatedReverseKwh: 0,
    mean: null,
    min: null,
    max: null,
    last: null,
  };
  const last = Date.UTC(2026, 2, 3, 12);
  const buckets = Array.from({ length: 8 }, (_, i) => {
    return { ...nothing, startMs: last - (7 - i) * bucketMs, energyKwh: 1, coveredS: 900, count: 1 };
  });
  await asSystem((sql) => saveBuckets(sql, [{ channelId, buckets }], Date.now()));
  return id;
}

const making = (form: Record<string, string> = {}) => ({
  ...{ intent: "create", name: "For the roof", site: home.siteId, what: "overview", days: "30" },
  ...form,
});

async function made(form: Record<string, string> = {}): Promise<{ id: string; token: string }> {
  const { status, body } = await send(links, home, {}, making(form));
  expect([status, body["errors"]]).toEqual([200, undefined]);
  const { rows } = await db.owner.query<{ id: string }>(
    "select id from energy.shared_links order by created_at desc limit 1",
  );
  return { id: rows[0]!.id, token: /\/shared\/([\w-]{43})$/.exec(body["url"] as string)![1]! };
}

const thatDay = { which: "fixed", day: "2026-03-03" };
const read = (token: string, cookie = "", search = "") => open(shared, cookie, { token }, search);
const notFound: Partial<Answer> = { status: 404, body: {} };

describe("a link", () => {
  test.each([
    ["overview", {}, ["overview", "measured"]],
    ["flows", { range: "week" }, ["flows"]],
    ["costs", { range: "year", which: "fixed", day: "2026-03-03" }, ["costs"]],
  ] as const)("to %s shows that page of that place, and gives nothing else away", async (what, form, parts) => {
    const { token } = await made({ what, ...form });
    const { status, body } = await read(token);
    expect(status).toBe(200);
    expect(Object.keys(body).sort()).toEqual(["nowMs", "site", "what", ...parts].sort());
    expect(body["site"]).toEqual({ name: "Home", timezone: "Europe/Berlin", currency: "EUR" });
    const text = JSON.stringify(body);
    for (const secret of secrets) expect(text).not.toContain(secret);
  });

  test("shows the figures that a member sees", async () => {
    const { body } = await read((await made({ what: "flows", range: "day", ...thatDay })).token);
    expect((body["flows"] as { total: { consumption: number } }).total.consumption).toBeCloseTo(8, 9);
    const costs = (await read((await made({ what: "costs", range: "day", ...thatDay })).token)).body["costs"];
    expect(costs).toMatchObject({ contracts: [{ name: "Green supplier", id: "1" }] });
  });

  test("keeps to its period, whatever the address says", async () => {
    const { token } = await made({ what: "costs", range: "month", which: "fixed", day: "2026-03-03" });
    const { body } = await read(token, "", "?range=year&at=2025-01-01");
    expect(body["costs"]).toMatchObject({ period: { range: "month", first: "2026-03-01", last: "2026-03-31" } });
  });

  test("ends when it is revoked, and when it has run out; all that open nothing are alike", async () => {
    const [revoked, old] = [await made(), await made()];
    expect((await read(revoked.token)).status).toBe(200);
    expect((await send(links, home, {}, { intent: "revoke", link: revoked.id })).status).toBe(200);
    await db.owner.query("update energy.shared_links set expires_at = now() where id = $1", [old.id]);
    const unknown = "x".repeat(43);
    for (const token of [revoked.token, old.token, unknown, "short", "", `${unknown}/../x`])
      expect(await read(token, home.cookie)).toMatchObject(notFound);
  });

  test("of a place that was deleted opens nothing", async () => {
    const { id: site } = await createSite(home.organizationId, { name: "Gone", timezone: "UTC", currency: "EUR" });
    const { token } = await made({ site });
    await db.owner.query("delete from energy.sites where id = $1", [site]);
    expect(await read(token)).toMatchObject(notFound);
  });

  test("shows no more to who is logged in, and its use is noted", async () => {
    const { id, token } = await made();
    const asOwner = await read(token, home.cookie);
    expect(Object.keys(asOwner.body)).toEqual(Object.keys((await read(token)).body));
    const { rows } = await db.owner.query<{ used: boolean; hash: string }>(
      "select last_used_at is not null as used, token_hash as hash from energy.shared_links where id = $1",
      [id],
    );
    expect(rows[0]).toMatchObject({ used: true });
    // What is kept does not open it.
    expect(await read(rows[0]!.hash.slice(0, 43))).toMatchObject(notFound);
  });
});

describe("who makes and revokes links", () => {
  test.each(roles)("%s", async (role) => {
    const by = role === "owner" ? home : await member(db.owner, home, { role });
    const isAllowed = role === "owner" || role === "admin";
    expect((await open(linksPage, by.cookie, {})).status).toBe(isAllowed ? 200 : 403);
    expect((await send(links, by, {}, making())).status).toBe(isAllowed ? 200 : 403);
    const { id } = await made();
    expect((await send(links, by, {}, { intent: "revoke", link: id })).status).toBe(isAllowed ? 200 : 403);
  });

  test("not for another organization's place, nor another's link", async () => {
    const stranger = await someone();
    expect((await send(links, stranger, {}, making())).status).toBe(404);
    const { id, token } = await made();
    expect((await send(links, stranger, {}, { intent: "revoke", link: id })).status).toBe(404);
    expect((await read(token)).status).toBe(200);
  });

  test.each([
    [{ name: "" }, "name"],
    [{ days: "0" }, "days"],
    [{ days: "367" }, "days"],
    [{ days: "x" }, "days"],
    [{ what: "costs", which: "fixed", day: "2026-02-30" }, "day"],
  ])("%j is refused", async (form, field) => {
    const { status, body } = await send(links, home, {}, making(form as Record<string, string>));
    expect([status, Object.keys(body["errors"] as object)]).toEqual([400, [field]]);
  });
});
