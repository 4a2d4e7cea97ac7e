import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { join } from "node:path";
import type { Express } from "express";
import { WebSocketServer, createWebSocketStream } from "ws";
import type { IncomingMessage, Server as HttpServer } from "node:http";
import type { Duplex } from "node:stream";
import { systemPool } from "../db/as-system.ts";
import { startHeartbeat } from "../db/heartbeat.ts";
import { listen, notify, type LiveEvent } from "../db/live.ts";
import { SetupError, type Environment } from "../platform/env.ts";
import type { Log } from "../platform/log.ts";
import { gauge } from "../platform/metrics.ts";
import type { Rates } from "./allowance.ts";
import { AtMostOnce } from "./at-most-once.ts";
import { brokerQuestions } from "./http/broker-questions.ts";
import { httpPush } from "./http/push.ts";
import { changedCredentials, goneCredentials, Identify } from "./identify.ts";
import { ImportRunner } from "./imports/runner.ts";
import { openIntake } from "./intake.ts";
import { brokerAddress } from "./mqtt/address.ts";
import { largestPacket, startBroker, type Broker, type BrokerOptions } from "./mqtt/broker.ts";
import { ExternalBroker, type ExternalOptions } from "./mqtt/external.ts";
import { mayConnect } from "./mqtt/page-origin.ts";
import { Parked } from "./parked.ts";
import type { Receive } from "./receive.ts";
import { Senders } from "./senders.ts";
import { Spool } from "./spool.ts";
import { Wake } from "./wake.ts";

export interface Ingest {
  /** The HTTP ways in, to be mounted ahead of everything else on a web port. */
  push: Express;
  receive: Receive;
  /** Of the embedded broker; null: MQTT_URL names another one. */
  mqttPort: number | null;
  /** Takes MQTT over WebSocket at /mqtt from an HTTP server; refuses other upgrades, unless somebody else listens for them. */
  attachWebSocket(server: HttpServer): void;
  stop(): Promise<void>;
}

/**
 * Starts the ingest: the one path, the embedded broker or a share of the external one, the HTTP handlers. The database must
 * be open. @throws SetupError for a port, certificate or address of the environment that cannot be used.
 */
export async function startIngest(env: Environment, log: Log): Promise<Ingest> {
  const wake = new Wake(log);
  const intake = openIntake({
    log,
    rates: ratesOf(env),
    onCommit: (batch) => wake.committed(batch.latestChannels, batch.dirtyChannels.length > 0),
    tell: (identity, request) => {
      broker.tell(identity, request);
      external?.tell(identity, request);
    },
    onStateChange: ({ deviceId }) => {
      parked.changed(deviceId);
      void notify(systemPool(), { states: [`${deviceId} ${processName}`] }).catch(() => {});
    },
  });
  const { receive, buffer, patience } = intake;
  gauge("ingest_waiting_rows", "Readings that wait for their commit", () => buffer.waitingRows);
  const identify = new Identify();
  const senders = new Senders(identify, patience);
  const parked = new Parked(receive, log);
  const spool = new Spool(join(env.DATA_DIR, "spool"), log);
  const atMostOnce = new AtMostOnce(receive, patience, spool, log);
  const isDown = () => patience.isDown || buffer.isFull;
  let isStopping = false;
  const isClosed = () => isStopping || isDown();
  const broker = await startBroker({
    ...embedded(env),
    identify,
    receive,
    atMostOnce,
    isDown: isClosed,
    trustProxy: env.TRUST_PROXY,
    log,
  });
  const external = await startExternal(env, { senders, receive, atMostOnce, isDown, log });
  const imports = new ImportRunner({ wake, log });
  const listener = await listen(onLive, () => void catchUp());
  void atMostOnce.replay();
  const heartbeat = await startHeartbeat({
    kind: "ingest",
    counted: { messages: "messages_total", readings: "readings_total", refused: "drops_total" },
    now: () => ({
      connections: broker.identities().length,
      waitingRows: buffer.waitingRows,
      spoolBytes: spool.bytes,
      isDown: isDown(),
    }),
    log,
  });

  function onLive({ credentials = [], states = [], configured = [], imports: waiting = [] }: LiveEvent): void {
    if (waiting.length) imports.look();
    for (const deviceId of configured) parked.changed(deviceId);
    // What this process changed itself it knows already.
    const others = states.map((state) => state.split(" ")).filter(([, by]) => by !== processName);
    if (others.length) receive.speakers.markStale(others.map(([deviceId]) => deviceId!));
    if (!credentials.length) return;
    imports.forget();
    identify.forget(credentials);
    senders.forget(credentials);
    receive.speakers.forget(credentials);
    void disconnectChanged(credentials);
    external?.credentialsChanged();
  }

  /**
   * A gateway whose devices were accepted or merged goes on as it is, and so does everybody while nothing can be looked up. What is
   * retained of a credential goes when it does.
   */
  async function disconnectChanged(credentials: readonly string[]): Promise<void> {
    const asked = new Set(credentials);
    const held = broker.credentialIds().filter((id) => asked.has(id));
    const connected = () => broker.identities().filter(({ credentialId }) => asked.has(credentialId));
    if (!held.length) return;
    await patience
      .until(async () => {
        broker.dropRetained(await goneCredentials(held));
        broker.disconnect(await changedCredentials(connected()));
      })
      .catch((error: Error) => log.debug({ reason: error.message }, "credentials were not looked up again"));
  }

  // The connection that brings the news was broken: what was revoked meanwhile was never heard of.
  async function catchUp(): Promise<void> {
    identify.forgetAll();
    senders.forgetAll();
    receive.speakers.forgetAll();
    imports.forget();
    imports.look();
    external?.credentialsChanged();
    await disconnectChanged(broker.credentialIds());
  }

  const push = httpPush({ identify, receive, isDown: isClosed, trustProxy: env.TRUST_PROXY, log });
  push.use(brokerQuestions({ env, identify, senders, isDown: isClosed, log }));
  return {
    push,
    receive,
    mqttPort: broker.port,
    attachWebSocket: (server) => attachWebSocket(server, { broker, env, log }),
    async stop() {
      // Whoever holds the HTTP door open longer than this lives is told to send again, elsewhere or later.
      isStopping = true;
      await heartbeat.stop();
      await listener.close();
      await imports.stop();
      await external?.pause();
      // First what was received is written and answered, then the connections end.
      await parked.stop();
      receive.stop();
      await buffer.stop();
      await external?.close();
      await broker.close();
      await intake.stop();
      await atMostOnce.stop();
      wake.stop();
    },
  };
}

