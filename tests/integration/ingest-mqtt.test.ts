import { WebSocket } from "ws";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Identify } from "../../ingest/identify.ts";
import { collect, connectMqtt, ended, pause, publish, settles, until } from "../support/clients.ts";
import {
  holdReadings,
  messagesOf,
  rejectsOf,
  startTestIngest,
  statesOf,
  storedOf,
  type Tenant,
  type TestDevice,
  type TestIngest,
} from "../support/ingest.ts";
import { mosquittoPub, noMosquitto } from "../support/mosquitto.ts";

let t: TestIngest;
let tenant: Tenant;

beforeAll(async () => {
  t = await startTestIngest();
  tenant = await t.newTenant();
});
afterAll(() => t.stop());

/** What a Tasmota plug says every few minutes. */
const sensor = (power: number, total: number, epoch: number) => ({
  Time: "2026-03-14T09:25:00",
  Epoch: epoch,
  ENERGY: { Total: total, Yesterday: 1.5, Today: 0.75, Power: power, Voltage: 229, Current: 0.5 },
});
const at = (second: number) => 1_770_000_000 + second;

describe("messages of a Tasmota plug", () => {
  it.each([0, 1] as const)("at QoS %i are stored exactly as they were decoded", async (qos) => {
    const device = await t.newDevice(tenant);
    const client = await connectMqtt(t.mqttPort, device);
    await publish(client, `tele/plug${qos}/SENSOR`, sensor(115.5, 41.208, at(0)), qos);
    await publish(client, `tele/plug${qos}/SENSOR`, sensor(-20, 41.209, at(10)), qos);
    await until(async () => expect(await storedOf(t, device)).toHaveLength(10));
    const stored = (await storedOf(t, device)).map(
      ({ key, timeMs, value }) => `${key} ${timeMs / 1000 - at(0)} ${value}`,
    );
    expect(stored).toEqual([
      ...["current 0 0.5", "current 10 0.5", "energy.import 0 41.208", "energy.import 10 41.209"],
      ...[
        "energy.today 0 0.75",
        "energy.today 10 0.75",
        "power 0 115.5",
        "power 10 -20",
        "voltage 0 229",
        "voltage 10 229",
      ],
    ]);
    await until(async () => expect(await messagesOf(device)).toHaveLength(1));
    const [message] = await messagesOf(device);
    expect(message).toMatchObject({
      transport: "mqtt",
      address: `tele/plug${qos}/SENSOR`,
      format: "tasmota",
      refusals: [],
    });
    expect(message!.readings).toContainEqual(
      expect.objectContaining({ metric: "power", value: 115.5, unit: "W", device: `plug${qos}` }),
    );
    client.end();
  });

  it("sent again change nothing, and one that corrects a value does", async () => {
    const device = await t.newDevice(tenant);
    const client = await connectMqtt(t.mqttPort, device);
    for (const power of [10, 10, 12])
      await publish(client, "tele/p/SENSOR", { Epoch: at(0), ENERGY: { Power: power } });
    expect(await storedOf(t, device)).toEqual([{ key: "power", timeMs: at(0) * 1000, value: 12 }]);
    client.end();
  });

  it("a last will is stored when the socket dies, and not when the client says goodbye", async () => {
    const device = await t.newDevice(tenant);
    const will = { topic: "tele/plug/LWT", payload: Buffer.from("Offline"), qos: 1 as const, retain: true };
    const client = await connectMqtt(t.mqttPort, device, { will, clientId: "plug" });
    await publish(client, "tele/plug/LWT", "Online", 1, true);
    client.stream.destroy();
    await until(async () => expect(await statesOf(t, device)).toEqual(["online true", "online false"]));
    const again = await connectMqtt(t.mqttPort, device, { will, clientId: "plug" });
    await publish(again, "tele/plug/LWT", "Online", 1, true);
    await again.endAsync();
    await pause(200);
    expect(await statesOf(t, device)).toEqual(["online true", "online false", "online true"]);
  });
});

