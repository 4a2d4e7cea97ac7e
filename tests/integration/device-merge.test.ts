import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { asOrganization } from "../../db/as-organization.ts";
import { listChannels, updateChannel, type ChannelRow } from "../../db/channels.ts";
import { correctionsPage } from "../../db/corrections.ts";
import { getDevice, listDevices, type Device } from "../../db/devices.ts";
import { inboxOf } from "../../db/inbox.ts";
import { mergeChannelData } from "../../db/merge-channel.ts";
import { continueChannel, mergeDevices, previewMerge, type MergeWay } from "../../db/merge.ts";
import { moveToGateway, previewMove } from "../../db/move.ts";
import { bucketsOf } from "../../db/rollups.ts";
import { connectMqtt, ended, publish, until } from "../support/clients.ts";
import {
  startTestIngest,
  statesOf,
  storedOf,
  type Tenant,
  type TestDevice,
  type TestIngest,
} from "../support/ingest.ts";
import { runMerges, takeJobs } from "../support/jobs.ts";

/** Two devices become one, as a person asks for it: nothing that was measured is lost, nothing is counted twice. */
let t: TestIngest;
let tenant: Tenant;
let gateway: TestDevice;
const minute = 60_000;
const start = Math.floor(Date.now() / 900_000) * 900_000 - 6 * 3_600_000;

beforeAll(async () => {
  t = await startTestIngest();
});
beforeEach(async () => {
  tenant = await t.newTenant();
  gateway = await t.newDevice(tenant, { kind: "gateway", name: "Gateway" });
});
afterAll(() => t.stop());

/** What a meter sends minute by minute from a minute on: its register in kWh. */
const register = (atMinute: number, values: number[], metric = "energy.import") =>
  values.map((value, i) => ({ time: (start + (atMinute + i) * minute) / 1000, [metric]: value }));

/** A merge ends the connections of the devices, also one that was made a moment before: it sends again, as devices do. */
async function send(by: TestDevice, name: string, rows: object[]): Promise<void> {
  await until(async () => {
    const client = await connectMqtt(t.mqttPort, by);
    const sent = publish(client, `energy/${name}`, rows).then(() => true);
    const isSent = await Promise.race([sent, ended(client).then(() => false)]);
    await client.endAsync();
    return isSent;
  });
}

/** By the name that the messages use. */
async function deviceOf(name: string, of = gateway): Promise<Device> {
  const devices = await listDevices(tenant.organizationId);
  return devices.find((device) => device.externalId === name && device.gatewayId === of.id)!;
}

const channelsOf = (deviceId: string) => listChannels(tenant.organizationId, { deviceId });

async function channelOf(deviceId: string, key = "energy.import"): Promise<ChannelRow> {
  return (await channelsOf(deviceId)).find((channel) => channel.key === key)!;
}

async function energyOf(...channels: { id: number }[]): Promise<number> {
  while ((await runMerges(t.owner), (await takeJobs(t.owner)).length));
  const ids = channels.map(({ id }) => id);
  const buckets = await asOrganization(tenant.organizationId, (sql) => bucketsOf(sql, ids, 0, Date.now()));
  return [...buckets.values()].flat().reduce((sum, bucket) => sum + bucket.energyKwh, 0);
}

const way = (given: Partial<MergeWay> = {}): MergeWay => ({ isAnotherMeter: false, userId: null, ...given });

async function merge(source: Device, target: Device, given: Partial<MergeWay> = {}): Promise<void> {
  expect(await mergeDevices(tenant.organizationId, source.id, target.id, way(given))).toEqual({ ok: true });
}

/** Two of the gateway's devices: the one's register ends where the other's begins. */
async function twoMeters(second = register(5, [101, 102, 103])): Promise<{ old: Device; fresh: Device }> {
  await send(gateway, "old", register(0, [100, 100.5, 101]));
  await send(gateway, "new", second);
  return { old: await deviceOf("old"), fresh: await deviceOf("new") };
}

