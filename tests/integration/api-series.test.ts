import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CreatedOrganization } from "../../cli/org.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";
import { apiWith, type Answer, type Call } from "../support/api.ts";
import { addChannel, makeTenant, openTestDatabase, type ChannelGiven, type OpenDatabase } from "../support/tenants.ts";

/** A site in Berlin around the night of 29 March 2026, when 02:00 to 03:00 does not exist. */
let db: OpenDatabase;
let anna: CreatedOrganization;
let api: Call;
let deviceId: string;
const utc = (text: string) => Date.parse(text);
const hour = 3_600_000;
const start = utc("2026-03-27T00:00:00Z");

beforeAll(async () => {
  db = await openTestDatabase();
  anna = await makeTenant("anna", "Europe/Berlin");
  api = apiWith(anna.apiKey);
  deviceId = (await api("POST", "/devices", { name: "Meter" })).body.id;
});

afterAll(() => db.close());

async function add(given: Partial<ChannelGiven> & { metric: string }): Promise<number> {
  const id = await addChannel(db.owner, { organizationId: anna.organizationId, deviceId, ...given });
  await rollUpAll();
  return id;
}

async function rollUpAll(): Promise<void> {
  while (await rollUpOnce());
}

const every = (stepMs: number, count: number, valueOf: (i: number) => number): [number, number][] =>
  Array.from({ length: count }, (_, i) => [start + i * stepMs, valueOf(i)]);

interface StepAnswer {
  start: string;
  end: string;
  energyKwh?: number;
  reverseKwh?: number;
  estimatedKwh?: number;
  mean?: number;
  min?: number;
  max?: number;
  completeness: number;
}

async function series(id: number, from: string, to: string, step: string, more = ""): Promise<StepAnswer[]> {
  const { status, body } = await api("GET", `/channels/${id}/series?from=${from}&to=${to}&step=${step}${more}`);
  expect([status, body.nextCursor]).toEqual([200, null]);
  return body.items;
}