describe("a PUBACK", () => {
  it("is sent only after the commit, and many messages share one", async () => {
    const device = await t.newDevice(tenant);
    const client = await connectMqtt(t.mqttPort, device);
    await publish(client, "energy/m", { time: at(0), power: 0 });
    const held = await holdReadings(t);
    const count = 400;
    const answers = Array.from({ length: count }, (_, i) => publish(client, "energy/m", { time: at(i + 1), power: i }));
    expect(await settles(Promise.race(answers), 700), "a PUBACK came before the commit").toBe(false);
    await held.release();
    await Promise.all(answers);
    expect(await storedOf(t, device)).toHaveLength(count + 1);
    const { rows } = await t.owner.query(
      "select count(distinct r.xmin::text) as commits from telemetry.readings r join energy.channels c on c.id = r.channel_id where c.device_id = $1",
      [device.id],
    );
    expect(rows[0].commits).toBeLessThan(10);
    client.end();
  });

  it("of one message does not wait for others to gather", async () => {
    const device = await t.newDevice(tenant);
    const client = await connectMqtt(t.mqttPort, device);
    await publish(client, "energy/m", { time: at(0), power: 0 });
    const times: number[] = [];
    for (let i = 1; i <= 20; i++) {
      const started = performance.now();
      await publish(client, "energy/m", { time: at(i), power: i });
      times.push(performance.now() - started);
    }
    expect(times.reduce((sum, ms) => sum + ms, 0) / times.length).toBeLessThan(50);
    client.end();
  });

  it("of a message that holds no reading comes too", async () => {
    const device = await t.newDevice(tenant);
    const client = await connectMqtt(t.mqttPort, device);
    await publish(client, "stat/plug/RESULT", { Wifi: 1 });
    await publish(client, "energy/m", "[]");
    expect(await storedOf(t, device)).toEqual([]);
    client.end();
  });
});

