import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "../../cli/engines/cluster-state.ts";
import { findRunning } from "../../cli/engines/embedded-postgres.ts";
import {
  cutSome,
  expectOnce,
  killPostgres,
  lostOf,
  makeDevices,
  Process,
  rounds,
  seed,
  startS,
  storedOf,
  strikes,
} from "../support/chaos.ts";
import { pause } from "../support/clients.ts";
import { linkTo, type DatabaseLink } from "../support/database-link.ts";
import { httpWriter, mqttWriter, type Writer } from "../support/writers.ts";

let dataDir: string;
let ports: { web: number; mqtt: number };
/** The real thing: web, broker, ingest, workers and its own Postgres. */
let server: Process;

beforeAll(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), "energy-chaos-"));
  // Where the tests run as root, Postgres does not: in a folder that it may enter, its files are removed with it.
  chmodSync(dataDir, 0o755);
  ports = { web: await freePort(), mqtt: await freePort() };
  server = new Process("start", {
    ...{ DATA_DIR: dataDir, DATABASE_URL: "", MQTT_URL: "" },
    ...{ PORT: String(ports.web), MQTT_PORT: String(ports.mqtt) },
  });
});

afterAll(async () => {
  await server.end("SIGKILL");
  await killPostgres(dataDir);
  rmSync(dataDir, { recursive: true, force: true });
});

function ownerUrl(): string {
  const { ownerPassword, port } = JSON.parse(readFileSync(path.join(dataDir, "postgres.json"), "utf8")) as {
    ownerPassword: string;
    port: number;
  };
  return `postgresql://postgres:${ownerPassword}@127.0.0.1:${port}/energy`;
}

/** Kills the server; now and then its Postgres too, a moment before or after, or Postgres alone first. */
async function kill(random: () => number): Promise<void> {
  const alsoPostgres = random() < 0.35;
  const postgresFirst = random() < 0.5;
  if (alsoPostgres && postgresFirst) {
    await killPostgres(dataDir);
    await pause(random() * 60);
  }
  await server.end("SIGKILL");
  if (alsoPostgres && !postgresFirst) await killPostgres(dataDir);
}

/** Something goes wrong, and is mended: the network between clients and server, Postgres alone, or the server. */
async function strike(random: () => number, links: readonly DatabaseLink[]): Promise<void> {
  const kind = random();
  if (kind < 0.25) await cutSome(random, links, 0.7);
  else if (kind < 0.4) {
    // The server brings it back by itself.
    await killPostgres(dataDir);
    await pause(random() * 500);
  } else {
    await kill(random);
    await server.start();
  }
}

it(
  `after ${rounds} strikes at random moments every acknowledged reading is there, once if it has its time (seed ${seed})`,
  async () => {
    await server.start();
    const devices = await makeDevices(ownerUrl(), 6);
    const [mqttLink, webLink] = [
      await linkTo(`mqtt://127.0.0.1:${ports.mqtt}`),
      await linkTo(`http://127.0.0.1:${ports.web}`),
    ];
    const mqtt = { port: Number(new URL(mqttLink.url).port), startS };
    const base = webLink.url.replace(/\/$/, "");
    const writers: Writer[] = [
      mqttWriter(1, { ...mqtt, login: devices[0]!.login, inFlight: 40 }),
      mqttWriter(2, { ...mqtt, login: devices[1]!.login, inFlight: 1 }),
      httpWriter(3, { base, login: devices[2]!.login, startS, batch: 25 }),
      httpWriter(4, { base, login: devices[3]!.login, startS, batch: 1 }),
      mqttWriter(5, { ...mqtt, login: devices[4]!.login, inFlight: 10, isTimeless: true }),
      httpWriter(6, { base, login: devices[5]!.login, startS, batch: 1, isTimeless: true }),
    ];
    await strikes(writers, (random) => strike(random, [mqttLink, webLink]));
    for (const [i, writer] of writers.entries()) {
      const stored = await storedOf(ownerUrl(), devices[i]!.id);
      expect(lostOf(writer, stored), `lost of writer ${i + 1}`).toEqual([]);
      if (i < 4) expectOnce(writer, stored, `writer ${i + 1}`);
      expect(writer.acknowledged.size).toBeGreaterThan(rounds / 2);
    }
    process.stdout.write(`nothing lost; slowest start ${server.slowestStartMs} ms\n`);
    await Promise.all([mqttLink.cut(), webLink.cut()]);
    await server.end("SIGTERM");
    expect(server.exitCode, server.log.join("").slice(-4_000)).toBe(0);
    expect(await findRunning(dataDir), "Postgres is stopped with it").toBeNull();
  },
  120_000 + rounds * 8_000,
);
