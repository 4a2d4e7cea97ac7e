import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import type { Explanation } from "../../app/corrections/explain.server.ts";
import type { Preview } from "../../app/corrections/preview.server.ts";
import { loader as explain } from "../../app/routes/sites.$siteId.devices.$deviceId.explain.ts";
import { action as correct } from "../../app/routes/sites.$siteId.devices.$deviceId.corrections.ts";
import { loader as explainSite } from "../../app/routes/sites.$siteId.explain.ts";
import { action as settings } from "../../app/routes/sites.$siteId.settings.tsx";
import type { ZonePreview } from "../../app/site-settings/preview-zone.server.ts";
import { asOrganization } from "../../db/as-organization.ts";
import { createApiKey } from "../../db/api-keys.ts";
import { createDevice } from "../../db/devices.ts";
import { bucketsOf } from "../../db/rollups.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";
import { apiWith, type Call } from "../support/api.ts";
import { open, send, someone, type Person } from "../support/pages.ts";
import { addChannel, openTestDatabase, sha256, type OpenDatabase } from "../support/tenants.ts";
import { becomes } from "../support/organization-members.ts";

/** A momentary zero in a register: seen, explained, corrected and undone, over the API and the pages. */
let db: OpenDatabase;
let person: Person;
let other: Person;
let api: Call;
let deviceId: string;
let id: number;
const minute = 60_000;
const noon = Date.UTC(2026, 2, 2, 12);
const at = (i: number) => noon + i * minute;
const iso = (i: number) => new Date(at(i)).toISOString();

beforeAll(async () => {
  db = await openTestDatabase();
  [person, other] = [await someone(), await someone()];
  await createApiKey(person.organizationId, { name: "k", hash: sha256("key"), scopes: ["read", "write"] });
  api = apiWith("key");
  const { kept } = newCredential();
  deviceId = (await createDevice(
    person.organizationId,
    { siteId: person.siteId, name: "Meter", kind: "device" },
    kept,
  ))!.id;
  // The zero is followed by a restart's small values: the rules take it for a reset.
  const values = [13_423, 13_423.5, 0, 0.25, 0.5, 0.75];
  id = await addChannel(db.owner, {
    ...{
      organizationId: person.organizationId,
      deviceId,
      metric: "energy.import",
      kind: "counter",
      quantity: "energy",
    },
    ...{ unit: "kWh", direction: "import", isPrimary: true, role: "consumer", expectedIntervalS: 60 },
    readings: values.map((value, i): [number, number] => [at(i), value]),
  });
  await rollUpAll();
});

afterAll(() => db.close());

async function rollUpAll(): Promise<void> {
  while (await rollUpOnce());
}

const buckets = () =>
  asOrganization(person.organizationId, async (sql) =>
    (await bucketsOf(sql, [id], noon - 3_600_000, noon + 3_600_000)).get(id)!,
  );
const window = `from=${iso(-60)}&to=${iso(60)}`;
const day = async () => {
  const { body } = await api("GET", `/channels/${id}/series?step=day&${window}`);
  return (body.items as { energyKwh: number }[]).reduce((sum, step) => sum + step.energyKwh, 0);
};
const params = () => ({ siteId: person.siteId, deviceId });

