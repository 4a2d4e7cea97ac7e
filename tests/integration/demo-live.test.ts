import type { Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { createOrganization } from "../../cli/org.ts";
import type { SimulationFile } from "../../cli/simulate/credentials-file.ts";
import { credentialed, makeFleet } from "../../cli/simulate/fleet.ts";
import { startSimulation } from "../../cli/simulate/simulation.ts";
import { listChannels } from "../../db/channels.ts";
import { closeDatabase, openDatabase } from "../../db/client.ts";
import { createDevice } from "../../db/devices.ts";
import { readingsOf } from "../../db/readings.ts";
import { serveHttp, startIngest, type Ingest } from "../../ingest/main.ts";
import { readEnvironment } from "../../platform/env.ts";
import { log } from "../../platform/log.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

/** The simulated devices against the real broker and the real HTTP handlers. */
const sinceMs = Math.floor(Date.now() / 86_400_000 - 1) * 86_400_000;

describe("the simulated devices, live", () => {
  let database: TestDatabase;
  let ingest: Ingest;
  let server: Server;
  let organizationId: string;
  const file: SimulationFile = { seed: 3, sinceMs, timezone: "Europe/Berlin", devices: [] };

  beforeAll(async () => {
    database = await createTestDatabase();
    openDatabase(database.appUrl);
    const env = readEnvironment({ DATABASE_URL: database.appUrl, PORT: "0", MQTT_PORT: "0" });
    ingest = await startIngest(env, log);
    server = await serveHttp(ingest.push, { host: "127.0.0.1", port: 0, name: "PORT" });
    const person = { name: "Live", email: "l@example.org", password: "a few words in a row" };
    const made = await createOrganization({ ...person, timezone: "Europe/Berlin", currency: "EUR" });
    organizationId = made.organizationId;
    for (const { key, name } of makeFleet({ ...file, devices: 5 })) {
      const { shown, kept } = newCredential();
      const device = await createDevice(organizationId, { siteId: made.siteId, name, kind: "device" }, kept);
      file.devices.push({ key, name, id: device!.id, ...shown });
    }
  });

  afterAll(async () => {
    server?.close();
    await ingest?.stop();
    await closeDatabase();
    await database?.drop();
  });

  function start(devices: SimulationFile["devices"], troubles: string[]) {
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    return startSimulation({
      fleet: credentialed({ ...file, devices }),
      url: `http://127.0.0.1:${port}`,
      mqttUrl: `mqtt://127.0.0.1:${ingest.mqttPort}`,
      everyMs: 200,
      qos: 1,
      faultSeed: 3,
      onTrouble: (sentence) => troubles.push(sentence),
    });
  }

  it("are acknowledged, every one, and what they say is there", async () => {
    const troubles: string[] = [];
    const simulation = start(file.devices, troubles);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const { sent, acknowledged, failed } = await simulation.stop();
    expect(troubles).toEqual([]);
    expect(failed).toBe(0);
    expect(acknowledged).toBe(sent);
    expect(sent).toBeGreaterThan(40);
    for (const { id, key } of file.devices) {
      const channels = await listChannels(organizationId, { deviceId: id });
      const power = channels.find(({ quantity, kind, isPart }) => quantity === "power" && kind === "gauge" && !isPart);
      expect(power, key).toBeDefined();
      const readings = await readingsOf(organizationId, power!.id, {
        fromMs: 0,
        toMs: Date.now() + 60_000,
        limit: 1_000,
      });
      expect(readings.length, key).toBeGreaterThan(4);
      expect(Math.abs(power!.latest!.timeMs - Date.now())).toBeLessThan(20_000);
    }
  });

  it("say so when they are not let in", async () => {
    const troubles: string[] = [];
    const wrong = file.devices.map((device) => ({ ...device, password: "0".repeat(32), token: "x".repeat(88) }));
    const simulation = start(wrong.slice(0, 2), troubles);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const { acknowledged } = await simulation.stop();
    expect(acknowledged).toBe(0);
    expect(troubles.some((line) => line.startsWith("Smart meter: "))).toBe(true);
    expect(troubles.some((line) => /^Solar inverter: 401/.test(line))).toBe(true);
  });
});
