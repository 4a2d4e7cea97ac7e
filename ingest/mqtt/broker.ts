import type { EventEmitter } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { IncomingMessage } from "node:http";
import { Aedes, type AedesPublishPacket, type Client, type ConnectPacket } from "aedes";
import type { Identity } from "../../db/identities.ts";
import type { Request } from "../../domain/device/device.ts";
import type { Log } from "../../platform/log.ts";
import { counter, gauge } from "../../platform/metrics.ts";
import type { Drop } from "../drop.ts";
import { sha256, TooManyFailures, type Identify } from "../identify.ts";
import type { AtMostOnce } from "../at-most-once.ts";
import type { Receive } from "../receive.ts";
import { waitForNobody } from "./deaf-subscriber.ts";
import { Flow, type Connection } from "./flow.ts";
import { listenOn } from "./listen.ts";
import { givenTopic, inward, inwardSubscription, outwardPacket, setAsideDeepTopic, topicFault } from "./namespace.ts";
import { Retained } from "./retained.ts";
import { createTlsServer } from "./tls.ts";

/**
 * The embedded MQTT 3.1.1 broker. A PUBACK is sent when aedes' authorizePublish calls back, and that is after the commit:
 * many publishes of a socket's chunk are in flight together and share a batch.
 */
export interface BrokerOptions {
  host: string;
  /** null: no port for plain connections; there is still TLS, and WebSocket by way of `accept`. */
  port: number | null;
  tls: { port: number; certFile: string; keyFile: string } | null;
  identify: Identify;
  receive: Receive;
  atMostOnce: AtMostOnce;
  /** Proxies of ours ahead of WebSockets. */
  trustProxy: number;
  /** The database is gone: CONNECT is answered with "server unavailable". */
  isDown: () => boolean;
  log: Log;
}

export interface Broker {
  port: number | null;
  /** A WebSocket's stream, from /mqtt. */
  accept(stream: Duplex, request: IncomingMessage): void;
  /** Ends the connections of credentials that changed. */
  disconnect(credentialIds: readonly string[]): void;
  /** Credentials that are connected, or of which messages are retained. */
  credentialIds(): string[];
  /** Drops what is retained of credentials that are no more, last wills to come too: nobody could ever read or remove it. */
  dropRetained(credentialIds: readonly string[]): void;
  /** Publishes on a credential's own topics, to whoever subscribed there. */
  tell(identity: Identity, request: Request): void;
  /** Whom the connections stand for. */
  identities(): Identity[];
  close(): Promise<void>;
}

/** Limits, told in docs/ARCHITECTURE.md: a message beyond them is refused (the topic) or its connection ended (the packet). */
export const longestTopic = 1_000;
export const largestPacket = 1_000_000;

interface Session {
  identity: Identity;
  flow: Flow;
  /** It subscribed to something, so it can be told something. */
  isListening: boolean;
  /** Its credential is no more: nothing of it is retained. */
  isGone: boolean;
}

const message = { cmd: "publish", qos: 0, dup: false, retain: false } as const;

/** How often gateways that listen are told what keeps them talking; each request has its own pace beside. */
const greetEveryMs = 10_000;

interface Published {
  topic: string;
  payload: Uint8Array;
  retain: boolean;
}

const refusedConnections = counter("mqtt_refused_connections_total", "MQTT connections refused", ["reason"]);

/** CONNACK return codes of MQTT 3.1.1, table 3.1. */
const refused = (returnCode: 3 | 4 | 5, message: string) => Object.assign(new Error(message), { returnCode });