describe("a power of 1,200 W, every 5 minutes for five days", () => {
  let id: number;
  beforeAll(async () => {
    id = await add({ metric: "power", direction: "both", readings: every(300_000, 5 * 288 + 1, () => 1200) });
  });

  test("local days: 24 hours, and 23 when the clock goes forward", async () => {
    const days = await series(id, "2026-03-28T00:00:00+01:00", "2026-03-31T00:00:00+02:00", "day");
    expect(days.map((d) => [d.start, d.end])).toEqual([
      ["2026-03-27T23:00:00.000Z", "2026-03-28T23:00:00.000Z"],
      ["2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"],
      ["2026-03-29T22:00:00.000Z", "2026-03-30T22:00:00.000Z"],
    ]);
    for (const [i, kwh] of [28.8, 27.6, 28.8].entries()) {
      expect(days[i]).toMatchObject({ reverseKwh: 0, estimatedKwh: 0, min: 1200, max: 1200, completeness: 1 });
      expect(days[i]!.energyKwh).toBeCloseTo(kwh, 9);
      expect(days[i]!.mean).toBeCloseTo(1200, 9);
    }
  });

  test("steps at the edges are cut, and hold the part inside", async () => {
    const [first, ...rest] = await series(id, "2026-03-28T10:07:30Z", "2026-03-28T12:20:00Z", "hour");
    expect(first).toMatchObject({
      start: "2026-03-28T10:07:30.000Z",
      end: "2026-03-28T11:00:00.000Z",
      completeness: 1,
    });
    expect(first!.energyKwh).toBeCloseTo((1.2 * 52.5) / 60, 9);
    expect(rest.map((s) => s.end)).toEqual(["2026-03-28T12:00:00.000Z", "2026-03-28T12:20:00.000Z"]);
    expect(rest.map((s) => s.energyKwh)).toEqual([expect.closeTo(1.2, 9), expect.closeTo(0.4, 9)]);
    const [within] = await series(id, "2026-03-28T10:01:00Z", "2026-03-28T10:02:00Z", "day");
    expect(within!.energyKwh).toBeCloseTo(0.02, 9);
  });

  test("months and years, cut where the readings are", async () => {
    const months = await series(id, "2026-01-01T00:00:00Z", "2026-05-01T00:00:00Z", "month");
    expect(months.map((m) => m.start)).toEqual([
      ...["2026-01-01T00:00:00.000Z", "2026-01-31T23:00:00.000Z", "2026-02-28T23:00:00.000Z"],
      ...["2026-03-31T22:00:00.000Z", "2026-04-30T22:00:00.000Z"],
    ]);
    expect(months.map((m) => m.energyKwh)).toEqual([0, 0, expect.closeTo(141.6, 6), expect.closeTo(2.4, 6), 0]);
    expect(months[0]).toEqual({
      start: months[0]!.start,
      end: months[0]!.end,
      energyKwh: 0,
      estimatedKwh: 0,
      reverseKwh: 0,
      completeness: 0,
    });
    const years = await series(id, "2025-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "year");
    expect(years.at(1)!.energyKwh).toBeCloseTo(5 * 28.8, 6);
    expect(years.at(1)!.completeness).toBeCloseTo(5 / 365, 6);
  });

  test("pages of a series are the series", async () => {
    const path = `/channels/${id}/series?from=2026-03-28T10:07:30Z&to=2026-03-30T01:02:03Z&step=hour`;
    const whole = (await api("GET", path)).body.items;
    const paged: StepAnswer[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const { items, nextCursor }: Answer["body"] = (
        await api("GET", `${path}&limit=7${cursor && `&cursor=${cursor}`}`)
      ).body;
      paged.push(...items);
      cursor = nextCursor;
    }
    expect(paged).toEqual(whole);
    const first = (
      await api("GET", `/channels/${id}/series?from=0001-01-01T00:00:00Z&to=9999-01-01T00:00:00Z&step=15m&limit=3`)
    ).body;
    expect([first.items.length, first.nextCursor === null]).toEqual([3, false]);
  });

  test.each([
    ["from=2026-03-28T00:00:00Z&to=2026-03-28T00:00:00Z&step=hour", "to"],
    ["from=2026-03-28&to=2026-03-29&step=hour", "from"],
    ["from=2026-03-28T00:00:00&to=2026-03-29T00:00:00Z&step=hour", "from"],
    ["from=2026-03-28T00:00:00Z&to=2026-03-29T00:00:00Z&step=week", "step"],
    ["from=2026-03-28T00:00:00Z&step=hour", "to"],
  ])("%s is refused", async (query, field) => {
    const { status, body } = await api("GET", `/channels/${id}/series?${query}`);
    expect([status, body.errors[0].path]).toEqual([400, field]);
  });

  test("a plus that was not escaped is understood", async () => {
    const plain = await series(id, "2026-03-28T00:00:00+01:00", "2026-03-29T00:00:00+01:00", "day");
    expect(plain).toEqual(await series(id, "2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z", "day"));
  });
});

describe("readings", () => {
  test("ascending, from inclusive, to exclusive, in pages, with their microseconds", async () => {
    const readings: [number, number][] = [
      [0, 1],
      [0.001, 2],
      [1, 3],
      [60_000, 4],
      [60_000.5, 5],
    ].map(([ms, v]) => [start + ms!, v!]);
    const id = await add({ metric: "fine", quantity: "custom", unit: null, readings });
    const all = (await api("GET", `/channels/${id}/readings`)).body.items;
    expect(all).toEqual([
      { time: "2026-03-27T00:00:00.000Z", value: 1 },
      { time: "2026-03-27T00:00:00.000001Z", value: 2 },
      { time: "2026-03-27T00:00:00.001Z", value: 3 },
      { time: "2026-03-27T00:01:00.000Z", value: 4 },
      { time: "2026-03-27T00:01:00.000500Z", value: 5 },
    ]);
    for (const [path, expected] of [
      ["readings", all],
      ["readings/newest", all.toReversed()],
    ]) {
      const seen: unknown[] = [];
      for (let cursor: string | null = ""; cursor !== null;) {
        const page: Answer["body"] = (await api("GET", `/channels/${id}/${path}?limit=1${cursor && `&cursor=${cursor}`}`)).body; // prettier-ignore
        seen.push(...page.items);
        cursor = page.nextCursor;
      }
      expect(seen).toEqual(expected);
    }
    const some = await api("GET", `/channels/${id}/readings?from=2026-03-27T00:00:00.001Z&to=2026-03-27T00:01:00Z`);
    expect(some.body.items.map((r: { value: number }) => r.value)).toEqual([3]);
  });

  test("a state's are texts, and it has no series", async () => {
    const id = await add({ metric: "relay", quantity: "state", kind: "state", unit: null });
    await db.owner.query("insert into telemetry.states values ($1, '2026-03-27Z', 'on'), ($1, '2026-03-28Z', 'off')", [
      id,
    ]);
    expect((await api("GET", `/channels/${id}/readings?limit=1`)).body.items).toEqual([
      { time: "2026-03-27T00:00:00.000Z", value: "on" },
    ]);
    const newest = (await api("GET", `/channels/${id}/readings/newest`)).body;
    expect(newest.items.map(({ value }: { value: string }) => value)).toEqual(["off", "on"]);
    expect(newest.nextCursor).toBeNull();
    expect(
      (await api("GET", `/channels/${id}/series?from=2026-03-27T00:00:00Z&to=2026-03-28T00:00:00Z&step=day`)).status,
    ).toBe(400);
  });
});

describe("a register with an outage", () => {
  test("the parts of a bucket add up to it, measured and estimated", async () => {
    const readings = every(60_000, 4 * 60, (i) => 100 + i / 60).concat([[start + 10 * hour + 7 * 60_000, 130]]);
    const id = await add({
      metric: "energy.import",
      kind: "counter",
      quantity: "energy",
      unit: "kWh",
      direction: "import",
      readings,
    });
    for (const at of [start + hour, start + 4 * hour - 900_000, start + 7 * hour, start + 10 * hour]) {
      const iso = (ms: number) => new Date(at + ms).toISOString();
      const [whole] = await series(id, iso(0), iso(900_000), "15m");
      const cuts = [0, 200_000, 427_500, 900_000];
      const parts: StepAnswer[] = [];
      for (let i = 0; i < 3; i++) parts.push(...(await series(id, iso(cuts[i]!), iso(cuts[i + 1]!), "15m")));
      const sum = (name: "energyKwh" | "estimatedKwh") => parts.reduce((total, part) => total + part[name]!, 0);
      expect(sum("energyKwh")).toBeCloseTo(whole!.energyKwh!, 9);
      expect(sum("estimatedKwh")).toBeCloseTo(whole!.estimatedKwh!, 9);
      expect(whole).not.toHaveProperty("mean");
      expect(whole).not.toHaveProperty("reverseKwh");
    }
    const [day] = await series(id, "2026-03-27T00:00:00Z", "2026-03-27T12:00:00Z", "year");
    expect(day!.energyKwh).toBeCloseTo(30, 9);
  });
});

describe("a correction", () => {
  test("a field that nobody knew is a power in kW: its history becomes energy", async () => {
    const id = await add({
      metric: "mains",
      quantity: "custom",
      unit: null,
      medium: "none",
      role: "none",
      readings: every(300_000, 13, () => 1.5),
    });
    const [before] = await series(id, "2026-03-27T00:00:00Z", "2026-03-27T01:00:00Z", "hour");
    expect([before!.mean, before!.energyKwh]).toEqual([expect.closeTo(1.5, 9), undefined]);
    const { body } = await api("PATCH", `/channels/${id}`, { quantity: "power", unit: "kW", role: "grid_import" });
    expect(body).toMatchObject({
      quantity: "power",
      kind: "gauge",
      unit: "W",
      storedUnit: "kW",
      unitAssumed: false,
      direction: "both",
    });
    expect(body).toMatchObject({ medium: "electricity", role: "grid_import", latest: { value: 1500 } });
    await rollUpAll();
    const [after] = await series(id, "2026-03-27T00:00:00Z", "2026-03-27T01:00:00Z", "hour");
    expect([after!.mean, after!.energyKwh]).toEqual([expect.closeTo(1500, 9), expect.closeTo(1.5, 9)]);
  });

  test("amounts that are a register after all", async () => {
    const readings = every(hour, 5, (i) => 10 + i);
    const id = await add({
      metric: "yield",
      kind: "delta",
      quantity: "energy",
      unit: "kWh",
      readings,
      expectedIntervalS: 3600,
    });
    const total = async () => (await series(id, "2026-03-26T00:00:00Z", "2026-03-28T00:00:00Z", "year"))[0]!.energyKwh;
    expect(await total()).toBeCloseTo(60, 9);
    await api("PATCH", `/channels/${id}`, { kind: "counter" });
    await rollUpAll();
    expect(await total()).toBeCloseTo(4, 9);
  });

  test.each([
    [{ unit: "kWh" }, "unit"],
    [{ unit: "furlong" }, "unit"],
    [{ kind: "counter" }, "kind"],
    [{ kind: "state" }, "kind"],
    [{ quantity: "voltage", role: "consumer" }, "role"],
    [{ role: "none", isPrimary: true }, "isPrimary"],
    [{ expectedIntervalSeconds: 0 }, "expectedIntervalSeconds"],
    [{ quantity: "state" }, "quantity"],
  ])("%j does not fit a power", async (patch, field) => {
    const id = (await api("GET", `/channels?deviceId=${deviceId}&limit=1`)).body.items[0].id;
    const { status, body } = await api("PATCH", `/channels/${id}`, patch);
    expect([status, body.errors[0].path]).toEqual([400, field]);
  });
});
