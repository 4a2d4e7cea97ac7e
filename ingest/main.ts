import { createServer } from "node:http";
import type { Express } from "express";
import { WebSocketServer, createWebSocketStream } from "ws";
import type { IncomingMessage, Server as HttpServer } from "node:http";
import type { Duplex } from "node:stream";
import { listen, type LiveEvent } from "../db/live.ts";
import { SetupError, type Environment } from "../platform/env.ts";
import type { Log } from "../platform/log.ts";
import { gauge } from "../platform/metrics.ts";
import { Buffer } from "./buffer.ts";
import { brokerQuestions } from "./http/broker-questions.ts";
import { httpPush } from "./http/push.ts";
import { changedCredentials, Identify } from "./identify.ts";
import { Journal } from "./journal.ts";
import { brokerAddress } from "./mqtt/address.ts";
import { largestPacket, startBroker, type Broker, type BrokerOptions } from "./mqtt/broker.ts";
import { ExternalBroker, type ExternalOptions } from "./mqtt/external.ts";
import { Receive } from "./receive.ts";
import { Senders } from "./senders.ts";
import { Wake } from "./wake.ts";

/** Rows that may wait for the database altogether; above it HTTP answers 503 and MQTT connections are refused. About 100 MB. */
const mostWaitingRows = 400_000;

export interface Ingest {
  /** The HTTP ways in, to be mounted ahead of everything else on a web port. */
  push: Express;
  receive: Receive;
  /** Of the embedded broker; null: MQTT_URL names another one. */
  mqttPort: number | null;
  /** Takes MQTT over WebSocket at /mqtt from an HTTP server; other upgrades are left alone. */
  attachWebSocket(server: HttpServer): void;
  stop(): Promise<void>;
}

/**
 * Starts the ingest: the one path, the embedded broker or a share of the external one, the HTTP handlers. The database must
 * be open. @throws SetupError for a port, certificate or address of the environment that cannot be used.
 */
export async function startIngest(env: Environment, log: Log): Promise<Ingest> {
  const wake = new Wake(log);
  const journal = new Journal(log);
  const buffer = new Buffer({
    writers: 2,
    batchRows: 4_000,
    maxWaitingRows: mostWaitingRows,
    onCommit: (batch) => wake.committed(batch.latestChannels, batch.dirtyChannels.length > 0),
    log,
  });
  gauge("ingest_waiting_rows", "Readings that wait for their commit", () => buffer.waitingRows);
  const identify = new Identify();
  const senders = new Senders(identify);
  const receive = new Receive(buffer, journal);
  const isDown = () => buffer.isDown || buffer.isFull;
  const broker = await startBroker({ ...embedded(env), identify, receive, isDown, log });
  const external = await startExternal(env, { senders, receive, isDown, log });
  const listener = await listen(onLive, () => void catchUp());

  function onLive({ credentials = [] }: LiveEvent): void {
    if (!credentials.length) return;
    identify.forget(credentials);
    senders.forget(credentials);
    receive.forget(credentials);
    broker.disconnect(credentials);
    external?.credentialsChanged();
  }

  // The connection that brings the news was broken: what was revoked meanwhile was never heard of.
  async function catchUp(): Promise<void> {
    identify.forgetAll();
    senders.forgetAll();
    receive.forgetAll();
    external?.credentialsChanged();
    const identities = broker.identities();
    const everybody = identities.map(({ credentialId }) => credentialId);
    // When they cannot be looked up, all have to show their credentials anew.
    broker.disconnect(await changedCredentials(identities).catch(() => everybody));
  }

  const push = httpPush({ identify, receive, isDown, trustProxy: env.TRUST_PROXY, log });
  push.use(brokerQuestions({ env, identify, senders, isDown, log }));
  return {
    push,
    receive,
    mqttPort: broker.port,
    attachWebSocket: (server) => attachWebSocket(server, broker),
    async stop() {
      await listener.close();
      await external?.pause();
      // First what was received is written and answered, then the connections end.
      await buffer.stop();
      await external?.close();
      await broker.close();
      await journal.stop();
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

function attachWebSocket(server: HttpServer, broker: Broker): void {
  const sockets = new WebSocketServer({
    noServer: true,
    // A packet that is too large is refused by name, as on a plain socket; beyond this, its frame already.
    maxPayload: 2 * largestPacket,
    handleProtocols: (offered) => (offered.has("mqtt") ? "mqtt" : false),
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head) => {
    if (request.url?.split("?")[0] !== "/mqtt") return;
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      broker.accept(createWebSocketStream(webSocket), request),
    );
  });
}

/** An HTTP server on an address of ours; a taken port is said in one sentence. */
export function serveHttp(
  app: Express,
  { host, port, name }: { host: string; port: number; name: string },
): Promise<HttpServer> {
  const server = createServer(app);
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
