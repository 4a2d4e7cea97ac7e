import { afterAll, beforeAll, expect, test } from "vitest";
import { action as enter, loader as fill } from "../../app/routes/sites.$siteId.costs.checks.enter.tsx";
import { action as remove, loader as show } from "../../app/routes/sites.$siteId.costs.checks.$checkId.tsx";
import { loader as list } from "../../app/routes/sites.$siteId.costs.checks._index.tsx";
import { loader as why } from "../../app/routes/sites.$siteId.contracts.$contractId.bill.why.ts";
import { createContract } from "../../db/contracts.ts";
import { open, send, someone, type Page, type Person } from "../support/pages.ts";
import { openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

/** The pages of bill checks, as the server calls them. */
let db: OpenDatabase;
let anna: Person;
let ben: Person;
let contract: string;

beforeAll(async () => {
  db = await openTestDatabase();
  [anna, ben] = [await someone(), await someone()];
  const tariff = {
    ...{ name: "Base", currency: "EUR" },
    components: [{ type: "standing", amount: "9.90", per: "month" }],
  };
  const made = await createContract(anna.organizationId, {
    ...{ siteId: anna.siteId, name: "Power", medium: "electricity", channelId: null, createdBy: anna.userId },
    version: { validFrom: "2026-01-01", tariff, note: "" },
  });
  contract = made!.id;
});
afterAll(() => db.close());

const at = (more: Record<string, string> = {}, person = anna) => ({ siteId: person.siteId, ...more });
const march = { from: "2026-03-01", to: "2026-04-01" };

test("our lines fill the form; what is typed is kept, compared, corrected and deleted", async () => {
  const search = `?contract=${contract}&from=${march.from}&to=${march.to}`;
  const filled = (await open(fill as Page, anna.cookie, at(), search)).body as { values: { rows: object[] } };
  expect(filled.values).toMatchObject({ ...march, rows: [{ component: "standing", quantity: "1", amount: "9.9" }] });

  const typed = { component: "standing", rate: "", name: "Base charge", quantity: "1", price: "10.90", amount: "10.90", tax: "0" }; // prettier-ignore
  const form = { contract, ...march, total: "10,90", note: "bill 1", ...typed };
  const made = await send(enter as Page, anna, at(), form);
  expect(made.status).toBe(302);
  const checkId = made.headers.get("location")!.split("/").at(-1)!;
  const { body } = await open(show as Page, anna.cookie, at({ checkId }));
  expect(body["check"]).toMatchObject({ difference: "1", split: { rates: "1" } });

  const corrected = await send(enter as Page, anna, at(), { ...form, check: checkId, price: "9.90", amount: "9.90", total: "9.90" }); // prettier-ignore
  expect(corrected.status).toBe(302);
  const all = await open(list as Page, anna.cookie, at());
  expect(all.body["checks"]).toMatchObject([{ id: checkId, difference: "0", note: "bill 1" }]);
  expect(all.body["years"]).toMatchObject([{ year: "2026", bills: 1, theirs: "9.9", ours: "9.9" }]);

  expect((await send(remove as Page, ben, at({ checkId }, ben), {})).status).toBe(404);
  expect((await send(remove as Page, anna, at({ checkId }), {})).status).toBe(302);
  expect((await open(show as Page, anna.cookie, at({ checkId }))).status).toBe(404);
});

test("what cannot be read is said, and nothing is kept", async () => {
  const refused = await send(enter as Page, anna, at(), { contract, ...march, total: "much", name: "", amount: "" });
  expect(refused).toMatchObject({ status: 400, body: { error: "Total: an amount such as 123.45 is expected." } });
  expect((await open(list as Page, anna.cookie, at())).body["checks"]).toEqual([]);
});

test("another organization's contract is not found, whatever is asked of it", async () => {
  const search = `?contract=${contract}&from=${march.from}&to=${march.to}`;
  expect((await open(fill as Page, ben.cookie, at({}, ben), search)).status).toBe(404);
  expect((await open(why as Page, ben.cookie, at({ contractId: contract }, ben), "?line=0")).status).toBe(404);
  expect((await open(why as Page, anna.cookie, at({ contractId: contract }), "?line=0")).body).toEqual({ why: null });
  expect((await open(why as Page, anna.cookie, at({ contractId: contract }), "?line=x")).status).toBe(400);
});
