import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { IPublishPacket } from "mqtt";
import { generate, parser, type Packet } from "mqtt-packet";
import { afterEach, beforeEach, expect, test } from "vitest";
import { log } from "../../platform/log.ts";
import { Subscriber } from "./subscriber.ts";

const version5 = { protocolVersion: 5 };

/** One connection of the subscriber, as a broker sees it. */
interface Seen {
  socket: Socket;
  packets: Packet[];
  send(packet: Packet): void;
}

let server: Server;
let seen: Seen[];
/** What the broker answers to a SUBSCRIBE, by connection. */
let onSubscribe: (connection: Seen, messageId: number, index: number) => void;
let subscriber: Subscriber;
let take: (packet: IPublishPacket) => Promise<void>;

const granted = (connection: Seen, messageId: number) =>
  connection.send({ cmd: "suback", messageId, granted: [1] } as Packet);

/** A broker that keeps its sessions and says of each packet what came. */
function serve(socket: Socket): void {
  const reading = parser(version5);
  const send = (packet: Packet) => void socket.write(generate(packet, version5));
  const connection: Seen = { socket, packets: [], send };
  const index = seen.push(connection) - 1;
  reading.on("packet", (packet) => {
    connection.packets.push(packet);
    if (packet.cmd === "connect") send({ cmd: "connack", reasonCode: 0, sessionPresent: true } as Packet);
    if (packet.cmd === "subscribe") onSubscribe(connection, packet.messageId!, index);
  });
  socket.on("data", (chunk) => reading.parse(chunk));
  socket.on("error", () => {});
}

const publish = (messageId: number) =>
  ({ cmd: "publish", topic: "t/a/b", payload: `{"power":${messageId}}`, qos: 1, messageId, dup: false, retain: false }) as Packet; // prettier-ignore

async function until(check: () => boolean): Promise<void> {
  while (!check()) await pause(5);
}

beforeEach(async () => {
  seen = [];
  onSubscribe = granted;
  take = () => Promise.resolve();
  server = createServer(serve).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const nowhere = { username: undefined, password: undefined, tls: false, caFile: undefined };
  subscriber = new Subscriber({
    address: { host: "127.0.0.1", port, ...nowhere },
    clientId: "energy-ingest-1",
    take: (packet) => take(packet),
    log: log.child({}, { level: "silent" }),
  });
  subscriber.connect();
});

afterEach(async () => {
  await subscriber.close();
  for (const { socket } of seen) socket.destroy();
  server.close();
});

test("a subscription that failed with its connection does not end the next one, on which messages come", async () => {
  onSubscribe = (connection, messageId, index) => {
    if (index === 0) connection.socket.destroy();
    else granted(connection, messageId);
  };
  await until(() => subscriber.isReading);
  // Longer than it takes to try again.
  await pause(1_300);
  expect(seen).toHaveLength(2);
  expect(seen[1]!.socket.destroyed).toBe(false);
});

test("a subscription that is refused is asked for again on the same connection", async () => {
  let refused = 0;
  onSubscribe = (connection, messageId) => {
    if (refused++ > 0) return granted(connection, messageId);
    connection.send({ cmd: "suback", messageId, granted: [0x87] } as Packet);
    connection.send(publish(7));
  };
  const taken: number[] = [];
  take = ({ messageId }) => Promise.resolve(void taken.push(messageId!));
  await until(() => subscriber.isReading);
  expect(taken).toEqual([7]);
  expect(seen).toHaveLength(1);
});

test("what is committed after its connection ended is not acknowledged on the next one, where its id may be another's", async () => {
  let commit = () => {};
  take = () => new Promise((resolve) => (commit = resolve));
  await until(() => subscriber.isReading);
  seen[0]!.send(publish(7));
  await until(() => subscriber.unanswered === 1);
  seen[0]!.socket.destroy();
  await until(() => seen.length === 2 && subscriber.isReading);
  commit();
  await until(() => subscriber.unanswered === 0);
  take = () => Promise.resolve();
  seen[1]!.send(publish(8));
  await until(() => seen[1]!.packets.some(({ cmd }) => cmd === "puback"));
  expect(seen[1]!.packets.filter(({ cmd }) => cmd === "puback").map(({ messageId }) => messageId)).toEqual([8]);
});

test("what comes until it has left is taken", async () => {
  const taken: number[] = [];
  take = ({ messageId }) => Promise.resolve(void taken.push(messageId!));
  await until(() => subscriber.isReading);
  const left = subscriber.leave();
  seen[0]!.send(publish(9));
  await until(() => taken.length > 0);
  seen[0]!.socket.end();
  await left;
  expect(taken).toEqual([9]);
});
