import type { Socket } from "node:net";
import mqttPacket from "mqtt-packet";
import type { Credential } from "../../domain/access/credential.ts";
import type { BenchServer } from "./bench-server.ts";
import { print } from "./figure.ts";
import { open } from "./mqtt-load.ts";

const credentials = 200;
/** Connecting at once: what a broker meets when the network comes back. */
const atOnce = 500;
const rounds = 5;

/**
 * A storm of clients that all connect, stay, and send a message each in turn; the server's memory is looked at before, after
 * they are there, and after each round: flat means that it does not grow from round to round.
 */
export async function benchConnections(server: BenchServer, { connections }: { connections: number }): Promise<void> {
  const known: Credential[] = [];
  for (let i = 0; i < credentials; i++) known.push((await server.addDevice(`client ${i}`)).credential);
  const before = server.memory();
  const started = performance.now();
  const sockets: Socket[] = [];
  for (let from = 0; from < connections; from += atOnce) {
    const some = Array.from({ length: Math.min(atOnce, connections - from) }, (_, i) => from + i);
    sockets.push(...(await Promise.all(some.map((i) => open(server.mqttPort, known[i % credentials]!, `c${i}`)))));
  }
  const connected = (performance.now() - started) / 1000;
  const there = server.memory();
  const after: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (let from = 0; from < sockets.length; from += atOnce) {
      await Promise.all(sockets.slice(from, from + atOnce).map((socket, i) => say(socket, from + i, round)));
    }
    after.push(server.memory());
  }
  for (const socket of sockets) socket.destroy();
  const mb = (bytes: number) => Math.round(bytes / 1e6);
  print({
    name: "ingest.connections.storm",
    value: connections / connected,
    unit: "connections/s, each identified",
    connections,
  });
  print({
    name: "ingest.connections.memory",
    value: mb(after.at(-1)!),
    unit: `MB with ${connections} clients after ${rounds} messages each`,
    limit: mb(after[0]!),
    ratio: after.at(-1)! / after[0]!,
    before: mb(before),
    connected: mb(there),
    perClientKb: Math.round((there - before) / connections / 1000),
  });
}

function say(socket: Socket, client: number, round: number): Promise<void> {
  const packet = mqttPacket.generate({
    cmd: "publish",
    topic: `energy/client`,
    payload: JSON.stringify({ power: client + round }),
    qos: 1,
    messageId: round + 1,
    dup: false,
    retain: false,
  });
  return new Promise((resolve) => {
    socket.once("data", () => resolve());
    socket.write(packet);
  });
}
