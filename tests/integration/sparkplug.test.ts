import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { collect, connectMqtt, pause, publish, until } from "../support/clients.ts";
import { startTestIngest, type Tenant, type TestDevice, type TestIngest } from "../support/ingest.ts";

let t: TestIngest;
let tenant: Tenant;

beforeAll(async () => {
  t = await startTestIngest();
  tenant = await t.newTenant();
});
afterAll(() => t.stop());

/** The recorded bytes of a sample; both are of the device em42, their last byte is the sequence number. */
function recorded(name: string): Buffer {
  const file = new URL(`../../domain/device/fixtures/sparkplug-b/${name}.json`, import.meta.url);
  const { payload } = JSON.parse(readFileSync(file, "utf8")) as { payload: string };
  return Buffer.from(payload, "base64");
}
const birth = recorded("dbirth-units");
const data = recorded("ddata-alias-only");
const numbered = (payload: Buffer, seq: number): Buffer => Buffer.concat([payload.subarray(0, -1), Buffer.from([seq])]);
const topic = (type: string) => `spBv1.0/plant1/${type}/edge-7/em42`;

/** What is stored of the devices below a gateway, in order of time. */
async function powersOf({ id }: TestDevice): Promise<number[]> {
  const { rows } = await t.owner.query<{ value: number }>(
    `select r.value from telemetry.readings r join energy.channels c on c.id = r.channel_id
     join energy.devices d on d.id = c.device_id where d.gateway_id = $1 and c.metric = 'Meter/ActivePower' order by r.time`,
    [id],
  );
  return rows.map(({ value }) => value);
}

it("data before its birth waits for it, and the node is asked for it over its own connection", async () => {
  const gateway = await t.newDevice(tenant, { kind: "gateway" });
  const client = await connectMqtt(t.mqttPort, gateway);
  const asked = await collect(client, "spBv1.0/plant1/NCMD/#");
  await publish(client, topic("DDATA"), data);
  await until(() => asked.length === 1);
  expect(asked[0]).toContain("spBv1.0/plant1/NCMD/edge-7 ");
  expect(asked[0]).toContain("Node Control/Rebirth");
  expect(await powersOf(gateway)).toEqual([]);
  await publish(client, topic("DBIRTH"), birth);
  await until(async () => expect(await powersOf(gateway)).toEqual([1250.5, -402.25]));
  await client.endAsync();
});

it("a message that is missing makes us ask for the births, a repeated one does not", async () => {
  const gateway = await t.newDevice(tenant, { kind: "gateway" });
  const client = await connectMqtt(t.mqttPort, gateway);
  const asked = await collect(client, "spBv1.0/plant1/NCMD/#");
  await publish(client, topic("DBIRTH"), numbered(birth, 1));
  for (const seq of [2, 2, 3]) await publish(client, topic("DDATA"), numbered(data, seq));
  await pause(300);
  expect(asked).toEqual([]);
  await publish(client, topic("DDATA"), numbered(data, 5));
  await until(() => asked.length === 1);
  expect(await powersOf(gateway)).toEqual([1250.5, -402.25]);
  await client.endAsync();
});
