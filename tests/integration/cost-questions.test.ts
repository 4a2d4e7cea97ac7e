import { afterAll, beforeAll, expect, test } from "vitest";
import { whyRanked } from "../../app/costs/compare.server.ts";
import { loadDifference } from "../../app/costs/difference.server.ts";
import { loadCosts } from "../../app/costs/load-costs.server.ts";
import { scenarioSchema } from "../../app/costs/scenario.ts";
import { whySimulated } from "../../app/costs/what-if.server.ts";
import { readPeriod } from "../../app/period/period.ts";
import type { CreatedOrganization } from "../../cli/org.ts";
import { getSite } from "../../db/sites.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";
import { apiWith, type Call } from "../support/api.ts";
import { addChannel, makeTenant, openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

/** What people ask of their costs: is the bill right, is there a cheaper tariff, what would a battery do, is a peak coming. */
const hourMs = 3_600_000;
const hour = Math.floor(Date.now() / hourMs);
/** 1 kWh an hour for 40 days, up to the hour that is running. */
const hours = Array.from({ length: 40 * 24 + 1 }, (_, i) => hour - 40 * 24 + i);

let db: OpenDatabase;
let anna: CreatedOrganization;
let call: Call;

beforeAll(async () => {
  db = await openTestDatabase();
  anna = await makeTenant("anna", "Europe/Berlin");
  call = apiWith(anna.apiKey);
  const { organizationId, siteId } = anna;
  const meter = { organizationId, deviceId: (await call("POST", "/devices", { name: "Meter", siteId })).body.id };
  await addChannel(db.owner, {
    ...{ ...meter, metric: "energy.import", kind: "counter", quantity: "energy", unit: "kWh", isPrimary: true },
    ...{ role: "grid_import", direction: "import", expectedIntervalS: 3600 },
    readings: hours.map((h, i): [number, number] => [h * hourMs, 1000 + i]),
  });
  await addChannel(db.owner, {
    ...{ ...meter, metric: "power", role: "grid_import", direction: "import", isPrimary: true },
    readings: [[Date.now() - 1_000, 6000]],
  });
  const carId = (await call("POST", "/devices", { name: "Car", siteId })).body.id;
  await addChannel(db.owner, {
    ...{ organizationId, deviceId: carId, metric: "power", role: "consumer", direction: "import", isPrimary: true },
    readings: [[Date.now() - 1_000, 5500]],
  });
  while ((await rollUpOnce()) > 0);
});
afterAll(() => db.close());

const flat = (price: string, more: object[] = []) => ({
  ...{ name: `Flat ${price}`, currency: "EUR" },
  components: [{ type: "energy", price }, ...more],
});

async function enter(tariff: object): Promise<string> {
  const body = { name: "Power", validFrom: "2020-01-01", tariff };
  const answer = await call("POST", `/sites/${anna.siteId}/contracts`, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body.id as string;
}
const compare = (body: object) => call("POST", `/sites/${anna.siteId}/compare`, body);
const day = (daysAgo: number) => new Date(Date.now() - daysAgo * 24 * hourMs).toISOString().slice(0, 10);

test("tariffs are ranked on the site's own days, against its own, with the reasons", async () => {
  const own = await enter(flat("0.30"));
  const { body } = await compare({
    contracts: [own],
    tariffs: [flat("0.20", [{ type: "standing", amount: "1", per: "day" }])],
  });
  expect(body).toMatchObject({ against: own, isOwn: true, currency: "EUR", covered: 1 });
  const [cheap, mine] = body.ranked;
  expect([cheap.id, mine.id]).toEqual(["pasted-1", own]);
  const kwh = Number(mine.total) / 0.3;
  expect(kwh).toBeCloseTo(body.days * 24, -1);
  // A tenth of a EUR less for each kWh, one more for each day.
  expect(Number(cheap.difference)).toBeCloseTo(-0.1 * kwh + body.days, 2);
  expect(cheap.why.map(({ type }: { type: string }) => type)).toEqual(["energy", "standing"]);
  expect((await compare({})).body.detail).toBe("Choose at least one tariff.");
  expect((await compare({ library: ["nowhere"] })).body.detail).toBe('The library has no tariff "nowhere".');
  expect((await compare({ tariffs: [{ name: "x" }] })).status).toBe(400);
  expect((await compare({ contracts: [own], library: ["nl-dynamic"] })).body.ranked.at(-1).unpricedKwh).not.toBe("0");
  await call("DELETE", `/contracts/${own}`);
});

test("solar and a battery: what is saved is the difference of two bills, and an investment has its years", async () => {
  const own = await enter(flat("0.30", [{ type: "feed-in", price: "0.08" }]));
  const solar = { kwp: 6, latitude: 52.5, longitude: 13.4 };
  const battery = { capacityKwh: 8, chargeKw: 4, dischargeKw: 4 };
  const { body } = await call("POST", `/sites/${anna.siteId}/simulate`, { contract: own, solar, battery, investment: "10000" }); // prettier-ignore
  expect(Number(body.saved)).toBeCloseTo(Number(body.without.total) - Number(body.with.total), 9);
  expect(Number(body.saved)).toBeGreaterThan(0);
  expect(body.paybackYears).toBeCloseTo(10_000 / ((Number(body.saved) * 365.2425) / body.days), 6);
  expect(body.without.selfSufficiency).toBe(0);
  expect(body.with.selfSufficiency).toBeGreaterThan(0);
  expect(body.with.importKwh).toBeLessThan(body.without.importKwh);
  expect(body.assumptions.length).toBeGreaterThan(4);
  const nothing = await call("POST", `/sites/${anna.siteId}/simulate`, { contract: own });
  expect(nothing.body).toMatchObject({ saved: "0", why: [], movedKwh: 0 });
  await call("DELETE", `/contracts/${own}`);
});

test("why a simulated amount: its bills, and its energy beside what was measured, down to the meter", async () => {
  const own = await enter(
    flat("0.30", [
      { type: "feed-in", price: "0.08" },
      { type: "tax", percent: "10" },
    ]),
  );
  const { organizationId } = anna;
  const site = (await getSite(organizationId, anna.siteId))!;
  const given = scenarioSchema.parse({ contract: own, battery: { capacityKwh: 8, chargeKw: 4, dischargeKw: 4 }, solar: { kwp: 6, latitude: 52.5, longitude: 13.4 } }); // prettier-ignore
  const nowMs = Date.now();
  const { body } = await call("POST", `/sites/${anna.siteId}/simulate`, given);
  const line = body.with.lines.find(({ type }: { type: string }) => type === "energy");
  const asked = { component: line.component, rate: null, nowMs };
  const why = (await whySimulated(organizationId, site, given, { ...asked, isWith: true }))!;
  const sum = (of: number[]) => of.reduce((all, value) => all + value, 0);
  expect(sum(why.bills.map(({ amount }) => Number(amount)))).toBeCloseTo(Number(line.amount), 6);
  expect(why.bills[0]!.arithmetic).toContain("kWh x 0.3 EUR/kWh");
  expect(sum(why.energy!.steps.map(({ energy }) => energy))).toBeCloseTo(body.with.importKwh, 6);
  expect(sum(why.measured!)).toBeCloseTo(body.without.importKwh, 6);
  expect(why.energy!.meters).toContainEqual(expect.objectContaining({ channelId: 1, name: "Meter" }));
  const was = (await whySimulated(organizationId, site, given, { ...asked, isWith: false }))!;
  expect(was.measured).toBeNull();
  expect(sum(was.energy!.steps.map(({ energy }) => energy))).toBeCloseTo(body.without.importKwh, 6);
  const tax = body.with.lines.find(({ type }: { type: string }) => type === "tax");
  const ofTax = { component: tax.component, rate: null, nowMs, isWith: true };
  expect(await whySimulated(organizationId, site, given, ofTax)).toMatchObject({ on: ["Energy"], energy: null });
  expect(await whySimulated(organizationId, site, given, { ...ofTax, component: "none" })).toBeNull();
  expect(Number(body.why[0].after) - Number(body.why[0].before)).toBeCloseTo(Number(body.why[0].amount), 9);

  const pasted = { library: [], contracts: [], tariffs: [flat("0.20")] };
  const ranked = (await whyRanked(organizationId, site, pasted, { component: line.component, rate: null, nowMs }))!;
  expect(sum(ranked.bills.map(({ amount }) => Number(amount)))).toBeCloseTo(body.without.importKwh * 0.2, 1);
  expect(ranked.energy!.meters).toEqual(why.energy!.meters);
  await call("DELETE", `/contracts/${own}`);
});

test("why a week cost more than the one before: by quantity and by price, both with their bills", async () => {
  const standing = [{ type: "standing", amount: "1", per: "day" }];
  const own = await enter(flat("0.30", standing));
  const dearer = { validFrom: day(7), tariff: flat("0.40", standing), note: "risen" };
  expect((await call("POST", `/contracts/${own}/versions`, dearer)).status).toBe(200);
  const site = (await getSite(anna.organizationId, anna.siteId))!;
  const nowMs = Date.now();
  const period = readPeriod(new URLSearchParams(`range=custom&at=${day(7)}&to=${day(1)}`), site.timezone, nowMs);
  const found = (await loadDifference(anna.organizationId, site, period, { by: "previous", nowMs }))!;
  const costs = await loadCosts(anna.organizationId, site, period, nowMs);
  const before = costs.compared.find(({ by }) => by === "previous")!;
  expect(Number(found.difference)).toBeCloseTo(Number(costs.total!.total) - Number(before.total), 9);
  const [energy, perDay] = found.contracts[0]!.changes;
  const [now, then] = [energy!.now!.quantity, energy!.then!.quantity];
  expect(Number(energy!.byQuantity)).toBeCloseTo((now - then) * 0.3, 9);
  expect(Number(energy!.byPrice)).toBeCloseTo(now * 0.1, 9);
  expect(now).toBeGreaterThan(160);
  expect(Number(perDay!.difference)).toBe(0);
  expect([found.now.first, found.then.first]).toEqual([day(7), day(14)]);
  expect(await loadDifference(anna.organizationId, site, period, { by: "year", nowMs })).not.toBeNull();
  await call("DELETE", `/contracts/${own}`);
  expect(await loadDifference(anna.organizationId, site, period, { by: "previous", nowMs })).toBeNull();
});

test("a supplier's bill is kept as it was typed, and compared anew with the prices as they are", async () => {
  const own = await enter(flat("0.30"));
  const [fromDay, toDay] = [day(20), day(10)];
  const items = [{ component: "energy", name: "Energy", quantity: "240", unitPrice: "0.31", amount: "74.40" }];
  const made = await call("POST", `/contracts/${own}/bill-checks`, { fromDay, toDay, items, total: "74.40" });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  const days = (Date.parse(toDay) - Date.parse(fromDay)) / (24 * hourMs);
  const { result } = made.body;
  expect(Number(result.ours)).toBeCloseTo(days * 24 * 0.3, 2);
  expect(Number(result.split.rates)).toBeCloseTo(2.4, 9);
  expect(result.advice[0].text).toContain("0.01 EUR per kWh higher: 0.31 instead of 0.3");
  await call("POST", `/contracts/${own}/versions`, { validFrom: "2020-01-01", tariff: flat("0.31"), note: "misread" });
  const again = (await call("GET", `/bill-checks/${made.body.id}`)).body;
  expect(again).toMatchObject({ items, total: "74.4" });
  expect(Number(again.result.split.rates)).toBe(0);
  const wrong = await call("PATCH", `/bill-checks/${made.body.id}`, { toDay: fromDay });
  expect(wrong).toMatchObject({ status: 400, body: { errors: [{ path: "toDay" }] } });
  await call("DELETE", `/contracts/${own}`);
  expect((await call("GET", `/bill-checks/${made.body.id}`)).status).toBe(404);
});

test("the demand guard projects the running window from fresh power, and names what drives it", async () => {
  const own = await enter(flat("0.30", [{ type: "demand", price: "5", per: "month", peakOf: "month" }]));
  const { items } = (await call("GET", `/sites/${anna.siteId}/demand`)).body;
  expect(items).toHaveLength(1);
  const [guard] = items;
  expect(Date.parse(guard.end) - Date.parse(guard.start)).toBe(900_000);
  // Everything up to now was 1 kW; at 6 kW the window comes to something between, unless it has only just begun.
  expect(guard.limitKw).toBeCloseTo(1, 6);
  expect(guard.projectedKw).toBeGreaterThan(0);
  expect(guard.projectedKw).toBeLessThan(6.001);
  expect(guard.drivers).toMatchObject([{ name: "Car", powerW: 5500 }]);
  expect(Number(guard.addedCost) > 0).toBe(guard.isOver);
  await call("DELETE", `/contracts/${own}`);
  expect((await call("GET", `/sites/${anna.siteId}/demand`)).body.items).toEqual([]);
});

test("a site's CO2 is a number of grams, or nothing", async () => {
  const patch = (co2GPerKwh: unknown) => call("PATCH", `/sites/${anna.siteId}`, { co2GPerKwh });
  expect((await patch("363.5")).body.co2GPerKwh).toBe("363.5");
  expect(await patch("clean")).toMatchObject({ status: 400, body: { errors: [{ path: "co2GPerKwh" }] } });
  expect((await patch(null)).body.co2GPerKwh).toBeNull();
});
