import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
  kill(signal: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  log(): string;
  stop(): Promise<void>;
}

/** Debian's Mosquitto on a free port of this machine, with the dynamic-security plugin as docs/BROKERS.md sets it up. */
export async function startMosquitto({ tls }: { tls?: { cert: string; key: string } } = {}): Promise<TestMosquitto> {
  const folder = mkdtempSync(join(tmpdir(), "energy-mosquitto-"));
  chmodSync(folder, 0o755);
  const port = await freePort();
  const admin = { username: "ingest", password: "only-for-tests" };
  const security = join(folder, "dynamic-security.json");
  spawnSync("mosquitto_ctrl", ["dynsec", "init", security, admin.username, admin.password], { stdio: "ignore" });
  const config = join(folder, "mosquitto.conf");
  writeFileSync(config, configuration({ folder, port, security, tls }));
  let child: ChildProcess;

  async function start(): Promise<void> {
    child = spawn("mosquitto", ["-c", config], { stdio: ["ignore", "ignore", "pipe"] });
    child.stderr!.on("data", (chunk: Buffer) => appendFileSync(join(folder, "log"), chunk));
    await until(() => readFileSync(join(folder, "log"), "utf8").split(" running\n").length > starts);
    starts++;
  }
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
    dynamicSecurity: () => readFileSync(security, "utf8"),
    log: () => readFileSync(join(folder, "log"), "utf8"),
    async stop() {
      await kill("SIGTERM");
      rmSync(folder, { recursive: true });
    },
  };
}

function configuration(at: {
  folder: string;
  port: number;
  security: string;
  tls: { cert: string; key: string } | undefined;
}): string {
  return [
    // Started by root it would otherwise become a user that may not write in this folder.
    ...(process.getuid?.() === 0 ? ["user root"] : []),
    `listener ${at.port} 127.0.0.1`,
    ...(at.tls ? [`certfile ${at.tls.cert}`, `keyfile ${at.tls.key}`] : []),
    "allow_anonymous false",
    `plugin ${plugin}`,
    `plugin_opt_config_file ${at.security}`,
    "persistence true",
    `persistence_location ${at.folder}/`,
    "autosave_interval 1",
    "autosave_on_changes true",
    "max_inflight_messages 0",
    "max_queued_messages 0",
    "log_dest stderr",
    "log_type all",
    "",
  ].join("\n");
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
