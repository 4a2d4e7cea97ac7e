import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { loadFlows } from "../../app/flows/load-flows.server.ts";
import { loadOverview, type Overview } from "../../app/overview/load-overview.server.ts";
import { periodsOf } from "../../app/overview/periods.ts";
import { readPeriod } from "../../app/period/period.ts";
import { asOrganization } from "../../db/as-organization.ts";
import { asSystem } from "../../db/as-system.ts";
import { createDevice } from "../../db/devices.ts";
import { createChannels } from "../../db/intake-channels.ts";
import { energyOf } from "../../db/rollup-sums.ts";
import { bucketsOf, saveBuckets } from "../../db/rollups.ts";
import { createSite, type Site } from "../../db/sites.ts";
import { localSteps } from "../../domain/local-time/steps.ts";
import type { Bucket } from "../../domain/rollup/bucket.ts";
import { compose } from "../../domain/rollup/compose.ts";
import { makeTenant, openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

/** 14:50:30 in Berlin: 5.5 minutes into a quarter-hour. */
const now = Date.parse("2026-11-24T13:50:30Z");
const quarter = 900_000;
const running = (now - Date.parse("2026-11-24T13:45Z")) / quarter;
const historyFrom = Date.parse("2025-12-31T23:00Z");
/** A day of which 6 hours are estimated, and one of which the inverter knows nothing. */
const estimatedDay = Date.parse("2026-11-10T23:00Z");
const holeDay = Date.parse("2026-11-15T23:00Z");

let database: OpenDatabase;
let organizationId: string;

beforeAll(async () => {
  database = await openTestDatabase();
  ({ organizationId } = await makeTenant("overview"));
});
afterAll(() => database.close());

const bucket = (startMs: number, energyKwh: number): Bucket => {
  const share = startMs + quarter > now ? running : 1;
  const energy = energyKwh * share;
  return {
    startMs,
    energyKwh: energy,
    reverseKwh: 0,
    estimatedKwh: 0,
    estimatedReverseKwh: 0,
    coveredS: 900 * share,
    mean: null,
    min: null,
    max: null,
    count: 15,
    last: null,
  };
};

interface Given {
  metric: string;
  kwh: number;
  isGauge?: boolean;
  change?: (bucket: Bucket) => Bucket | null;
}

/** A device with a year of even buckets; roles and primaries as the ingest guesses them. */
async function addDevice(site: Site, name: string, channels: Given[]): Promise<void> {
  const device = (await createDevice(organizationId, { siteId: site.id, name, kind: "device" }, newCredential().kept))!;
  const made = await createChannels(
    { organizationId, deviceId: device.id },
    channels.map(({ metric, isGauge }) => ({
      key: metric,
      metric,
      words: { kind: isGauge ? ("gauge" as const) : ("counter" as const), unit: null },
    })),
  );
  const saved = channels.map(({ metric, kwh, change = (b) => b }) => {
    const buckets: Bucket[] = [];
    for (let at = historyFrom; at < now; at += quarter) {
      const kept = change(bucket(at, kwh));
      if (kept) buckets.push(kept);
    }
    return { channelId: made.find((c) => c.key === metric)!.id, buckets };
  });
  await asSystem((sql) => saveBuckets(sql, saved, now));
}

const within = (startMs: number, hours: number) => (b: Bucket) =>
  b.startMs >= startMs && b.startMs < startMs + hours * 3_600_000;

function estimate(b: Bucket): Bucket {
  return within(estimatedDay, 6)(b) ? { ...b, estimatedKwh: b.energyKwh } : b;
}

const load = (site: Site, query = ""): Promise<Overview> =>
  loadOverview(organizationId, site, {
    nowMs: now,
    periods: periodsOf(new URLSearchParams(query), site.timezone, now),
  });

describe("a site with a grid meter, a plug and a roof", () => {
  let site: Site;
  let overview: Overview;

  beforeAll(async () => {
    site = await createSite(organizationId, {
      name: "Home",
      timezone: "Europe/Berlin",
      currency: "EUR",
      pricePerKwh: "0.25",
    });
    // The meter's own power says the same as its registers, and the plug's energy is in the meter's already.
    await addDevice(site, "Meter", [
      { metric: "energy.import", kwh: 0.1, change: estimate },
      { metric: "energy.export", kwh: 0.05 },
      { metric: "power", kwh: 0.1, isGauge: true },
      { metric: "energy.import.l1", kwh: 0.04 },
    ]);
    await addDevice(site, "Plug", [
      { metric: "energy.import", kwh: 0.02 },
      { metric: "power", kwh: 0.02, isGauge: true },
    ]);
    await addDevice(site, "Inverter", [
      { metric: "pv.energy.production", kwh: 0.3, change: (b) => (within(holeDay, 12)(b) ? null : b) },
      { metric: "pv.power", kwh: 0.3, isGauge: true },
    ]);
    await addDevice(site, "Gas meter", [{ metric: "gas", kwh: 0.5 }]);
    overview = await load(site);
  });

  test("counts each flow once", () => {
    const quarters = 59 + running;
    expect(overview.today!.importKwh).toBeCloseTo(quarters * 0.1, 9);
    expect(overview.today!.productionKwh).toBeCloseTo(quarters * 0.3, 9);
    expect(overview.today!.consumptionKwh).toBeCloseTo(quarters * 0.35, 9);
    expect(overview.today!.fromGridKwh).toBeCloseTo(quarters * 0.1, 9);
    expect(overview.today!.fromSunKwh).toBeCloseTo(quarters * 0.25, 9);
    expect(overview.selfSufficiency.today).toBeCloseTo(0.25 / 0.35, 9);
    expect(overview.abilities).toEqual({ hasConsumption: true, hasGrid: true, hasProduction: true, hasBattery: false });
  });

  test("yesterday goes up to the same time of day", () => {
    expect(overview.yesterday!.consumptionKwh).toBeCloseTo(overview.today!.consumptionKwh, 9);
    expect(overview.yesterday!.endMs).toBe(now - 86_400_000);
  });

  test("what comes from the grid is paid for, today and this month", () => {
    expect(Number(overview.today!.cost)).toBeCloseTo((59 + running) * 0.1 * 0.25, 9);
    const monthQuarters = (now - Date.parse("2026-10-31T23:00Z")) / quarter;
    expect(Number(overview.month!.cost)).toBeCloseTo(monthQuarters * 0.1 * 0.25, 6);
  });

  test("the month by days: complete ones, an estimated one, one with a hole, and those to come", () => {
    const { bars, ahead, key } = overview.days;
    expect([key, bars.length, ahead.length]).toEqual(["2026-11", 24, 6]);
    expect(bars[0]).toMatchObject({ completeness: 1, estimatedKwh: 0 });
    expect(bars[0]!.consumptionKwh).toBeCloseTo(96 * 0.35, 9);
    const at = (ms: number) => bars.find((bar) => bar.startMs === ms)!;
    expect(at(estimatedDay).estimatedKwh).toBeCloseTo(24 * 0.1, 9);
    expect(at(holeDay).completeness).toBeCloseTo(0.5, 9);
    expect(bars.at(-1)).toMatchObject({ endMs: now, fullEndMs: Date.parse("2026-11-24T23:00Z") });
  });

  test("the year by months has the hour more of October, and adds up to its days", async () => {
    const { bars, ahead } = overview.months;
    expect([bars.length, ahead.length]).toEqual([11, 1]);
    expect(bars[9]!.consumptionKwh).toBeCloseTo((31 * 96 + 4) * 0.35, 6);
    expect(bars[2]!.consumptionKwh).toBeCloseTo((31 * 96 - 4) * 0.35, 6);
    const november = overview.days.bars.reduce((sum, bar) => sum + bar.consumptionKwh, 0);
    expect(bars[10]!.consumptionKwh).toBeCloseTo(november, 9);
  });

  test("the last 24 hours by quarter-hours, up to the running one", () => {
    const { points } = overview.day;
    expect(points.length).toBe(96);
    expect(points[0]).toMatchObject({ useW: 1_400, gridW: 400, sunW: 1_000, exportW: 200, productionW: 1_200 });
    expect(points.at(-1)).toMatchObject({ useW: 1_400, timeMs: (now + Date.parse("2026-11-24T13:45Z")) / 2 });
    expect(overview.completeToMs).toBe(now);
  });

  test("a day of 23 hours has 92 quarter-hours, and its ticks lie on the wall clock", async () => {
    const { day } = await load(site, "day=2026-03-29&month=2026-03&year=2025");
    expect(day.points.length).toBe(92);
    const hours = day.ticks.map((ms) =>
      new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/Berlin", hour: "2-digit" }).format(ms),
    );
    expect(hours).toEqual(["00", "03", "06", "09", "12", "15", "18", "21"]);
  });

  test("without a price there is no cost", async () => {
    expect((await load({ ...site, pricePerKwh: null })).today!.cost).toBeNull();
  });

  test("another organization's context sees nothing of it", async () => {
    const other = await makeTenant("somebody-else");
    const seen = await loadOverview(other.organizationId, site, {
      nowMs: now,
      periods: periodsOf(new URLSearchParams(), site.timezone, now),
    });
    expect(seen).toMatchObject({ today: null, devices: [], power: [] });
  });
});

test("what the battery bought at night and gave in the evening does not hide itself in a day, nor in a month", async () => {
  const site = await createSite(organizationId, { name: "Cabin", timezone: "UTC", currency: "EUR", pricePerKwh: "1" });
  const hourOf = ({ startMs }: Bucket) => (startMs / 3_600_000) % 24;
  const only = (from: number, to: number) => (b: Bucket) => ({
    ...b,
    energyKwh: hourOf(b) >= from && hourOf(b) < to ? b.energyKwh : 0,
  });
  const atNight = only(0, 3);
  // Used: 0.1 in each quarter-hour. From 0 to 3 o'clock 0.2 more is charged, from 8 to 11 the battery gives all of it.
  await addDevice(site, "Meter", [
    { metric: "energy.import", kwh: 0.1, change: (b) => ({ ...b, energyKwh: only(8, 11)(b).energyKwh > 0 ? 0 : b.energyKwh + 2 * atNight(b).energyKwh }) }, // prettier-ignore
    { metric: "energy.export", kwh: 0 },
  ]);
  await addDevice(site, "Battery", [
    { metric: "battery.energy.charge", kwh: 0.2, change: atNight },
    { metric: "battery.energy.discharge", kwh: 0.1, change: only(8, 11) },
  ]);
  const { today, days, abilities, selfSufficiency } = await load(site);
  expect(abilities).toMatchObject({ hasGrid: true, hasBattery: true });
  const used = (55 + running) * 0.1;
  expect(today!.consumptionKwh).toBeCloseTo(used, 9);
  expect([today!.fromBatteryKwh, today!.fromGridKwh]).toEqual([expect.closeTo(1.2, 9), expect.closeTo(used - 1.2, 9)]);
  expect([days.bars[0]!.fromBatteryKwh, days.bars[0]!.fromGridKwh]).toEqual([
    expect.closeTo(1.2, 9),
    expect.closeTo(8.4, 9),
  ]);
  expect(days.bars[0]!.fromSunKwh).toBeCloseTo(0, 9);
  expect(selfSufficiency.today).toBeNull();
});

test("more goes out in a quarter-hour than came in: the overview, the costs and the flows say the same", async () => {
  const site = await createSite(organizationId, { name: "Barn", timezone: "UTC", currency: "EUR", pricePerKwh: "1" });
  const isNoon = ({ startMs }: Bucket) => Math.floor(startMs / 3_600_000) % 24 === 12;
  // A roof without a meter of its own: 0.3 goes out in each quarter-hour from 12 to 13, when 0.1 came in.
  await addDevice(site, "Meter", [
    { metric: "energy.import", kwh: 0.1 },
    { metric: "energy.export", kwh: 0.3, change: (b) => ({ ...b, energyKwh: isNoon(b) ? b.energyKwh : 0 }) },
  ]);
  const { today, yesterday, days } = await load(site);
  const perDay = 92 * 0.1;
  expect(days.bars[2]!.consumptionKwh).toBeCloseTo(perDay, 9);
  expect([days.bars[2]!.importKwh, days.bars[2]!.exportKwh]).toEqual([expect.closeTo(9.6, 9), expect.closeTo(1.2, 9)]);
  expect(today!.consumptionKwh).toBeCloseTo((55 - 4 + running) * 0.1, 9);
  expect(yesterday!.consumptionKwh).toBeCloseTo((55 - 4 + running) * 0.1, 9);
  const period = readPeriod(new URLSearchParams("range=day&at=2026-11-03"), "UTC", now);
  const { total } = await loadFlows(organizationId, site, period, { nowMs: now, hasMoney: false });
  expect(total!.consumption).toBeCloseTo(perDay, 9);
});

test("without a grid meter the consumers add up", async () => {
  const site = await createSite(organizationId, { name: "Flat", timezone: "UTC", currency: "EUR", pricePerKwh: "1" });
  await addDevice(site, "Kettle", [
    { metric: "energy.import", kwh: 0.1 },
    { metric: "power", kwh: 0.1, isGauge: true },
  ]);
  await addDevice(site, "Fridge", [{ metric: "power", kwh: 0.03, isGauge: true }]);
  const { today, abilities } = await load(site);
  const quarters = 55 + running;
  expect(today!.consumptionKwh).toBeCloseTo(quarters * 0.13, 9);
  expect(Number(today!.cost)).toBeCloseTo(quarters * 0.13, 9);
  expect(abilities).toMatchObject({ hasConsumption: true, hasGrid: false });
});

test.each(["Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "UTC"])(
  "sums over local days of %s are those of the buckets",
  async (zone) => {
    const channels = await database.owner.query<{ id: number }>("select id from energy.channels order by id limit 6");
    const ids = channels.rows.map((row) => row.id);
    const steps = localSteps(zone, "day", Date.parse("2026-03-20T00:00Z"), Date.parse("2026-11-24T14:00Z"));
    const [sums, fine] = await asOrganization(organizationId, async (sql) => [
      await energyOf(sql, ids, steps),
      await bucketsOf(sql, ids, steps[0]!.startMs, steps.at(-1)!.endMs),
    ]);
    for (const id of ids) {
      const expected = compose(fine.get(id)!, steps);
      compose(sums.get(id)!, steps).forEach((step, i) => {
        for (const name of ["energyKwh", "estimatedKwh", "coveredS"] as const)
          expect(step[name]).toBeCloseTo(expected[i]![name], 9);
      });
    }
  },
);
