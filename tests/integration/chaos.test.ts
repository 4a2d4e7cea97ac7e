import { spawn, type ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { freePort, isAlive } from "../../cli/engines/cluster-state.ts";
import { findRunning } from "../../cli/engines/embedded-postgres.ts";
import type { Login } from "../support/clients.ts";
import { pause, until } from "../support/clients.ts";
import { linkTo, type DatabaseLink } from "../support/database-link.ts";
import { httpWriter, mqttWriter, type Writer } from "../support/writers.ts";

/** Another choice of moments: ENERGY_CHAOS_SEED=… repeats one. By night, ENERGY_CHAOS_ROUNDS=200. */
const seed = Number(process.env["ENERGY_CHAOS_SEED"] ?? randomInt(1, 1_000_000));
const rounds = Number(process.env["ENERGY_CHAOS_ROUNDS"] ?? 20);
const startS = 1_770_000_000;
const energy = path.join(import.meta.dirname, "../../cli/energy.mjs");

let dataDir: string;
let ports: { web: number; mqtt: number };
let server: ChildProcess | null = null;
let lines: string[] = [];

beforeAll(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), "energy-chaos-"));
  // Where the tests run as root, Postgres does not: in a folder that it may enter, its files are removed with it.
  chmodSync(dataDir, 0o755);
  ports = { web: await freePort(), mqtt: await freePort() };
});

afterAll(async () => {
  if (server) await ended(server, "SIGKILL");
  const postgres = await findRunning(dataDir).catch(() => null);
  if (postgres) await killPostgres(postgres.pid);
  rmSync(dataDir, { recursive: true, force: true });
});

/** The real thing: web, broker, ingest, workers and its own Postgres. Resolves when it says `ready`. */
async function startServer(): Promise<void> {
  lines = [];
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...{
      NODE_ENV: "test" as const,
      DATA_DIR: dataDir,
      HOST: "127.0.0.1",
      LOG_LEVEL: "warn",
      DATABASE_URL: "",
      MQTT_URL: "",
    },
    ...{ PORT: String(ports.web), MQTT_PORT: String(ports.mqtt) },
  };
  const child = spawn(process.execPath, [energy, "start"], { env, stdio: ["ignore", "pipe", "pipe"] });
  server = child;
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => void lines.push(chunk.toString()));
  const ready = until(() => said.includes("ready "), 40_000);
  const exit = once(child, "exit").then(() => Promise.reject(new Error(`it ended: ${lines.join("").slice(-2_000)}`)));
  await Promise.race([ready, exit]);
  exit.catch(() => {});
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill(signal);
  await exit;
}

/** The whole server: its main process ends at once, and its children with it. */
async function killPostgres(pid: number): Promise<void> {
  process.kill(pid, "SIGKILL");
  await until(() => !isAlive(pid));
}

async function ownerUrl(): Promise<string> {
  const { ownerPassword, port } = JSON.parse(readFileSync(path.join(dataDir, "postgres.json"), "utf8")) as {
    ownerPassword: string;
    port: number;
  };
  return `postgresql://postgres:${ownerPassword}@127.0.0.1:${port}/energy`;
}

async function withOwner<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: await ownerUrl() });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function makeDevices(count: number): Promise<{ id: string; login: Login }[]> {
  return withOwner(async (owner) => {
    const { rows } = await owner.query(
      "select organization_id, site_id from auth.sign_up('a@example.org', '-', 'Org', 'Home', 'UTC', 'EUR', null, null)",
    );
    const { organization_id: organization, site_id: site } = rows[0];
    const devices = [];
    for (let i = 0; i < count; i++) {
      const { shown, kept } = newCredential();
      const made = await owner.query(
        `with device as (insert into energy.devices (organization_id, site_id, name) values ($1, $2, $3) returning id)
         insert into energy.credentials (organization_id, device_id, username, password_hash, token_hash)
         select $1, id, $4, $5, $6 from device returning device_id as id`,
        [organization, site, `Device ${i}`, kept.username, kept.passwordHash, kept.tokenHash],
      );
      devices.push({ id: made.rows[0].id as string, login: { username: shown.username, password: shown.password } });
    }
    return devices;
  });
}

