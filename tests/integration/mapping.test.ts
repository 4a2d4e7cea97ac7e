import { afterAll, beforeAll, expect, it } from "vitest";
import { mappingLines } from "../../app/device-setup/mapping.server.ts";
import { listChannels } from "../../db/channels.ts";
import { saveMapping } from "../../db/mapping.ts";
import { mergeChannelData } from "../../db/merge-channel.ts";
import { connectMqtt, publish, until } from "../support/clients.ts";
import { messagesOf, startTestIngest, storedOf, type TestDevice, type TestIngest } from "../support/ingest.ts";

let t: TestIngest;
beforeAll(async () => {
  t = await startTestIngest();
});
afterAll(() => t.stop());

/** Runs the jobs that bring merged channels together, as the worker does. */
async function bringTogether({ organizationId }: TestDevice): Promise<void> {
  const { rows } = await t.owner.query<{ payload: { channelId: number; covered: null } }>(
    `select j.payload from graphile_worker._private_jobs j join graphile_worker._private_tasks k on k.id = j.task_id
     where k.identifier = 'merge-channel' and j.payload->>'organizationId' = $1`,
    [organizationId],
  );
  for (const { payload } of rows) await mergeChannelData(organizationId, payload.channelId, payload.covered);
}

it("a payload that nobody knows is kept under its own names, proposed, mapped, and all that came goes along", async () => {
  const device = await t.newDevice(await t.newTenant());
  const client = await connectMqtt(t.mqttPort, device);
  for (let i = 0; i < 3; i++) {
    await publish(client, "cellar/heatpump", {
      m: { p: 1.25, u: 230, i: 5.4 },
      tot: 48_211_375 + i,
      ts: 1_770_000_000 + i * 60,
    });
  }
  expect(new Set((await storedOf(t, device)).map(({ key }) => key))).toEqual(new Set(["m.i", "m.p", "m.u", "tot"]));
  await until(async () => expect(await messagesOf(device)).toHaveLength(1));

  const lines = mappingLines(await messagesOf(device), {});
  const proposed = Object.fromEntries(
    lines.map(({ path, metric, unit, certainty }) => [path, `${metric} ${unit} ${certainty}`]),
  );
  expect(proposed).toMatchObject({ "m.p": "power kW fits", "m.u": "voltage V guess", "m.i": "current A guess" });

  const map = { "m.p": "power:kW", "m.u": "voltage:V", "m.i": "current:A", tot: "energy.import:Wh:counter" };
  expect(await saveMapping(device.organizationId, device.id, { map, time: "ts" })).toEqual({ ok: true, moved: 4 });
  await bringTogether(device);
  const after = await connectMqtt(t.mqttPort, device);
  await publish(after, "cellar/heatpump", { m: { p: 1.5, u: 231, i: 6.4 }, tot: 48_211_400, ts: 1_770_000_180 });

  const stored = await storedOf(t, device);
  const of = (key: string) => stored.filter((reading) => reading.key === key).map(({ value }) => value);
  expect(of("power")).toEqual([1250, 1250, 1250, 1500]);
  expect(of("energy.import")).toEqual([48211.375, 48211.376, 48211.377, 48211.4]);
  expect(of("voltage")).toEqual([230, 230, 230, 231]);
  expect(stored).toHaveLength(16);
  const channels = await listChannels(device.organizationId, { deviceId: device.id });
  expect(channels.map(({ key, unit, kind }) => `${key} ${unit} ${kind}`).sort()).toEqual([
    "current A gauge",
    "energy.import kWh counter",
    "power W gauge",
    "voltage V gauge",
  ]);
  await Promise.all([client.endAsync(true), after.endAsync()]);
});

it("a map that cannot be is refused with its reason, and nothing changes", async () => {
  const device = await t.newDevice(await t.newTenant());
  const saved = await saveMapping(device.organizationId, device.id, { map: { p: "power:bananas" } });
  expect(saved).toEqual({ ok: false, error: expect.stringContaining('"bananas" is no known unit') });
  const other = await t.newTenant();
  expect(await saveMapping(other.organizationId, device.id, { map: {} })).toEqual({
    ok: false,
    error: "there is no such device",
  });
});
