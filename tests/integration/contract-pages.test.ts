import { afterAll, beforeAll, expect, test } from "vitest";
import { action as addContract, loader as newPage } from "../../app/routes/sites.$siteId.contracts.new.tsx";
import {
  action as changeContract,
  loader as contractPage,
} from "../../app/routes/sites.$siteId.contracts.$contractId._index.tsx";
import {
  action as putPrices,
  loader as versionPage,
} from "../../app/routes/sites.$siteId.contracts.$contractId.version.tsx";
import { loader as listPage } from "../../app/routes/sites.$siteId.contracts._index.tsx";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import type { PreviewRequest } from "../../app/contracts/preview.ts";
import { previewBill } from "../../app/contracts/preview.server.ts";
import { contractsOf } from "../../db/contracts.ts";
import { createDevice } from "../../db/devices.ts";
import { getSite } from "../../db/sites.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";
import { open, send, someone, type Person } from "../support/pages.ts";
import { addChannel, openTestDatabase, type OpenDatabase } from "../support/tenants.ts";
import { becomes } from "../support/organization-members.ts";

/** What a person does about contracts, page by page; and what the editor is told while they type. */
let db: OpenDatabase;
let anna: Person;
let ben: Person;
let meter: number;
const hourMs = 3_600_000;
/** 1 kWh an hour through March 2026 in Berlin, which has 743 hours. */
const hours = Array.from({ length: 744 }, (_, i) => Date.UTC(2026, 1, 28, 23) + i * hourMs);
const nowMs = Date.UTC(2026, 3, 15, 12);

beforeAll(async () => {
  db = await openTestDatabase();
  [anna, ben] = [await someone(), await someone()];
  const { kept } = newCredential();
  const { organizationId, siteId } = anna;
  const device = await createDevice(organizationId, { siteId, name: "Meter", kind: "device" }, kept);
  meter = await addChannel(db.owner, {
    ...{
      organizationId,
      deviceId: device!.id,
      expectedIntervalS: 3600,
      kind: "counter",
      quantity: "energy",
      unit: "kWh",
    },
    ...{ metric: "energy.import", role: "grid_import", direction: "import", isPrimary: true },
    readings: hours.map((ms, i): [number, number] => [ms, 1000 + i]),
  });
  while ((await rollUpOnce()) > 0);
});
afterAll(() => db.close());

const flat = (price: string, more: object = {}) => ({
  ...{
    name: "Flat",
    currency: "EUR",
    components: [
      { type: "energy", price },
      { type: "standing", amount: "10", per: "month" },
    ],
  },
  ...more,
});
const form = (tariff: object, more: Record<string, string> = {}) => ({
  ...{ name: "Power", medium: "electricity", channel: "", validFrom: "2026-01-01", tariff: JSON.stringify(tariff) },
  ...more,
});
const params = ({ siteId }: Person, contractId = "") => ({ siteId, contractId });

async function enter(given: Record<string, string>): Promise<string> {
  const { status, headers } = await send(addContract, anna, params(anna), given);
  expect(status).toBe(302);
  return /contracts\/([0-9a-f-]{36})/.exec(headers.get("location")!)![1]!;
}

const preview = async (tariff: unknown, more: Partial<PreviewRequest> = {}) => {
  const site = (await getSite(anna.organizationId, anna.siteId))!;
  const request = { tariff, medium: "electricity" as const, channelId: null, contractId: null, ...more };
  return previewBill(anna.organizationId, site, request, nowMs);
};

test("the preview is the last whole month's bill, and its difference to what holds now", async () => {
  const alone = await preview(flat("0.30"));
  expect(alone).toMatchObject({
    faults: [],
    present: null,
    bill: { fromDay: "2026-03-01", lastDay: "2026-03-31", total: 232.9 },
  });
  const id = await enter(form(flat("0.20")));
  const compared = await preview(flat("0.30"), { contractId: id });
  expect(compared).toMatchObject({ bill: { total: 232.9 }, present: { name: "Power", total: 158.6 } });
  expect(compared.bill!.lines.map(({ name, amount }) => [name, amount])).toEqual([
    ["Energy", 222.9],
    ["Standing charge", 10],
  ]);
  // Of one meter, which nothing prices yet.
  expect(await preview(flat("0.30"), { channelId: meter })).toMatchObject({ bill: { total: 232.9 }, present: null });
  await send(changeContract, anna, params(anna, id), { intent: "delete" });
});

test("a year's bill of which nothing is known gives way to the last month's", async () => {
  const yearly = flat("0.30", { billing: { months: 12, start: "2025-01-01" } });
  expect((await preview(yearly)).bill).toMatchObject({ fromDay: "2026-03-01", lastDay: "2026-03-31" });
  const twoMonths = flat("0.30", { billing: { months: 2, start: "2025-02-01" } });
  const { bill } = await preview(twoMonths);
  expect(bill).toMatchObject({ fromDay: "2026-02-01", lastDay: "2026-03-31" });
  expect(bill!.notes.join()).toContain("has no data");
});

