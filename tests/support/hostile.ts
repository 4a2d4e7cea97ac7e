import { connect } from "node:net";
import { generate } from "mqtt-packet";
import type { Random } from "../fuzz/random.ts";

/** Writes bytes to a port as a broken client does, and takes what comes back until the other side ends or `waitMs` is over. */
export function throwAt(port: number, parts: readonly Uint8Array[], waitMs = 150): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const heard: Buffer[] = [];
    const end = (): void => {
      socket.destroy();
      resolve(Buffer.concat(heard));
    };
    socket.setTimeout(waitMs, end);
    socket.on("data", (data) => heard.push(data));
    // A server that resets the connection of a broken client is right.
    socket.on("error", end);
    socket.on("close", end);
    for (const part of parts) socket.write(part);
  });
}

const line = (random: Random, words: readonly string[]): string => random.pick(words);

/** A request that no HTTP client would make; the credential is good, so that it gets as far as it can. */
export function hostileRequest(random: Random, token: string, bodies: readonly Uint8Array[]): Uint8Array[] {
  const body = Buffer.from(random.pick(bodies));
  const paths = [
    "/api/v1/readings",
    "/api/v2/write?precision=s",
    "/write?db=x",
    "/ingest/json",
    "/ingest/green-button",
    "/ingest/tts-v3",
    "/ingest/%ff",
    "/input/post?x=%",
    "/query",
    "/ingest/../../x",
    "*",
  ];
  const request = `${line(random, ["POST", "POST", "POST", "PUT", "GET", "OPTIONS", "TRACE", "BREW", "PRI"])} ${line(random, paths)} HTTP/${line(random, ["1.1", "1.1", "1.1", "1.0", "2.0", "9"])}`;
  const headers = [`host: x`, `authorization: ${line(random, ["Token", "Bearer", "Basic", "token"])} ${token}`];
  const framings: [string[], Uint8Array[]][] = [
    [[`content-length: ${body.length}`], [body]],
    [[`content-length: ${body.length + random.below(1000)}`], [body]],
    [[`content-length: ${random.below(body.length + 1)}`], [body]],
    [["content-length: -1"], [body]],
    [["content-length: 1e9", "content-length: 3"], [body]],
    [["content-length: 99999999999999"], [body]],
    [["transfer-encoding: chunked"], chunks(random, body)],
    [["transfer-encoding: chunked", `content-length: ${body.length}`], chunks(random, body)],
    [["transfer-encoding: gzip, chunked"], chunks(random, body)],
    [
      [
        `content-length: ${body.length}`,
        `content-encoding: ${line(random, ["gzip", "br", "deflate", "x-gzip", "zstd", "gzip, gzip", "\u00ff"])}`,
      ],
      [body],
    ],
    [[`content-length: ${body.length}`, ...flood(random)], [body]],
    [
      [
        `content-length: ${body.length}`,
        `content-type: ${line(random, ["application/json", "multipart/form-data", "application/x-www-form-urlencoded", "a/b;charset=\u0000"])}`,
      ],
      [body],
    ],
    [["expect: 100-continue", `content-length: ${body.length}`], [body]],
    [["upgrade: websocket", "connection: upgrade", "sec-websocket-key: x"], [body]],
  ];
  const [framing, parts] = random.pick(framings);
  const lineEnd = random.pick(["\r\n", "\r\n", "\r\n", "\n"]);
  const head = Buffer.from([request, ...headers, ...framing, "", ""].join(lineEnd), "latin1");
  return [flipped(random, head), ...parts];
}

/** One byte in some heads is another. */
function flipped(random: Random, head: Buffer): Buffer {
  if (random.below(4) === 0) head[random.below(head.length)]! ^= 1 << random.below(8);
  return head;
}

/** Chunks whose lengths are right, wrong, or no lengths. */
function chunks(random: Random, body: Buffer): Uint8Array[] {
  const length = random.pick([
    body.length.toString(16),
    "ffffffffffffffff",
    "-1",
    "zz",
    "0",
    (body.length + 5).toString(16),
    "",
  ]);
  return [
    Buffer.from(`${length}\r\n`),
    body,
    Buffer.from(random.pick(["\r\n0\r\n\r\n", "\r\n", "0\r\n\r\n", "\r\n0\r\nx: y\r\n\r\n"])),
  ];
}

/** Within what Node lets through (16 kB), and beyond. */
function flood(random: Random): string[] {
  const count = random.pick([10, 500, 1900, 3000]);
  return Array.from({ length: count }, (_, i) => `x${i}: ${"y".repeat(random.pick([0, 3]))}`);
}

/** The packets of an MQTT session, with some of their bytes changed, missing, doubled or in another order. */
export function hostileSession(
  random: Random,
  { username, password }: { username: string; password: string },
  bodies: readonly Uint8Array[],
): Uint8Array[] {
  const topic = random.pick([
    "energy/m",
    "tele/p/SENSOR",
    "spBv1.0/g/DDATA/n/d",
    "",
    "a/#",
    "$SYS/x",
    "\u0000",
    "t".repeat(60_000),
  ]);
  const clientId = random.pick(["", "c", "\u0000", "x".repeat(3000)]);
  const protocolVersion = random.pick([4, 5, 3] as const);
  const qos = random.pick([0, 1, 2] as const);
  const made = [
    () =>
      generate(
        {
          cmd: "connect",
          protocolId: protocolVersion === 3 ? "MQIsdp" : "MQTT",
          protocolVersion,
          clientId: clientId || "c",
          clean: true,
          keepalive: 60,
          username,
          password: Buffer.from(password),
        },
        { protocolVersion },
      ),
    () =>
      generate(
        {
          cmd: "publish",
          topic: topic || "t",
          payload: Buffer.from(random.pick(bodies)),
          qos,
          messageId: 1 + random.below(9),
          dup: qos > 0 && random.below(2) === 0,
          retain: random.below(2) === 0,
        },
        { protocolVersion },
      ),
    () =>
      generate(
        {
          cmd: "subscribe",
          messageId: 7,
          subscriptions: [{ topic: random.pick(["#", "+/x", "energy/m", "a#b"]), qos: 1 }],
        },
        { protocolVersion },
      ),
    () => generate({ cmd: "pubrel", messageId: 3 }, { protocolVersion }),
    () => generate({ cmd: "pingreq" }, { protocolVersion }),
  ];
  const packets = made.map((make) => attempt(make)).filter((packet) => packet !== null);
  if (random.below(5) === 0) packets.reverse();
  if (random.below(5) === 0) packets.push(Buffer.from(random.bytes(200)));
  return packets.map((packet) => (random.below(3) === 0 ? broken(random, packet) : packet));
}

/** The writer refuses what it knows to be wrong; there are enough other ways. */
function attempt(make: () => Buffer): Buffer | null {
  try {
    return make();
  } catch {
    return null;
  }
}

function broken(random: Random, packet: Buffer): Buffer {
  const copy = Buffer.from(packet);
  const way = random.below(4);
  if (way === 0) return copy.subarray(0, random.below(copy.length + 1));
  if (way === 1) return Buffer.concat([copy, copy]);
  // The first bytes hold the packet's kind and length: that is where most goes wrong.
  const within = way === 2 ? Math.min(copy.length, 12) : copy.length;
  for (let i = 0; i <= random.below(4); i++) copy[random.below(within)] = random.below(256);
  return copy;
}
