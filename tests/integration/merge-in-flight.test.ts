import pg from "pg";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { listChannels, updateChannel, type ChannelRow } from "../../db/channels.ts";
import { listDevices } from "../../db/devices.ts";
import { createChannels } from "../../db/intake-channels.ts";
import { mergeDevices } from "../../db/merge.ts";
import { Buffer as GroupCommit } from "../../ingest/buffer.ts";
import { Patience } from "../../ingest/patience.ts";
import { connectMqtt, pause, publish, settles } from "../support/clients.ts";
import { startTestIngest, storedOf, type Tenant, type TestDevice, type TestIngest } from "../support/ingest.ts";
import { runMerges } from "../support/jobs.ts";

/** What the ingest has in hand for a channel while that is merged: whenever it is stored, nothing stays under the old number. */
let t: TestIngest;
let tenant: Tenant;
let gateway: TestDevice;
let buffer: GroupCommit;
let old: { id: string; channel: ChannelRow };
let fresh: { id: string; channel: ChannelRow };
const startMs = Math.floor(Date.now() / 900_000) * 900_000 - 6 * 3_600_000;
const silent = pino({ level: "silent" });

beforeAll(async () => {
  t = await startTestIngest();
});
beforeEach(async () => {
  tenant = await t.newTenant();
  gateway = await t.newDevice(tenant, { kind: "gateway", name: "Gateway" });
  const client = await connectMqtt(t.mqttPort, gateway);
  await publish(client, "energy/old", { time: startMs / 1000, "energy.import": 1 });
  await publish(client, "energy/new", { time: startMs / 1000 + 60, "energy.import": 2 });
  await client.endAsync();
  [old, fresh] = [await heard("old"), await heard("new")];
  const patience = new Patience(silent);
  buffer = new GroupCommit({
    ...{ writers: 1, batchRows: 4_000, maxWaitingRows: 5, patience, log: silent },
    onCommit: () => {},
  });
});
afterAll(() => t.stop());

async function heard(name: string): Promise<{ id: string; channel: ChannelRow }> {
  const { id } = (await listDevices(tenant.organizationId)).find(({ externalId }) => externalId === name)!;
  return { id, channel: (await listChannels(tenant.organizationId, { deviceId: id }))[0]! };
}

async function merge(): Promise<void> {
  const way = { isAnotherMeter: false, userId: null };
  expect(await mergeDevices(tenant.organizationId, fresh.id, old.id, way)).toEqual({ ok: true });
}

const late = (value: number, minute = 2) =>
  buffer.add({ channels: [fresh.channel.id], times: [startMs + minute * 60_000], values: [value] }, 0);

const valuesOf = async (device: { id: string }) => (await storedOf(t, device)).map(({ value }) => value);

async function leftBehind(): Promise<string[]> {
  const tables = ["readings", "states", "latest", "dirty", "rollup_buckets", "rollup_days"];
  const counts = tables.map((name) => `(select count(*) from telemetry.${name} where channel_id = $1)::int as ${name}`);
  const { rows } = await t.owner.query<Record<string, number>>(`select ${counts.join()}`, [fresh.channel.id]);
  return tables.filter((name) => rows[0]![name]);
}

test("stored after the merge was carried out, it goes to the channel that stays, also in its unit", async () => {
  await updateChannel(tenant.organizationId, fresh.channel.id, { scale: 0.001 });
  await merge();
  await runMerges(t.owner);
  await late(3_000);
  await runMerges(t.owner);
  expect(await valuesOf(old)).toEqual([1, 0.002, 3]);
  expect(await leftBehind()).toEqual([]);
});

test("stored between the merge and its carrying out", async () => {
  await merge();
  await late(3);
  await runMerges(t.owner);
  expect(await valuesOf(old)).toEqual([1, 2, 3]);
  expect(await leftBehind()).toEqual([]);
});

test("in one batch with a reading of the channel that stays, at the same time", async () => {
  await merge();
  await runMerges(t.owner);
  const times = [startMs + 180_000, startMs + 180_000];
  await buffer.add({ channels: [old.channel.id, fresh.channel.id], times, values: [4, 5] }, 0);
  expect(await valuesOf(old)).toEqual([1, 2, 5]);
});

test("its statement had looked before the merge, and commits after all that was there came along", async () => {
  // The statement waits in the middle, as for a busy disk: here for the row of the latest value.
  await t.owner.query("begin");
  await t.owner.query("select from telemetry.latest where channel_id = $1 for update", [fresh.channel.id]);
  const stored = late(3);
  expect(await settles(stored, 300)).toBe(false);
  await merge();
  const another = new pg.Client({ connectionString: t.ownerUrl });
  await another.connect();
  const merging = runMerges(another);
  await pause(300);
  await t.owner.query("commit");
  await Promise.all([stored, merging]);
  await another.end();
  expect(await valuesOf(old)).toEqual([1, 2, 3]);
  expect(await leftBehind()).toEqual([]);
});

test("a name that is heard for the first time while its device is merged becomes a channel of the one that stays", async () => {
  await merge();
  const words = { kind: "gauge", unit: "V" } as const;
  const device = { organizationId: tenant.organizationId, deviceId: fresh.id };
  const known = await createChannels(device, [{ key: "voltage", metric: "voltage", words, intervalS: null }]);
  const voltage = (await listChannels(tenant.organizationId, { deviceId: old.id })).find(
    ({ key }) => key === "voltage",
  );
  expect(known.find(({ key }) => key === "voltage")!.id).toBe(voltage!.id);
});
