import { availableParallelism } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";

const onTimescale = process.env["ENERGY_TEST_ENGINE"] === "timescaledb";

/** What is about the embedded engine itself, or about brokers, doors, pages, people and outages, has nothing to show on another engine. */
const aboutOtherThings = [
  ...["broker-questions", "chaos", "chaos-mosquitto", "dead-worker", "demo-live", "embedded-postgres", "full-disk"],
  ...["external-broker", "external-broker-processes", "fuzz-front-doors", "imports-kill", "mqtt-tls", "outage"],
  ...[
    "ingest-api-key",
    "ingest-flood",
    "ingest-http-clients",
    "ingest-http-programs",
    "ingest-pressure",
    "ingest-refusals",
  ],
  ...["ingest-slow-consumer", "ingest-spool", "ingest-waiting", "live", "queue-outage", "sparkplug", "start"],
  ...["access-tokens", "account-access", "account-page", "accounts", "api-access", "api-keys", "api-requests"],
  ...["attacks", "attacks-texts", "isolation", "isolation-database", "isolation-programs", "web-server"],
  ...["invitations", "limited-members", "mail", "members", "platform-admin", "prisma", "secrets", "shared-links"],
  ...["bill-check-pages", "contract-pages", "device-pages", "inbox", "key-pages", "mapping", "merge-pages"],
  ...["organization-pages", "account-log", "account-timing", "api-coverage", "ingest-stopped", "outgoing", "streams"],
  ...["webhooks"],
].map((name) => `tests/integration/${name}.test.ts`);

/**
 * Two kinds of tests. `unit` needs nothing but Node. `integration` has one database cluster for the whole run, and a database
 * of its own for each file; ENERGY_TEST_ENGINE=timescaledb runs the same files against PostgreSQL with TimescaleDB.
 */
export default defineConfig({
  test: {
    // So that no test makes one in the developer's own DATA_DIR.
    env: { APP_SECRET: "only-for-tests-0123456789abcdef0123456789" },
    // Vitest's own choice is a core less; much of the integration tests' time is waiting.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: [
            "{domain,db,ingest,workers,platform,cli,app,scripts}/**/*.test.{ts,tsx}",
            "tests/{architecture,fuzz}/*.test.ts",
          ],
          setupFiles: ["tests/support/fail-on-console-error.ts"],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: onTimescale ? "integration on TimescaleDB" : "integration",
          include: ["tests/integration/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...(onTimescale ? aboutOtherThings : [])],
          globalSetup: ["tests/support/global-setup.ts"],
          setupFiles: ["tests/support/fail-on-console-error.ts"],
          runner: "tests/support/skipping-runner.ts",
          pool: "forks",
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
