import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { CreatedOrganization } from "../../cli/org.ts";
import { deleteChannel, getChannel, listChannels, updateChannel } from "../../db/channels.ts";
import { revokeCredential, rotateCredential } from "../../db/credentials.ts";
import { createDevice, deleteDevice, deviceDataSize, getDevice, listDevices, updateDevice } from "../../db/devices.ts";
import { listen, type Listener, type LiveEvent } from "../../db/live.ts";
import { readingsOf } from "../../db/readings.ts";
import { createSite, deleteSite, updateSite } from "../../db/sites.ts";
import { deleteChannelData, deleteDeviceData } from "../../db/upkeep.ts";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { apiWith } from "../support/api.ts";
import { addChannel, makeTenant, openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

let db: OpenDatabase;
let anna: CreatedOrganization;
let ben: CreatedOrganization;
let events: LiveEvent[] = [];
let listener: Listener;
const t0 = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000;
const forever = { fromMs: 0, toMs: Date.now() + 3_600_000, limit: 100 };

beforeAll(async () => {
  db = await openTestDatabase();
  [anna, ben] = [await makeTenant("anna"), await makeTenant("ben")];
  listener = await listen((event) => events.push(event));
});

afterAll(async () => {
  await listener.close();
  await db.close();
});

beforeEach(async () => {
  events = [];
  await db.owner.query("delete from graphile_worker._private_jobs; delete from telemetry.dirty");
});

async function makeDevice(kind: "device" | "gateway" = "device", siteId = anna.siteId) {
  const { shown, kept } = newCredential();
  const device = await createDevice(anna.organizationId, { siteId, name: "Meter", kind }, kept);
  return { device: device!, shown, kept };
}

async function makeChild(gatewayId: string): Promise<string> {
  const { rows } = await db.owner.query<{ id: string }>(
    `insert into energy.devices (organization_id, site_id, name, external_id, gateway_id)
     select organization_id, site_id, 'child', 'child', id from energy.devices where id = $1 returning id`,
    [gatewayId],
  );
  return rows[0]!.id;
}

const register = (
  deviceId: string,
  metric = "energy.import",
  readings: [number, number][] = [
    [t0, 1],
    [t0 + 60_000, 2],
  ],
) =>
  addChannel(db.owner, {
    ...{ organizationId: anna.organizationId, deviceId, metric, readings, isPrimary: true },
    ...{ kind: "counter", quantity: "energy", unit: "kWh", direction: "import" },
  });

/** Credentials of a device, oldest first: whether each still opens the door. */
async function credentials(deviceId: string): Promise<{ id: string; open: boolean }[]> {
  const { rows } = await db.owner.query<{ id: string; open: boolean }>(
    "select id, revoked_at is null as open from energy.credentials where device_id = $1 order by created_at",
    [deviceId],
  );
  return rows;
}

async function jobs() {
  const { rows } = await db.owner.query<{ task: string; payload: object; key: string | null }>(
    "select t.identifier as task, j.payload, j.key from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id",
  );
  return rows;
}

/** Waits for the notification that a commit sends. */
async function heard(match: (event: LiveEvent) => boolean): Promise<void> {
  await expect.poll(() => events.some(match), { timeout: 5_000, interval: 10 }).toBe(true);
}

describe("a device's credential", () => {
  test("is shown once: the database has hashes alone", async () => {
    const { device, shown } = await makeDevice();
    expect(shown.username).toMatch(/^d-[a-z2-9]{10}$/);
    expect(shown.password).toMatch(/^[0-9a-f]{32}$/);
    expect(shown.token).toMatch(/^[A-Za-z0-9_-]{88}$/);
    const { rows } = await db.owner.query(
      "select row_to_json(c)::text as text from energy.credentials c where device_id = $1",
      [device.id],
    );
    expect(rows[0].text).toContain(shown.username);
    expect(rows[0].text).not.toContain(shown.password);
    expect(rows[0].text).not.toContain(shown.token);
  });

  test("rotated: the old one ends, the ingest hears of it, channels and readings stay", async () => {
    const { device } = await makeDevice();
    const channel = await register(device.id);
    const [old] = await credentials(device.id);
    expect(await rotateCredential(anna.organizationId, device.id, newCredential().kept)).toBe(true);
    expect((await credentials(device.id)).map((c) => c.open)).toEqual([false, true]);
    await heard((event) => event.credentials?.includes(old!.id) ?? false);
    expect((await listChannels(anna.organizationId, { deviceId: device.id })).map((c) => c.id)).toEqual([channel]);
    expect(await readingsOf(anna.organizationId, channel, forever)).toHaveLength(2);
    expect((await getDevice(anna.organizationId, device.id))!.credential!.revokedAt).toBeNull();
  });

  test("revoked: the device is locked out, its history stays, and it can have a new one", async () => {
    const { device } = await makeDevice();
    const channel = await register(device.id);
    const [credential] = await credentials(device.id);
    expect(await revokeCredential(anna.organizationId, device.id)).toBe(true);
    await heard((event) => event.credentials?.includes(credential!.id) ?? false);
    expect((await getDevice(anna.organizationId, device.id))!.credential!.revokedAt).toBeInstanceOf(Date);
    expect(await readingsOf(anna.organizationId, channel, forever)).toHaveLength(2);
    expect(await rotateCredential(anna.organizationId, device.id, newCredential().kept)).toBe(true);
    expect((await getDevice(anna.organizationId, device.id))!.credential!.revokedAt).toBeNull();
  });

  test("what a gateway speaks for has none", async () => {
    const { device } = await makeDevice("gateway");
    const child = await makeChild(device.id);
    expect(await rotateCredential(anna.organizationId, child, newCredential().kept)).toBe(false);
    expect((await getDevice(anna.organizationId, child))!.credential).toBeNull();
  });

  test("another organization reaches neither", async () => {
    const { device } = await makeDevice();
    expect(await rotateCredential(ben.organizationId, device.id, newCredential().kept)).toBe(false);
    expect(await revokeCredential(ben.organizationId, device.id)).toBe(false);
    expect((await credentials(device.id)).map((c) => c.open)).toEqual([true]);
  });
});

describe("a device moves", () => {
  test("to another site, with what it speaks for and all their channels", async () => {
    const cabin = await createSite(anna.organizationId, { name: "Cabin", timezone: "Europe/Oslo", currency: "NOK" });
    const { device } = await makeDevice("gateway");
    const child = await makeChild(device.id);
    const channel = await register(child);
    const moved = await updateDevice(anna.organizationId, device.id, { siteId: cabin.id, name: "Moved" });
    expect(moved).toMatchObject({ siteId: cabin.id, name: "Moved", kind: "gateway" });
    expect((await getDevice(anna.organizationId, child))!.siteId).toBe(cabin.id);
    expect(await getChannel(anna.organizationId, channel)).toMatchObject({ siteId: cabin.id, timezone: "Europe/Oslo" });
    // Outages are laid by the week of the zone: they are worked out anew.
    expect((await jobs()).map((job) => job.task)).toEqual(["roll-up"]);
    expect(await deleteSite(anna.organizationId, cabin.id)).toBe("has-devices");
  });

  test("but not to another organization's site, nor by another organization", async () => {
    const { device } = await makeDevice();
    expect(await updateDevice(anna.organizationId, device.id, { siteId: ben.siteId, name: "x" })).toBeNull();
    expect(await updateDevice(ben.organizationId, device.id, { name: "x" })).toBeNull();
    expect(
      await createDevice(ben.organizationId, { siteId: anna.siteId, name: "x", kind: "device" }, newCredential().kept),
    ).toBeNull();
    expect(await getDevice(anna.organizationId, device.id)).toMatchObject({ siteId: anna.siteId, name: "Meter" });
  });

  test("a site that changes its zone has its counters worked out anew, once", async () => {
    const { device } = await makeDevice();
    await register(device.id);
    await updateSite(anna.organizationId, anna.siteId, { timezone: "UTC" });
    expect(await jobs()).toEqual([]);
    await updateSite(anna.organizationId, anna.siteId, { timezone: "Europe/Berlin" });
    expect((await jobs()).map(({ task, key }) => ({ task, key }))).toEqual([{ task: "roll-up", key: "roll-up" }]);
    await updateSite(anna.organizationId, anna.siteId, { timezone: "UTC", pricePerKwh: null });
  });
});

describe("a device is deleted", () => {
  test("it is gone at once with what it speaks for, its credential ends, and a job removes the data", async () => {
    const { device } = await makeDevice("gateway");
    const child = await makeChild(device.id);
    const channels = [await register(device.id), await register(child)];
    expect(await deviceDataSize(anna.organizationId, device.id)).toEqual({
      readings: 4,
      channels: 2,
      firstMs: t0,
      lastMs: t0 + 60_000,
    });
    const [credential] = await credentials(device.id);
    expect(await deleteDevice(anna.organizationId, device.id)).toBe(true);
    const ids = (await listDevices(anna.organizationId)).map((d) => d.id);
    expect(ids).not.toContain(device.id);
    expect(ids).not.toContain(child);
    expect(await getDevice(anna.organizationId, child)).toBeNull();
    for (const channel of channels) expect(await getChannel(anna.organizationId, channel)).toBeNull();
    expect((await credentials(device.id)).map((c) => c.open)).toEqual([false]);
    await heard((event) => event.credentials?.includes(credential!.id) ?? false);
    const payload = { organizationId: anna.organizationId, deviceId: device.id };
    expect(await jobs()).toEqual([{ task: "delete-device", key: `delete-device:${device.id}`, payload }]);
    expect(await deleteDevice(anna.organizationId, device.id)).toBe(false);
    expect(await deleteDeviceData(anna.organizationId, device.id)).toBe(4);
    expect(
      (await db.owner.query("select from energy.devices where id = any ($1)", [[device.id, child]])).rowCount,
    ).toBe(0);
    expect(
      (await db.owner.query("select from telemetry.readings where channel_id = any ($1)", [channels])).rowCount,
    ).toBe(0);
  });

  test("not by another organization", async () => {
    const { device } = await makeDevice();
    expect(await deleteDevice(ben.organizationId, device.id)).toBe(false);
    expect(await jobs()).toEqual([]);
    expect(await getDevice(anna.organizationId, device.id)).not.toBeNull();
  });
});

describe("a channel", () => {
  test("in another unit: what is stored is read anew, and the roll-up is told", async () => {
    const { device } = await makeDevice();
    const channel = await register(device.id);
    await db.owner.query("delete from telemetry.dirty");
    const patch = { unit: "kWh", scale: 0.001, shift: 0, unitAssumed: false };
    expect(await updateChannel(anna.organizationId, channel, patch)).toMatchObject({
      ...patch,
      latest: { value: 0.002 },
    });
    expect((await readingsOf(anna.organizationId, channel, forever)).map((r) => r.value)).toEqual([0.001, 0.002]);
    expect((await db.owner.query("select from telemetry.dirty where channel_id = $1", [channel])).rowCount).toBe(1);
    expect(await jobs()).toMatchObject([{ task: "roll-up", key: "roll-up" }]);
  });

  test("a new name alone changes nothing that was measured", async () => {
    const { device } = await makeDevice();
    const channel = await register(device.id);
    await updateChannel(anna.organizationId, channel, { name: "House" });
    expect(await jobs()).toEqual([]);
  });

  test("becomes primary: the others of its flow step back, and guesses leave both alone", async () => {
    const { device } = await makeDevice();
    const total = await register(device.id);
    const parts = [await register(device.id, "energy.import.t1"), await register(device.id, "energy.import.t2")];
    await updateChannel(anna.organizationId, total, { isPrimary: true });
    const flags = async () =>
      (await listChannels(anna.organizationId, { deviceId: device.id })).map((c) => c.isPrimary);
    expect(await flags()).toEqual([true, false, false]);
    for (const part of parts) await updateChannel(anna.organizationId, part, { isPrimary: true });
    expect(await flags()).toEqual([false, true, true]);
    expect((await listChannels(anna.organizationId, { deviceId: device.id })).every((c) => c.chosen)).toBe(true);
    // Two flows may each have one.
    await updateChannel(anna.organizationId, total, { isPrimary: true, role: "grid_import" });
    expect(await flags()).toEqual([true, true, true]);
  });

  test("is deleted with its readings; the ingest forgets its number", async () => {
    const { device } = await makeDevice();
    const channel = await register(device.id);
    const [credential] = await credentials(device.id);
    expect(await deleteChannel(ben.organizationId, channel)).toBe(false);
    expect(await deleteChannel(anna.organizationId, channel)).toBe(true);
    expect(await getChannel(anna.organizationId, channel)).toBeNull();
    await heard((event) => event.credentials?.includes(credential!.id) ?? false);
    const payload = { organizationId: anna.organizationId, channelId: channel };
    expect(await jobs()).toEqual([{ task: "delete-channel", key: null, payload }]);
    expect(await deleteChannelData(channel)).toBe(2);
    for (const table of ["readings", "latest", "dirty"]) {
      expect((await db.owner.query(`select from telemetry.${table} where channel_id = $1`, [channel])).rowCount).toBe(
        0,
      );
    }
  });

  test("that is there is never emptied by a job", async () => {
    const { device } = await makeDevice();
    const channel = await register(device.id);
    expect(await deleteChannelData(channel)).toBe(0);
    expect(await readingsOf(anna.organizationId, channel, forever)).toHaveLength(2);
  });
});

test("a program is told where a device is to send, and which of a site's devices are heard", async () => {
  const call = apiWith(anna.apiKey);
  const { device } = await makeDevice("gateway");
  const child = await makeChild(device.id);
  const { device: silent } = await makeDevice();
  await register(child);
  const { status, body } = await call("GET", `/devices/${device.id}/endpoints`);
  expect([status, body.topicPrefix, new URL(body.httpUrl).hostname]).toEqual([200, "", body.mqttHost]);
  const spoken = await call("GET", `/devices/${child}/endpoints`);
  expect(spoken).toMatchObject({ status: 409, body: { detail: expect.stringContaining(device.id) } });
  await deleteDevice(anna.organizationId, (await makeDevice()).device.id);
  const { items } = (await call("GET", `/sites/${anna.siteId}/presences`)).body as { items: { deviceId: string; presence: string }[] }; // prettier-ignore
  const listed = (await call("GET", `/devices?siteId=${anna.siteId}`)).body.items as { id: string }[];
  expect(items.map(({ deviceId }) => deviceId)).toEqual(listed.map(({ id }) => id));
  for (const { deviceId, ...presence } of items.filter((one) => [device.id, child, silent.id].includes(one.deviceId)))
    expect((await call("GET", `/devices/${deviceId}/health`)).body).toMatchObject(presence);
  expect(items.find(({ deviceId }) => deviceId === silent.id)).toMatchObject({ presence: "never", lastHeardAt: null });
});