/** A small generator of its own (mulberry32), so that a seed repeats the moments. */
function randomOf(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Kills the server; now and then its Postgres too, a moment before or after, or Postgres alone first. */
async function kill(random: () => number): Promise<void> {
  const postgres = await findRunning(dataDir);
  const alsoPostgres = postgres !== null && random() < 0.35;
  const postgresFirst = random() < 0.5;
  if (alsoPostgres && postgresFirst) {
    await killPostgres(postgres.pid);
    await pause(random() * 60);
  }
  await ended(server!, "SIGKILL");
  if (alsoPostgres && !postgresFirst) await killPostgres(postgres.pid);
}

/** Something goes wrong, and is mended: the network between clients and server, Postgres alone, or the server. */
async function strike(random: () => number, links: readonly DatabaseLink[]): Promise<void> {
  const kind = random();
  if (kind < 0.25) {
    const cut = links.filter(() => random() < 0.7);
    await Promise.all(cut.map((link) => link.cut()));
    await pause(random() * 400);
    await Promise.all(links.map((link) => link.restore()));
  } else if (kind < 0.4) {
    const postgres = await findRunning(dataDir);
    // The server brings it back by itself.
    if (postgres) await killPostgres(postgres.pid);
    await pause(random() * 500);
  } else {
    await kill(random);
    await startServer();
  }
}

it(
  `after ${rounds} strikes at random moments every acknowledged reading is there, once if it has its time (seed ${seed})`,
  async () => {
    const random = randomOf(seed);
    await startServer();
    const devices = await makeDevices(6);
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
    let grew = 0;
    for (let round = 0; round < rounds; round++) {
      const before = acknowledgedBy(writers);
      // Half of the strikes come while the clients are still finding their way back, half in full flow.
      await pause(random() * (round % 2 ? 120 : 600));
      await strike(random, [mqttLink, webLink]);
      if (acknowledgedBy(writers) > before) grew++;
    }
    await Promise.all(writers.map((writer) => writer.finish()));
    for (const [i, writer] of writers.entries()) {
      const stored = await storedOf(devices[i]!.id);
      if (i < 4) {
        const seconds = new Set(stored.map(([second]) => second));
        expect(stored.length, `rows of writer ${i + 1}, a second each`).toBe(seconds.size);
        expect(new Map(stored), `writer ${i + 1}`).toEqual(writer.acknowledged);
      } else {
        const values = new Set(stored.map(([, value]) => value));
        const lost = [...writer.acknowledged.values()].filter((value) => !values.has(value));
        expect(lost, `lost of writer ${i + 1}, whose readings carry no time`).toEqual([]);
      }
      expect(writer.acknowledged.size).toBeGreaterThan(rounds / 2);
    }
    expect(grew, "rounds in which something was acknowledged").toBeGreaterThanOrEqual(rounds / 2);
    await Promise.all([mqttLink.cut(), webLink.cut()]);
    await ended(server!, "SIGTERM");
    expect(server!.exitCode, lines.join("").slice(-4_000)).toBe(0);
    expect(await findRunning(dataDir), "Postgres is stopped with it").toBeNull();
  },
  120_000 + rounds * 8_000,
);

const acknowledgedBy = (writers: readonly Writer[]) =>
  writers.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);

function storedOf(deviceId: string): Promise<[second: number, value: number][]> {
  return withOwner(async (owner) => {
    const { rows } = await owner.query<{ second: number; value: number }>(
      `select extract(epoch from r.time)::float8 - $2 as second, r.value from telemetry.readings r
       join energy.channels c on c.id = r.channel_id where c.device_id = $1`,
      [deviceId, startS],
    );
    return rows.map(({ second, value }) => [second, value]);
  });
}
