import { spawn, type ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { freePort } from "../../cli/engines/cluster-state.ts";
import { database } from "../../db/client.ts";
import { createDevice } from "../../db/devices.ts";
import { getImport } from "../../db/imports.ts";
import { guessHistory } from "../../domain/history/detect.ts";
import { pause, until } from "../support/clients.ts";
import { ended, handOver } from "../support/imports.ts";
import { makeTenant, openTestDatabase, type OpenDatabase } from "../support/tenants.ts";

let db: OpenDatabase;
beforeAll(async () => void (db = await openTestDatabase()));
afterAll(() => db.close());

const energy = path.join(import.meta.dirname, "../../cli/energy.mjs");

/** `energy ingest` on the test's database. */
async function startIngest(): Promise<ChildProcess> {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...{ NODE_ENV: "test" as const, HOST: "127.0.0.1", LOG_LEVEL: "warn", DATABASE_URL: database().url, MQTT_URL: "" },
    ...{ INGEST_PORT: String(await freePort()), MQTT_PORT: String(await freePort()) },
  };
  return spawn(process.execPath, [energy, "ingest"], { env, stdio: "ignore" });
}

it("an import whose ingest is killed again and again goes on: nothing is lost, nothing is counted twice", async () => {
  const { organizationId, siteId } = await makeTenant("anna");
  const device = await createDevice(organizationId, { siteId, name: "Meter", kind: "device" }, newCredential().kept);
  const rows = Array.from({ length: 100_000 }, (_, i) => `${1_735_689_600 + i * 10},${i}`);
  rows.splice(40_000, 0, "never,1");
  const bytes = new TextEncoder().encode(`time,power\n${rows.join("\n")}`);
  const guess = guessHistory({ fileName: "long.csv", head: bytes.subarray(0, 5_000), timezone: "UTC" });
  if (!guess.ok) throw new Error(guess.error);
  const owner = { id: device!.id, organizationId };
  const id = await handOver(owner, { fileName: "long.csv", bytes, options: guess.options });
  const stored = async () => (await getImport(organizationId, id))!.stored;
  for (let kill = 0; kill < 3; kill++) {
    const before = await stored();
    const ingest = await startIngest();
    await until(async () => (await stored()) > before, 40_000);
    await pause(randomInt(20, 300));
    const exit = once(ingest, "exit");
    ingest.kill("SIGKILL");
    await exit;
    // The lease of a killed process ends by itself; here it ends at once, to keep the test short.
    await db.owner.query("update energy.imports set lease_until = now() where id = $1", [id]);
  }
  expect(await stored()).toBeLessThan(100_000);
  const ingest = await startIngest();
  const done = await ended(organizationId, id);
  ingest.kill("SIGTERM");
  await once(ingest, "exit");
  expect(done).toMatchObject({ state: "done", stored: 100_000, refused: 1 });
  expect(done.refusals).toEqual([{ row: 40_002, reason: expect.stringContaining("never") as string }]);
  const { rows: all } = await db.owner.query<{ value: number }>(
    `select r.value from telemetry.readings r join energy.channels c on c.id = r.channel_id where c.device_id = $1 order by r.time`,
    [device!.id],
  );
  expect(all.map(({ value }) => value)).toEqual(Array.from({ length: 100_000 }, (_, i) => i));
}, 170_000);
