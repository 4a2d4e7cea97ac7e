import { fork } from "node:child_process";
import { once } from "node:events";
import { connect as connectTo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { connectMqtt, pause, publish, settles, until } from "../support/clients.ts";
import {
  holdReadings,
  startTestIngest,
  storedOf,
  type Tenant,
  type TestDevice,
  type TestIngest,
} from "../support/ingest.ts";
import { mostUnanswered, mostUnansweredBytes } from "../../ingest/mqtt/flow.ts";
import { registry } from "../../platform/metrics.ts";

let t: TestIngest;
let tenant: Tenant;

beforeAll(async () => {
  t = await startTestIngest();
  tenant = await t.newTenant();
});
afterAll(() => t.stop());

const startS = 1_770_000_000;
/** Longer than the broker's patience (1.5 times the keep-alive) and the client's own. */
const keepaliveS = 2;
const heldMs = 8_000;
/** A process that has 20,000 messages to write, beside others, may not come to its pings every second; the broker's patience is still shorter than `heldMs`. */
const floodKeepaliveS = 4;
/** A socket is read in chunks of this many bytes at most, and a chunk that was read is taken whole. */
const chunkBytes = 65_536;
/** Of a message that is taken and waits, with all that is made of it. How many are taken depends on how TCP cuts them, within `most`. */
const mostBytesEach = 7_500;

async function metric(name: string): Promise<number> {
  const found = await registry.getSingleMetric(`energy_${name}`)!.get();
  return found.values.reduce((sum, { value }) => sum + value, 0);
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** What stays in use: the least of some looks, for what is just on its way through comes and goes. */
async function memory(): Promise<number> {
  const seen: number[] = [];
  for (let look = 0; look < 5; look++) {
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    seen.push(heapUsed + external);
    await pause(50);
  }
  return Math.min(...seen);
}

/** Connects with a short keep-alive and sends the first message, so that the device's channel is known. */
async function connected(device: TestDevice): Promise<MqttClient> {
  const client = await connectMqtt(t.mqttPort, device, { keepalive: keepaliveS });
  await publish(client, "energy/m", { time: startS, power: 0 });
  return client;
}

const message = (i: number) => JSON.stringify({ time: startS + i, power: i });

afterEach(() => t.owner.query("rollback"));

interface Sender {
  device: TestDevice;
  client: MqttClient;
  answers: Promise<unknown>;
  broke: boolean;
  send(): void;
}

async function sender(count: number, qos: 0 | 1): Promise<Sender> {
  const device = await t.newDevice(tenant);
  const client = await connected(device);
  const made: Sender = { device, client, answers: Promise.resolve(), broke: false, send };
  client.on("close", () => (made.broke = true));
  return made;

  function send(): void {
    const all = Array.from({ length: count }, (_, i) => publish(client, "energy/m", message(i + 1), qos));
    made.answers = Promise.allSettled(all);
  }
}

interface Flood {
  device: TestDevice;
  go(): void;
  result: Promise<{ answered: number; broke: boolean }>;
}

/** A client in a process of its own, which publishes `count` messages when it is told to. */
async function flood(count: number, qos: 0 | 1): Promise<Flood> {
  const device = await t.newDevice(tenant);
  await (await connected(device)).endAsync();
  const child = fork(new URL("../support/flood.mjs", import.meta.url), { execArgv: [] });
  const login = { username: device.username, password: device.password };
  child.send({ port: t.mqttPort, login, startS, count, qos, keepalive: floodKeepaliveS });
  await once(child, "message");
  const result = once(child, "message").then(([said]) => said as Awaited<Flood["result"]>);
  return { device, result, go: () => void child.send("go") };
}

it("clients that publish 20,000 messages while nothing can be stored are held back, stay connected, and lose nothing", async () => {
  const count = 20_000;
  // What the first messages of all make once (compiled code, statements, the remembered channel) is not theirs.
  const first = await flood(2_000, 1);
  first.go();
  await first.result;
  const floods = [await flood(count, 1), await flood(count, 0)];
  const receivedBefore = await metric("messages_total");
  const held = await holdReadings(t);
  const before = await memory();
  for (const { go } of floods) go();
  await pause(heldMs);
  const taken = (await metric("messages_total")) - receivedBefore;
  const perChunk = Math.ceil(chunkBytes / (message(1).length + "energy/m".length + 4));
  const most = floods.length * (mostUnanswered + perChunk);
  expect(taken).toBeGreaterThanOrEqual(mostUnanswered);
  expect(taken).toBeLessThanOrEqual(most);
  expect(await metric("ingest_waiting_rows")).toBeLessThanOrEqual(most);
  expect((await memory()) - before, "grew by").toBeLessThan(taken * mostBytesEach);
  await held.release();
  for (const { device, result } of floods) {
    expect(await result).toEqual({ answered: count, broke: false });
    await until(async () => expect(await storedOf(t, device)).toHaveLength(count + 1), 20_000);
    expect((await storedOf(t, device)).map((r) => r.value)).toEqual(Array.from({ length: count + 1 }, (_, i) => i));
  }
});

/** CONNECT of MQTT 3.1.1, section 3.1: a clean session with user name and password. */
function connectPacket({ username, password }: TestDevice, keepalive: number): Buffer {
  const text = (value: string) => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)]);
  const body = [text("MQTT"), Buffer.from([4, 0xc2, 0, keepalive]), text("silent"), text(username), text(password)];
  const length = body.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([0x10, length]), ...body]);
}