test("what cannot be billed is told by its field", async () => {
  expect(await preview(flat("much"))).toMatchObject({ bill: null, faults: [{ path: "components.0.price" }] });
  expect(await preview(flat("1", { currency: "USD" }))).toMatchObject({ bill: null, faults: [{ path: "currency" }] });
  expect(await preview(flat("1", { medium: "gas" }))).toMatchObject({ bill: null, faults: [{ path: "medium" }] });
  expect(await preview(null)).toMatchObject({ bill: null, faults: [{ path: "" }] });
});

test("a contract is entered, gets new prices, is corrected, and a version is taken back", async () => {
  const id = await enter(form(flat("0.30")));
  const at = params(anna, id);
  const later = { ...form(flat("0.35")), as: "new", validFrom: "2026-02-01", note: "letter" };
  expect((await send(putPrices, anna, at, later)).status).toBe(302);
  expect(await send(putPrices, anna, at, later)).toMatchObject({
    status: 400,
    body: { errors: { validFrom: expect.any(String) } },
  });
  const correction = { ...form(flat("0.31")), as: "correction", validFrom: "2026-01-01", note: "misread" };
  expect((await send(putPrices, anna, at, correction)).status).toBe(302);

  const page = (await open(contractPage, anna.cookie, at)).body as Awaited<ReturnType<typeof contractPage>>;
  expect(page.contract.versions).toMatchObject([
    { validFrom: "2026-01-01", note: "misread", by: "you" },
    { validFrom: "2026-02-01", note: "letter", by: "you" },
  ]);
  expect(page.contract.current).toBe(1);
  expect(page.past).toMatchObject([{ validFrom: "2026-01-01", supersededBy: "you" }]);

  const withdraw = (version: string) => send(changeContract, anna, at, { intent: "withdraw", version });
  const [first, second] = page.contract.versions;
  expect(await withdraw(second!.id)).toMatchObject({ status: 200, body: { done: "Taken back" } });
  expect(await withdraw(second!.id)).toMatchObject({ status: 400 });
  expect(await withdraw(first!.id)).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining("only version") },
  });

  expect(await send(changeContract, anna, at, { intent: "change", name: "New", endsOn: "2025-06-01" })).toMatchObject({
    status: 400,
    body: { field: "endsOn" },
  });
  expect(await send(changeContract, anna, at, { intent: "change", name: "New", endsOn: "2026-06-01" })).toMatchObject({
    status: 200,
  });
  const [listed] = ((await open(listPage, anna.cookie, at)).body as Awaited<ReturnType<typeof listPage>>).contracts;
  expect(listed).toMatchObject({ name: "New", endsOn: "2026-06-01", hasEnded: true, current: null });
  expect((await send(changeContract, anna, at, { intent: "delete" })).status).toBe(302);
  expect(await contractsOf(anna.organizationId, anna.siteId)).toEqual([]);
});

test("what is refused says why", async () => {
  const errors = async (given: Record<string, string>) =>
    (await send(addContract, anna, params(anna), given)).body["errors"] as Record<string, string>;
  expect(await errors(form(flat("0.3"), { name: " " }))).toMatchObject({ name: expect.any(String) });
  expect(await errors(form(flat("0.3"), { validFrom: "soon" }))).toMatchObject({ validFrom: expect.any(String) });
  expect((await errors(form(flat("x")))).tariff).toContain("components.0.price");
  expect((await errors(form(flat("1", { currency: "USD" })))).tariff).toContain("EUR");
  expect((await errors({ ...form({}), tariff: "{" })).tariff).toContain("the tariff");
  expect((await errors(form(flat("1"), { channel: "999999" }))).tariff).toContain("meter");
});

test("a viewer reads and previews, and changes nothing; others find nothing", async () => {
  const id = await enter(form(flat("0.30")));
  const at = params(anna, id);
  const [version] = (await contractsOf(anna.organizationId, anna.siteId))[0]!.versions;
  await becomes(db.owner, anna.userId, "viewer");
  expect((await open(listPage, anna.cookie, at)).body).toMatchObject({ mayChange: false });
  expect((await open(contractPage, anna.cookie, at)).body).toMatchObject({ mayChange: false });
  for (const page of [newPage, versionPage]) expect((await open(page, anna.cookie, at)).status).toBe(403);
  for (const page of [addContract, changeContract, putPrices])
    expect((await send(page, anna, at, { ...form(flat("9")), intent: "delete", as: "new" })).status).toBe(403);
  for (const siteId of [anna.siteId, ben.siteId]) {
    const asBen = { siteId, contractId: id };
    for (const page of [contractPage, versionPage])
      expect((await open(page, ben.cookie, asBen, `?as=correction&of=${version!.id}`)).status).toBe(404);
    for (const page of [changeContract, putPrices])
      expect((await send(page, ben, asBen, { ...form(flat("9")), intent: "delete", as: "new" })).status).toBe(404);
  }
  expect((await contractsOf(anna.organizationId, anna.siteId))[0]!.versions).toMatchObject([{ tariff: flat("0.30") }]);
});
