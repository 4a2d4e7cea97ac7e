import pg from "pg";
import type { TestProject } from "vitest/node";
import { atDatabase, EngineUnavailable } from "../../cli/engines/timescale.ts";
import { migrate } from "../../db/migrate.ts";
import { startTestCluster, type TestCluster } from "./cluster.ts";

/** What a test file is told about the server, by `inject("cluster")`. */
export interface ProvidedCluster {
  ownerUrl: string;
  appUrl: string;
  /** Migrated once; each test file clones it. */
  template: string;
  timescale: boolean;
  /** Why there is no server, where there is none. */
  unavailable?: string;
}

declare module "vitest" {
  export interface ProvidedContext {
    cluster: ProvidedCluster;
  }
}

/** One server for the whole run, with a migrated database to clone. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let cluster: TestCluster;
  try {
    cluster = await startTestCluster(process.env["ENERGY_TEST_ENGINE"]);
  } catch (error) {
    if (!(error instanceof EngineUnavailable)) throw error;
    const unavailable = error.message;
    project.provide("cluster", { ownerUrl: "", appUrl: "", template: "", timescale: false, unavailable });
    return async () => {};
  }
  const template = `energy_template_${process.pid}`;
  const { ownerUrl, appUrl, timescale } = cluster;
  try {
    await createTemplate(ownerUrl, { template, timescale });
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  project.provide("cluster", { ownerUrl, appUrl, template, timescale });
  return async () => {
    await onServer(ownerUrl, (client) => client.query(`drop database if exists ${template} with (force)`));
    await cluster.stop();
  };
}

async function createTemplate(
  ownerUrl: string,
  { template, timescale }: { template: string; timescale: boolean },
): Promise<void> {
  await onServer(ownerUrl, (client) => client.query(`create database ${template}`));
  const url = atDatabase(ownerUrl, template);
  if (timescale) await onServer(url, (client) => client.query("create extension if not exists timescaledb"));
  await migrate(url);
}

async function onServer(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
