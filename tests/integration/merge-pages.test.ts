import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { MemberRole } from "../../domain/access/permissions.ts";
import { action as merge, loader as mergePage } from "../../app/routes/sites.$siteId.devices.$deviceId.merge.tsx";
import { action as move, loader as movePage } from "../../app/routes/sites.$siteId.devices.$deviceId.move.tsx";
import { action as replace, loader as replacePage } from "../../app/routes/sites.$siteId.devices.$deviceId.replace.tsx";
import { action as siteSettings } from "../../app/routes/sites.$siteId.settings.tsx";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { getChannel, listChannels } from "../../db/channels.ts";
import { correctionsPage } from "../../db/corrections.ts";
import { createDevice, getDevice } from "../../db/devices.ts";
import { open, send, someone, type Person } from "../support/pages.ts";
import { addChannel, openTestDatabase, type OpenDatabase } from "../support/tenants.ts";
import { becomes } from "../support/organization-members.ts";

/** What a person does about devices over time, page by page: first it says what will happen, then it happens. */
let db: OpenDatabase;
let owner: pg.Client;
let person: Person;
const t0 = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000;

beforeAll(async () => {
  db = await openTestDatabase();
  owner = db.owner;
});
beforeEach(async () => {
  person = await someone();
});
afterAll(() => db.close());

async function addDevice(name: string, kind: "device" | "gateway" = "device"): Promise<string> {
  const { kept } = newCredential();
  return (await createDevice(person.organizationId, { siteId: person.siteId, name, kind }, kept))!.id;
}

async function addChild(gatewayId: string, name: string): Promise<string> {
  const { rows } = await owner.query<{ id: string }>(
    `insert into energy.devices (organization_id, site_id, name, external_id, gateway_id, accepted_at)
     select organization_id, site_id, $2, $2, id, null from energy.devices where id = $1 returning id`,
    [gatewayId, name],
  );
  return rows[0]!.id;
}

const register = (deviceId: string, from: number, given: object = {}) =>
  addChannel(owner, {
    ...{ organizationId: person.organizationId, deviceId, metric: "energy.import", kind: "counter" },
    ...{ quantity: "energy", unit: "kWh", direction: "import" },
    readings: [0, 1].map((i): [number, number] => [t0 + (from + i) * 60_000, 100 * from + i]),
    ...given,
  });

const paramsOf = (deviceId: string) => ({ siteId: person.siteId, deviceId });
const role = (name: MemberRole) => becomes(owner, person.userId, name);

test("a device is merged into another: the pairs are shown first, and what does not fit is said", async () => {
  const [old, fresh] = [await addDevice("Old"), await addDevice("Fresh")];
  const into = await register(old, 1);
  const from = await register(fresh, 5);
  await addDevice("Hub", "gateway");
  const start = await open(mergePage, person.cookie, paramsOf(fresh));
  expect(start.body).toMatchObject({ choices: [{ id: old, name: "Old" }], into: null, pairs: [] });
  const preview = await open(mergePage, person.cookie, paramsOf(fresh), `?into=${old}`);
  expect(preview.body).toMatchObject({
    into: { name: "Old" },
    pairs: [{ from: { id: from }, into: { id: into }, isClash: false }],
  });
  await owner.query("update energy.channels set direction = 'export' where id = $1", [from]);
  const clash = await open(mergePage, person.cookie, paramsOf(fresh), `?into=${old}`);
  expect(clash.body["pairs"]).toMatchObject([{ into: null, isClash: true }]);
  const refused = await send(merge, person, paramsOf(fresh), { into: old });
  expect([refused.status, refused.body["error"]]).toEqual([409, expect.stringMatching(/does not measure the same/)]);
  await owner.query("update energy.channels set direction = 'import' where id = $1", [from]);
  const done = await send(merge, person, paramsOf(fresh), { into: old });
  expect(done.headers.get("location")).toBe(`/sites/${person.siteId}/devices/${old}`);
  expect(await getDevice(person.organizationId, fresh)).toBeNull();
});

describe("the hardware is replaced", () => {
  test("by a new device, with what both registers showed", async () => {
    const [old, fresh] = [await addDevice("Old"), await addDevice("Fresh")];
    const into = await register(old, 1);
    await register(fresh, 5);
    const preview = await open(replacePage, person.cookie, paramsOf(old), `?with=${fresh}`);
    expect(preview.body).toMatchObject({ replacing: { by: "device", name: "Fresh", pairs: [{ into: { id: into } }] } });
    const form = { with: fresh, [`final-${into}`]: "101,25", [`first-${into}`]: "" };
    const wrong = await send(replace, person, paramsOf(old), { ...form, [`first-${into}`]: "none" });
    expect([wrong.status, wrong.body["error"]]).toEqual([400, expect.stringMatching(/as a number, such as/)]);
    const done = await send(replace, person, paramsOf(old), form);
    expect(done.headers.get("location")).toBe(`/sites/${person.siteId}/devices/${old}`);
    const { items } = await correctionsPage(person.organizationId, into, { before: null, limit: 10 });
    const correction = { what: "replace", atMs: t0 + 5 * 60_000, finalValue: 101.25, firstValue: null };
    expect(items).toMatchObject([{ correction, author: expect.stringContaining("@") as string, undone: null }]);
  });

  test("in one channel only", async () => {
    const [old, fresh] = [await addDevice("Old"), await addDevice("Fresh")];
    const into = await register(old, 1);
    const from = await register(fresh, 5, { metric: "sub.energy" });
    await addChannel(owner, { organizationId: person.organizationId, deviceId: fresh, metric: "power" });
    const { body } = await open(replacePage, person.cookie, paramsOf(old));
    expect(body["channels"]).toMatchObject([{ id: `${into}-${from}` }]);
    await send(replace, person, paramsOf(old), { channels: `${into}-${from}` });
    expect((await listChannels(person.organizationId, { deviceId: fresh })).map(({ metric }) => metric)).toEqual([
      "power",
    ]);
    expect(await getDevice(person.organizationId, fresh)).not.toBeNull();
  });
});

