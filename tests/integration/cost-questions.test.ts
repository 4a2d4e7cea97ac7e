import { afterAll, beforeAll, expect, test } from "vitest";
import type { CreatedOrganization } from "../../cli/org.ts";
import { Money } from "../../domain/tariff/money.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";
import { apiWith, type Call } from "../support/api.ts";
import { addChannel, makeTenant, openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

/** What people ask of their costs: is the bill right, is there a cheaper tariff, what would a battery do, is a peak coming. */
const hourMs = 3_600_000;
const hour = Math.floor(Date.now() / hourMs);
/** 1 kWh an hour for 40 days, up to the hour that is running. */
const hours = Array.from({ length: 40 * 24 + 1 }, (_, i) => hour - 40 * 24 + i);

/** At this one of them the register begins again at 0, long before the days that the tests ask about. */
const restart = 100;

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
    readings: hours.map((h, i): [number, number] => [h * hourMs, i < restart ? 1000 + i : i - restart]),
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

/** Decimals as they are: no sum of floats. */
const sumOf = (of: string[]) => of.reduce((all, amount) => all.plus(amount), new Money(0)).toFixed();
interface Line {
  component: string;
  rate: string | null;
  type: string;
  unit: string;
  amount: string;
}
interface Step {
  energy: number;
  measured?: number;
}
const decimals = (of: number[]) => sumOf(of.map(String));
const energies = ({ steps }: { steps: Step[] }) => decimals(steps.map(({ energy }) => energy));
const named = ({ component, rate, unit }: Line) => ({ component, rate, unit });
const amountsOf = (of: { amount: string }[]) => sumOf(of.map(({ amount }) => amount));

test("why a simulated amount: its bills, and its energy beside what was measured, down to the meter", async () => {
  const own = await enter(
    flat("0.30", [
      { type: "feed-in", price: "0.08" },
      { type: "tax", percent: "10" },
    ]),
  );
  const given = { contract: own, battery: { capacityKwh: 8, chargeKw: 4, dischargeKw: 4 }, solar: { kwp: 6, latitude: 52.5, longitude: 13.4 } }; // prettier-ignore
  const { body } = await call("POST", `/sites/${anna.siteId}/simulate`, given);
  const whyOf = (of: "with" | "without", line: object) => call("POST", `/sites/${anna.siteId}/simulate/why`, { ...given, of, ...line }); // prettier-ignore
  for (const of of ["with", "without"] as const)
    for (const line of body[of].lines as Line[]) {
      const why = (await whyOf(of, named(line))).body;
      expect(why.line).toEqual(line);
      expect(amountsOf(why.bills)).toBe(line.amount);
      expect(why.energy === null).toBe(line.type === "tax");
      expect(why.on).toEqual(line.type === "tax" ? ["energy"] : []);
    }
  const { energy, bills } = (await whyOf("with", { component: "energy" })).body;
  expect(bills[0].arithmetic).toContain("kWh x 0.3 EUR/kWh");
  expect([bills[0].from, bills.at(-1).to]).toEqual([body.from, body.to]);
  expect(energies(energy)).toBe(String(body.with.importKwh));
  expect(decimals(energy.steps.map(({ measured }: Step) => measured!))).toBe(String(body.without.importKwh));
  expect(energy.meters).toContainEqual(expect.objectContaining({ channelId: "1", name: "Meter" }));
  expect(energy.events).toMatchObject([{ type: "reset", channelId: "1", unit: "kWh", before: 1099, after: 0 }]);
  const was = (await whyOf("without", { component: "energy" })).body.energy;
  expect(was.steps[0]).not.toHaveProperty("measured");
  expect(energies(was)).toBe(String(body.without.importKwh));
  expect(await whyOf("with", { component: "none" })).toMatchObject({
    ...{ status: 400, body: { errors: [{ path: "component" }] } },
  });
  expect(Number(body.why[0].after) - Number(body.why[0].before)).toBeCloseTo(Number(body.why[0].amount), 9);
  await call("DELETE", `/contracts/${own}`);
});

test("why an amount of a ranking: also where versions bill the same thing by another unit", async () => {
  const own = await enter(flat("0.30"));
  const standing = (amount: string, per: string) => flat("0.20", [{ type: "standing", id: "base", amount, per }]);
  const versions = { versions: [{ validFrom: "2020-01-01", tariff: standing("9", "month") }, { validFrom: day(15), tariff: standing("1", "day") }] }; // prettier-ignore
  const dollars = { ...flat("0.10"), currency: "USD" };
  const chosen = { contracts: [own], library: ["it-biorario"], tariffs: [versions, dollars] };
  const { ranked } = (await compare(chosen)).body;
  const whyOf = (of: string, line: object) => call("POST", `/sites/${anna.siteId}/compare/why`, { ...chosen, of, ...line }); // prettier-ignore
  expect(ranked).toHaveLength(3);
  for (const { id, lines } of ranked as { id: string; lines: Line[] }[])
    for (const line of lines) {
      const why = (await whyOf(id, named(line))).body;
      expect(why.line).toEqual(line);
      expect(amountsOf(why.bills)).toBe(line.amount);
    }
  const rated = ranked.find(({ id }: { id: string }) => id === "it-biorario");
  const vat = (await whyOf("it-biorario", named(rated.lines.find(({ type }: Line) => type === "tax")))).body;
  expect(new Set(vat.on).size).toBe(vat.on.length);
  expect(new Set(rated.lines.map(({ component }: Line) => component))).toEqual(new Set([...vat.on, vat.line.component])); // prettier-ignore
  const pasted = ranked.find(({ id }: { id: string }) => id === "pasted-1");
  expect(pasted.lines.map(({ unit }: Line) => unit)).toEqual(["kWh", "month", "day"]);
  expect((await whyOf(own, { component: "energy" })).body.energy.meters).toContainEqual(
    expect.objectContaining({ name: "Meter" }),
  );
  const refused = async (of: string, line: object) => (await whyOf(of, line)).body;
  expect(await refused(own, { component: "base" })).toMatchObject({
    status: 400,
    errors: [{ path: "component" }],
    detail: 'There is no line "base": there are "energy".',
  });
  expect((await refused("pasted-2", { component: "energy" })).detail).toContain("its currency is USD, not EUR");
  expect(await refused("nl-dynamic", { component: "energy" })).toMatchObject({ status: 400, errors: [{ path: "of" }] });
  await call("DELETE", `/contracts/${own}`);
});

test("why a week cost more than the one before: by quantity and by price, both with their bills", async () => {
  const standing = [{ type: "standing", amount: "1", per: "day" }];
  const own = await enter(flat("0.30", standing));
  const dearer = { validFrom: day(7), tariff: flat("0.40", standing), note: "risen" };
  expect((await call("POST", `/contracts/${own}/versions`, dearer)).status).toBe(200);
  const ask = (query: string) => call("GET", `/sites/${anna.siteId}/costs/difference?${query}`);
  const week = `from=${day(7)}&to=${day(0)}`;
  const { body } = await ask(week);
  expect(body).toMatchObject({ currency: "EUR", now: { from: day(7), to: day(0) }, then: { from: day(14), to: day(7) } }); // prettier-ignore
  expect([body.now.completeness, body.then.completeness]).toEqual([1, 1]);
  for (const side of [body.now, body.then]) {
    const { items } = (await call("GET", `/sites/${anna.siteId}/bills?from=${side.from}&to=${side.to}`)).body;
    expect(sumOf(items.map(({ bill }: { bill: { exactTotal: string } }) => bill.exactTotal))).toBe(side.total);
  }
  expect(sumOf([body.then.total, body.difference])).toBe(body.now.total);
  const [{ contractId, difference, changes }] = body.contracts;
  expect([contractId, difference]).toEqual([own, body.difference]);
  expect(sumOf(changes.map((change: { difference: string }) => change.difference))).toBe(difference);
  const [energy, perDay] = changes;
  expect(sumOf([energy.byQuantity, energy.byPrice])).toBe(energy.difference);
  const [now, then] = [energy.now.quantity, energy.then.quantity];
  expect(Number(energy.byQuantity)).toBeCloseTo((now - then) * 0.3, 9);
  expect(Number(energy.byPrice)).toBeCloseTo(now * 0.1, 9);
  expect(now).toBeGreaterThan(160);
  expect(Number(perDay.difference)).toBe(0);
  expect((await ask(`${week}&compare=year`)).status).toBe(200);
  // Of today, as much of yesterday as there is of today.
  const running = (await ask(`from=${day(0)}&to=${day(-1)}`)).body;
  expect(Math.round((Date.parse(running.now.until) - Date.parse(running.then.until)) / (24 * hourMs))).toBe(1);
  const query = `from=${running.then.from}&to=${running.then.to}&until=${running.then.until}`;
  const { items } = (await call("GET", `/sites/${anna.siteId}/bills?${query}`)).body;
  expect(items[0].bill.exactTotal).toBe(running.then.total);
  await call("DELETE", `/contracts/${own}`);
  expect(await ask(week)).toMatchObject({
    ...{ status: 400, body: { detail: expect.stringContaining(`No contract holds from ${day(7)} to ${day(1)}`) } },
  });
});

test("why a line of a bill, by contract or by the price of the settings: each of its lines, and none that there is not", async () => {
  const { siteId } = anna;
  const days = `from=${day(0)}&to=${day(-2)}`;
  const explained = async (contractId: string | null, at = `/sites/${siteId}/bills/${contractId ?? "price"}`) => {
    const { items } = (await call("GET", `/sites/${siteId}/bills?${days}`)).body;
    const { bill } = items.find((one: { contractId: string | null }) => one.contractId === contractId);
    for (const [i, { buckets: _, ...line }] of bill.lines.entries()) {
      const { status, body } = await call("GET", `${at}/lines/${i}?${days}`);
      expect([status, body.currency, body.line]).toEqual([200, "EUR", line]);
      expect(body.energy === null).toBe(line.type === "standing");
      if (body.energy) expect(energies(body.energy)).toBe(String(line.quantity));
    }
    const beyond = await call("GET", `${at}/lines/${bill.lines.length}?${days}`);
    const last = bill.lines.length - 1;
    expect(beyond).toMatchObject({ status: 404, body: { detail: expect.stringContaining(`numbered 0 to ${last}`) } });
    return bill.lines as { rate: string | null }[];
  };
  // A bill that were cut now would not have tomorrow's rate, and other numbers for the lines behind it.
  const tomorrow = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"][new Date(day(-1)).getUTCDay()];
  const rates = [
    { name: "Tomorrow", price: "0.20", when: [{ days: [tomorrow] }] },
    { name: "Other", price: "0.30" },
  ];
  const components = [
    { type: "energy", price: { kind: "time-of-use", rates } },
    { type: "standing", amount: "1", per: "day" },
  ];
  const own = await enter({ ...flat("0.30"), components });
  expect((await explained(own)).map(({ rate }) => rate)).toEqual(["Other", "Tomorrow", null]);
  await explained(own, `/contracts/${own}/bill`);
  await call("PATCH", `/sites/${siteId}`, { pricePerKwh: "0.25" });
  const none = await call("GET", `/sites/${siteId}/bills/price/lines/0?${days}`);
  expect(none).toMatchObject({ status: 404, body: { detail: expect.stringContaining("has a contract") } });
  const cabin = (await call("POST", "/sites", { name: "Cabin", timezone: "UTC", currency: "EUR" })).body.id;
  const elsewhere = await call("GET", `/sites/${cabin}/bills/${own}/lines/0?${days}`);
  expect(elsewhere).toMatchObject({ status: 404, body: { detail: "There is no contract with this id." } });
  await call("DELETE", `/contracts/${own}`);
  expect(await explained(null)).toHaveLength(1);
  await call("PATCH", `/sites/${siteId}`, { pricePerKwh: null });
});

test("a period's sums: its kinds, its steps and its contracts each add up to the total, as the other calls have it", async () => {
  const own = await enter(flat("0.30", [{ type: "standing", amount: "1", per: "day" }]));
  const at = `/sites/${anna.siteId}`;
  const summary = async (days: string) => (await call("GET", `${at}/costs/summary?${days}`)).body;
  const body = await summary(`from=${day(7)}&to=${day(0)}`);
  expect(sumOf(Object.values(body.byKind as Record<string, string>))).toBe(body.total);
  const totals = (of: { total: string }[]) => sumOf(of.map(({ total }) => total));
  expect(body).toMatchObject({ currency: "EUR", isRunning: false, expected: null, step: "day", byKind: { standing: "7" } }); // prettier-ignore
  expect([totals(body.steps), totals(body.contracts)]).toEqual([body.total, body.total]);
  const [cost] = (await call("GET", `${at}/costs?step=year&from=${body.start}&to=${body.end}`)).body.items;
  expect(cost.cost).toBe(body.total);
  expect(body.compared).toMatchObject([{ by: "previous", end: body.start }]);
  const { then } = (await call("GET", `${at}/costs/difference?from=${day(7)}&to=${day(0)}`)).body;
  expect(then.total).toBe(body.compared[0].total);
  expect(await summary(`from=${day(0)}&to=${day(-2)}`)).toMatchObject({ isRunning: true, expected: null });
  await call("DELETE", `/contracts/${own}`);
  expect(await summary(`from=${day(7)}&to=${day(0)}`)).toMatchObject({ total: null, contracts: [], compared: [] });
});

test("a contract's billing periods, what was once said of its prices, and an end that cannot be", async () => {
  const billing = { months: 1, start: "2020-01-15" };
  const own = await enter({ ...flat("0.30"), billing });
  const of = async (what: string) => (await call("GET", `/contracts/${own}/${what}`)).body;
  const [running, last] = (await of("billing-periods?limit=2")).items;
  expect([running.isRunning, last.isRunning, last.to]).toEqual([true, false, running.from]);
  expect(running.from).toMatch(/-15$/);
  expect((await of(`bill?from=${last.from}&to=${last.to}`)).lines).toHaveLength(1);
  expect((await of("past-versions")).items).toEqual([]);
  const { versions } = await of("");
  await call("POST", `/contracts/${own}/versions`, { validFrom: "2020-01-01", tariff: flat("0.31"), note: "misread" });
  expect((await of("past-versions")).items).toMatchObject([{ ...versions[0], supersededBy: null }]);
  const end = (endsOn: string) => call("PATCH", `/contracts/${own}`, { endsOn });
  expect(await end("2020-01-01")).toMatchObject({ status: 400, body: { errors: [{ path: "endsOn" }] } });
  expect(await end("2020-01-02")).toMatchObject({ status: 200, body: { endsOn: "2020-01-02" } });
  await call("DELETE", `/contracts/${own}`);
});

test("what a figure of the site comes from: all that counts, one medium, or one channel", async () => {
  const [from, to] = [(hour - 30) * hourMs, (hour - 29) * hourMs].map((ms) => new Date(ms).toISOString());
  const ask = (more: string) => call("GET", `/sites/${anna.siteId}/explain?from=${from}&to=${to}${more}`);
  const idsOf = async (more: string) => (await ask(more)).body.channels.map(({ id }: { id: string }) => id);
  expect(await idsOf("")).toEqual(["1", "2", "3"]);
  expect(await idsOf("&medium=gas")).toEqual([]);
  expect(await idsOf("&medium=electricity&channel=1")).toEqual(["1"]);
  expect((await ask("&channel=1")).body.channels[0].amount).toBeCloseTo(1, 9);
  for (const wrong of ["v1", "4711"])
    expect(await ask(`&channel=${wrong}`)).toMatchObject({ status: 400, body: { errors: [{ path: "channel" }] } });
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
