import type { Server } from "node:http";
import { Command } from "commander";
import type { Express } from "express";
import { startWeb } from "./web-server.ts";
import { closeDatabase, openDatabase } from "../db/client.ts";
import { serveHttp, startIngest, type Ingest } from "../ingest/main.ts";
import { publicUrl, readEnvironment, type Environment } from "../platform/env.ts";
import { log } from "../platform/log.ts";
import { onShutdown, stopOnSignals } from "../platform/shutdown.ts";
import { startWorkers } from "../workers/main.ts";
import { migrateEngine, openEngine } from "./database.ts";

export interface Running {
  /** Where a browser finds it. */
  url: string;
  mqttUrl: string;
  ingest: Ingest;
}

/**
 * Web, ingest and workers in this process, with the embedded database and broker where none are given. What was started
 * is stopped again, last first, by platform/shutdown.
 * @throws SetupError or EngineError: one sentence for the person who starts it.
 */
export async function startAll(env: Environment): Promise<Running> {
  const engine = await openEngine(env, { own: true });
  onShutdown("database server", () => engine.stop(), 35_000);
  await migrateEngine(engine);
  openDatabase(engine.appUrl);
  onShutdown("database connections", closeDatabase);
  const ingest = await startIngest(env, log);
  onShutdown("ingest", () => ingest.stop(), 15_000);
  const workers = await startWorkers(log);
  onShutdown("workers", () => workers.stop(), 15_000);
  const web = await startWeb(env, [ingest.push]);
  const server = await serve(web.app, env, ingest);
  onShutdown("web", () => web.stop(server));
  const url = publicUrl({ ...env, PORT: portOf(server, env.PORT) });
  return {
    url,
    mqttUrl: env.MQTT_PUBLIC_URL ?? `mqtt://${new URL(url).hostname}:${ingest.mqttPort ?? env.MQTT_PORT}`,
    ingest,
  };
}

async function serve(app: Express, env: Environment, ingest: Ingest): Promise<Server> {
  const server = await serveHttp(app, { host: env.HOST, port: env.PORT, name: "PORT" });
  ingest.attachWebSocket(server);
  return server;
}

function portOf(server: Server, fallback: number): number {
  const address = server.address();
  return typeof address === "object" && address ? address.port : fallback;
}

export const command = new Command("start")
  .description("web, ingest and workers in one process, with the embedded database and broker where none are given")
  .action(async () => {
    stopOnSignals((sentence, error) => (error ? log.error({ err: error }, sentence) : log.info(sentence)));
    const { url } = await startAll(readEnvironment());
    process.stdout.write(`ready ${url}\n`);
  });
