import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../cli/engines/cluster-state.ts";
import type { Login } from "./clients.ts";
import { until } from "./clients.ts";

const plugin = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"]
  .map((folder) => join(folder, "mosquitto_dynamic_security.so"))
  .find((file) => existsSync(file));

const has = (program: string, ...args: string[]) => !spawnSync(program, args, { stdio: "ignore" }).error;

/** Why tests with a real Mosquitto cannot run here; null: they can. */
export const noMosquitto =
  plugin && has("mosquitto", "-h") && has("mosquitto_pub", "--version")
    ? null
    : "Debian's mosquitto and mosquitto-clients are not installed";

export interface TestMosquitto {
  port: number;
  /** As whom the ingest logs in: the plugin's admin. */
  admin: Login;
  /** MQTT_URL. */
  url: string;
  /** The plugin's own file, as it stands now. */
  dynamicSecurity(): string;
  /** What it has on disk of sessions and their messages. */
  saved(): Buffer;
  kill(signal: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  log(): string;
  stop(): Promise<void>;
}

const script = join(import.meta.dirname, "../../infrastructure/mosquitto/start.sh");

/** Debian's Mosquitto on a free port of this machine, started by the script that docs/BROKERS.md recommends. */
export async function startMosquitto({ tls }: { tls?: { cert: string; key: string } } = {}): Promise<TestMosquitto> {
  const folder = mkdtempSync(join(tmpdir(), "energy-mosquitto-"));
  const port = await freePort();
  const admin = { username: "ingest", password: "only-for-tests" };
  const extra = join(folder, "extra.conf");
  const certificates = tls ? [`certfile ${tls.cert}`, `keyfile ${tls.key}`] : [];
  writeFileSync(extra, [...certificates, "log_type all", ""].join("\n"));
  const env = {
    ...process.env,
    ...{ MOSQUITTO_DATA: folder, MOSQUITTO_PASSWORD: admin.password, MOSQUITTO_EXTRA: extra },
    MOSQUITTO_LISTENER: `${port} 127.0.0.1`,
  };
  let child: ChildProcess;

  async function start(): Promise<void> {
    child = spawn(script, { env, stdio: ["ignore", "ignore", "pipe"] });
    child.stderr!.on("data", (chunk: Buffer) => appendFileSync(join(folder, "log"), chunk));
    await until(() => readFileSync(join(folder, "log"), "utf8").split(" running\n").length > starts);
    starts++;
  }
  const saved = join(folder, "mosquitto.db");
  let starts = 1;
  appendFileSync(join(folder, "log"), "");

  async function kill(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill(signal);
    await exit;
  }

  await start();
  return {
    ...{ port, admin, start, kill },
    url: `${tls ? "mqtts" : "mqtt"}://${admin.username}:${admin.password}@127.0.0.1:${port}`,
    dynamicSecurity: () => readFileSync(join(folder, "dynamic-security.json"), "utf8"),
    saved: () => (existsSync(saved) ? readFileSync(saved) : Buffer.alloc(0)),
    log: () => readFileSync(join(folder, "log"), "utf8"),
    async stop() {
      await kill("SIGTERM");
      rmSync(folder, { recursive: true });
    },
  };
}

/** What `mosquitto_pub` (a device's own program) says and how it ends. */
export async function mosquittoPub(
  port: number,
  login: Login,
  args: readonly string[],
): Promise<{ code: number; output: string }> {
  const child = spawn("mosquitto_pub", [
    ...["-h", "127.0.0.1", "-p", String(port), "-u", login.username, "-P", login.password],
    ...args,
  ]);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, "close")) as [number];
  return { code, output };
}
