import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCosts } from "../../app/costs/load-costs.server.ts";
import { sankeyRows } from "../../app/flows/flows-csv.ts";
import { loadFlows } from "../../app/flows/load-flows.server.ts";
import { readPeriod } from "../../app/period/period.ts";
import { loadSites } from "../../app/sites/load-sites.server.ts";
import { siteRows } from "../../app/sites/sites-csv.ts";
import { loadUsage } from "../../app/usage/load-usage.server.ts";
import { readUsageQuery } from "../../app/usage/usage-query.ts";
import { loader as usageCsv } from "../../app/routes/sites.$siteId.usage[.]csv.ts";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import type { CreatedOrganization } from "../../cli/org.ts";
import { asSystem } from "../../db/as-system.ts";
import { createDevice } from "../../db/devices.ts";
import { saveBuckets } from "../../db/rollups.ts";
import { getSite, type Site } from "../../db/sites.ts";
import { apiWith, type Call } from "../support/api.ts";
import { open, someone } from "../support/pages.ts";
import { bucketsOf, from, furnishSummerDay, nowMs, type SummerChannels } from "../support/summer-day.ts";
import { addChannel, makeTenant, openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

let database: OpenDatabase;
let tenant: CreatedOrganization;
let other: CreatedOrganization;
let site: Site;
let call: Call;
let channels: SummerChannels;

beforeAll(async () => {
  database = await openTestDatabase();
  tenant = await makeTenant("anna", "Europe/Berlin");
  other = await makeTenant("ben");
  site = (await getSite(tenant.organizationId, tenant.siteId))!;
  call = apiWith(tenant.apiKey);
  channels = await furnishSummerDay(database.owner, tenant);
});
afterAll(() => database.close());

const window = "from=2026-07-01T00:00:00%2B02:00&to=2026-07-03T00:00:00%2B02:00";

describe("flows over the API", () => {
  test("a day: by the quarter-hour, summed, in the site's zone", async () => {
    const { status, body } = await call("GET", `/sites/${tenant.siteId}/flows?${window}&step=day`);
    expect(status).toBe(200);
    expect(body.items).toHaveLength(2);
    expect(body.items[0]).toMatchObject({
      ...{ start: "2026-06-30T22:00:00.000Z", importKwh: 20, exportKwh: 8, productionKwh: 12, consumptionKwh: 24 },
      ...{ estimatedKwh: 6, completeness: 1, unexplainedKwh: 0 },
      flows: [
        { from: "grid", to: "home", kwh: 20 },
        { from: "sun", to: "home", kwh: 4 },
        { from: "sun", to: "grid", kwh: 8 },
      ],
    });
    expect(body.items[0].selfSufficiency).toBeCloseTo(4 / 24, 12);
    expect(body.items[0].selfConsumption).toBeCloseTo(4 / 12, 12);
  });

  test("the steps of any length add up, on packed days and rows, page by page", async () => {
    const all: { consumptionKwh: number }[] = [];
    let cursor = "";
    do {
      const page = await call("GET", `/sites/${tenant.siteId}/flows?${window}&step=15m&limit=100${cursor}`);
      all.push(...page.body.items);
      cursor = page.body.nextCursor ? `&cursor=${page.body.nextCursor}` : "";
    } while (cursor);
    expect(all).toHaveLength(192);
    expect(all.reduce((sum, { consumptionKwh }) => sum + consumptionKwh, 0)).toBeCloseTo(48, 9);
  });

  test("what is asked wrongly is said", async () => {
    const backwards = "from=2026-07-03T00:00:00Z&to=2026-07-01T00:00:00Z&step=day";
    expect((await call("GET", `/sites/${tenant.siteId}/flows?${backwards}`)).status).toBe(400);
    expect((await call("GET", `/sites/${tenant.siteId}/flows?${window}&step=week`)).status).toBe(400);
    expect((await call("GET", `/sites/${other.siteId}/flows?${window}&step=day`)).status).toBe(404);
  });
});

describe("what each flow cost and emitted", () => {
  const tariff = {
    ...{ name: "Flat", currency: "EUR" },
    components: [
      { type: "energy", id: "energy", price: "0.3" },
      { type: "feed-in", price: "0.08" },
      { type: "standing", amount: "0.5", per: "day" },
      { type: "tax", percent: "10", on: ["energy"] },
    ],
  };
  const shown = () => loadFlows(tenant.organizationId, site, readPeriod(new URLSearchParams("range=day&at=2026-07-01"), site.timezone, nowMs), { nowMs, hasMoney: true }); // prettier-ignore

  test("nothing is known of it without a contract and a factor", async () => {
    const { body } = await call("GET", `/sites/${tenant.siteId}/flows?${window}&step=day`);
    expect(body.items[0].costs).toBeNull();
    expect(body.items[0].flows[0]).toMatchObject({ cost: null, savedCost: null, emittedKg: null, avoidedKg: null });
  });

  test("flows and the rest are what the page of costs says; all places say the same CO2", async () => {
    await call("PATCH", `/sites/${tenant.siteId}`, { co2GPerKwh: "400" });
    const made = await call("POST", `/sites/${tenant.siteId}/contracts`, { name: "Power", validFrom: "2026-01-01", tariff }); // prettier-ignore
    expect(made.status).toBe(201);
    site = (await getSite(tenant.organizationId, tenant.siteId))!;
    const { worth, period } = await shown();
    expect(worth!.ways["grid>home"]).toMatchObject({
      cost: "6.6",
      saved: null,
      emittedKg: expect.closeTo(8, 9),
      avoidedKg: 0,
    });
    expect(worth!.ways["sun>home"]).toMatchObject({ cost: "0", emittedKg: 0, avoidedKg: 0 });
    expect(Number(worth!.ways["sun>home"].saved)).toBeCloseTo(4 * 0.33, 9);
    expect(worth!.ways["sun>grid"]).toMatchObject({ cost: "-0.64", avoidedKg: expect.closeTo(3.2, 9) });
    expect(worth!.rest).toEqual([{ type: "standing", amount: "0.5" }]);
    const costs = await loadCosts(tenant.organizationId, site, period, nowMs);
    expect([worth!.total, worth!.billedKwh]).toEqual([costs.total!.total, 20]);
    expect(worth!.total).toBe("6.46");
    const { body } = await call("GET", `/sites/${tenant.siteId}/flows?${window}&step=day`);
    expect(body.items[0].costs).toMatchObject({ total: "6.46", rest: [{ type: "standing", amount: "0.5" }] });
    expect(body.items[0].flows[1]).toMatchObject({ from: "sun", to: "home", cost: "0", emittedKg: 0 });
    const places = await loadSites(tenant.organizationId, new URLSearchParams("range=day&at=2026-07-01"), nowMs);
    const [head, row] = [...siteRows(places)];
    expect(row![head!.indexOf("co2_emitted_kg")]).toBe(8);
    expect(row![head!.indexOf("co2_avoided_kg")]).toBe(3.2);
  });

  test("who used it pays for it: the consumers and what is not tracked are the flow into the house", async () => {
    const { consumers, untracked } = await shown();
    const worthOf = (id: number) => consumers.find((one) => one.id === `c${id}`)!.worth;
    // At night 0.125 of each 0.25 kWh; at noon a third of the sun's, though the consumers claim more than there was.
    expect(worthOf(channels.heat)).toMatchObject({ cost: "3.3", gridKwh: 10, batteryKwh: 0 });
    expect(worthOf(channels.heat)!.sunKwh).toBeCloseTo(4 / 3, 9);
    expect(Number(worthOf(channels.heat)!.saved)).toBeCloseTo((4 / 3) * 0.33, 8);
    expect(worthOf(channels.rod)).toMatchObject({ cost: "1.65", emittedKg: 2 });
    expect(untracked).toMatchObject({ cost: "1.65", saved: "0", gridKwh: 5, sunKwh: 0, emittedKg: 2 });
    const { body } = await call("GET", `/sites/${tenant.siteId}/flows?${window}&step=day`);
    const [day] = body.items;
    const use = (id: number) => day.meters.find((meter: { id: string }) => meter.id === String(id)).use;
    expect(use(channels.heat)).toMatchObject({ cost: "3.3", gridKwh: 10, emittedKg: 4 });
    expect([day.untracked.cost, use(channels.import)]).toEqual(["1.65", null]);
  });

  test("by meter, device and room: the lines are what the place used, and gas has its own contract", async () => {
    const day = readPeriod(new URLSearchParams("range=day&at=2026-07-01"), site.timezone, nowMs);
    const usage = (query: string) =>
      loadUsage(tenant.organizationId, site, {
        ...{ period: day, nowMs },
        query: readUsageQuery(new URLSearchParams(query)),
      });
    const costs = async (query: string) => (await usage(query)).rows.map(({ name, worth }) => [name, worth?.cost]);
    expect(await costs("")).toEqual([["Heat pump: energy.import", "3.3"], ["Heat pump: rod", "1.65"], ["Not tracked", "1.65"]]); // prettier-ignore
    expect(await costs("by=device")).toEqual([["Heat pump", "4.95"], ["Not tracked", "1.65"]]); // prettier-ignore
    expect((await usage("by=device")).worth).toMatchObject({ cost: "6.6", gridKwh: 20, emittedKg: 8 });
    const gas = { name: "Gas", currency: "EUR", medium: "gas", kwhPerM3: "10", components: [{ type: "energy", price: "0.1" }] }; // prettier-ignore
    await call("POST", `/sites/${tenant.siteId}/contracts`, { name: "Gas", medium: "gas", validFrom: "2026-01-01", tariff: gas }); // prettier-ignore
    expect((await usage("medium=gas")).worth).toMatchObject({ cost: "48", emittedKg: null });
    const byVolume = { name: "Heat", currency: "EUR", medium: "heat", components: [{ type: "energy", price: "0.1" }] };
    const made = await call("POST", `/sites/${tenant.siteId}/contracts`, { name: "Heat", medium: "heat", validFrom: "2026-01-01", tariff: byVolume }); // prettier-ignore
    await database.owner.query("update energy.channels set medium = 'heat' where id = $1", [channels.gas]);
    const { body } = await call("GET", `/contracts/${made.body.id}/bill?from=2026-07-01&to=2026-07-02`);
    await database.owner.query("update energy.channels set medium = 'gas' where id = $1", [channels.gas]);
    expect(body.notes).toContainEqual(expect.stringMatching(/counts in m3 and is not billed/));
  });

  test("a grid meter by formula is billed, emits, and its energy goes to who used it, as any other grid meter", async () => {
    const { organizationId, siteId } = other;
    const phases: number[] = [];
    for (const name of ["L1", "L2"]) {
      const deviceId = (await createDevice(organizationId, { siteId, name, kind: "device" }, newCredential().kept))!.id;
      const phase = { organizationId, deviceId, metric: "energy.import", role: "none", kind: "counter", quantity: "energy", unit: "kWh", medium: "electricity", isPrimary: false }; // prettier-ignore
      phases.push(await addChannel(database.owner, phase));
    }
    await asSystem((sql) =>
      saveBuckets(
        sql,
        phases.map((channelId) => ({ channelId, buckets: bucketsOf(() => 0.125) })),
        nowMs,
      ),
    );
    const theirs = apiWith(other.apiKey);
    const [a, b] = phases;
    const made = await theirs("POST", "/virtual-meters", { siteId, name: "Grid", formula: `c${a} + c${b}`, medium: "electricity", role: "grid_import" }); // prettier-ignore
    expect(made.status).toBe(201);
    await theirs("PATCH", `/sites/${siteId}`, { pricePerKwh: "0.5", co2GPerKwh: "100" });
    const { timezone } = (await getSite(organizationId, siteId))!;
    const period = readPeriod(new URLSearchParams("range=day&at=2026-07-01"), timezone, nowMs);
    const theirSite = (await getSite(organizationId, siteId))!;
    const { worth, untracked, total } = await loadFlows(organizationId, theirSite, period, { nowMs, hasMoney: true });
    expect([total!.importKwh, worth!.billedKwh, worth!.total]).toEqual([24, 24, "12"]);
    expect(untracked).toMatchObject({ cost: "12", emittedKg: expect.closeTo(2.4, 9) });
    // Its year can be asked about as well.
    for (const [path, body] of [
      ["compare", { library: ["de-flat"] }],
      ["simulate", { battery: { capacityKwh: 5, chargeKw: 2, dischargeKw: 2 } }],
    ] as const) {
      const answer = await theirs("POST", `/sites/${siteId}/${path}`, body);
      expect([path, answer.status, answer.body.detail]).toEqual([path, 200, undefined]);
    }
    await theirs("DELETE", `/virtual-meters/${made.body.id}`);
  });

  test("the picture's download has both", async () => {
    const flows = await shown();
    const [head, ...rows] = [...sankeyRows(flows.total!, { ...flows, currency: "EUR" })];
    expect(head).toContain("cost_eur");
    const sum = rows.reduce((all, row) => all + Number(row[head!.indexOf("cost_eur")] ?? 0), 0);
    expect(sum).toBeCloseTo(6.46, 9);
    const none = [null, null, null, null, null, null];
    expect(rows).toContainEqual(["grid", "home", 20, null, 6.6, null, 8, 0, ...none]);
    expect(rows).toContainEqual(["no flow", "standing", null, null, 0.5, null, null, null, ...none]);
  });

  test("who has the link of the page of flows sees no costs", async () => {
    const { worth } = await loadFlows(tenant.organizationId, site, (await shown()).period, { nowMs, hasMoney: false });
    expect([worth!.total, worth!.ways["grid>home"].cost, worth!.ways["grid>home"].emittedKg]).toEqual([
      null,
      null,
      expect.closeTo(8, 9),
    ]);
  });
});

describe("the tree", () => {
  test("a part goes below its whole, and is not added beside it", async () => {
    const put = await call("PATCH", `/channels/${channels.rod}`, { parentId: String(channels.heat) });
    expect(put.body).toMatchObject({ parentId: String(channels.heat), groupId: null });
    const { body } = await call("GET", `/sites/${tenant.siteId}/flows?${window}&step=day`);
    const { meters, untrackedKwh, consumptionKwh } = body.items[0];
    const of = (id: number) => meters.find((one: { id: string }) => one.id === String(id));
    expect(untrackedKwh).toBeCloseTo(consumptionKwh - 12, 9);
    // At noon the part measured more than its whole.
    expect(of(channels.heat)).toMatchObject({ energyKwh: 12, attributedKwh: 12, untrackedKwh: 5, excessKwh: 2 });
    expect(of(channels.rod)).toMatchObject({ energyKwh: 9, attributedKwh: 7 });
  });

  test.each([
    [
      "a circle",
      () => channels.heat,
      () => ({ parentId: String(channels.rod) }),
      /circle: Heat pump: energy.import → .*rod → /,
    ],
    ["itself", () => channels.heat, () => ({ parentId: String(channels.heat) }), /circle/],
    ["another medium", () => channels.heat, () => ({ parentId: String(channels.gas) }), /same medium/],
    ["nothing", () => channels.heat, () => ({ parentId: "999999" }), /no meter with this id/],
    ["a room that is not there", () => channels.heat, () => ({ groupId: "999999" }), /no group/],
    ["a channel without amounts", () => channels.temperature, () => ({ parentId: String(channels.heat) }), /amounts/],
  ])("below %s: refused", async (_what, id, body, message) => {
    const answer = await call("PATCH", `/channels/${id()}`, body());
    expect([answer.status, answer.body.detail]).toEqual([400, expect.stringMatching(message)]);
  });
});

describe("virtual meters", () => {
  test("made, used as a meter, changed and deleted", async () => {
    const made = await call("POST", "/virtual-meters", {
      ...{ siteId: tenant.siteId, name: "All but the pump", role: "consumer" },
      formula: `max(c${channels.import} + c${channels.pv} - c${channels.export} - c${channels.heat}, 0)`,
    });
    expect([made.status, made.headers.get("location")]).toEqual([201, `/api/v1/virtual-meters/${made.body.id}`]);
    const { body } = await call("GET", `/sites/${tenant.siteId}/flows?${window}&step=day`);
    expect(body.items[0].meters.find((one: { id: string }) => one.id === made.body.id)).toMatchObject({
      ...{ energyKwh: 12, completeness: 1 },
    });
    expect(body.items[0].untrackedKwh).toBeCloseTo(0, 9);
    const second = await call("POST", "/virtual-meters", {
      ...{ siteId: tenant.siteId, name: "Half", formula: `${made.body.id} / 2` },
    });
    const round = await call("PATCH", `/virtual-meters/${made.body.id}`, { formula: `${second.body.id} + 1` });
    expect([round.status, round.body.detail]).toEqual([
      400,
      expect.stringMatching(/depend on itself: All but the pump → Half → All/),
    ]);
    const below = await call("PATCH", `/channels/${channels.heat}`, { parentId: second.body.id });
    expect(below.body.parentId).toBe(second.body.id);
    expect((await call("DELETE", `/virtual-meters/${second.body.id}`)).status).toBe(204);
    expect((await call("GET", `/channels/${channels.heat}`)).body.parentId).toBeNull();
    const renamed = await call("PATCH", `/virtual-meters/${made.body.id}`, { name: "Rest", role: "none" });
    expect(renamed.body).toMatchObject({ name: "Rest", role: "none" });
    expect((await call("GET", `/virtual-meters?siteId=${tenant.siteId}`)).body.items).toHaveLength(1);
    expect((await call("DELETE", `/virtual-meters/${made.body.id}`)).status).toBe(204);
    expect((await call("GET", `/virtual-meters/${made.body.id}`)).status).toBe(404);
  });

  test.each([
    ["c1 +", /wrong at character 5: expected a meter/],
    ["c999999", /no meter c999999/],
    ["1 + 2", /at least one meter/],
  ])("%s: refused with the place", async (formula, message) => {
    const { status, body } = await call("POST", "/virtual-meters", { siteId: tenant.siteId, name: "x", formula });
    expect([status, body.detail]).toEqual([400, expect.stringMatching(message)]);
  });

  test("another organization's meters are not there, in formulas and by their ids", async () => {
    const theirs = apiWith(other.apiKey);
    const formula = `c${channels.import}`;
    const stolen = await theirs("POST", "/virtual-meters", { siteId: other.siteId, name: "x", formula });
    expect([stolen.status, stolen.body.detail]).toEqual([400, expect.stringMatching(/there is no meter/)]);
    expect((await theirs("POST", "/virtual-meters", { siteId: tenant.siteId, name: "x", formula })).status).toBe(404);
    const mine = await call("POST", "/virtual-meters", { siteId: tenant.siteId, name: "Mine", formula });
    const group = await call("POST", "/groups", { siteId: tenant.siteId, name: "Mine" });
    for (const path of [`/virtual-meters/${mine.body.id}`, `/groups/${group.body.id}`]) {
      expect((await theirs("PATCH", path, { name: "taken" })).status).toBe(404);
      expect((await theirs("DELETE", path)).status).toBe(404);
      expect((await call("DELETE", path)).status).toBe(204);
    }
  });
});

describe("rooms, usage and what is downloaded", () => {
  const period = (query: string) => readPeriod(new URLSearchParams(query), site.timezone, nowMs);
  const usage = (query: string) =>
    loadUsage(tenant.organizationId, site, {
      ...{ period: period(query), nowMs, query: readUsageQuery(new URLSearchParams(query)) },
    });

  test("rooms add up to the whole, a part with its own room taken out of its whole's", async () => {
    const cellar = await call("POST", "/groups", { siteId: tenant.siteId, name: "Cellar" });
    const boiler = await call("POST", "/groups", { siteId: tenant.siteId, name: "=Boiler" });
    expect((await call("POST", "/groups", { siteId: tenant.siteId, name: "Cellar" })).status).toBe(409);
    await call("PATCH", `/channels/${channels.heat}`, { groupId: cellar.body.id });
    await call("PATCH", `/channels/${channels.rod}`, { groupId: boiler.body.id, parentId: String(channels.heat) });
    const { rows, total } = await usage("range=day&at=2026-07-01&by=group");
    expect(rows.map(({ name, amount }) => [name, Math.round(amount * 1e6) / 1e6])).toEqual([
      ["=Boiler", 7],
      ["Cellar", 5],
      ["Not tracked", 12],
    ]);
    expect(rows.reduce((sum, { amount }) => sum + amount, 0)).toBeCloseTo(total, 9);
  });

  test("a way down, and the day before", async () => {
    const below = await usage(`range=day&at=2026-07-02&meter=c${channels.heat}`);
    expect(below.path.map(({ id }) => id)).toEqual([`c${channels.heat}`]);
    expect(below.rows.map(({ name }) => name)).toEqual(["Heat pump: rod", "Not tracked"]);
    expect(below.rows[0]).toMatchObject({ before: 7 });
    expect([below.total, below.before]).toEqual([12, 12]);
  });

  test("gas beside electricity, in its own unit", async () => {
    const gas = await usage("range=day&at=2026-07-01&medium=gas");
    expect(gas).toMatchObject({ medium: "gas", unit: "m3", total: 48 });
    expect(gas.offered).toEqual([
      { medium: "electricity", unit: "kWh" },
      { medium: "gas", unit: "m3" },
    ]);
  });

  test("how well it is known is said, and until when", async () => {
    const day = await loadFlows(tenant.organizationId, site, period("range=day&at=2026-07-01"), {
      nowMs,
      hasMoney: true,
    });
    expect(day.quality).toMatchObject({ measured: 0.75, estimated: 0.25, missing: 0, toMs: from + 86_400_000 });
    const running = await loadFlows(tenant.organizationId, site, period("range=day"), { nowMs, hasMoney: true });
    expect(running.quality).toMatchObject({ measured: 1, missing: 0, toMs: nowMs });
  });

  test("the download has times with their offset, how well it is known, and no formula", async () => {
    const person = await someone();
    await database.owner.query("update energy.memberships set user_id = $1 where organization_id = $2", [
      person.userId,
      tenant.organizationId,
    ]);
    const params = { siteId: tenant.siteId };
    const request = (search: string) => open(usageCsv, person.cookie, params, search);
    const response = await usageCsv({
      request: new Request(`http://energy.test/x?range=day&at=2026-07-01&by=group&chart=shares`, {
        headers: { cookie: person.cookie },
      }),
      params,
      context: {} as never,
    });
    const text = await response.text();
    expect(text).toContain("\r\n'=Boiler,7,0.291667,");
    expect(text.split("\r\n")[0]).toContain("measured_share,estimated_share,missing_share");
    expect(text).toContain("2026-07-01T00:00:00+02:00");
    expect((await request("?chart=pie")).status).toBe(400);
  });
});