describe("two devices of a gateway", () => {
  test("become one with as many readings and as much energy as both had", async () => {
    const { old, fresh } = await twoMeters();
    const [a, b] = [await channelOf(old.id), await channelOf(fresh.id)];
    const before = await energyOf(a, b);
    expect(before).toBeCloseTo(3);
    const pairs = await previewMerge(tenant.organizationId, fresh.id, old.id);
    expect(pairs!.map(({ from, into }) => [from.id, into?.id])).toEqual([[b.id, a.id]]);
    await merge(fresh, old);
    expect(await energyOf(a)).toBeCloseTo(before);
    expect((await storedOf(t, old)).map(({ value }) => value)).toEqual([100, 100.5, 101, 101, 102, 103]);
    expect((await channelOf(old.id)).latest).toMatchObject({ value: 103 });
    expect(await getDevice(tenant.organizationId, fresh.id)).toBeNull();
    expect((await channelsOf(old.id)).map(({ key }) => key)).toEqual(["energy.import"]);
  });

  test("what is sent under the old name later arrives at the one that stays, while the gateway stays connected", async () => {
    const { old, fresh } = await twoMeters();
    const client = await connectMqtt(t.mqttPort, gateway);
    await publish(client, "energy/new", register(9, [104]));
    await merge(fresh, old);
    await until(async () => {
      await publish(client, "energy/new", register(10, [105]));
      return (await storedOf(t, old)).some(({ value }) => value === 105);
    });
    expect(client.connected).toBe(true);
    await client.endAsync();
    await energyOf();
    expect((await storedOf(t, old)).map(({ value }) => value)).toEqual([100, 100.5, 101, 101, 102, 103, 104, 105]);
    expect(await inboxOf(tenant.organizationId, tenant.siteId)).toEqual([]);
  });

  test("where both have readings, those of the one that stays hold", async () => {
    const { old, fresh } = await twoMeters(register(1, [7, 8, 104, 105]));
    await merge(fresh, old);
    await energyOf();
    expect((await storedOf(t, old)).map(({ value }) => value)).toEqual([100, 100.5, 101, 104, 105]);
  });

  test("a replaced meter's jump is no energy; what was read of both registers is", async () => {
    const { old, fresh } = await twoMeters(register(5, [3, 4, 5]));
    const into = await channelOf(old.id);
    await merge(fresh, old, { isAnotherMeter: true });
    expect(await energyOf(into)).toBeCloseTo(1 + 2);
    const { items } = await correctionsPage(tenant.organizationId, into.id, { before: null, limit: 10 });
    const correction = { what: "replace", atMs: start + 5 * minute, finalValue: null, firstValue: null };
    expect(items).toMatchObject([{ correction, author: null }]);

    const again = await twoMetersAt("read", register(5, [3, 4, 5]));
    const channel = await channelOf(again.old.id);
    await merge(again.fresh, again.old, {
      isAnotherMeter: true,
      registers: new Map([[channel.id, { finalValue: 101.25, firstValue: 2.5 }]]),
    });
    expect(await energyOf(channel)).toBeCloseTo(1 + 0.25 + 0.5 + 2);
  });

  test("units that differ are converted, also by way of a third device", async () => {
    await send(gateway, "kwh", register(0, [1, 2]));
    await send(gateway, "wh", register(10, [3_000, 4_000], "energy.import"));
    await send(gateway, "mwh", register(20, [0.005, 0.006], "energy.import"));
    const [kwh, wh, mwh] = [await deviceOf("kwh"), await deviceOf("wh"), await deviceOf("mwh")];
    await updateChannel(tenant.organizationId, (await channelOf(wh.id)).id, { scale: 0.001 });
    await updateChannel(tenant.organizationId, (await channelOf(mwh.id)).id, { scale: 1_000 });
    await merge(mwh, wh);
    await runMerges(t.owner);
    await merge(wh, kwh);
    expect(await energyOf(await channelOf(kwh.id))).toBeCloseTo(5);
    expect((await storedOf(t, kwh)).map(({ value }) => Number(value.toFixed(6)))).toEqual([1, 2, 3, 4, 5, 6]);
    await send(gateway, "mwh", register(30, [0.007]));
    await send(gateway, "wh", register(31, [8_000]));
    expect((await storedOf(t, kwh)).map(({ value }) => Number(value.toFixed(6)))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test("a channel that only one of them has moves there as it is", async () => {
    const { old, fresh } = await twoMeters();
    const mode = (name: string, atMinute: number, value: string) =>
      send(gateway, name, [{ time: (start + atMinute * minute) / 1000, metric: "mode", kind: "state", value }]);
    await send(gateway, "new", [{ time: start / 1000, power: 5 }]);
    await mode("old", 0, "off");
    await mode("new", 5, "on");
    const power = await channelOf(fresh.id, "power");
    await merge(fresh, old);
    await energyOf();
    expect(await statesOf(t, old)).toEqual(["mode off", "mode on"]);
    expect((await channelOf(old.id, "mode")).latest).toMatchObject({ value: "on" });
    expect((await channelOf(old.id, "power")).id).toBe(power.id);
    expect((await channelsOf(old.id)).map(({ key }) => key).sort()).toEqual(["energy.import", "mode", "power"]);
  });

  test("interrupted anywhere and run again, a merge ends the same", async () => {
    const { old, fresh } = await twoMeters();
    const [a, b] = [await channelOf(old.id), await channelOf(fresh.id)];
    await merge(fresh, old);
    const jobs = (await takeJobs(t.owner)).filter(({ task }) => task === "merge-channel");
    expect(jobs).toHaveLength(1);
    const { covered } = jobs[0]!.payload as { covered: { fromMs: number; toMs: number } };
    // Half of it came along, then the worker was killed.
    await t.owner.query(
      "insert into telemetry.readings select $2, time, value from telemetry.readings where channel_id = $1 order by time limit 2",
      [b.id, a.id],
    );
    await t.owner.query("delete from telemetry.readings where channel_id = $1 and value = 101", [b.id]);
    await mergeChannelData(tenant.organizationId, b.id, covered);
    await mergeChannelData(tenant.organizationId, b.id, covered);
    expect(await energyOf(a)).toBeCloseTo(3);
    expect((await storedOf(t, old)).map(({ value }) => value)).toEqual([100, 100.5, 101, 101, 102, 103]);
    const { rows } = await t.owner.query("select from telemetry.readings where channel_id = $1", [b.id]);
    expect(rows).toEqual([]);
  });
});

/** The same with names of their own. */
async function twoMetersAt(prefix: string, second: object[]): Promise<{ old: Device; fresh: Device }> {
  await send(gateway, `${prefix}-old`, register(0, [100, 100.5, 101]));
  await send(gateway, `${prefix}-new`, second);
  return { old: await deviceOf(`${prefix}-old`), fresh: await deviceOf(`${prefix}-new`) };
}

test("a device with a credential of its own is merged, and goes on with it", async () => {
  const meter = await t.newDevice(tenant, { name: "Meter" });
  await send(meter, "meter", register(0, [1, 2]));
  const other = await t.newDevice(tenant, { name: "Other" });
  await send(other, "other", register(10, [2, 3]));
  const [target, source] = [
    await getDevice(tenant.organizationId, meter.id),
    await getDevice(tenant.organizationId, other.id),
  ];
  await merge(source!, target!);
  await send(other, "other", register(20, [4]));
  await energyOf();
  expect((await storedOf(t, meter)).map(({ value }) => value)).toEqual([1, 2, 2, 3, 4]);
});

test("what cannot be merged is refused: itself, a gateway, another's, and channels that are not alike", async () => {
  const { old, fresh } = await twoMeters();
  const stranger = await t.newTenant();
  const theirs = await t.newDevice(stranger);
  const fault = (source: string, target: string) => mergeDevices(tenant.organizationId, source, target, way());
  expect(await fault(old.id, old.id)).toEqual({ ok: false, fault: "same" });
  expect(await fault(gateway.id, old.id)).toEqual({ ok: false, fault: "gateway" });
  expect(await fault(theirs.id, old.id)).toEqual({ ok: false, fault: "not-found" });
  expect(await fault(old.id, theirs.id)).toEqual({ ok: false, fault: "not-found" });
  await updateChannel(tenant.organizationId, (await channelOf(fresh.id)).id, { direction: "export" });
  expect(await fault(fresh.id, old.id)).toEqual({ ok: false, fault: "not-alike" });
  expect(await channelsOf(fresh.id)).toHaveLength(1);
});

test("a channel goes on with another one of its device: what was one name is a second one of the same", async () => {
  const meter = await t.newDevice(tenant);
  await send(meter, "m", register(0, [1, 2]));
  await send(meter, "m", register(5, [0, 1], "heat_pump.energy"));
  const [into, from] = [await channelOf(meter.id), await channelOf(meter.id, "heat_pump.energy")];
  await updateChannel(tenant.organizationId, from.id, {
    medium: "electricity",
    quantity: "energy",
    kind: "counter",
    unit: "kWh",
  });
  const given = { channelId: into.id, withChannelId: from.id };
  expect(await continueChannel(tenant.organizationId, given, way({ isAnotherMeter: true }))).toEqual({ ok: true });
  await send(meter, "m", register(10, [2], "heat_pump.energy"));
  expect(await energyOf(into)).toBeCloseTo(1 + 2);
  expect((await channelsOf(meter.id)).map(({ key }) => key)).toEqual(["energy.import"]);
  expect(await continueChannel(tenant.organizationId, { ...given, withChannelId: into.id }, way())).toMatchObject({
    fault: "same",
  });
});

describe("moved to another gateway", () => {
  test("it goes on under its name there, and the twin of the new inbox becomes one with it", async () => {
    const second = await t.newDevice(tenant, { kind: "gateway", name: "Second" });
    await send(gateway, "plug", register(0, [1, 2]));
    const plug = await deviceOf("plug");
    await send(second, "plug", register(10, [3, 4]));
    const twin = await deviceOf("plug", second);
    expect(await previewMove(tenant.organizationId, plug.id, second.id)).toMatchObject({ move: { twinId: twin.id } });
    expect(await moveToGateway(tenant.organizationId, plug.id, second.id, null)).toEqual({ ok: true });
    await send(second, "plug", register(20, [5]));
    expect(await energyOf(await channelOf(plug.id))).toBeCloseTo(4);
    expect((await storedOf(t, plug)).map(({ value }) => value)).toEqual([1, 2, 3, 4, 5]);
    expect(await inboxOf(tenant.organizationId, tenant.siteId)).toEqual([]);
    expect((await getDevice(tenant.organizationId, plug.id))!.gatewayId).toBe(second.id);
  });

  test("and back again, though its name was heard at the first one meanwhile", async () => {
    const second = await t.newDevice(tenant, { kind: "gateway", name: "Second" });
    await send(gateway, "plug", register(0, [1]));
    const plug = await deviceOf("plug");
    expect(await moveToGateway(tenant.organizationId, plug.id, second.id, null)).toEqual({ ok: true });
    await send(second, "plug", register(1, [2]));
    await until(async () => {
      await send(gateway, "plug", register(2, [3]));
      return (await inboxOf(tenant.organizationId, tenant.siteId)).length === 1;
    });
    expect(await moveToGateway(tenant.organizationId, plug.id, gateway.id, null)).toEqual({ ok: true });
    await send(gateway, "plug", register(3, [4]));
    await energyOf();
    expect((await storedOf(t, plug)).map(({ value }) => value)).toEqual([1, 2, 3, 4]);
    expect(await inboxOf(tenant.organizationId, tenant.siteId)).toEqual([]);
  });

  test("a name that stands for another device there is refused, and so is what is no gateway", async () => {
    const second = await t.newDevice(tenant, { kind: "gateway", name: "Second" });
    for (const by of [gateway, second]) await send(by, "plug", register(0, [1]));
    await send(second, "lamp", register(0, [1]));
    const [plug, lamp] = [await deviceOf("plug"), await deviceOf("lamp", second)];
    await merge(await deviceOf("plug", second), lamp);
    const fault = async (id: string, to: string) => {
      const moved = await moveToGateway(tenant.organizationId, id, to, null);
      return moved.ok ? null : moved.fault;
    };
    expect(await fault(plug.id, second.id)).toBe("taken");
    expect(await fault(plug.id, lamp.id)).toBe("not-a-gateway");
    expect(await fault(gateway.id, second.id)).toBe("is-a-gateway");
    expect(await fault((await t.newDevice(tenant)).id, second.id)).toBe("no-name");
    expect(await fault(plug.id, "nonsense")).toBe("not-found");
  });
});
