import { afterAll, beforeAll, expect, test } from "vitest";
import { createOrganization } from "../../cli/org.ts";
import { setPassword } from "../../db/account-administration.ts";
import { findLogin, saveSession, sessionsOf } from "../../db/accounts.ts";
import { apiWith } from "../support/api.ts";
import { makeTenant, openTestDatabase, sha256, type OpenDatabase } from "../support/tenants.ts";

let db: OpenDatabase;

beforeAll(async () => {
  db = await openTestDatabase();
});

afterAll(() => db.close());

const good = {
  name: "Acme",
  email: "owner@example.org",
  password: "correct horse battery",
  timezone: "UTC",
  currency: "EUR",
};

test("energy org create: an owner, a first site, and a key that opens the API", async () => {
  const made = await createOrganization({
    ...good,
    timezone: "Europe/Oslo",
    currency: "NOK",
    price: "1,25",
    site: "Cabin",
  });
  expect(made.apiKey).toMatch(/^ek_[A-Za-z0-9_-]{43}$/);
  const { body } = await apiWith(made.apiKey)("GET", "/sites");
  const site = { id: made.siteId, name: "Cabin", timezone: "Europe/Oslo", currency: "NOK", pricePerKwh: "1.25" };
  expect(body.items).toMatchObject([site]);
  expect((await apiWith(made.apiKey)("POST", "/devices", { name: "Meter" })).status).toBe(201);
  expect((await findLogin("OWNER@example.org"))!.id).toBe(made.userId);
  const { rows } = await db.owner.query("select role from energy.memberships where organization_id = $1", [
    made.organizationId,
  ]);
  expect(rows).toEqual([{ role: "owner" }]);
  const { rows: keys } = await db.owner.query("select row_to_json(k)::text as text from energy.api_keys k");
  expect(keys.every(({ text }) => !text.includes(made.apiKey))).toBe(true);
});

test.each([
  [{ email: "Owner@example.org" }, /account with the address/],
  [{ email: "owner" }, /--email/],
  [{ name: " " }, /--name/],
  [{ password: "short" }, /--password/],
  [{ timezone: "Mars" }, /--timezone Mars/],
  [{ currency: "XXL" }, /--currency XXL/],
  [{ price: "cheap" }, /--price cheap/],
])("energy org create with %j is refused in a sentence", async (wrong, sentence) => {
  const attempt = createOrganization({ ...good, email: "other@example.org", ...wrong });
  await expect(attempt).rejects.toMatchObject({ name: "SetupError", message: expect.stringMatching(sentence) });
});

test("a new password ends that person's sessions, and nobody else's", async () => {
  const [anna, ben] = [await makeTenant("anna"), await makeTenant("ben")];
  for (const { userId } of [anna, ben]) await saveSession(userId, sha256(userId), new Date(Date.now() + 60_000));
  expect(await setPassword("Anna@example.org", "hash")).toBe(true);
  expect([await sessionsOf(anna.userId), (await sessionsOf(ben.userId)).length]).toEqual([[], 1]);
  expect(await setPassword("nobody@example.org", "hash")).toBe(false);
});
