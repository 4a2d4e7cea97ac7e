import { afterAll, beforeAll, expect, test } from "vitest";
import type { CreatedOrganization } from "../../cli/org.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";
import { apiWith, type Call } from "../support/api.ts";
import { addChannel, makeTenant, openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

/** 1 kWh an hour taken and half of it given, over March and April 2026 in Berlin, a day of 23 hours among them. */
const startMs = Date.UTC(2026, 1, 28, 23);
const endMs = Date.UTC(2026, 3, 30, 22);
const hourMs = 3_600_000;
const march = "from=2026-02-28T23:00:00Z&to=2026-03-31T22:00:00Z";

let db: OpenDatabase;
let anna: CreatedOrganization;
let call: Call;
let subMeter: number;

beforeAll(async () => {
  db = await openTestDatabase();
  anna = await makeTenant("anna", "Europe/Berlin");
  call = apiWith(anna.apiKey);
  const { organizationId, siteId } = anna;
  const deviceId = (await call("POST", "/devices", { name: "Meter", siteId })).body.id;
  const hours = Array.from({ length: (endMs - startMs) / hourMs + 1 }, (_, i) => startMs + i * hourMs);
  const of = { organizationId, deviceId, expectedIntervalS: 3600 };
  const counter = { ...of, kind: "counter", quantity: "energy", unit: "kWh", isPrimary: true };
  const register = (perHour: number) => hours.map((ms, i): [number, number] => [ms, 1000 + i * perHour]);
  await addChannel(db.owner, {
    ...{ ...counter, metric: "energy.import", role: "grid_import", direction: "import", readings: register(1) },
  });
  await addChannel(db.owner, {
    ...{ ...counter, metric: "energy.export", role: "grid_export", direction: "export", readings: register(0.5) },
  });
  subMeter = await addChannel(db.owner, {
    ...{ ...counter, metric: "energy.import.2", role: "consumer", direction: "import", isPrimary: false },
    readings: register(0.25),
  });
  await addChannel(db.owner, {
    ...{ ...of, metric: "price", kind: "gauge", quantity: "price", medium: "none", unit: null },
    readings: hours.map((ms) => [ms, 0.25]),
  });
  while ((await rollUpOnce()) > 0);
});
afterAll(() => db.close());

const flat = (price: string, more: object[] = []) => ({
  ...{ name: "Flat", currency: "EUR" },
  components: [{ type: "energy", price }, ...more],
});

async function enter(tariff: object, more: object = {}): Promise<string> {
  const body = { name: "Power", validFrom: "2026-01-01", tariff, ...more };
  const answer = await call("POST", `/sites/${anna.siteId}/contracts`, body);
  expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 201 });
  return answer.body.id as string;
}

const costs = async (query: string): Promise<{ start: string; cost: string | null }[]> =>
  (await call("GET", `/sites/${anna.siteId}/costs?${query}`)).body.items;
const billOf = async (id: string, from: string, to: string) =>
  (await call("GET", `/contracts/${id}/bill?from=${from}&to=${to}`)).body;
const remove = (id: string) => call("DELETE", `/contracts/${id}`);

test("without a contract and without a price nothing has a cost; the price of the settings is a contract of its own", async () => {
  expect(await costs(`step=month&${march}`)).toMatchObject([{ cost: null }]);
  await call("PATCH", `/sites/${anna.siteId}`, { pricePerKwh: "0.30" });
  // March has 743 hours.
  expect(await costs(`step=month&${march}`)).toMatchObject([{ cost: "222.9" }]);
  await call("PATCH", `/sites/${anna.siteId}`, { pricePerKwh: null });
});

test("a contract's standing charge, feed-in and taxes are in the costs, and its days add up to the month", async () => {
  const standing = { type: "standing", amount: "9.30", per: "month" };
  const id = await enter(flat("0.30", [standing, { type: "tax", percent: "20" }, { type: "feed-in", price: "0.08" }]));
  // (743 x 0.30 + 9.30) x 1.2 - 371.5 x 0.08
  const [month] = await costs(`step=month&${march}`);
  expect(Number(month!.cost)).toBeCloseTo(248.92, 9);
  const days = await costs(`step=day&${march}`);
  expect(days).toHaveLength(31);
  expect(days.reduce((sum, { cost }) => sum + Number(cost), 0)).toBeCloseTo(248.92, 9);
  // 29 March has 23 hours: (23 x 0.30 + 0.30) x 1.2 - 11.5 x 0.08
  expect(Number(days[28]!.cost)).toBeCloseTo(7.72, 9);
  const bill = await billOf(id, "2026-03-01", "2026-04-01");
  expect(bill).toMatchObject({ total: 248.92, currency: "EUR", completeness: { covered: 1, imported: 743 } });
  expect(bill.lines.map(({ type, amount }: { type: string; amount: number }) => [type, amount])).toEqual([
    ["energy", 222.9],
    ["standing", 9.3],
    ["tax", 46.44],
    ["feed-in", -29.72],
  ]);
  await remove(id);
});

test("new prices never change what was before them; a correction changes it at once", async () => {
  const id = await enter(flat("0.30"));
  const before = await costs(`step=day&${march}`);
  await call("POST", `/contracts/${id}/versions`, { validFrom: "2026-03-16", tariff: flat("0.40") });
  const after = await costs(`step=day&${march}`);
  expect(after.slice(0, 15)).toEqual(before.slice(0, 15));
  expect(after[15]!.cost).toBe("9.6");
  const bill = await billOf(id, "2026-03-01", "2026-04-01");
  expect(bill.lines).toMatchObject([
    { quantity: 360, unitPrice: 0.3, amount: 108 },
    { quantity: 383, unitPrice: 0.4, amount: 153.2 },
  ]);
  await call("POST", `/contracts/${id}/versions`, { validFrom: "2026-01-01", tariff: flat("0.10"), note: "misread" });
  expect((await costs(`step=day&${march}`))[0]!.cost).toBe("2.4");
  await remove(id);
});

