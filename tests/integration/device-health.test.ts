import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { loader as healthPage } from "../../app/routes/sites.$siteId.devices.$deviceId.health.tsx";
import { deviceHealth, presences, type DeviceHealth } from "../../db/device-health.ts";
import { listDevices } from "../../db/devices.ts";
import { rollUpOnce } from "../../workers/roll-up/roll-up.ts";
import { connectMqtt, publish, push, until } from "../support/clients.ts";
import { identityOfDevice } from "../../db/identities.ts";
import { openIntake } from "../../ingest/intake.ts";
import { startTestIngest, storedOf, type TestDevice, type TestIngest } from "../support/ingest.ts";
import { open, someone, type Person } from "../support/pages.ts";

/** How a device does, as its own messages show it. */
let t: TestIngest;
let person: Person;
const minute = 60_000;
const hour = 60 * minute;

beforeAll(async () => {
  t = await startTestIngest();
});
beforeEach(async () => {
  person = await someone();
});
afterAll(() => t.stop());

/** Messages by topic, in order, over one connection. */
async function say(by: TestDevice, ...messages: [topic: string, payload: unknown][]): Promise<void> {
  const client = await connectMqtt(t.mqttPort, by);
  for (const [topic, payload] of messages) await publish(client, topic, payload);
  await client.endAsync();
}

/** By what is stored and rolled up. What the ingest counts is written within seconds, or when it stops. */
async function healthOf({ id }: { id: string }, nowMs = Date.now()): Promise<DeviceHealth> {
  while ((await rollUpOnce()) > 0);
  return (await deviceHealth(person.organizationId, id, nowMs))!;
}

async function childOf(gateway: TestDevice, name: string): Promise<{ id: string }> {
  const devices = await listDevices(person.organizationId);
  return devices.find(({ gatewayId, externalId }) => gatewayId === gateway.id && externalId === name)!;
}

const at = (ms: number, fields: object) => ({ time: ms / 1000, ...fields });

describe("what came", () => {
  test("is counted by hour, with what was delivered again", async () => {
    const device = await t.newDevice(person);
    const now = Date.now();
    const first = at(now - 2_000, { power: 1, voltage: 230 });
    const headers = { authorization: `Bearer ${device.token}`, "content-type": "application/json" };
    const body = JSON.stringify(at(now - 1_000, { power: 2 }));
    for (let i = 0; i < 2; i++)
      expect((await push(t.http, "/api/v1/readings", { body, headers })).status).toBeLessThan(300);
    await say(device, ["energy/m", first], ["energy/m", first]);
    await t.restart();
    const health = await healthOf(device);
    expect(await storedOf(t, device)).toHaveLength(3);
    expect(health).toMatchObject({ messages: 4, readings: 6, duplicates: 3, presence: "online" });
    expect(health.hours.reduce((sum, one) => sum + one.readings, 0)).toBe(6);
    expect(health.hours.at(-1)!.startMs % hour).toBe(0);
  });

  test.each([
    ["behind", -180_000, 180],
    ["ahead", 120_000, -120],
    ["right", 0, 0],
  ])("says that its clock is %s", async (_word, offMs, skewS) => {
    const device = await t.newDevice(person);
    for (let i = 0; i < 3; i++) await say(device, ["energy/m", at(Date.now() + offMs, { power: i })]);
    await t.restart();
    const { clockSkewS } = await healthOf(device);
    expect(Math.abs(clockSkewS! - skewS)).toBeLessThan(2);
  });

  test("without a time, or as history, says nothing of its clock", async () => {
    const device = await t.newDevice(person);
    await say(device, ["energy/m", { power: 1 }], ["energy/m", at(Date.now() - 5 * hour, { power: 2 })]);
    await t.restart();
    expect(await healthOf(device)).toMatchObject({ messages: 2, clockSkewS: null });
  });
});

test("history from a file is no sign of the device itself", async () => {
  const device = await t.newDevice(person);
  const path = openIntake({ log: pino({ level: "silent" }), isHistory: true });
  const identity = (await identityOfDevice(device.id))!;
  const timeMs = Date.now() - 2 * hour;
  const reading = { device: "@token", metric: "power", value: 1, unit: "W", timeMs, kind: "gauge" as const };
  await path.receive.readings(identity, [reading], Date.now());
  await path.receive.readings(identity, [reading], Date.now());
  await path.stop();
  const { presence, lastHeardMs, messages, duplicates } = await healthOf(device);
  expect([presence, messages, duplicates]).toEqual(["silent", 0, 0]);
  expect(lastHeardMs).toBeCloseTo(timeMs, 0);
});

describe("gaps", () => {
  test("are the quarter-hours without data between its first reading and now", async () => {
    const device = await t.newDevice(person);
    const start = Math.floor(Date.now() / (15 * minute)) * 15 * minute - 10 * hour;
    const isThere = (ms: number) => ms < start + 4 * hour || ms >= start + 6 * hour;
    const rows = [];
    for (let ms = start; ms < Date.now(); ms += minute) if (isThere(ms)) rows.push(at(ms, { power: 100 }));
    await say(device, ["energy/m", rows]);
    const health = await healthOf(device);
    expect(health.gapsFromMs).toBe(start);
    expect(health.gaps).toEqual([{ fromMs: start + 4 * hour, toMs: start + 6 * hour }]);
    expect(health.intervalS).toBeCloseTo(60, 0);
  });

  test("of a device without readings are not known", async () => {
    const device = await t.newDevice(person);
    expect(await healthOf(device)).toMatchObject({ presence: "never", gaps: [], gapsFromMs: null, hours: [] });
  });
});

