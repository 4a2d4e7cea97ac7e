import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express from "express";
import pg from "pg";
import { pino } from "pino";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { signUp } from "../../db/accounts.ts";
import { closeDatabase, openDatabase } from "../../db/client.ts";
import { deviceMessages, deviceRejects, type DeviceMessage, type DeviceReject } from "../../db/device-messages.ts";
import { createDevice } from "../../db/devices.ts";
import type { Credential } from "../../domain/access/credential.ts";
import { serveHttp, startIngest, type Ingest } from "../../ingest/main.ts";
import { readEnvironment } from "../../platform/env.ts";
import { createTestDatabase } from "./database.ts";
import { linkTo, type DatabaseLink } from "./database-link.ts";

export interface Tenant {
  organizationId: string;
  siteId: string;
}

export interface TestDevice extends Credential {
  id: string;
  organizationId: string;
}

/** The ingest in this process, with a database of its own behind a link that can be cut. */
export interface TestIngest {
  ingest: Ingest;
  /** A second ingest on the same database, as on another machine. */
  another(): Promise<Ingest>;
  /** The embedded broker's; 0: MQTT_URL names another one. */
  mqttPort: number;
  /** Where the HTTP pushes go: http://127.0.0.1:… */
  http: string;
  /** MQTT over WebSocket. */
  webSocket: string;
  link: DatabaseLink;
  /** DATA_DIR. */
  folder: string;
  /**
   * Ends the ingest and, after `meanwhile`, starts another one on the same folder, with the database there. Pushes go to the new
   * one; its WebSocket door stays that of the first.
   */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  /** A superuser's connection, to prepare and to look. */
  owner: pg.Client;
  /** For more connections of that kind. */
  ownerUrl: string;
  /** Log lines of level warn and above. */
  warnings: string[];
  newTenant(): Promise<Tenant>;
  newDevice(
    tenant: Tenant,
    given?: { kind?: "device" | "gateway"; name?: string; config?: Record<string, unknown> },
  ): Promise<TestDevice>;
  stop(): Promise<void>;
}

export async function startTestIngest(settings: Record<string, string> = {}): Promise<TestIngest> {
  const database = await createTestDatabase();
  const link = await linkTo(database.appUrl);
  openDatabase(link.url);
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  const warnings: string[] = [];
  const log = pino({ level: "warn", base: undefined }, { write: (line: string) => void warnings.push(line) });
  const folder = mkdtempSync(join(tmpdir(), "energy-ingest-"));
  const env = readEnvironment({ NODE_ENV: "test", HOST: "127.0.0.1", MQTT_PORT: "0", DATA_DIR: folder, ...settings });
  let ingest = await startIngest(env, log);
  // To the one that lives: after a restart it is another.
  const door = express().use((request, response, next) => ingest.push(request, response, next));
  const server = await serveHttp(door, { host: "127.0.0.1", port: 0, name: "PORT" });
  ingest.attachWebSocket(server);
  const { port } = server.address() as { port: number };
  return {
    ...{ link, owner, ownerUrl: database.ownerUrl, warnings, newTenant, newDevice, folder },
    get ingest() {
      return ingest;
    },
    async restart(meanwhile) {
      await ingest.stop();
      await meanwhile?.();
      await link.restore();
      ingest = await startIngest(env, log);
    },
    another: () => startIngest({ ...env, DATA_DIR: mkdtempSync(join(tmpdir(), "energy-ingest-")) }, log),
    get mqttPort() {
      return ingest.mqttPort ?? 0;
    },
    http: `http://127.0.0.1:${port}`,
    webSocket: `ws://127.0.0.1:${port}/mqtt`,
    async stop() {
      await close(server);
      await ingest.stop();
      await closeDatabase();
      await owner.end();
      await link.cut();
      await database.drop();
      rmSync(folder, { recursive: true });
    },
  };
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

let people = 0;

async function newTenant(): Promise<Tenant> {
  const number = ++people;
  const site = { name: "Home", timezone: "Europe/Berlin", currency: "EUR", pricePerKwh: null };
  const email = `person${number}@example.org`;
  const made = await signUp({ email, passwordHash: "-", organization: `Org ${number}`, site, invitationHash: null });
  if (!made.ok) throw new Error("sign-up failed");
  return made;
}

async function newDevice(
  { organizationId, siteId }: Tenant,
  {
    kind = "device",
    name = "Device",
    config = {},
  }: { kind?: "device" | "gateway"; name?: string; config?: Record<string, unknown> } = {},
): Promise<TestDevice> {
  const { shown, kept } = newCredential();
  const device = await createDevice(organizationId, { siteId, name, kind, config }, kept);
  return { id: device!.id, organizationId, ...shown };
}

/** What a tenant sees of a device's refusals, by reason. */
export async function rejectsOf({ organizationId, id }: TestDevice): Promise<Map<string, DeviceReject>> {
  return new Map((await deviceRejects(organizationId, id)).map((reject) => [reject.reason, reject]));
}

/** The device's messages as its tenant sees them, newest first. */
export function messagesOf({ organizationId, id }: TestDevice): Promise<DeviceMessage[]> {
  return deviceMessages(organizationId, id);
}

export interface StoredReading {
  key: string;
  timeMs: number;
  value: number;
}

/** All that is stored of a device (as it was decoded, not scaled), in order of key and time. */
export async function storedOf({ owner }: TestIngest, device: { id: string }): Promise<StoredReading[]> {
  const { rows } = await owner.query<StoredReading>(
    `select c.key, extract(epoch from r.time)::float8 * 1000 as "timeMs", r.value
     from telemetry.readings r join energy.channels c on c.id = r.channel_id where c.device_id = $1 order by c.key, r.time`,
    [device.id],
  );
  return rows;
}

export async function statesOf({ owner }: TestIngest, device: { id: string }): Promise<string[]> {
  const { rows } = await owner.query<{ state: string }>(
    `select c.key || ' ' || s.value as state from telemetry.states s join energy.channels c on c.id = s.channel_id
     where c.device_id = $1 order by c.key, s.time`,
    [device.id],
  );
  return rows.map((row) => row.state);
}

/** Holds the table of readings, so that nothing can be committed, until `release`. */
export async function holdReadings({ owner }: TestIngest): Promise<{ release(): Promise<void> }> {
  await owner.query("begin; lock table telemetry.readings in access exclusive mode");
  return { release: async () => void (await owner.query("commit")) };
}
