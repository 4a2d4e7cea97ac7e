import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectMqtt, pause, publish, push, settles, until } from "../support/clients.ts";
import { startTestIngest, storedOf, type Tenant, type TestDevice, type TestIngest } from "../support/ingest.ts";

let t: TestIngest;
let tenant: Tenant;

beforeAll(async () => {
  t = await startTestIngest();
  tenant = await t.newTenant();
});
afterAll(() => t.stop());

const spoolFiles = () => readdirSync(join(t.folder, "spool"));
const valuesOf = async (device: TestDevice) => (await storedOf(t, device)).map(({ key, value }) => `${key} ${value}`);

describe("while the database is away, a message at QoS 0", () => {
  it("goes to the disk, and is stored when the database is back: once, with the time of its arrival", async () => {
    const device = await t.newDevice(tenant);
    const client = await connectMqtt(t.mqttPort, device);
    await publish(client, "energy/m", { power: 0 });
    await t.link.cut();
    const probe = await connectMqtt(t.mqttPort, device).catch(() => null);
    // Its own message is what finds out that the database is away.
    const stuck = publish(client, "energy/m", { time: 1_770_000_000, power: 1 }, 1);
    await until(async () => expect((await push(t.http, "/ping", { method: "GET" })).status).toBe(204));
    await until(async () => expect((await push(t.http, "/api/v1/readings")).status).toBe(503));
    const sentFrom = Date.now();
    for (let i = 2; i < 30; i++) await publish(client, "energy/m", { power: i }, 0);
    await until(() => expect(spoolFiles()).toHaveLength(1));
    await pause(100);
    const sentTo = Date.now();
    expect(await settles(stuck, 50)).toBe(false);
    await pause(500);
    await t.link.restore();
    await stuck;
    await until(async () => expect(await storedOf(t, device)).toHaveLength(30), 20_000);
    await until(() => expect(spoolFiles()).toEqual([]));
    const late = (await storedOf(t, device)).filter(({ value }) => value > 1);
    expect(late.map(({ value }) => value)).toEqual(Array.from({ length: 28 }, (_, i) => i + 2));
    for (const { timeMs } of late) expect(timeMs >= sentFrom && timeMs <= sentTo).toBe(true);
    await probe?.endAsync();
    await client.endAsync();
  });

  it("with a metric never heard before is not lost either, nor is its connection", async () => {
    const device = await t.newDevice(tenant);
    const client = await connectMqtt(t.mqttPort, device);
    await publish(client, "energy/m", { power: 1 });
    await t.link.cut();
    // A moment only: the ingest has just begun to look up again who may stay when it goes away once more.
    await t.link.restore();
    await until(async () => expect((await push(t.http, "/api/v1/readings")).status).not.toBe(503));
    await t.link.cut();
    await publish(client, "energy/m", { voltage: 230 }, 0);
    const atLeastOnce = publish(client, "energy/m", { current: 2 }, 1);
    expect(await settles(atLeastOnce, 1_000)).toBe(false);
    expect(client.connected).toBe(true);
    await t.link.restore();
    await atLeastOnce;
    await until(async () => expect(await valuesOf(device)).toEqual(["current 2", "power 1", "voltage 230"]), 20_000);
    await client.endAsync();
  });

  it("is still on the disk when the process ends, and is stored by the next one", async () => {
    const device = await t.newDevice(tenant);
    const client = await connectMqtt(t.mqttPort, device);
    await publish(client, "energy/m", { power: 1 });
    await t.link.cut();
    void publish(client, "energy/m", { power: 2, time: 1_770_000_000 }, 1).catch(() => {});
    await until(async () => expect((await push(t.http, "/api/v1/readings")).status).toBe(503));
    await publish(client, "energy/m", { power: 3 }, 0);
    await until(() => expect(spoolFiles()).toHaveLength(1));
    await pause(100);
    await t.restart();
    await until(async () => expect(await valuesOf(device)).toContain("power 3"), 20_000);
    await until(() => expect(spoolFiles()).toEqual([]));
  });

  it("of an organization that was deleted meanwhile is dropped, and its file with it", async () => {
    const message = { transport: "mqtt", topic: "energy/m", payload: "e30=", receivedAtMs: Date.now() };
    const line = JSON.stringify({ credentialId: "00000000-0000-4000-8000-000000000000", message });
    writeFileSync(join(t.folder, "spool", "elsewhere-1-abc-0.ndjson"), `${line}\n`);
    await t.restart();
    await until(() => expect(spoolFiles()).toEqual([]));
  });
});
