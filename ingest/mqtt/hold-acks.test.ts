import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { MqttClient } from "mqtt";
import { generate, parser, type Packet } from "mqtt-packet";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HeldAcks } from "./hold-acks.ts";

let server: Server;
let connections: Socket[];
let acknowledged: (number | undefined)[];
let client: MqttClient;

const message = (messageId: number) =>
  generate({ cmd: "publish", topic: "t", payload: "1", qos: 1, messageId, dup: false, retain: false } as Packet);

const connected = () => new Promise<void>((resolve) => client.once("connect", () => resolve()));

beforeEach(async () => {
  connections = [];
  acknowledged = [];
  server = createServer((socket) => {
    connections.push(socket);
    const reading = parser();
    reading.on("packet", (packet) => {
      if (packet.cmd === "connect")
        socket.write(generate({ cmd: "connack", returnCode: 0, sessionPresent: true } as Packet));
      if (packet.cmd === "puback") acknowledged.push(packet.messageId);
    });
    socket.on("data", (chunk) => reading.parse(chunk)).on("error", () => {});
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  client = new MqttClient(() => connect(port, "127.0.0.1"), {
    ...{ manualConnect: true, clean: false, clientId: "a", reconnectPeriod: 20 },
  });
  client.on("error", () => {});
});

afterEach(() => {
  client.end(true);
  for (const socket of connections) socket.destroy();
  server.close();
});

test("a PUBACK goes when its message is released, and in the order of arrival", async () => {
  const acks = new HeldAcks(client, () => {});
  const releases: (() => void)[] = [];
  client.handleMessage = (packet, done) => {
    releases.push(acks.hold(packet));
    done();
  };
  client.connect();
  await connected();
  connections[0]!.write(Buffer.concat([message(1), message(2)]));
  while (releases.length < 2) await pause(5);
  releases[1]!();
  await pause(30);
  expect(acknowledged).toEqual([]);
  releases[0]!();
  while (acknowledged.length < 2) await pause(5);
  expect(acknowledged).toEqual([1, 2]);
});

test("what is read of a connection after its end is never acknowledged on the next one", async () => {
  const acks = new HeldAcks(client, () => {});
  let isLate = false;
  let release = () => {};
  client.handleMessage = (packet, done) => {
    if (packet.messageId === 1) {
      // The second message is parsed already, and handled when the connection has ended.
      client.stream.destroy();
      client.once("close", () => done());
      return;
    }
    isLate = !client.connected;
    release = acks.hold(packet);
    done();
  };
  client.connect();
  await connected();
  connections[0]!.write(Buffer.concat([message(1), message(2)]));
  await connected();
  expect(isLate).toBe(true);
  release();
  await pause(30);
  expect(connections).toHaveLength(2);
  expect(acknowledged).toEqual([]);
});
