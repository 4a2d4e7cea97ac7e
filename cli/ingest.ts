import { Command } from "commander";
import express from "express";
import { closeDatabase, openDatabase } from "../db/client.ts";
import { serveHttp, startIngest } from "../ingest/main.ts";
import { readEnvironment } from "../platform/env.ts";
import { log } from "../platform/log.ts";
import { metricsText } from "../platform/metrics.ts";
import { onShutdown, stopOnSignals } from "../platform/shutdown.ts";
import { openEngine } from "./database.ts";

export const command = new Command("ingest")
  .description("the ingest alone: the broker, and the HTTP pushes, /mqtt, health and metrics on INGEST_PORT")
  .action(async () => {
    stopOnSignals((sentence, error) => (error ? log.error({ err: error }, sentence) : log.info(sentence)));
    const env = readEnvironment();
    const engine = await openEngine(env);
    onShutdown("database server", () => engine.stop(), 35_000);
    openDatabase(engine.appUrl);
    onShutdown("database connections", closeDatabase);
    const ingest = await startIngest(env, log);
    onShutdown("ingest", () => ingest.stop(), 15_000);
    const app = express();
    app.disable("x-powered-by");
    app.get("/healthz", (_request, response) => void response.json({ ok: true }));
    app.get("/metrics", (request, response, next) => {
      if (env.METRICS_TOKEN && request.headers.authorization !== `Bearer ${env.METRICS_TOKEN}`)
        return void response.status(401).end();
      metricsText().then(({ body, contentType }) => response.type(contentType).send(body), next);
    });
    app.use(ingest.push);
    const server = await serveHttp(app, { host: env.HOST, port: env.INGEST_PORT, name: "INGEST_PORT" });
    ingest.attachWebSocket(server);
    onShutdown("http", () => new Promise<void>((resolve) => server.close(() => resolve())));
    process.stdout.write(`ready http://${env.HOST}:${env.INGEST_PORT}\n`);
  });
