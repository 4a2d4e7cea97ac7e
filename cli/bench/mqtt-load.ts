import { connect, type Socket } from "node:net";
import mqttPacket from "mqtt-packet";
import type { Credential } from "../../domain/access/credential.ts";

/**
 * QoS 1 publishers with a window of unacknowledged messages each, written straight to the socket: the generator shares the
 * machine with what it measures, so it must cost little.
 */
export interface Load {
  /** Messages acknowledged. */
  acknowledged: number;
  /** From publish to PUBACK, milliseconds, ascending. */
  latencies: number[];
  seconds: number;
}

export async function publishFor(
  seconds: number,
  options: {
    port: number;
    window: number;
    senders: { credential: Credential; topic: string }[];
    payload: (n: number) => string;
  },
): Promise<Load> {
  const latencies: number[] = [];
  let acknowledged = 0;
  const started = performance.now();
  const until = started + seconds * 1000;
  await Promise.all(
    options.senders.map(async ({ credential, topic }, i) => {
      const socket = await open(options.port, credential);
      await pump(socket, {
        until,
        window: options.window,
        topic,
        payload: () => options.payload(i),
        onAck: (ms) => void (acknowledged++, latencies.push(ms)),
      });
      socket.destroy();
    }),
  );
  return { acknowledged, latencies: latencies.sort((a, b) => a - b), seconds: (performance.now() - started) / 1000 };
}

/** A connected client, as it comes from its CONNACK. */
export function open(port: number, { username, password }: Credential, clientId = username): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.setNoDelay(true);
      socket.write(
        mqttPacket.generate({
          cmd: "connect",
          protocolId: "MQTT",
          protocolVersion: 4,
          clean: true,
          clientId,
          keepalive: 0,
          username,
          password: Buffer.from(password),
        }),
      );
    });
    socket.once("error", reject);
    socket.once("data", (connack: Buffer) =>
      connack[3] === 0 ? resolve(socket) : reject(new Error(`CONNACK ${connack[3]}`)),
    );
  });
}

interface Pump {
  until: number;
  window: number;
  topic: string;
  payload: () => string;
  onAck: (ms: number) => void;
}

/** Keeps the window full until the time is over, then waits for the last acknowledgements. */
function pump(socket: Socket, { until, window, topic, payload, onAck }: Pump): Promise<void> {
  const sentAt = new Float64Array(65_536);
  let inFlight = 0;
  let id = 0;
  return new Promise((resolve, reject) => {
    const send = (count: number) => {
      const packets: Buffer[] = [];
      for (let i = 0; i < count; i++) {
        id = (id % 65_535) + 1;
        sentAt[id] = performance.now();
        packets.push(
          mqttPacket.generate({
            cmd: "publish",
            topic,
            payload: payload(),
            qos: 1,
            messageId: id,
            dup: false,
            retain: false,
          }),
        );
      }
      inFlight += count;
      socket.write(Buffer.concat(packets));
    };
    let rest: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      // Only PUBACKs come here: 0x40 0x02 and the message id.
      const data = rest.length ? Buffer.concat([rest, chunk]) : chunk;
      const whole = data.length - (data.length % 4);
      const now = performance.now();
      for (let at = 0; at < whole; at += 4) onAck(now - sentAt[data.readUInt16BE(at + 2)]!);
      rest = data.subarray(whole);
      inFlight -= whole / 4;
      if (now < until) send(window - inFlight);
      else if (inFlight === 0) resolve();
    });
    socket.once("error", reject);
    socket.once("close", () => (inFlight ? reject(new Error("the broker closed a connection")) : resolve()));
    send(window);
  });
}
