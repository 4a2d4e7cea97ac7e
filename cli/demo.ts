import { Command } from "commander";
import { readEnvironment, type Environment } from "../platform/env.ts";
import { log } from "../platform/log.ts";
import { onShutdown, stopOnSignals } from "../platform/shutdown.ts";
import { withDatabase } from "./database.ts";
import { makeConsumer } from "./demo/consumer-roles.ts";
import { furnish, openDemoAccount, type DemoAccount } from "./demo/demo-account.ts";
import { enterContract } from "./demo/demo-contract.ts";
import { importHistory, introduce, untoldOf } from "./demo/import-history.ts";
import { loadMeasured, zonesOf, type LoadedSeries } from "./demo/load-measured.ts";
import { readManifest } from "./demo/measured-file.ts";
import { openOfflineIngest } from "./demo/offline-ingest.ts";
import { rolledUp } from "./demo/rolled-up.ts";
import { credentialed } from "./simulate/fleet.ts";
import type { CredentialedDevice } from "./simulate/simulated-device.ts";
import { startSimulation } from "./simulate/simulation.ts";
import { startAll, type Running } from "./start.ts";

interface Options {
  data?: string;
  serve: boolean;
}

const home = { site: "Home", timezone: "Europe/Berlin", price: "0.32" };
const reportEveryMs = 5_000;

export const command = new Command("demo")
  .description(
    "Runs everything with a demo organization: a household with a year of history and devices that report live. With --data, measured series instead.",
  )
  .option(
    "--data <dir>",
    "load the measured series of this folder (manifest.json and its files): a site for each time zone, a device for each series",
  )
  .option("--no-serve", "with --data: load and end")
  .action(async (options: Options, self: Command) => {
    const env = readEnvironment();
    if (!options.serve && options.data === undefined) self.error("--no-serve goes with --data");
    if (!options.serve) return loadOnly(env, options.data!);
    stopOnSignals((sentence, error) => (error ? log.error({ err: error }, sentence) : log.info(sentence)));
    const running = await startAll(env);
    await untilStopped((signal) =>
      options.data === undefined
        ? runHousehold(env, running, signal)
        : serveMeasured(env, running, options.data, signal),
    );
  });

/** Runs `work`; a stop in the middle of it waits until it has come to a good place to end. */
async function untilStopped(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stopping = new AbortController();
  const done = work(stopping.signal);
  const forget = onShutdown(
    "demo",
    () => {
      stopping.abort();
      return done;
    },
    20_000,
  );
  await done.finally(forget);
}

/** The demo household: its past up to now, and then its devices, live. */
async function runHousehold(env: Environment, running: Running, signal: AbortSignal): Promise<void> {
  const account = await openDemoAccount(env.DATA_DIR, home);
  await furnish(account, home);
  await enterContract(account.demo);
  const { demo } = account;
  const fleet = credentialed(demo);
  const { receive } = running.ingest;
  const nowMs = Date.now();
  demo.untold = await untoldOf(demo.organizationId, demo);
  await account.save();
  await introduce(fleet, nowMs);
  await makeConsumer(demo.organizationId, demo.devices.find(({ key }) => key === "wallbox")!.id);
  const say = progress("history");
  await importHistory({
    ...{ receive, fleet, fromMs: demo.untold, nowMs, seed: demo.seed, signal },
    onProgress: (reachedMs, { stored }) =>
      say(`up to ${new Date(reachedMs).toISOString().slice(0, 10)}, ${stored} readings`),
  });
  if (signal.aborted) return;
  demo.untold = {};
  await account.save();
  await rolledUp(signal, (waiting) => say(`computing, ${waiting} stretches left`));
  if (signal.aborted) return;
  goLive(env, running, { fleet, seed: demo.seed });
  announce(env, running, account);
}