test("over the API: the event, a judgement, the figures, and its undoing, bit for bit", async () => {
  const before = await buckets();
  expect(await day()).toBeCloseTo(1.25, 9);
  const { body: found } = await api("GET", `/channels/${id}/events?${window}`);
  expect(found.items).toMatchObject([{ type: "reset", time: iso(2), before: 13_423.5, after: 0, byPerson: false }]);

  const judged = { what: "judge", at: iso(2), as: "replacement" };
  const given = { ...judged, reason: "a new meter" };
  const { status, body: made } = await api("POST", `/channels/${id}/corrections`, given);
  expect([status, made]).toMatchObject([201, { ...judged, made: { reason: "a new meter" }, undone: null }]);
  const excluded = { what: "exclude", from: iso(5), to: new Date(at(5) + 1).toISOString() };
  const { body: second } = await api("POST", `/channels/${id}/corrections`, excluded);
  await rollUpAll();
  expect(await day()).toBeCloseTo(1, 9);
  const events = (await api("GET", `/channels/${id}/events?${window}`)).body.items;
  expect(events).toMatchObject([{ type: "replacement", byPerson: true }]);
  const { body: readings } = await api("GET", `/channels/${id}/readings?${window}`);
  expect(readings.items).toHaveLength(6);

  for (const { id: one } of [made, second]) {
    expect((await api("POST", `/corrections/${one}/undo`, { reason: "it was not" })).status).toBe(200);
    expect((await api("POST", `/corrections/${one}/undo`, {})).status).toBe(409);
  }
  await rollUpAll();
  expect(await buckets()).toEqual(before);
  const { body: list } = await api("GET", `/channels/${id}/corrections`);
  expect(list.items.map((c: { undone: { reason: string } }) => c.undone.reason)).toEqual(["it was not", "it was not"]);
});

test("why: pages of pieces that add up to the total, with what does not count", async () => {
  const zero = { what: "exclude", from: iso(2), to: new Date(at(2) + 1).toISOString() };
  const { body: made } = await api("POST", `/channels/${id}/corrections`, zero);
  await rollUpAll();
  let sum = 0;
  const ignored: unknown[] = [];
  const cut = `from=${new Date(at(0) + 30_000).toISOString()}&to=${iso(30)}`;
  for (let cursor = ""; ;) {
    const { status, body } = await api("GET", `/channels/${id}/explain?${cut}&limit=2${cursor}`);
    expect(status).toBe(200);
    expect(body.corrections).toEqual([{ id: made.id, what: "exclude" }]);
    ignored.push(...body.ignored);
    sum += body.items.reduce((n: number, piece: { energyKwh: number }) => n + piece.energyKwh, 0);
    if (body.nextCursor === null) {
      expect(Math.abs(sum - body.total.energyKwh)).toBeLessThan(1e-9);
      break;
    }
    cursor = `&cursor=${body.nextCursor}`;
  }
  expect(ignored).toEqual([{ time: iso(2), value: 0, why: "excluded", counted: null }]);
  const query = `?channel=${id}&from=${noon}&to=${noon + 3_600_000}`;
  const page = (await open(explain, person.cookie, params(), query)).body as unknown as Explanation;
  expect(page.events).toMatchObject([{ type: "reset", timeMs: at(3) }]);
  const site = (await open(explainSite, person.cookie, params(), `?from=${noon}&to=${noon + 3_600_000}`)).body;
  expect(site["channels"]).toMatchObject([{ id, role: "consumer", amount: page.total.energyKwh }]);
  await api("POST", `/corrections/${made.id}/undo`, {});
  await rollUpAll();
});

