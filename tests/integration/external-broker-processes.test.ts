import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../cli/engines/cluster-state.ts";
import { pause, until } from "../support/clients.ts";
import { startTestIngest, storedOf, type TestIngest } from "../support/ingest.ts";
import { noMosquitto, startMosquitto, type TestMosquitto } from "../support/mosquitto.ts";
import { mqttWriter, type Writer } from "../support/writers.ts";

const energy = path.join(import.meta.dirname, "../../cli/energy.mjs");
const startS = 1_770_000_000;

describe.skipIf(noMosquitto)(
  `several ingest processes at one Mosquitto${noMosquitto ? ` (${noMosquitto})` : ""}`,
  () => {
    let mosquitto: TestMosquitto;
    let t: TestIngest;
    const running = new Map<number, ChildProcess>();
    const folder = mkdtempSync(path.join(tmpdir(), "energy-processes-"));

    beforeAll(async () => {
      mosquitto = await startMosquitto();
      t = await startTestIngest({ MQTT_URL: mosquitto.url });
    });
    afterAll(async () => {
      await Promise.all([...running.keys()].map((number) => end(number, "SIGKILL")));
      await t.stop();
      await mosquitto.stop();
      rmSync(folder, { recursive: true });
    });

    /** A real `energy ingest` on the same database. Resolves when it says `ready`. */
    async function start(number: number): Promise<void> {
      const env = {
        ...process.env,
        ...{ NODE_ENV: "test" as const, LOG_LEVEL: "warn", DATABASE_URL: t.link.url, MQTT_URL: mosquitto.url },
        ...{ DATA_DIR: path.join(folder, String(number)), INGEST_PORT: String(await freePort()) },
      };
      const child = spawn(process.execPath, [energy, "ingest"], { env, stdio: ["ignore", "pipe", "inherit"] });
      running.set(number, child);
      let said = "";
      child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
      await until(() => said.includes("ready "), 30_000);
    }

    async function end(number: number, signal: NodeJS.Signals): Promise<void> {
      const child = running.get(number)!;
      running.delete(number);
      const exit = once(child, "exit");
      child.kill(signal);
      await exit;
    }

    it("share what comes, and lose and double nothing when one is killed, stopped or started again", async () => {
      const tenant = await t.newTenant();
      const devices = [await t.newDevice(tenant), await t.newDevice(tenant)];
      for (const { username } of devices) {
        await until(() => expect(mosquitto.dynamicSecurity()).toContain(`"${username}"`));
      }
      await Promise.all([start(1), start(2)]);
      const writers: Writer[] = devices.map((login, i) =>
        mqttWriter(i, { port: mosquitto.port, login, startS, inFlight: 20, prefix: `t/${login.username}/` }),
      );
      await pause(1_000);
      await end(1, "SIGKILL");
      await pause(700);
      await start(1);
      await pause(700);
      await end(2, "SIGKILL");
      await end(1, "SIGTERM");
      await pause(500);
      await Promise.all(writers.map((writer) => writer.finish()));
      for (const [i, device] of devices.entries()) {
        const sent = [...writers[i]!.sent].map(([second, value]) => ({ timeMs: (startS + second) * 1000, value }));
        expect(sent.length).toBeGreaterThan(100);
        await until(async () => expect(await storedOf(t, device)).toHaveLength(sent.length), 40_000);
        const stored = (await storedOf(t, device)).map(({ timeMs, value }) => ({ timeMs, value }));
        expect(stored).toEqual(sent);
      }
      const taken = (client: string) => mosquitto.log().split(`Received PUBACK from ${client} `).length - 1;
      for (const client of ["energy-ingest-1", "energy-ingest-2", "energy-ingest-3"]) {
        expect(taken(client), client).toBeGreaterThan(20);
      }
    }, 120_000);
  },
);
