import { createServer as createHttp, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createHttps } from "node:https";
import { createServer as createTcp, type AddressInfo, type Server as TcpServer, type Socket } from "node:net";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { keptBytes, post, type PostOptions } from "../../platform/outgoing/post.ts";
import { resolverAt } from "../../platform/outgoing/resolve.ts";
import { readTarget, type Target } from "../../platform/outgoing/target.ts";
import { nameServer } from "../support/name-server.ts";
import { makeCertificates, noOpenssl, type TestCertificates } from "../support/certificates.ts";

/** The guard of what is sent to addresses that people name, against real servers on loopback. Only the name servers are stood in for. */
const message = { headers: { "content-type": "application/json" }, body: '{"hello":true}' };
const open: (Server | TcpServer)[] = [];
const sockets = new Set<Socket>();

async function listening<S extends Server | TcpServer>(server: S, host = "127.0.0.1"): Promise<number> {
  open.push(server);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

const http = (listener: RequestListener, host?: string) => listening(createHttp(listener), host);

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(open.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

const target = (address: string, allowed: string[] = []): Target => {
  const read = readTarget(address, allowed);
  if (!read.ok) throw new Error(read.reason);
  return read;
};
/** A host that the operator allows, as `receiver.test` at a port of loopback. */
const receiver = (port: number, path = "/", protocol = "http") =>
  target(`${protocol}://receiver.test:${port}${path}`, ["receiver.test"]);
const toLoopback: PostOptions = { resolve: () => Promise.resolve(["127.0.0.1"]) };
const quick = { totalMs: 300, answerBytes: 65_536 };

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return body;
}

test("a message arrives as it is, on a connection of its own", async () => {
  let seen:
    | { body: string; headers: IncomingMessage["headers"]; method?: string | undefined; url?: string | undefined }
    | undefined;
  const port = await http(async (request, response) => {
    const { headers, method, url } = request;
    seen = { headers, method, url, body: await bodyOf(request) };
    response.writeHead(202, { "retry-after": "7" }).end("thanks");
  });
  expect(await post(receiver(port, "/energy?x=1"), message, toLoopback)).toEqual({
    ok: true,
    status: 202,
    text: "thanks",
    retryAfterS: 7,
  });
  expect(seen).toMatchObject({ method: "POST", url: "/energy?x=1", body: message.body });
  expect(seen!.headers).toMatchObject({
    host: `receiver.test:${port}`,
    connection: "close",
    "accept-encoding": "identity",
  });
  expect(seen!.headers).not.toHaveProperty("cookie");
});

describe("what is private is not connected to", () => {
  let connections = 0;
  let port: number;
  const public8443 = () => target("https://evil.example:8443/");
  const tryAddresses = async (addresses: string[]) => {
    connections = 0;
    const counted = createTcp(() => connections++);
    port = await listening(counted);
    // The guard does not let other ports through, so the address of the trap is put in behind it.
    const trap = public8443();
    trap.url.port = String(port);
    const outcome = await post(trap, message, { resolve: () => Promise.resolve(addresses), limits: quick });
    return { outcome, connections };
  };

  test.each([
    ["loopback", ["127.0.0.1"]],
    ["loopback, mapped into IPv6", ["::ffff:127.0.0.1"]],
    ["loopback of IPv6", ["::1"]],
    ["every address of this machine", ["0.0.0.0"]],
    ["the metadata of a cloud", ["169.254.169.254"]],
    ["a private one beside a public one", ["1.1.1.1", "127.0.0.1"]],
    ["a private one before a public one", ["127.0.0.1", "1.1.1.1"]],
    ["loopback by NAT64", ["64:ff9b::7f00:1"]],
    ["loopback by 6to4", ["2002:7f00:1::"]],
    ["what is no address", ["127.1"]],
  ])("a name that leads to %s", async (_what, addresses) => {
    expect(await tryAddresses(addresses)).toEqual({
      outcome: { ok: false, reason: "private-address" },
      connections: 0,
    });
  });

  test("localhost in the name servers' own words: the system's list of hosts is not asked", async () => {
    const own = target("https://localhost.example/");
    expect(await post(own, message, { resolve: () => Promise.reject(new Error("NXDOMAIN")) })).toEqual({
      ok: false,
      reason: "no-such-host",
    });
  });
});

describe("a name server that changes its mind (DNS rebinding)", () => {
  test("is asked once: the connection goes to the address that was checked", async () => {
    const hits: string[] = [];
    const port = await http((_request, response) => (hits.push("checked"), response.end()), "127.0.0.2");
    const other = createHttp((_request, response) => (hits.push("private"), response.end()));
    open.push(other);
    await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
    const server = await nameServer((asked) => (asked === 0 ? ["127.0.0.2"] : ["127.0.0.1"]));
    try {
      const options = { resolve: resolverAt([server.at]) };
      expect(await post(receiver(port), message, options)).toMatchObject({ ok: true, status: 200 });
      expect({ hits, asked: server.asked() }).toEqual({ hits: ["checked"], asked: 1 });
      // What it says now is not public: without the operator's word nothing is connected to.
      expect(await post(target("https://evil.example/"), message, options)).toEqual({
        ok: false,
        reason: "private-address",
      });
    } finally {
      server.close();
    }
  });
});

describe("what a receiver can do with its answer", () => {
  test("a redirect to loopback is an answer, and is not followed", async () => {
    let hits = 0;
    const inner = await http((_request, response) => (hits++, response.end("secret")));
    for (const status of [301, 302, 303, 307, 308]) {
      const outer = await http((_request, response) =>
        response.writeHead(status, { location: `http://127.0.0.1:${inner}/` }).end(),
      );
      expect(await post(receiver(outer), message, toLoopback)).toMatchObject({ ok: true, status });
    }
    expect(hits).toBe(0);
  });

  test("a huge one is cut at 64 kB, and a kilobyte of it is kept", async () => {
    let sent = 0;
    const port = await http((_request, response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && (sent += 16_384) < 2 ** 30)
          if (!response.write("x".repeat(16_384))) return void response.once("drain", more);
      };
      more();
    });
    expect(await post(receiver(port), message, toLoopback)).toEqual({
      ok: true,
      status: 200,
      text: "x".repeat(keptBytes),
      retryAfterS: null,
    });
    expect(sent).toBeLessThan(2 ** 25);
  });

  test("a gzip bomb is not unpacked, nor shown", async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    const port = await http((_request, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(bomb));
    const before = process.memoryUsage().arrayBuffers;
    expect(await post(receiver(port), message, toLoopback)).toEqual({
      ok: true,
      status: 200,
      text: "",
      retryAfterS: null,
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
  });

  test("control characters and NUL are not kept, broken UTF-8 is replaced", async () => {
    const port = await http((_request, response) =>
      response.end(Buffer.from([0x61, 0, 0x1b, 0x5b, 0x0a, 0xff, 0x62, 0x9b])),
    );
    expect(await post(receiver(port), message, toLoopback)).toMatchObject({ text: "a[\n\ufffdb\ufffd" });
  });

  test.each([
    ["says nothing", () => {}],
    [
      "sends its headers a byte at a time",
      (socket: Socket) => dribble(socket, `HTTP/1.1 200 OK\r\nx-slow: ${"x".repeat(500)}`),
    ],
    [
      "sends its body a byte at a time",
      (socket: Socket) => (
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n"),
        dribble(socket, "x".repeat(900))
      ),
    ],
    [
      "says that it has not decided yet, for ever",
      (socket: Socket) => dribble(socket, "HTTP/1.1 102 Processing\r\n\r\n".repeat(99), 27),
    ],
  ])("one that %s is let go when the time is over", async (_what, answer) => {
    const port = await listening(createTcp((socket) => answer(socket.resume())));
    const began = performance.now();
    expect(await post(receiver(port), message, { ...toLoopback, limits: quick })).toEqual({
      ok: false,
      reason: "too-slow",
    });
    expect(performance.now() - began).toBeGreaterThanOrEqual(quick.totalMs - 5);
    // The connection does not stay behind.
    await expect.poll(() => sockets.size).toBe(0);
  });

  test("a name server that does not answer takes no longer either", async () => {
    const resolve = () => new Promise<string[]>(() => {});
    expect(await post(receiver(9), message, { resolve, limits: quick })).toEqual({ ok: false, reason: "too-slow" });
  });

  test.each([
    ["is not HTTP", "SSH-2.0-OpenSSH_9.6\r\n", "not-http"],
    ["has two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab", "not-http"],
    ["has endless headers", `HTTP/1.1 200 OK\r\nx: ${"y".repeat(40_000)}`, "not-http"],
    ["ends in the middle", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nab", "no-connection"],
    ["ends before it begins", "", "no-connection"],
  ])("one that %s", async (_what, said, reason) => {
    const port = await listening(createTcp((socket) => socket.resume().end(said)));
    expect(await post(receiver(port), message, toLoopback)).toEqual({ ok: false, reason });
  });

  test("nobody listens", async () => {
    const port = await http(() => {});
    await new Promise((resolve) => open.splice(0)[0]!.close(resolve));
    expect(await post(receiver(port), message, toLoopback)).toEqual({ ok: false, reason: "no-connection" });
  });
});

/** Writes a text in pieces, one every few milliseconds. */
function dribble(socket: Socket, text: string, size = 1): void {
  let at = 0;
  const timer = setInterval(() => socket.write(text.slice(at, (at += size))), 10);
  socket.on("close", () => clearInterval(timer)).on("error", () => clearInterval(timer));
}

test("a proxy of the environment is not asked", async () => {
  let proxied = 0;
  const proxy = await http((_request, response) => (proxied++, response.end()));
  const port = await http((_request, response) => response.end("direct"));
  const names = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "NODE_USE_ENV_PROXY"];
  for (const name of names) process.env[name] = name === "NODE_USE_ENV_PROXY" ? "1" : `http://127.0.0.1:${proxy}`;
  try {
    expect(await post(receiver(port), message, toLoopback)).toMatchObject({ ok: true, text: "direct" });
  } finally {
    for (const name of names) delete process.env[name];
  }
  expect(proxied).toBe(0);
});

describe.skipIf(noOpenssl)("TLS", () => {
  let certificates: TestCertificates;
  let ca: string;
  beforeAll(() => {
    certificates = makeCertificates();
    ca = readFileSync(certificates.ca, "utf8");
  });
  afterAll(() => certificates.remove());

  const serve = async () => {
    const names: unknown[] = [];
    const pair = { cert: readFileSync(certificates.cert), key: readFileSync(certificates.key) };
    const server = createHttps(pair, (_request, response) => response.end("safe"));
    server.on("secureConnection", (socket) => names.push(socket.servername));
    return { port: await listening(server), names };
  };

  test("is verified for the name, which the server is told (SNI)", async () => {
    const { port, names } = await serve();
    const home = target(`https://localhost:${port}/`, ["localhost"]);
    expect(await post(home, message, { ...toLoopback, ca })).toMatchObject({ ok: true, text: "safe" });
    expect(names).toEqual(["localhost"]);
  });

  test("a certificate of another name, or of nobody who is trusted, is refused, whatever the environment says", async () => {
    const { port } = await serve();
    expect(await post(receiver(port, "/", "https"), message, { ...toLoopback, ca })).toEqual({
      ok: false,
      reason: "not-trusted",
    });
    const home = target(`https://localhost:${port}/`, ["localhost"]);
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      expect(await post(home, message, toLoopback)).toEqual({ ok: false, reason: "not-trusted" });
    } finally {
      delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    }
  });

  test("a server that does not speak it", async () => {
    const port = await http((_request, response) => response.end());
    expect(await post(receiver(port, "/", "https"), message, toLoopback)).toEqual({ ok: false, reason: "not-trusted" });
  });
});
