import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { createDevice } from "../../db/devices.ts";
import { closeDatabase, openDatabase } from "../../db/client.ts";
import type { Credential } from "../../domain/access/credential.ts";
import { newCredential } from "../../app/auth/new-credential.server.ts";
import { findRunning } from "../engines/embedded-postgres.ts";
import { atDatabase, startTimescale } from "../engines/timescale.ts";
import { createOrganization, type CreatedOrganization } from "../org.ts";

/** A server of its own, in a folder of its own, as a user runs it: `energy start` in another process. */
export interface BenchServer {
  url: string;
  mqttPort: number;
  pid: number;
  ownerUrl: string;
  /** The server's own memory, bytes. */
  memory(): number;
  /** The process of its Postgres. */
  postgresPid(): Promise<number>;
  organization: CreatedOrganization & { email: string; password: string };
  addDevice(name: string): Promise<{ id: string; credential: Credential }>;
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL("../energy.mjs", import.meta.url));

export const benchEngines = ["embedded", "timescaledb"] as const;
export type BenchEngine = (typeof benchEngines)[number];

export async function startBenchServer(on: BenchEngine = "embedded"): Promise<BenchServer> {
  const dataDir = mkdtempSync(join(tmpdir(), "energy-bench-"));
  const [port, mqttPort] = [await freePort(), await freePort()];
  const other = on === "timescaledb" ? await makeTimescaleDatabase() : null;
  const env = {
    ...process.env,
    DATA_DIR: dataDir,
    PORT: String(port),
    MQTT_PORT: String(mqttPort),
    LOG_LEVEL: "warn",
    DATABASE_URL: other?.appUrl ?? "",
    MIGRATE_DATABASE_URL: other?.ownerUrl ?? "",
    MQTT_URL: "",
  };
  const child = spawn(process.execPath, [program, "start"], { env, stdio: ["ignore", "pipe", "inherit"] });
  await ready(child);
  const running = other ?? (await findRunning(dataDir));
  if (!running) throw new Error("the server says ready, but its database does not answer");
  openDatabase(running.appUrl);
  const [email, password] = ["bench@example.org", randomBytes(12).toString("hex")];
  const organization = await createOrganization({ name: "Bench", email, password, timezone: "UTC", currency: "EUR" });
  return {
    url: `http://127.0.0.1:${port}`,
    mqttPort,
    pid: child.pid!,
    ownerUrl: running.ownerUrl,
    memory: () => residentBytes(child.pid!),
    async postgresPid() {
      const found = await findRunning(dataDir);
      if (!found) throw new Error("its Postgres does not answer");
      return found.pid;
    },
    organization: { ...organization, email, password },
    async addDevice(name) {
      const { shown, kept } = newCredential();
      const device = await createDevice(
        organization.organizationId,
        { siteId: organization.siteId, name, kind: "device" },
        kept,
      );
      return { id: device!.id, credential: shown };
    },
    async stop() {
      await closeDatabase();
      child.kill("SIGTERM");
      const code = await new Promise<number | null>((resolve) => {
        if (child.exitCode !== null) resolve(child.exitCode);
        else child.once("exit", resolve);
      });
      await other?.remove();
      rmSync(dataDir, { recursive: true, force: true });
      if (code !== 0) throw new Error(`the server ended with code ${code}`);
    },
  };
}

/** An empty database with TimescaleDB. */
async function makeTimescaleDatabase() {
  const server = await startTimescale();
  const name = `energy_bench_${process.pid}`;
  const onServer = async (url: string, statement: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  const ownerUrl = atDatabase(server.ownerUrl, name);
  await onServer(server.ownerUrl, `create database ${name}`);
  await onServer(ownerUrl, "create extension if not exists timescaledb");
  const remove = async () => {
    await onServer(server.ownerUrl, `drop database ${name} with (force)`);
    server.stop();
  };
  return { ownerUrl, appUrl: atDatabase(server.appUrl, name), remove };
}

/** Resident memory of a process, from the kernel. */
function residentBytes(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout!.on("data", (chunk: Buffer) => {
      if (chunk.toString().includes("ready ")) resolve();
    });
    child.once("exit", (code) => reject(new Error(`the server ended with code ${code}`)));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
