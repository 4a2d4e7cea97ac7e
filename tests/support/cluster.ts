import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { openEmbeddedPostgres } from "../../cli/engines/embedded-postgres.ts";
import { atDatabase, startTimescale } from "../../cli/engines/timescale.ts";

/** The database server of a test run. */
export interface TestCluster {
  /** Superuser, at the database `postgres`. */
  ownerUrl: string;
  /** The run-time login, which has no rights but those that the migrations give it. */
  appUrl: string;
  timescale: boolean;
  stop(): Promise<void>;
}

/** Starts it. @throws EngineUnavailable where TimescaleDB was asked for and cannot be installed. */
export async function startTestCluster(engine: string | undefined): Promise<TestCluster> {
  return engine === "timescaledb" ? timescaleCluster() : startEmbedded();
}

async function startEmbedded(): Promise<TestCluster> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "energy-tests-"));
  // Else root's server, which runs as another user, would keep its files outside and leave them behind.
  chmodSync(dataDir, 0o755);
  const lines: string[] = [];
  // Nothing in here outlives the run, so nothing waits for the disk.
  const settings = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };
  const engine = await openEmbeddedPostgres({ dataDir, settings, own: true, log: (line) => lines.push(line) });
  return {
    ownerUrl: atDatabase(engine.ownerUrl, "postgres"),
    appUrl: atDatabase(engine.appUrl, "postgres"),
    timescale: false,
    async stop() {
      await engine.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function timescaleCluster(): Promise<TestCluster> {
  const { ownerUrl, appUrl, stop } = await startTimescale();
  return { ownerUrl, appUrl, timescale: true, stop: async () => stop() };
}