describe("presence", () => {
  const sensor = { Time: "2026-03-01T10:00:00", ENERGY: { Total: 1.5, Power: 40 } };

  test("of a plug with a will: it goes offline by its own word, and is back with its next reading", async () => {
    const plug = await t.newDevice(person);
    const presence = async () => (await healthOf(plug)).presence;
    await say(plug, ["tele/plug/LWT", "Online"], ["tele/plug/SENSOR", sensor]);
    expect(await presence()).toBe("online");
    await say(plug, ["tele/plug/LWT", "Offline"]);
    expect(await presence()).toBe("offline");
    await t.owner.query(
      `update telemetry.latest l set received_at = received_at - interval '10 seconds'
       from energy.channels c where c.id = l.channel_id and c.device_id = $1`,
      [plug.id],
    );
    expect(await presence()).toBe("offline");
    await say(plug, ["tele/plug/SENSOR", sensor]);
    expect(await presence()).toBe("online");
  });

  test("of a lamp behind zigbee2mqtt: its availability", async () => {
    const bridge = await t.newDevice(person, { kind: "gateway", name: "Bridge" });
    const state = { power: 7, battery: 87, linkquality: 120 };
    await say(bridge, ["zigbee2mqtt/lamp", state], ["zigbee2mqtt/plug", { power: 3, linkquality: 90 }]);
    const lamp = await childOf(bridge, "lamp");
    expect(await healthOf(lamp)).toMatchObject({ presence: "online", battery: { value: 87 } });
    await say(bridge, ["zigbee2mqtt/lamp/availability", { state: "offline" }]);
    const all = await presences(person.organizationId, person.siteId, Date.now());
    const of = async (name: string) => all.get((await childOf(bridge, name)).id)!.presence;
    // The bridge goes on speaking for others.
    expect([await of("lamp"), await of("plug"), all.get(bridge.id)!.presence]).toEqual(["offline", "online", "online"]);
  });

  test("of one that sends every minute: silent after ten of them", async () => {
    const device = await t.newDevice(person);
    const now = Date.now();
    const rows = Array.from({ length: 60 }, (_, i) => at(now - (60 - i) * minute, { power: i }));
    await say(device, ["energy/m", rows]);
    const { lastHeardMs, missedFromMs } = await healthOf(device);
    expect(missedFromMs! - lastHeardMs!).toBe(10 * minute);
    expect((await healthOf(device, missedFromMs! - 1)).presence).toBe("online");
    expect((await healthOf(device, missedFromMs! + 1)).presence).toBe("silent");
    const all = await presences(person.organizationId, person.siteId, missedFromMs! + 1);
    expect(all.get(device.id)).toEqual({ presence: "silent", missedFromMs, lastHeardMs });
  });

  test("of one that sends every 15 minutes: silent after 75", async () => {
    const device = await t.newDevice(person);
    const now = Date.now();
    const rows = Array.from({ length: 40 }, (_, i) => at(now - (39 - i) * 15 * minute, { "energy.import": i }));
    await say(device, ["energy/m", rows]);
    const { lastHeardMs, missedFromMs } = await healthOf(device);
    expect(missedFromMs! - lastHeardMs!).toBe(75 * minute);
  });

  test("of a gateway is that of those that it speaks for", async () => {
    const gateway = await t.newDevice(person, { kind: "gateway" });
    expect((await healthOf(gateway)).presence).toBe("never");
    await say(gateway, ["energy/a", at(Date.now() - minute, { power: 1 })], ["energy/b", { power: 1 }]);
    await t.restart();
    expect(await healthOf(gateway)).toMatchObject({ presence: "online", messages: 2, readings: 2 });
  });
});

test("what was refused and what waits is said with its reasons, and how strong its signal is", async () => {
  const device = await t.newDevice(person);
  await say(
    device,
    ["energy/m", { power: "a lot" }],
    ["something/else", "no format that is known"],
    ["energy/m", { signal_strength: -65 }],
  );
  await until(async () => (await healthOf(device)).rejects.length > 1);
  const { rejects, waiting, signal } = await healthOf(device);
  expect(rejects.map(({ reason }) => reason)).toContain("unknown-format");
  expect(waiting).toMatchObject([{ count: 1, awaits: expect.stringMatching(/mapping/) }]);
  expect(signal).toMatchObject({ value: -65 });
});

test("is nobody else's to see", async () => {
  const device = await t.newDevice(person);
  const stranger = await someone();
  expect(await deviceHealth(stranger.organizationId, device.id, Date.now())).toBeNull();
  expect(await presences(stranger.organizationId, person.siteId, Date.now())).toEqual(new Map());
  const params = { siteId: person.siteId, deviceId: device.id };
  expect((await open(healthPage, stranger.cookie, params)).status).toBe(404);
  expect((await open(healthPage, person.cookie, params)).body).toMatchObject({ health: { presence: "never" } });
});