test("a device moves to another gateway, which may have heard it already", async () => {
  const [first, second] = [await addDevice("First", "gateway"), await addDevice("Second", "gateway")];
  const [plug, twin] = [await addChild(first, "plug"), await addChild(second, "plug")];
  await register(plug, 1);
  await register(twin, 5);
  const start = await open(movePage, person.cookie, paramsOf(plug));
  expect(start.body).toMatchObject({ gateways: [{ id: second, name: "Second" }], to: null });
  const preview = await open(movePage, person.cookie, paramsOf(plug), `?to=${second}`);
  expect(preview.body).toMatchObject({ fault: null, hasTwin: true, pairs: [{ isClash: false }] });
  const done = await send(move, person, paramsOf(plug), { to: second });
  expect(done.headers.get("location")).toBe(`/sites/${person.siteId}/devices/${plug}`);
  expect(await getDevice(person.organizationId, plug)).toMatchObject({ gatewayId: second });
  expect(await getDevice(person.organizationId, twin)).toBeNull();
  const nameless = await addDevice("Nameless");
  const fault = await open(movePage, person.cookie, paramsOf(nameless), `?to=${second}`);
  expect(fault.body["fault"]).toMatch(/gave it no name yet/);
  expect((await send(move, person, paramsOf(nameless), { to: second })).status).toBe(409);
});

test("a viewer may do none of it, and nobody with another's devices", async () => {
  const [old, fresh] = [await addDevice("Old"), await addDevice("Fresh")];
  const stranger = await someone();
  const pages = [
    [merge, mergePage, { into: old }],
    [move, movePage, { to: old }],
    [replace, replacePage, { with: old }],
  ] as const;
  for (const [action, page, form] of pages) {
    expect((await send(action, stranger, paramsOf(fresh), form)).status).toBe(404);
    expect((await open(page, stranger.cookie, paramsOf(fresh))).status).toBe(404);
  }
  const theirs = { siteId: stranger.siteId, deviceId: fresh };
  expect((await send(merge, stranger, theirs, { into: old })).status).toBe(404);
  await role("viewer");
  for (const [action, page, form] of pages) {
    expect((await send(action, person, paramsOf(fresh), form)).status).toBe(403);
    expect((await open(page, person.cookie, paramsOf(fresh))).status).toBe(403);
  }
});

describe("the channel's form", () => {
  const correct = (channel: number, form: Record<string, string>) =>
    send(siteSettings, person, { siteId: person.siteId }, { intent: "channel", channel: String(channel), ...form });

  test("takes limits, phase, tariff register and rhythm", async () => {
    const channel = await register(await addDevice("Meter"), 1, { isPrimary: true });
    const fields = { minValue: "0", maxValue: "1e6", phase: "l2", tariffRegister: "t1", maxGapS: "1800" };
    const more = { stamp: "end", reporting: "on-change", expectedIntervalS: "900", maxPowerW: "14500" };
    const saved = await correct(channel, { ...fields, ...more, registerMax: "99999,9", isPrimary: "on" });
    expect([saved.status, saved.body]).toEqual([200, { saved: true }]);
    expect(await getChannel(person.organizationId, channel)).toMatchObject({
      ...{ minValue: 0, maxValue: 1e6, phase: "l2", tariffRegister: "t1", maxGapS: 1800, stamp: "end" },
      ...{ reporting: "on-change", expectedIntervalS: 900, maxPowerW: 14_500, registerMax: 99_999.9 },
      ...{ isPrimary: true, unit: "kWh", unitAssumed: false },
    });
    await correct(channel, { minValue: "", phase: "", tariffRegister: "", isPrimary: "on" });
    expect(await getChannel(person.organizationId, channel)).toMatchObject({
      ...{ minValue: null, maxValue: 1e6, phase: null, tariffRegister: null, isPrimary: true },
    });
  });

  test.each([
    [{ minValue: "5", maxValue: "4" }, { minValue: "The lowest value must be below the highest." }],
    [
      { kind: "gauge", quantity: "power", unit: "kWh2" },
      { unit: expect.stringMatching(/is not a unit that is known/) },
    ],
    [{ maxGapS: "-1" }, { maxGapS: expect.stringMatching(/^Write the seconds after which/) }],
  ])("%j is refused at its field", async (form, errors) => {
    const channel = await register(await addDevice("Meter"), 1);
    const { status, body } = await correct(channel, form);
    expect([status, body]).toEqual([400, { saved: false, errors }]);
  });

  test("is not for channels of others, nor for viewers", async () => {
    const channel = await register(await addDevice("Meter"), 1);
    const stranger = await someone();
    const form = { intent: "channel", channel: String(channel), name: "Mine" };
    expect((await send(siteSettings, stranger, { siteId: stranger.siteId }, form)).status).toBe(404);
    await role("viewer");
    expect((await correct(channel, { name: "x" })).status).toBe(403);
  });
});
