import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "../../cli/engines/cluster-state.ts";
import { push, until } from "../support/clients.ts";

/** `energy start` as a person starts it on a laptop: nothing set but where it lives. */
const energy = path.join(import.meta.dirname, "../../cli/energy.mjs");
const { NODE_ENV: _ofTheTests, APP_SECRET: _secret, ...inherited } = process.env;

let dataDir: string;
let env: NodeJS.ProcessEnv;
let server: ChildProcess;
let base: string;
let said = "";

beforeAll(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), "energy-start-"));
  // Where the tests run as root, Postgres does not: in a folder that it may enter, its files are removed with it.
  chmodSync(dataDir, 0o755);
  const [port, mqttPort] = [await freePort(), await freePort()];
  base = `http://127.0.0.1:${port}`;
  const own = { DATA_DIR: dataDir, PORT: String(port), MQTT_PORT: String(mqttPort), LOG_LEVEL: "warn" };
  env = { ...inherited, ...own, DATABASE_URL: "", MQTT_URL: "" } as unknown as NodeJS.ProcessEnv;
  server = spawn(process.execPath, [energy, "start"], { env, stdio: ["ignore", "pipe", "inherit"] });
  server.stdout!.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await until(() => said.includes("ready "), 40_000);
});

afterAll(async () => {
  if (server.exitCode === null) {
    const exit = once(server, "exit");
    server.kill("SIGTERM");
    await exit;
  }
  rmSync(dataDir, { recursive: true, force: true });
});

it("a device is added, sends, and is stored; then all of it stops", async () => {
  const person = ["--name", "O", "--email", "o@example.org", "--password", "a few words in a row"];
  const { stdout } = await promisify(execFile)(process.execPath, [energy, "org", "create", ...person], { env });
  const { apiKey } = JSON.parse(stdout) as { apiKey: string };
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
  const made = await push(base, "/api/v1/devices", { body: '{"name":"Plug"}', headers });
  expect([made.status, made.body]).toEqual([201, expect.stringContaining('"token"')]);
  const { credential } = JSON.parse(made.body) as { credential: { token: string } };
  const sent = await push(base, "/api/v1/readings", {
    body: '{"power":421}',
    headers: { authorization: `Bearer ${credential.token}` },
  });
  expect(sent.status).toBe(204);
  const exit = once(server, "exit");
  server.kill("SIGTERM");
  expect(await exit).toEqual([0, null]);
}, 60_000);
