import { fileURLToPath } from "node:url";
import { defineConfig } from "prisma/config";
import { findRunning } from "./cli/engines/embedded-postgres.ts";

/**
 * For Prisma's CLI alone: `prisma generate`, and in development `prisma migrate dev`, `status`, `diff`. The product applies
 * its migrations itself (`energy migrate`). Of the database's schemas, auth, energy and analytics are Prisma's to compare;
 * telemetry and graphile_worker it never looks at (prisma/schema.prisma, "schemas").
 */

// The native schema engine is a download; the same engine as WebAssembly comes with npm and speaks through this script.
// (Windows cannot run a script as a program: there Prisma fetches the native one.)
if (process.platform !== "win32") {
  process.env["PRISMA_SCHEMA_ENGINE_BINARY"] ??= fileURLToPath(new URL("scripts/schema-engine.mjs", import.meta.url));
}

const given = process.env["MIGRATE_DATABASE_URL"] || process.env["DATABASE_URL"];
const embedded = given ? null : await findRunning(process.env["DATA_DIR"] || ".data");
const url = given || embedded?.ownerUrl;

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  // Nothing runs and nothing is named: commands that need a database say so, the others do not need one.
  ...(url && { datasource: { url } }),
});