describe("the page", () => {
  const form = (more: Record<string, string>) => ({ channel: String(id), ...more });

  test("previews what then happens, and stores nothing before", async () => {
    const fields = form({ what: "exclude-one", atMs: String(at(5)), reason: "twice" });
    const { body } = await send(correct, person, params(), { ...fields, intent: "preview" });
    const preview = body["preview"] as Preview;
    expect(preview.days).toHaveLength(1);
    expect([preview.days[0]!.before, preview.days[0]!.after].map((n) => Math.round(n! * 1000))).toEqual([1250, 1000]);
    expect(preview.buckets).toBe(1);
    expect(await day()).toBeCloseTo(1.25, 9);
    await send(correct, person, params(), { ...fields, intent: "save" });
    await rollUpAll();
    expect(await day()).toBeCloseTo(preview.days[0]!.after!, 9);
    const { items } = (await api("GET", `/channels/${id}/corrections?limit=1`)).body;
    expect(items[0].made).toMatchObject({ reason: "twice", author: expect.stringContaining("@") as string });
    const undo = form({ correction: items[0].id });
    const back = (await send(correct, person, params(), { ...undo, intent: "preview-undo" })).body[
      "preview"
    ] as Preview;
    expect([back.days[0]!.before, back.days[0]!.after].map((n) => Math.round(n! * 1000))).toEqual([1000, 1250]);
    await send(correct, person, params(), { ...undo, intent: "undo" });
    await rollUpAll();
    expect(await day()).toBeCloseTo(1.25, 9);
  });

  test.each([
    [{ what: "scale", from: "2026-03-02T13:00", to: "2026-03-02T12:00", factor: "2" }, "to"],
    [{ what: "scale", from: "2026-03-02T12:00", to: "2026-03-02T13:00", factor: "much" }, "factor"],
    [{ what: "reading", at: "2026-03-29T02:30", value: "1" }, "at"],
    [{ what: "nonsense" }, "what"],
  ])("%j: says what is wrong with %s", async (fields, field) => {
    const { status, body } = await send(correct, person, params(), form({ ...fields, intent: "save" }));
    expect([status, Object.keys(body["errors"] as object)]).toEqual([400, [field]]);
  });

  test("is nobody else's, and a viewer's only to look at", async () => {
    const stranger = await send(correct, other, params(), form({ intent: "preview", what: "exclude-one", atMs: "1" }));
    expect(stranger.status).toBe(404);
    await becomes(db.owner, person.userId, "viewer");
    const viewer = await send(correct, person, params(), form({ intent: "save", what: "exclude-one", atMs: "1" }));
    expect(viewer.status).toBe(403);
    const query = `?channel=${id}&from=${noon}&to=${noon + 3_600_000}`;
    expect((await open(explain, person.cookie, params(), query)).status).toBe(200);
    await becomes(db.owner, person.userId, "owner");
  });
});

describe("what a channel or a place is", () => {
  test("another unit: first what changes, then the change", async () => {
    const fields = { intent: "channel", channel: String(id), unit: "Wh", look: "first" };
    const { body } = await send(settings, person, { siteId: person.siteId }, fields);
    expect(body["saved"]).toBe(false);
    const { total, days } = body["preview"] as Preview;
    expect(days).toHaveLength(1);
    expect(total.after! * 1000).toBeCloseTo(total.before!, 6);
    expect(await day()).toBeCloseTo(1.25, 9);
  });

  test("another zone: which days change", async () => {
    await db.owner.query(
      `insert into telemetry.readings select $1, now() - interval '1 day' * i, 20000 - i from generate_series(0, 9) i`,
      [id],
    );
    await db.owner.query("select energy.mark_channel_dirty($1)", [id]);
    await rollUpAll();
    const fields = { site: "Home", timezone: "Asia/Kathmandu", currency: "EUR", price: "", look: "first" };
    const { body } = await send(settings, person, { siteId: person.siteId }, fields);
    expect(body).toMatchObject({ saved: false, zone: { channels: [{ id, unit: "kWh" }] } });
    const zone = body["zone"] as ZonePreview;
    expect(zone.channels[0]!.changedDays).toBeGreaterThan(0);
    expect(zone.siteDays.length).toBeGreaterThan(0);
    const sizes = zone.siteDays.map(({ beforeKwh, afterKwh }) => Math.abs(afterKwh - beforeKwh));
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    expect(zone.frozenBeforeMs).toBeNull();
    const frozenMs = Math.floor(Date.now() / 86_400_000 - 30) * 86_400_000;
    const freeze = "update energy.channels set frozen_before = to_timestamp($2::float8 / 1000) where id = $1";
    await db.owner.query(freeze, [id, frozenMs]);
    const frozen = await send(settings, person, { siteId: person.siteId }, fields);
    expect(frozen.body["zone"]).toMatchObject({ frozenBeforeMs: frozenMs, siteDays: zone.siteDays });
    await db.owner.query("update energy.channels set frozen_before = null where id = $1", [id]);
  });
});