export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { identify, receive, trustProxy, log } = options;
  const sessions = new Map<Client, Session>();
  const retained = new Retained();
  gauge("mqtt_connections", "MQTT clients connected", () => sessions.size);

  const broker = await Aedes.createBroker({
    // Namespaced ids are longer than what MQTT 3.1 allows on the wire.
    maxClientsIdLength: 1_000,
    // No session is kept for a subscriber that went away: its queue would grow without bound.
    preConnect: (client, packet, done) => {
      const connect = packet as Connect;
      // aedes itself answers CONNACK 0x01, as MQTT 3.1.1 section 3.1.2.2 demands.
      if (connect.protocolVersion === 5) void noteVersion(client, connect);
      if (connect.clientId) connect.clientId = `${sha256(connect.username ?? "").slice(0, 16)}/${connect.clientId}`;
      connect.clean = true;
      done(null, true);
    },
    authenticate: (client, username, password, done) => {
      authenticate(client as Connection, username, password?.toString()).then(
        () => done(null, true),
        (error: ReturnType<typeof refused>) => done(error as never, false),
      );
    },
    authorizePublish: (client, packet, done) => {
      const session = client && sessions.get(client);
      if (!session) return done(new Error("not connected"));
      publish(session, packet as AedesPublishPacket).then(
        () => done(null),
        (error: Error) => done(error),
      );
    },
    authorizeSubscribe: (client, subscription, done) => {
      const session = client && sessions.get(client);
      done(null, session ? inwardSubscription(session.identity.credentialId, subscription) : null);
    },
    authorizeForward: (client, packet) => {
      const session = sessions.get(client);
      return session ? outwardPacket(session.identity.credentialId, packet) : null;
    },
  });

  async function authenticate(
    client: Connection,
    username: string | undefined,
    password: string | undefined,
  ): Promise<void> {
    const from = addressOf(client, trustProxy);
    if (options.isDown()) throw refuseConnection(3, "database-down", "server unavailable");
    if (!username)
      throw refuseConnection(4, "no-credential", "a user name and password, or a token as user name, are needed");
    const identified = await identify.identify({ username, secret: password ?? "" }, from).catch((error: Error) => {
      // "Server unavailable": what is good tries again, as it does when the database is gone.
      if (error instanceof TooManyFailures) throw refuseConnection(3, "too-many-failures", error.message);
      log.warn({ reason: error.message }, "a sender could not be identified");
      throw refuseConnection(3, "database-down", "server unavailable");
    });
    if (!identified.ok) {
      if (identified.deviceId) refuseOnRecord(identified.deviceId, identified.reason, from);
      throw refuseConnection(4, identified.reason, identified.reason);
    }
    if (!client.closed)
      sessions.set(client, {
        identity: identified.identity,
        flow: new Flow(client),
        isListening: false,
        isGone: false,
      });
  }

  // MQTT 5 clients understand the refusal, but many show only "connection failed": the device's page says why.
  async function noteVersion(client: Client, { username, password }: Connect): Promise<void> {
    refusedConnections.inc({ reason: "mqtt-5" });
    if (!username || options.isDown()) return;
    // The connection is gone when the answer is there.
    const from = addressOf(client, trustProxy);
    const secret = password?.toString() ?? "";
    const deviceId = await identify.identify({ username, secret }, from).then(
      (identified) => (identified.ok ? identified.identity.deviceId : identified.deviceId),
      () => null,
    );
    if (deviceId) refuseOnRecord(deviceId, "mqtt-5", from);
  }

  function refuseConnection(code: 3 | 4 | 5, reason: string, message: string): Error {
    refusedConnections.inc({ reason });
    return refused(code, message);
  }

  function refuseOnRecord(
    deviceId: string,
    reason: "wrong-password" | "revoked-credential" | "unknown-credential" | "mqtt-5",
    from: string,
  ): void {
    const what = { transport: "mqtt" as const, address: "CONNECT", payload: new Uint8Array() };
    receive.refuse({ deviceId, receivedAtMs: Date.now(), ...what }, { reason, detail: `from ${from}` });
  }

  async function publish(session: Session, packet: AedesPublishPacket): Promise<void> {
    const topic = givenTopic(packet);
    const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
    const size = payload.length + topic.length;
    const fault = topicFault(topic, longestTopic);
    session.flow.begin(size);
    try {
      if (fault) refuseForGood(session, { address: topic, payload }, { reason: "topic-too-long", detail: fault });
      else await take(session, { topic, payload, retain: packet.retain }, packet.qos);
    } finally {
      session.flow.end(size);
    }
    const owedMs = receive.allowance.owedMs(session.identity, Date.now());
    if (owedMs > 0) session.flow.hold(owedMs);
    const { credentialId } = session.identity;
    packet.retain &&= !fault && !session.isGone && retained.admit(credentialId, topic, payload.length);
    packet.topic = inward(credentialId, packet.topic);
  }

  async function take({ identity }: Session, published: Published, qos: number): Promise<void> {
    const heard = { transport: "mqtt" as const, ...published, receivedAtMs: Date.now() };
    if (qos === 0) await options.atMostOnce.take(identity, heard);
    else await receive.message(identity, heard);
  }

  // Acknowledged and counted: sent again, it would be refused again and block the sender.
  function refuseForGood({ identity }: Session, what: { address: string; payload: Uint8Array }, drop: Drop): void {
    const { deviceId } = identity;
    receive.refuse({ deviceId, transport: "mqtt", receivedAtMs: Date.now(), ...what }, drop);
  }

  broker.on("subscribe", (_subscriptions, client) => {
    const session = sessions.get(client);
    if (!session) return;
    session.isListening = true;
    greet(session);
  });
  const greeting = setInterval(() => {
    for (const session of sessions.values()) if (session.isListening) greet(session);
  }, greetEveryMs);

  function greet({ identity }: Session): void {
    receive.greet(identity).catch((error: Error) => log.debug({ reason: error.message }, "a gateway was not greeted"));
  }

  // Emitted after the will was taken, which still needs the session.
  broker.on("clientDisconnect", forgetSession);
  const emitter: EventEmitter = broker;
  emitter.on("error", (error: Error) => log.error({ reason: error.message }, "the MQTT broker reports an error"));
  broker.on("clientError", (client, error) => {
    log.debug({ reason: error.message, from: addressOf(client, trustProxy) }, "an MQTT connection ended with an error");
  });

  function forgetSession(client: Client): void {
    sessions.get(client)?.flow.close();
    sessions.delete(client);
  }

  function accept(stream: Duplex, request?: IncomingMessage): void {
    const client = broker.handle(stream as Socket, request as IncomingMessage) as Connection & Parser;
    waitForNobody(client, letGo);
    client._parser.prependListener("packet", (packet) => {
      setAsideDeepTopic(packet);
      // The topics of UNSUBSCRIBE have no hook of their own.
      const session = sessions.get(client);
      if (packet.cmd !== "unsubscribe" || !session || !packet.unsubscriptions) return;
      packet.unsubscriptions = packet.unsubscriptions.map((topic) => inward(session.identity.credentialId, topic));
    });
    stream.on("readable", () => {
      const announced = client._parser.packet?.length ?? 0;
      if (announced > largestPacket) refusePacket(client, announced);
    });
  }

  function letGo(client: Client): void {
    log.warn(
      { from: addressOf(client, trustProxy) },
      "an MQTT subscriber did not read what it asked for, and was let go",
    );
    client.close();
  }

  function refusePacket(client: Client, announced: number): void {
    const session = sessions.get(client);
    const detail = `a packet of ${announced} bytes, at most ${largestPacket} are taken`;
    const what = { address: "PUBLISH", payload: new Uint8Array() };
    if (session) refuseForGood(session, what, { reason: "payload-too-large", detail });
    client.close();
  }

  const servers: Server[] = [];
  async function open(server: Server, port: number, name: string): Promise<number> {
    servers.push(server);
    const opened = await listenOn(server, { host: options.host, port, name });
    // Too many open files, for instance: the next connection may do better.
    server.on("error", (error) => log.error({ reason: error.message }, "an MQTT connection could not be accepted"));
    return opened;
  }

  const plain = () => createServer({ noDelay: true }, (socket) => accept(socket));
  const port = options.port === null ? null : await open(plain(), options.port, "MQTT_PORT");
  if (options.tls) await open(createTlsServer({ ...options.tls, accept, log }), options.tls.port, "MQTT_TLS_PORT");
  return {
    port,
    accept,
    disconnect(credentialIds) {
      for (const [client, session] of sessions) {
        if (credentialIds.includes(session.identity.credentialId)) client.close();
      }
    },
    credentialIds: () => [
      ...new Set([...retained.credentialIds, ...[...sessions.values()].map(({ identity }) => identity.credentialId)]),
    ],
    dropRetained(credentialIds) {
      for (const session of sessions.values()) session.isGone ||= credentialIds.includes(session.identity.credentialId);
      for (const id of credentialIds)
        for (const topic of retained.drop(id))
          broker.publish({ ...message, retain: true, topic: inward(id, topic), payload: Buffer.alloc(0) }, () => {});
    },
    tell({ credentialId }, { topic, payload }) {
      const sent = { ...message, topic: inward(credentialId, topic), payload: Buffer.from(payload) };
      broker.publish(sent, () => {});
    },
    identities: () => [...sessions.values()].map(({ identity }) => identity),
    async close() {
      clearInterval(greeting);
      for (const server of servers) server.close();
      await new Promise<void>((resolve) => broker.close(() => resolve()));
    },
  };
}

type Connect = ConnectPacket & {
  clientId: string;
  clean: boolean;
  protocolVersion: number;
  username?: string;
  password?: Buffer;
};

interface Parsed {
  cmd: string;
  topic?: string;
  unsubscriptions?: string[];
}

/** aedes' parser of a connection: private, but the only place that sees a packet's announced length. */
interface Parser {
  _parser: { packet?: { length: number }; prependListener(event: "packet", listener: (packet: Parsed) => void): void };
}

/** Of a WebSocket behind so many proxies of ours, what they say; nobody else is believed. */
function addressOf({ req, conn }: Client, trustProxy: number): string {
  const forwarded = String(req?.headers["x-forwarded-for"] ?? "")
    .split(",")
    .map((text) => text.trim())
    .filter(Boolean);
  const nearest = (conn as Socket | undefined)?.remoteAddress ?? req?.socket.remoteAddress ?? "unknown";
  const way = [...forwarded, nearest];
  return way[Math.max(0, way.length - 1 - trustProxy)]!;
}