describe("keep-alive", () => {
  it("does not break, however many messages are unanswered", async () => {
    const counts = [1, 2, 30, mostUnanswered - 1];
    const senders = await Promise.all(counts.map((count) => sender(count, 1)));
    const held = await holdReadings(t);
    for (const { send } of senders) send();
    await pause(3.5 * keepaliveS * 1000);
    expect(senders.filter(({ broke }) => broke)).toEqual([]);
    await held.release();
    for (const [i, { device, client, answers }] of senders.entries()) {
      await answers;
      expect(await storedOf(t, device)).toHaveLength(counts[i]! + 1);
      await client.endAsync();
    }
  });

  it("is the broker's to end when a client falls silent, whatever it had sent", async () => {
    const device = await t.newDevice(tenant);
    const socket = connectTo(t.mqttPort, "127.0.0.1");
    const closed = once(socket, "close");
    socket.write(connectPacket(device, keepaliveS));
    expect(((await once(socket, "data")) as [Buffer])[0].toString("hex"), "CONNACK").toBe("20020000");
    const started = performance.now();
    await closed;
    expect(performance.now() - started).toBeGreaterThan(keepaliveS * 1000);
    expect(performance.now() - started).toBeLessThan(1.5 * keepaliveS * 1000 + 2_000);
  });
});

it("clients that leave while they connect leave nothing behind", async () => {
  const device = await t.newDevice(tenant);
  const before = await metric("mqtt_connections");
  for (let i = 0; i < 200; i++) {
    const socket = connectTo(t.mqttPort, "127.0.0.1");
    socket.on("error", () => {});
    await once(socket, "connect");
    socket.write(connectPacket(device, keepaliveS));
    if (i % 4 === 1) await pause(i % 3);
    if (i % 4 === 2) await new Promise((resolve) => setImmediate(resolve));
    if (i % 2) socket.resetAndDestroy();
    else socket.end();
  }
  await until(async () => expect(await metric("mqtt_connections")).toBe(before));
});

it("while the database is gone, connected clients wait, new ones are told so, and all goes on by itself afterwards", async () => {
  const device = await t.newDevice(tenant);
  const client = await connected(device);
  await t.link.cut();
  const answers = Promise.all(Array.from({ length: 200 }, (_, i) => publish(client, "energy/m", message(i + 1))));
  const newcomer = async () => {
    const refusal = await connectMqtt(t.mqttPort, device).then(
      (other) => other.endAsync().then(() => null),
      (error: { code?: number }) => error.code,
    );
    expect(refusal, "CONNACK: server unavailable").toBe(3);
  };
  await until(newcomer);
  expect(await settles(answers, 3_000), "answered without a commit").toBe(false);
  expect(client.connected).toBe(true);
  await t.link.restore();
  await answers;
  expect(await storedOf(t, device)).toHaveLength(201);
  await until(async () => (await connectMqtt(t.mqttPort, device)).endAsync());
  await client.endAsync();
});

it("large messages are held back by their size, and other clients get on", async () => {
  const device = await t.newDevice(tenant);
  const other = await t.newDevice(tenant);
  const client = await connected(device);
  const quick = await connected(other);
  const before = await metric("messages_total");
  const held = await holdReadings(t);
  const bytes = 200_000;
  const large = (i: number) => `{"time":${startS + i},"power":${i}${" ".repeat(bytes)}}`;
  const answers = Promise.all(Array.from({ length: 40 }, (_, i) => publish(client, "energy/m", large(i + 1))));
  await pause(500);
  const taken = (await metric("messages_total")) - before;
  expect(taken * bytes).toBeLessThanOrEqual(mostUnansweredBytes + bytes + chunkBytes);
  const answer = publish(quick, "energy/m", message(1));
  await until(async () => expect((await metric("messages_total")) - before).toBeGreaterThan(taken));
  await held.release();
  await Promise.all([answers, answer]);
  expect(await storedOf(t, device)).toHaveLength(41);
  await client.endAsync();
  await quick.endAsync();
});
