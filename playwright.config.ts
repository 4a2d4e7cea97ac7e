import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "@playwright/test";

/**
 * Browser tests run against the whole product: `energy start` on a folder and ports of its own. Playwright loads this file
 * again in each of its processes, so what the first one chose is kept in the environment.
 */
const env = process.env;
env["E2E_DATA_DIR"] ??= temporaryFolder();
env["E2E_PORT"] ??= freePort();
env["E2E_MQTT_PORT"] ??= freePort();
const baseURL = `http://127.0.0.1:${env["E2E_PORT"]}`;

const DEBIAN_CHROMIUM = "/usr/bin/chromium";
const chromium = env["PLAYWRIGHT_CHROMIUM"] ?? (existsSync(DEBIAN_CHROMIUM) ? DEBIAN_CHROMIUM : undefined);

export default defineConfig({
  testDir: "tests/e2e",
  outputDir: "test-results",
  // Each test has an organization of its own. Two share the cores, so each has the double patience.
  fullyParallel: true,
  workers: 2,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  forbidOnly: Boolean(env["CI"]),
  reporter: "list",
  use: {
    baseURL,
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    // Drawn in software, what moves costs a quarter of a core.
    contextOptions: { reducedMotion: "reduce" },
    launchOptions: {
      ...(chromium && { executablePath: chromium }),
      args: [
        ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
        ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
      ],
    },
  },
  webServer: {
    command: `"${process.execPath}" cli/energy.mjs start`,
    url: `${baseURL}/readyz`,
    timeout: 120_000,
    gracefulShutdown: { signal: "SIGTERM", timeout: 30_000 },
    stdout: "ignore",
    stderr: "pipe",
    env: {
      NODE_ENV: "development",
      HOST: "127.0.0.1",
      PORT: env["E2E_PORT"],
      MQTT_PORT: env["E2E_MQTT_PORT"],
      DATA_DIR: env["E2E_DATA_DIR"],
      // Each test comes from an address of its own (fixtures.ts), or the limit of sign-ups per address would stop the sixth.
      TRUST_PROXY: "1",
      LOG_LEVEL: "warn",
      // The receiver of webhooks.spec.ts.
      WEBHOOK_ALLOWED_HOSTS: "127.0.0.1",
      // A developer's own settings must not reach the tests.
      ...{
        DATABASE_URL: "",
        MIGRATE_DATABASE_URL: "",
        MQTT_URL: "",
        MQTT_TLS_PORT: "",
        PUBLIC_URL: "",
        SIGNUP: "",
        RESEND_API_KEY: "",
      },
    },
  },
});

/** Removed when this process ends, which is after the server's end. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "energy-e2e-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A port that is free now; asked in a process of its own, because this file cannot wait. */
function freePort(): string {
  const ask =
    "const s=require('net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})";
  return spawnSync(process.execPath, ["-e", ask], { encoding: "utf8" }).stdout.trim();
}