/** The external broker has the port for plain connections; the embedded one still takes TLS and WebSocket where they are open. */
function embedded(env: Environment): Pick<BrokerOptions, "host" | "port" | "tls"> {
  const { HOST: host, MQTT_TLS_PORT: port, MQTT_TLS_CERT: certFile, MQTT_TLS_KEY: keyFile } = env;
  const tls = port && certFile && keyFile ? { port, certFile, keyFile } : null;
  return { host, port: env.MQTT_URL ? null : env.MQTT_PORT, tls };
}

/** A broker that asks over HTTP need not be told who may log in. */
async function startExternal(
  env: Environment,
  parts: Omit<ExternalOptions, "address" | "tellCredentials">,
): Promise<ExternalBroker | null> {
  if (!env.MQTT_URL) return null;
  const tellCredentials = !env.MQTT_AUTH_SECRET;
  return ExternalBroker.start({ ...parts, address: brokerAddress(env.MQTT_URL, env), tellCredentials });
}

/** Tells this process's own notifications from those of others. */
const processName = randomUUID();

function ratesOf(env: Environment): Rates {
  return {
    credentialMessages: env.LIMIT_CREDENTIAL_MESSAGES,
    credentialReadings: env.LIMIT_CREDENTIAL_READINGS,
    organizationReadings: env.LIMIT_ORGANIZATION_READINGS,
  };
}

function attachWebSocket(
  server: HttpServer,
  { broker, env, log }: { broker: Broker; env: Environment; log: Log },
): void {
  const sockets = new WebSocketServer({
    noServer: true,
    // A packet that is too large is refused by name, as on a plain socket; beyond this, its frame already.
    maxPayload: 2 * largestPacket,
    handleProtocols: (offered) => (offered.has("mqtt") ? "mqtt" : false),
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head) => {
    if (request.url?.split("?")[0] !== "/mqtt") {
      // Nobody else takes it: left alone it would stay open for ever, and its reset would end the process.
      if (server.listenerCount("upgrade") === 1) socket.on("error", () => {}).end(notHere);
      return;
    }
    if (!mayConnect(request, env)) {
      log.info({ origin: request.headers.origin }, "a WebSocket of another site's page was refused");
      return void socket.on("error", () => {}).end(notFromThere);
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      broker.accept(createWebSocketStream(webSocket), request),
    );
  });
}

/**
 * How long a request may take to arrive, and how much its headers may be: who sends a byte now and then holds no connection.
 * An answer may take as long as it takes (events are sent for hours).
 */
export const patience = {
  headersTimeout: 15_000,
  requestTimeout: 120_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16_384,
};

const notFromThere = "HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
const notHere = "HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/** An HTTP server on an address of ours; a taken port is said in one sentence. */
export function serveHttp(
  app: Express,
  { host, port, name }: { host: string; port: number; name: string },
): Promise<HttpServer> {
  const server = createServer(patience, app);
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") {
        reject(
          new SetupError(
            `${name} ${port} is in use by another program: stop that program or set ${name} to a free port.`,
          ),
        );
      } else if (error.code === "EACCES") {
        reject(new SetupError(`${name} ${port} may not be opened by this user: set ${name} to a port above 1023.`));
      } else if (error.code === "EADDRNOTAVAIL") {
        reject(new SetupError(`HOST ${host} is not an address of this machine: set HOST to 127.0.0.1 or 0.0.0.0.`));
      } else reject(error);
    });
    server.listen(port, host, () => resolve(server));
  });
}
