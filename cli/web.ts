import { Command } from "commander";
import { closeDatabase, openDatabase } from "../db/client.ts";
import { serveHttp } from "../ingest/main.ts";
import { publicUrl, readEnvironment } from "../platform/env.ts";
import { log } from "../platform/log.ts";
import { onShutdown, stopOnSignals } from "../platform/shutdown.ts";
import { openEngine } from "./database.ts";
import { startWeb } from "./web-server.ts";

export const command = new Command("web")
  .description("the web process alone; stateless, as many as are needed")
  .action(async () => {
    stopOnSignals((sentence, error) => (error ? log.error({ err: error }, sentence) : log.info(sentence)));
    const env = readEnvironment();
    const engine = await openEngine(env);
    onShutdown("database server", () => engine.stop(), 35_000);
    openDatabase(engine.appUrl);
    onShutdown("database connections", closeDatabase);
    const web = await startWeb(env, []);
    const server = await serveHttp(web.app, { host: env.HOST, port: env.PORT, name: "PORT" });
    onShutdown("web", () => web.stop(server));
    process.stdout.write(`ready ${publicUrl(env)}\n`);
  });