describe("arrival", () => {
  it("gives readings without a time the server's, strictly increasing", async () => {
    const device = await t.newDevice(tenant);
    const client = await connectMqtt(t.mqttPort, device);
    const before = Date.now();
    await Promise.all(Array.from({ length: 50 }, (_, i) => publish(client, "energy/m", { power: i })));
    const stored = await storedOf(t, device);
    expect(stored.map((r) => r.value)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(stored[0]!.timeMs).toBeGreaterThanOrEqual(before - 1);
    expect(stored.at(-1)!.timeMs).toBeLessThan(Date.now() + 60);
    client.end();
  });
});

/** Messages without a time that all come in the same millisecond, past the broker. */
async function senderOf(device: TestDevice) {
  const identified = await new Identify().named(device.username);
  if (!identified.ok) throw new Error("the device is not known");
  const receivedAtMs = Date.now();
  return (power: number) => {
    const payload = Buffer.from(JSON.stringify({ power }));
    const message = { transport: "mqtt" as const, topic: "energy/m", retain: false, payload, receivedAtMs };
    return t.ingest.receive.message(identified.identity, message);
  };
}

describe("the first messages of an organization", () => {
  it("keep their order, although all of them wait until it is looked up", async () => {
    const device = await t.newDevice(await t.newTenant());
    const take = await senderOf(device);
    await Promise.all(Array.from({ length: 20 }, (_, power) => take(power)));
    expect((await storedOf(t, device)).map(({ value }) => value)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });
});

describe("arrival of what is on its way while its sender is looked up anew", () => {
  it("has no time twice: all that was acknowledged is there", async () => {
    const device = await t.newDevice(tenant);
    const take = await senderOf(device);
    await take(0);
    const held = await holdReadings(t);
    const first = Array.from({ length: 20 }, (_, i) => take(i + 1));
    // As when the connection that brings the news of credentials was broken, and stands again.
    t.ingest.receive.speakers.forgetAll();
    const second = Array.from({ length: 20 }, (_, i) => take(i + 21));
    // The channel is asked for again meanwhile, and its newest reading is still the one before.
    await pause(200);
    await held.release();
    await Promise.all([...first, ...second]);
    const values = (await storedOf(t, device)).map(({ value }) => value as number);
    expect(values.sort((a, b) => a - b)).toEqual(Array.from({ length: 41 }, (_, i) => i));
  });
});

describe("other ways to speak MQTT", () => {
  it.each([
    ["a page of another site", "https://evil.example", false],
    ["a sandboxed frame", "null", false],
    ["a page of ours", "", true],
  ])("over WebSocket from %s", async (_who, given, may) => {
    const origin = given || t.http;
    const socket = new WebSocket(`${t.http.replace("http", "ws")}/mqtt`, ["mqtt"], { origin });
    const outcome = await new Promise((resolve) => {
      socket.once("open", () => resolve(true));
      socket.once("unexpected-response", (_request, { statusCode }) => resolve(statusCode));
      socket.once("error", () => {});
    });
    expect(outcome).toBe(may || 403);
    socket.terminate();
  });

  it("over WebSocket at /mqtt", async () => {
    const device = await t.newDevice(tenant);
    const client = await connectMqtt(t.webSocket, device);
    const seen = await collect(client, "#");
    await publish(client, "energy/m", { time: at(0), power: 7 });
    await until(() => expect(seen).toEqual([`energy/m {"time":${at(0)},"power":7}`]));
    expect(await storedOf(t, device)).toMatchObject([{ key: "power", value: 7 }]);
    client.end();
  });

  it("a frame that is larger than any packet may be ends that connection only", async () => {
    const device = await t.newDevice(tenant);
    const client = await connectMqtt(t.webSocket, device);
    publish(client, "energy/m", Buffer.alloc(30_000_000), 0).catch(() => {});
    await ended(client);
    const next = await connectMqtt(t.webSocket, device);
    await publish(next, "energy/m", { time: at(0), power: 8 });
    next.end();
  });

  it("an MQTT 5 client is refused with a CONNACK that it can read, its device's page says why, and the broker lives", async () => {
    const device = await t.newDevice(tenant);
    const five = connectMqtt(t.mqttPort, device, { protocolVersion: 5 });
    await expect(five).rejects.toThrow(/protocol version/i);
    const wrong = connectMqtt(t.mqttPort, { ...device, password: "wrong" }, { protocolVersion: 5 });
    await expect(wrong).rejects.toThrow(/protocol version/i);
    await expect(connectMqtt(t.mqttPort, null, { protocolVersion: 5 })).rejects.toThrow(/protocol version/i);
    await until(async () => expect((await rejectsOf(device)).get("mqtt-5")?.count).toBe(2));
    expect([...(await rejectsOf(device)).keys()]).toEqual(["mqtt-5"]);
    const client = await connectMqtt(t.mqttPort, device);
    await publish(client, "energy/m", { time: at(0), power: 9 });
    client.end();
  });

  it.skipIf(noMosquitto)("mosquitto_pub -V 5 says what is wrong", async () => {
    const device = await t.newDevice(tenant);
    const args = ["-V", "5", "-q", "1", "-t", "energy/m", "-m", "{}"];
    const { code, output } = await mosquittoPub(t.mqttPort, device, args);
    expect(code).not.toBe(0);
    expect(output).toMatch(/protocol version/i);
    await until(async () => expect((await rejectsOf(device)).get("mqtt-5")?.detail).toMatch(/127\.0\.0\.1/));
  });

  it("MQTT 3.1 as well", async () => {
    const device = await t.newDevice(tenant);
    const options = { protocolId: "MQIsdp" as const, protocolVersion: 3 as const };
    const client = await connectMqtt(t.mqttPort, device, options);
    await publish(client, "energy/m", { time: at(0), power: 10 });
    client.end();
  });

  it.each([
    ["noise", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
    ["a publish before any connect", Buffer.from("300800046128622f6331", "hex")],
    ["a length without end", Buffer.from("10ffffffffff", "hex")],
    ["nothing but an end", Buffer.alloc(0)],
  ])("%s: the socket is closed, the broker lives", async (_name, bytes) => {
    const socket = connect(t.mqttPort, "127.0.0.1");
    socket.on("error", () => {});
    socket.end(bytes);
    socket.resume();
    await new Promise<void>((resolve) => socket.once("close", () => resolve()));
    const client = await connectMqtt(t.mqttPort, await t.newDevice(tenant));
    await publish(client, "energy/m", { time: at(0), power: 11 });
    client.end();
  });
});

it("a gateway that falls silent without a keepalive hears it when it comes back, before it says anything", async () => {
  const gateway = await t.newDevice(tenant, { kind: "gateway" });
  const before = await connectMqtt(t.mqttPort, gateway);
  await publish(before, "N/c0619ab1f2d3/system/0/Dc/Battery/Power", { value: 100 });
  await before.endAsync();
  await t.restart();
  const after = await connectMqtt(t.mqttPort, gateway);
  const asked = await collect(after, "R/#");
  await until(() => expect(asked).toEqual(["R/c0619ab1f2d3/keepalive "]));
  await after.endAsync();
});
