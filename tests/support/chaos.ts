import { spawn, type ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import path from "node:path";
import pg from "pg";
import { expect } from "vitest";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { isAlive } from "../../cli/engines/cluster-state.ts";
import { findRunning } from "../../cli/engines/embedded-postgres.ts";
import { pause, until, type Login } from "./clients.ts";
import type { DatabaseLink } from "./database-link.ts";
import type { Writer } from "./writers.ts";

/** Another choice of moments: ENERGY_CHAOS_SEED=… repeats one. By night, ENERGY_CHAOS_ROUNDS=200. */
export const seed = Number(process.env["ENERGY_CHAOS_SEED"] ?? randomInt(1, 1_000_000));
export const rounds = Number(process.env["ENERGY_CHAOS_ROUNDS"] ?? 20);
export const startS = 1_770_000_000;

/** For a start: Postgres recovers what it had not written. */
const patienceMs = 90_000;
const energy = path.join(import.meta.dirname, "../../cli/energy.mjs");

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

/** A real `energy <command>` that is killed and started again. */
export class Process {
  /** What it wrote to stderr since its last start. */
  log: string[] = [];
  slowestStartMs = 0;
  #command: string;
  #env: NodeJS.ProcessEnv;
  #child: ChildProcess | null = null;

  constructor(command: string, env: Record<string, string>) {
    this.#command = command;
    this.#env = { ...process.env, NODE_ENV: "test", HOST: "127.0.0.1", LOG_LEVEL: "warn", ...env };
  }

  get exitCode(): number | null {
    return this.#child?.exitCode ?? null;
  }

  /** Resolves when it says `ready`, or has ended well. @throws its last words when it ends otherwise. */
  async start(): Promise<void> {
    const log: string[] = (this.log = []);
    const child = spawn(process.execPath, [energy, this.#command], {
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => void log.push(chunk.toString()));
    const exit = once(child, "exit").then(([code]) => {
      if (code !== 0) throw new Error(`it ended: ${log.join("").slice(-2_000)}`);
    });
    exit.catch(() => {});
    const startedMs = Date.now();
    const ready = until(() => said.includes("ready "), patienceMs).catch(() => {
      throw new Error(`not ready within ${patienceMs / 1000} s: ${log.join("").slice(-4_000)}`);
    });
    await Promise.race([ready, exit]);
    this.slowestStartMs = Math.max(this.slowestStartMs, Date.now() - startedMs);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill(signal);
    await exit;
  }
}

/** The whole server of a DATA_DIR: its main process ends at once, and its children with it. */
export async function killPostgres(dataDir: string): Promise<void> {
  const running = await findRunning(dataDir).catch(() => null);
  if (!running) return;
  process.kill(running.pid, "SIGKILL");
  await until(() => !isAlive(running.pid));
}

/** Some links are pulled for a moment. */
export async function cutSome(random: () => number, links: readonly DatabaseLink[], share: number): Promise<void> {
  const cut = links.filter(() => random() < share);
  await Promise.all(cut.map((link) => link.cut()));
  await pause(random() * 400);
  await Promise.all(links.map((link) => link.restore()));
}

async function withOwner<T>(ownerUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: ownerUrl });
  // A server that is killed meanwhile: what was asked fails by itself.
  client.on("error", () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export interface ChaosDevice {
  id: string;
  login: Login;
}

/** An organization with so many devices. */
export function makeDevices(ownerUrl: string, count: number): Promise<ChaosDevice[]> {
  return withOwner(ownerUrl, async (owner) => {
    const { rows } = await owner.query(
      "select organization_id, site_id from auth.sign_up('a@example.org', '-', 'Org', 'Home', 'UTC', 'EUR', null, null)",
    );
    const { organization_id: organization, site_id: site } = rows[0];
    const devices = [];
    for (let i = 0; i < count; i++) {
      const { shown, kept } = newCredential();
      const made = await owner.query(
        `with device as (insert into energy.devices (organization_id, site_id, name) values ($1, $2, $3) returning id)
         insert into energy.credentials
           (organization_id, device_id, username, password_hash, token_hash, password_sealed)
         select $1, id, $4, $5, $6, $7 from device returning device_id as id`,
        [organization, site, `Device ${i}`, kept.username, kept.passwordHash, kept.tokenHash, kept.passwordSealed],
      );
      devices.push({ id: made.rows[0].id as string, login: { username: shown.username, password: shown.password } });
    }
    return devices;
  });
}

/** All readings of a device: the second of their time, and the value. */
export function storedOf(ownerUrl: string, deviceId: string): Promise<[second: number, value: number][]> {
  return withOwner(ownerUrl, async (owner) => {
    const { rows } = await owner.query<{ second: number; value: number }>(
      `select extract(epoch from r.time)::float8 - $2 as second, r.value from telemetry.readings r
       join energy.channels c on c.id = r.channel_id where c.device_id = $1`,
      [deviceId, startS],
    );
    return rows.map(({ second, value }) => [second, value]);
  });
}

const acknowledgedBy = (writers: readonly Writer[]): number =>
  writers.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);

/** `strike` again and again; half of them while the clients are still finding their way back, half in full flow. */
export async function strikes(
  writers: readonly Writer[],
  strike: (random: () => number) => Promise<void>,
): Promise<void> {
  const random = randomOf(seed);
  const startedMs = Date.now();
  for (let round = 0; round < rounds; round++) {
    const before = acknowledgedBy(writers);
    if (round % 2 === 0) await until(() => acknowledgedBy(writers) > before, 60_000);
    await pause(random() * (round % 2 ? 120 : 600));
    await strike(random);
    if ((round + 1) % 20 === 0) {
      const [count, seconds] = [acknowledgedBy(writers), Math.round((Date.now() - startedMs) / 1000)];
      process.stdout.write(`${round + 1} strikes (seed ${seed}), ${count} readings acknowledged, ${seconds} s\n`);
    }
  }
  await Promise.all(writers.map((writer) => writer.finish()));
}

/** What a writer was acknowledged and is not stored, by value. */
export function lostOf({ acknowledged }: Writer, stored: readonly [number, number][]): number[] {
  const values = new Set(stored.map(([, value]) => value));
  return [...acknowledged.values()].filter((value) => !values.has(value));
}

/** Each reading that carries its time is stored once, with the value that was sent, and none that was not sent. */
export function expectOnce({ sent }: Writer, stored: readonly [number, number][], name: string): void {
  const seconds = new Map(stored);
  expect(stored.length, `rows of ${name}, a second each`).toBe(seconds.size);
  const wrong = stored.filter(([second, value]) => sent.get(second) !== value);
  expect(wrong, `what ${name} never sent`).toEqual([]);
}
