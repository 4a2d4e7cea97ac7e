import { readFileSync } from "node:fs";
import { connect, isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { MqttClient, type IClientOptions, type IDisconnectPacket } from "mqtt";
import { SetupError, type Environment } from "../../platform/env.ts";
import { readToTheEnd } from "./read-to-the-end.ts";

/** Where the external broker is, and as whom the ingest logs in there. */
export interface BrokerAddress {
  host: string;
  port: number;
  username: string | undefined;
  password: string | undefined;
  tls: boolean;
  /** A certificate to trust instead of the system's; read anew for every connection. */
  caFile: string | undefined;
}

/** MQTT_URL and MQTT_CA taken apart. @throws SetupError when MQTT_CA cannot be read. */
export function brokerAddress(url: string, { MQTT_CA }: Partial<Pick<Environment, "MQTT_CA">>): BrokerAddress {
  const { hostname, port, protocol, username, password } = new URL(url);
  const tls = protocol === "mqtts:";
  if (MQTT_CA) {
    try {
      readFileSync(MQTT_CA);
    } catch (error) {
      throw new SetupError(`MQTT_CA cannot be read: ${(error as Error).message}.`);
    }
  }
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port) || (tls ? 8883 : 1883),
    username: decodeURIComponent(username) || undefined,
    password: decodeURIComponent(password) || undefined,
    tls,
    caFile: MQTT_CA,
  };
}

/** An MQTT 5 client that is not connected yet: listeners are attached first, then `connect()`. */
export function clientFor(address: BrokerAddress, options: IClientOptions): MqttClient {
  const { username, password } = address;
  return new MqttClient(() => openStream(address), {
    protocolVersion: 5,
    manualConnect: true,
    connectTimeout: 10_000,
    queueQoSZero: false,
    resubscribe: false,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...options,
  });
}

/** Says goodbye where there is a connection: MQTT.js' own `endAsync` never resolves without one. */
export async function endClient(client: MqttClient, farewell?: Partial<IDisconnectPacket>): Promise<void> {
  if (!client.connected) client.end(true);
  else await client.endAsync(false, farewell);
}

function openStream({ host, port, tls, caFile }: BrokerAddress): Duplex {
  if (!tls) return readToTheEnd(connect({ host, port, noDelay: true }));
  return readToTheEnd(
    connectTls({ host, port, ...(!isIP(host) && { servername: host }), ...(caFile && { ca: trusted(caFile) }) }),
  );
}

const lastRead = new Map<string, Buffer>();

// While a new certificate is being put in place the file may be missing: the one before is as good as none at all.
function trusted(file: string): Buffer | undefined {
  try {
    lastRead.set(file, readFileSync(file));
  } catch {
    return lastRead.get(file);
  }
  return lastRead.get(file);
}
