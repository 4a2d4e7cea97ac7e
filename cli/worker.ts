import { Command } from "commander";
import { closeDatabase, openDatabase } from "../db/client.ts";
import { readEnvironment } from "../platform/env.ts";
import { log } from "../platform/log.ts";
import { onShutdown, stopOnSignals } from "../platform/shutdown.ts";
import { startWorkers } from "../workers/main.ts";
import { openEngine } from "./database.ts";

export const command = new Command("worker")
  .description("the workers alone; many may share the queue")
  .action(async () => {
    stopOnSignals((sentence, error) => (error ? log.error({ err: error }, sentence) : log.info(sentence)));
    const engine = await openEngine(readEnvironment());
    onShutdown("database server", () => engine.stop(), 35_000);
    openDatabase(engine.appUrl);
    onShutdown("database connections", closeDatabase);
    const workers = await startWorkers(log);
    onShutdown("workers", () => workers.stop(), 15_000);
    process.stdout.write("ready\n");
  });