test("before a contract begins, and after it has ended, nothing is billed by it", async () => {
  const id = await enter(flat("0.30"), { validFrom: "2026-03-10" });
  await call("PATCH", `/contracts/${id}`, { endsOn: "2026-03-12" });
  const days = await costs(`step=day&${march}`);
  expect(days.slice(8, 12).map(({ cost }) => cost)).toEqual([null, "7.2", "7.2", null]);
  expect(await call("GET", `/contracts/${id}/bill?from=2026-03-01&to=2026-03-02`)).toMatchObject({ status: 400 });
  await remove(id);
});

test("a dynamic price comes from the site's price channel, and holds until the next one", async () => {
  const id = await enter(flat("0", [])); // replaced below, so that the contract has a past
  const dynamic = { type: "energy", price: { kind: "dynamic", markup: "0.05" } };
  const tariff = { name: "Spot", currency: "EUR", components: [dynamic] };
  await call("POST", `/contracts/${id}/versions`, { validFrom: "2026-01-01", tariff });
  expect(await costs(`step=month&${march}`)).toMatchObject([{ cost: "222.9" }]);
  await remove(id);
});

test("CO2 stands beside costs and flows: by the site's factor, then by a channel that measures the grid's", async () => {
  const { siteId, organizationId } = anna;
  const of = async (list: "costs" | "flows", step: string) =>
    (await call("GET", `/sites/${siteId}/${list}?step=${step}&${march}`)).body.items;
  expect((await of("flows", "month"))[0].co2).toBeNull();
  await call("PATCH", `/sites/${siteId}`, { co2GPerKwh: "400" });
  for (const list of ["costs", "flows"] as const) {
    const [month] = await of(list, "month");
    // 743 kWh taken and 371.5 given, 400 g each.
    expect(month.co2.emittedKg).toBeCloseTo(297.2, 9);
    expect(month.co2.avoidedKg).toBeCloseTo(148.6, 9);
    expect(month.co2).toMatchObject({ knownKwh: 743, unknownKwh: 0 });
    const days: { co2: { emittedKg: number } }[] = await of(list, "day");
    expect(days.reduce((sum, { co2 }) => sum + co2.emittedKg, 0)).toBeCloseTo(297.2, 9);
  }
  await call("PATCH", `/sites/${siteId}`, { co2GPerKwh: null });
  const gridId = (await call("POST", "/devices", { name: "Grid", siteId })).body.id;
  // What was known in the evening before holds for a day, then 100 g/kWh for two days; after that nothing is known.
  const values = [-5, -4, ...Array.from({ length: 48 }, (_, i) => 20 + i)];
  const id = await addChannel(db.owner, {
    ...{ organizationId, deviceId: gridId, metric: "co2", kind: "gauge", quantity: "co2_intensity", unit: "g/kWh" },
    ...{ medium: "none", expectedIntervalS: 3600 },
    readings: values.map((hour, i): [number, number] => [startMs + hour * hourMs, i < 2 ? 300 : 100]),
  });
  while ((await rollUpOnce()) > 0);
  const days: { co2: Record<string, number> }[] = await of("flows", "day");
  await call("DELETE", `/channels/${id}`);
  expect(days[0]!.co2["emittedKg"]).toBeCloseTo(20 * 0.3 + 4 * 0.1, 6);
  expect(days[1]!.co2).toMatchObject({ knownKwh: 24, unknownKwh: 0 });
  expect(days[30]!.co2).toMatchObject({ emittedKg: 0, avoidedKg: 0, knownKwh: 0, unknownKwh: 24 });
});

test("a meter of its own is billed by its own contract, beside the site's", async () => {
  const site = await enter(flat("0.30"));
  const own = await enter(flat("0.20"), { name: "Heat pump", channelId: String(subMeter) });
  expect((await billOf(own, "2026-03-01", "2026-04-01")).total).toBe(37.15);
  expect(await costs(`step=month&${march}`)).toMatchObject([{ cost: "260.05" }]);
  // As a part of the grid meter it is in the site's bill already.
  const grid = "select id from energy.channels where metric = 'energy.import'";
  await db.owner.query(`update energy.channels set parent_id = (${grid}) where id = $1`, [subMeter]);
  expect(await costs(`step=month&${march}`)).toMatchObject([{ cost: "222.9" }]);
  await db.owner.query("update energy.channels set parent_id = null where id = $1", [subMeter]);
  await Promise.all([remove(site), remove(own)]);
});

test.each([
  [{ currency: "USD" }, "currency: the site's is EUR, the tariff's USD"],
  [{ medium: "gas" }, "medium: the contract is for electricity, the tariff for gas"],
  [{ components: [] }, "components"],
])("a tariff that does not fit is refused, and says why: %j", async (wrong, words) => {
  const body = { name: "Power", validFrom: "2026-01-01", tariff: { ...flat("0.3"), ...wrong } };
  const answer = await call("POST", `/sites/${anna.siteId}/contracts`, body);
  expect(answer.status).toBe(400);
  expect(answer.body.detail).toContain(words);
});
