import { once } from "node:events";
import { connect, type Socket } from "node:net";
import mqttPacket from "mqtt-packet";
import { afterAll, beforeAll, expect, it } from "vitest";
import { collect, connectMqtt, publish, settles, until, type Login } from "../support/clients.ts";
import { registry } from "../../platform/metrics.ts";
import { startTestIngest, type TestIngest } from "../support/ingest.ts";

let t: TestIngest;
beforeAll(async () => {
  t = await startTestIngest();
});
afterAll(() => t.stop());

/** Far more than the sockets between two programs hold. */
const message = { "note of mine": 1, padding: "x".repeat(20_000) };
const count = 1_500;

/** How many clients the broker has: what waits for one that was let go is let go with it. */
async function connections(): Promise<number> {
  return (await registry.getSingleMetric("energy_mqtt_connections")!.get()).values[0]!.value;
}

/** Subscribes to everything and never reads again. */
async function deafSubscriber({ username, password }: Login): Promise<Socket> {
  const socket = connect(t.mqttPort, "127.0.0.1");
  const hello = {
    cmd: "connect",
    protocolId: "MQTT",
    protocolVersion: 4,
    clean: true,
    clientId: "deaf",
    keepalive: 0,
  } as const;
  socket.write(mqttPacket.generate({ ...hello, username, password: Buffer.from(password) }));
  await once(socket, "data");
  socket.write(mqttPacket.generate({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "#", qos: 0 }] }));
  await once(socket, "data");
  socket.pause();
  return socket;
}

it("a subscriber that does not read is let go, and holds up nobody: not its own publisher, not another tenant", async () => {
  const [mine, theirs] = [await t.newDevice(await t.newTenant()), await t.newDevice(await t.newTenant())];
  const slow = await deafSubscriber(mine);
  const publisher = await connectMqtt(t.mqttPort, mine);
  const other = await connectMqtt(t.mqttPort, theirs);
  const heard = await collect(other, "energy/m");
  expect(await connections()).toBe(3);
  const sent = (async () => {
    for (let i = 0; i < count; i++) await publish(publisher, "energy/m", { ...message, power: i });
  })();
  for (let i = 0; i < 20; i++) {
    expect(await settles(publish(other, "energy/m", { power: i }), 2_000)).toBe(true);
    await until(() => heard.length === i + 1, 2_000);
  }
  expect(await settles(sent, 30_000)).toBe(true);
  // All are waiting in vain now that wait for the deaf one, were it still there.
  await publish(other, "energy/m", { power: 20 });
  await until(() => heard.length === 21, 2_000);
  expect(await connections()).toBe(2);
  slow.destroy();
  await Promise.all([publisher.endAsync(), other.endAsync()]);
});
