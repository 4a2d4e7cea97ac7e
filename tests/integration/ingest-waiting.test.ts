import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { updateDevice } from "../../db/devices.ts";
import { connectMqtt, pause, publish, push, until } from "../support/clients.ts";
import {
  messagesOf,
  rejectsOf,
  startTestIngest,
  storedOf,
  type Tenant,
  type TestDevice,
  type TestIngest,
} from "../support/ingest.ts";

let t: TestIngest;
let tenant: Tenant;

beforeAll(async () => {
  t = await startTestIngest();
  tenant = await t.newTenant();
});
afterAll(() => t.stop());

const discovery = (object: string, unit: string, stateClass: string) =>
  JSON.stringify({
    name: object,
    stat_t: `house/sensor/${object}/state`,
    uniq_id: `ESP${object}`,
    unit_of_meas: unit,
    dev_cla: unit === "W" ? "power" : "energy",
    stat_cla: stateClass,
    dev: { ids: "84fce6", name: "house", sw: "esphome v2024.10.1", mf: "espressif" },
  });
const config = (object: string) => `homeassistant/sensor/house/${object}/config`;

async function waiting(device: TestDevice): Promise<string[]> {
  const { rows } = await t.owner.query<{ awaits: string }>(
    "select awaits from telemetry.parked where device_id = $1 order by id",
    [device.id],
  );
  return rows.map((row) => row.awaits);
}

async function valuesOf(device: TestDevice): Promise<string[]> {
  return (await storedOf(t, device)).map(({ key, value }) => `${key} ${value}`);
}

async function unitsOf(device: TestDevice): Promise<Record<string, string | null>> {
  const { rows } = await t.owner.query<{ key: string; unit: string | null; kind: string }>(
    "select key, unit, kind from energy.channels where device_id = $1",
    [device.id],
  );
  return Object.fromEntries(rows.map(({ key, unit, kind }) => [key, `${unit} ${kind}`]));
}

describe("a message that overtakes its announcement", () => {
  it("is acknowledged, waits durably, and is decoded with the announcement when that comes", async () => {
    const device = await t.newDevice(tenant);
    const client = await connectMqtt(t.mqttPort, device);
    const before = Date.now();
    await publish(client, "house/sensor/total/state", "5125");
    const after = Date.now();
    expect(await waiting(device)).toHaveLength(1);
    expect(await storedOf(t, device)).toEqual([]);
    await publish(client, config("total"), discovery("total", "Wh", "total_increasing"), 1, true);
    await until(async () => expect(await valuesOf(device)).toEqual(["total 5.125"]));
    await until(async () => expect(await waiting(device)).toEqual([]));
    expect(await unitsOf(device)).toMatchObject({ total: "kWh counter" });
    // It keeps the time of its arrival, not that of its decoding.
    const { timeMs } = (await storedOf(t, device))[0]!;
    expect(timeMs >= before && timeMs <= after).toBe(true);
    await client.endAsync();
  });

  it("is taken as it is when none comes in 10 seconds; those behind it no longer wait", async () => {
    const device = await t.newDevice(tenant);
    const client = await connectMqtt(t.mqttPort, device);
    await publish(client, "house/sensor/solo/state", "12.5");
    expect(await waiting(device)).toHaveLength(1);
    await until(async () => expect(await valuesOf(device)).toEqual(["solo 12.5"]), 20_000);
    await publish(client, "house/sensor/solo/state", "13");
    expect(await valuesOf(device)).toEqual(["solo 12.5", "solo 13"]);
    await client.endAsync();
  });

  it("waits across a restart, and what was announced is remembered", async () => {
    const device = await t.newDevice(tenant);
    let client = await connectMqtt(t.mqttPort, device);
    await publish(client, config("power"), discovery("power", "W", "measurement"), 1, true);
    await publish(client, "house/sensor/late/state", "2000");
    expect(await waiting(device)).toHaveLength(1);
    await client.endAsync();
    await t.restart();
    client = await connectMqtt(t.mqttPort, device);
    await publish(client, "house/sensor/power/state", "412");
    expect(await valuesOf(device)).toEqual(["power 412"]);
    expect(await unitsOf(device)).toMatchObject({ power: "W gauge" });
    await publish(client, config("late"), discovery("late", "Wh", "total_increasing"), 1, true);
    await until(async () => expect(await valuesOf(device)).toContain("late 2"));
    await client.endAsync();
  });
});

describe("several ingest processes", () => {
  it("add up what they hear of one gateway's announcements, and each knows what the other heard", async () => {
    const device = await t.newDevice(tenant);
    const other = await t.another();
    const [one, two] = [await connectMqtt(t.mqttPort, device), await connectMqtt(other.mqttPort!, device)];
    const names = Array.from({ length: 12 }, (_, i) => `p${i}`);
    await Promise.all(
      names.map((name, i) => publish(i % 2 ? one : two, config(name), discovery(name, "Wh", "total_increasing"))),
    );
    // Each value goes to the process that did not hear its announcement.
    await Promise.all(
      names.map((name, i) => publish(i % 2 ? two : one, `house/sensor/${name}/state`, `${1000 * (i + 1)}`)),
    );
    const expected = names.map((name, i) => `${name} ${i + 1}`).sort();
    await until(async () => expect((await valuesOf(device)).sort()).toEqual(expected));
    expect(new Set(Object.values(await unitsOf(device)))).toEqual(new Set(["kWh counter"]));
    await Promise.all([one.endAsync(), two.endAsync()]);
    await other.stop();
  });
});

describe("a message of no known format", () => {
  const odd = "Zähler 1: 48,7 Prozent";

  it("is on record and kept, and is read when the user says what it is", async () => {
    const device = await t.newDevice(tenant);
    const headers = { authorization: `Bearer ${device.token}` };
    const telegram = "/ISK5\\2M550T\r\n\r\n1-0:1.8.0(000123.456*kWh)\r\n!\r\n";
    const reply = await push(t.http, "/ingest/nobody-knows", { body: telegram, headers });
    expect(reply.status).toBe(404);
    await push(t.http, "/ingest/nobody-knows", { body: odd, headers });
    await until(async () => expect([...(await rejectsOf(device)).keys()]).toEqual(["unknown-format"]));
    expect(await waiting(device)).toHaveLength(2);
    await until(async () => expect((await messagesOf(device))[0]!.refusals.at(-1)!.reason).toBe("waiting"));
    await updateDevice(device.organizationId, device.id, { config: { format: "obis-d0" } });
    await until(async () => expect(await valuesOf(device)).toEqual(["energy.import 123.456"]));
    await pause(100);
    expect(await waiting(device)).toHaveLength(0);
  });
});
