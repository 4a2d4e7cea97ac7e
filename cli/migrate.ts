import { Command } from "commander";
import { readEnvironment } from "../platform/env.ts";
import { migrateEngine, openEngine } from "./database.ts";

export const command = new Command("migrate")
  .description("brings the database to this version; a second run changes nothing")
  .option("--json", "print the applied migrations as JSON")
  .action(async ({ json }: { json?: boolean }) => {
    const engine = await openEngine(readEnvironment());
    try {
      const applied = await migrateEngine(engine);
      process.stdout.write(json ? `${JSON.stringify({ applied })}\n` : `${applied.join("\n") || "nothing to do"}\n`);
    } finally {
      await engine.stop();
    }
  });
