import { afterAll, beforeAll, expect, test } from "vitest";
import { action, loader } from "../../app/routes/organization.keys.tsx";
import { apiWith } from "../support/api.ts";
import { open, send, someone, type Page, type Person } from "../support/pages.ts";
import { member } from "../support/organization-members.ts";
import { openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

/** The page where keys are made, listed and revoked. */
const [page, form] = [loader as unknown as Page, action as unknown as Page];
let db: OpenDatabase;
let anna: Person;

beforeAll(async () => {
  db = await openTestDatabase();
  anna = await someone();
});

afterAll(() => db.close());

const wanted = { intent: "make", name: "Logger", scopes: "read", days: "30", sites: "all" };

interface Made {
  made: { name: string; secret: string };
}
interface Listed {
  keys: { id: string; name: string; author: string; expiresAt: Date; siteIds: string[] | null }[];
}

const keysOf = async ({ cookie }: Person) => (await open(page, cookie, {})).body as unknown as Listed;

test("a key is made, shown in that answer alone, opens the API, and is revoked", async () => {
  const answer = await send(form, anna, {}, wanted);
  expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-store"]);
  const { secret } = (answer.body as unknown as Made).made;
  const { keys } = await keysOf(anna);
  expect(keys).toMatchObject([{ name: "Logger", siteIds: null }]);
  expect(keys[0]!.author).toMatch(/@example\.org$/);
  const days = (keys[0]!.expiresAt.getTime() - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(29);
  expect(JSON.stringify(keys)).not.toContain(secret.slice(9));
  const sites = () => apiWith(secret)("GET", "/sites");
  expect((await sites()).status).toBe(200);
  expect((await send(form, anna, {}, { intent: "revoke", id: keys[0]!.id })).status).toBe(200);
  expect((await sites()).status).toBe(401);
  expect((await send(form, anna, {}, { intent: "revoke", id: keys[0]!.id })).status).toBe(404);
});

test("what is wrong is said by field; somebody else's place is not found", async () => {
  const { status, body } = await send(form, anna, {}, { ...wanted, name: "" });
  expect([status, body["errors"]]).toEqual([400, { name: "Give it a name of 1 to 100 characters." }]);
  const ben = await someone();
  expect((await send(form, anna, {}, { ...wanted, sites: "chosen", site: ben.siteId })).status).toBe(404);
  expect((await send(form, anna, {}, { intent: "other" })).status).toBe(400);
});

test("is for who may: not for another organization, an operator, or a member of some places", async () => {
  await send(form, anna, {}, wanted);
  const { keys } = await keysOf(anna);
  const ben = await someone();
  expect((await send(form, ben, {}, { intent: "revoke", id: keys[0]!.id })).status).toBe(404);
  expect((await keysOf(ben)).keys).toEqual([]);
  for (const limited of [
    { role: "operator" as const },
    { role: "viewer" as const },
    { role: "admin" as const, siteIds: [anna.siteId] },
  ]) {
    const { cookie, ...person } = await member(db.owner, anna, limited);
    expect((await open(page, cookie, {})).status).toBe(403);
    expect((await send(form, { cookie, ...person }, {}, wanted)).status).toBe(403);
  }
  const admin = await member(db.owner, anna, { role: "admin" });
  expect((await keysOf(admin)).keys).toHaveLength(1);
});