function goLive(
  env: Environment,
  running: Running,
  { fleet, seed }: { fleet: CredentialedDevice[]; seed: number },
): void {
  const simulation = startSimulation({
    fleet,
    ...localAddresses(env, running),
    everyMs: reportEveryMs,
    qos: 1,
    faultSeed: seed,
    onTrouble: (sentence) => process.stderr.write(`demo: ${sentence}\n`),
  });
  onShutdown("simulated devices", () => simulation.stop());
}

async function serveMeasured(env: Environment, running: Running, folder: string, signal: AbortSignal): Promise<void> {
  const account = await accountForMeasured(env, folder);
  const { organizationId } = account.demo;
  const loaded = await loadMeasured({
    receive: running.ingest.receive,
    organizationId,
    folder,
    signal,
    onSeries: saySeries,
  });
  await rolledUp(signal, () => {});
  if (signal.aborted) return;
  printCounts(account, loaded);
  announce(env, running, account);
}

async function loadOnly(env: Environment, folder: string): Promise<void> {
  await withDatabase(env, async () => {
    const account = await accountForMeasured(env, folder);
    const { organizationId } = account.demo;
    const ingest = openOfflineIngest(log);
    try {
      const loaded = await loadMeasured({ receive: ingest.receive, organizationId, folder, onSeries: saySeries });
      await ingest.rollUp();
      printCounts(account, loaded);
    } finally {
      await ingest.stop();
    }
  });
}

/** The demo's organization; where it has to be made, its first site is that of the first time zone. */
async function accountForMeasured(env: Environment, folder: string): Promise<DemoAccount> {
  const [zone] = zonesOf(await readManifest(folder));
  return openDemoAccount(env.DATA_DIR, { site: zone!, timezone: zone! });
}

/** Where this machine reaches the servers, whatever address the world is told. */
function localAddresses(env: Environment, { url, ingest }: Running): { url: string; mqttUrl: string } {
  const host = env.HOST === "0.0.0.0" || env.HOST === "::" ? "127.0.0.1" : env.HOST;
  const port = env.PORT || new URL(url).port;
  return { url: `http://${host}:${port}`, mqttUrl: `mqtt://${host}:${ingest.mqttPort}` };
}

function announce(env: Environment, { url, mqttUrl }: Running, { demo, passwordHolds }: DemoAccount): void {
  const isLocal = env.HOST === "127.0.0.1" || env.HOST === "localhost";
  const lines = [
    "",
    `  address   ${url}`,
    `  e-mail    ${demo.email}`,
    `  password  ${passwordHolds ? demo.password : "the one that you set"}`,
    `  MQTT      ${mqttUrl}`,
    "",
    ...(isLocal ? ["  To open it to your local network: HOST=0.0.0.0 make demo", ""] : []),
    `ready ${url}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function saySeries({ id, timezone, readings, refused }: LoadedSeries): void {
  process.stderr.write(`demo: ${id} (${timezone}): ${readings} readings${refused ? `, ${refused} refused` : ""}\n`);
}

function printCounts({ demo }: DemoAccount, loaded: readonly LoadedSeries[]): void {
  const sum = (pick: (one: LoadedSeries) => number) => loaded.reduce((total, one) => total + pick(one), 0);
  const sites = new Set(loaded.map(({ timezone }) => timezone)).size;
  const { organizationId, apiKey } = demo;
  const counts = {
    sites,
    devices: loaded.length,
    readings: sum((one) => one.readings),
    refused: sum((one) => one.refused),
  };
  process.stdout.write(`${JSON.stringify({ organizationId, apiKey, ...counts })}\n`);
}

/** A line on stderr at most every second, with the time it took so far. */
function progress(what: string): (text: string) => void {
  const started = Date.now();
  let last = 0;
  return (text) => {
    const now = Date.now();
    if (now - last < 1_000) return;
    last = now;
    process.stderr.write(`demo: ${what} ${text} (${Math.round((now - started) / 1000)} s)\n`);
  };
}
