import { Command, InvalidArgumentError } from "commander";
import { SetupError } from "../platform/env.ts";
import { onShutdown, shutdown, stopOnSignals } from "../platform/shutdown.ts";
import { createDevices } from "./simulate/create-devices.ts";
import { readJsonFile, simulationFile, writeJsonFile, type SimulationFile } from "./simulate/credentials-file.ts";
import { credentialed, devicesOfHouse, makeFleet } from "./simulate/fleet.ts";
import { startSimulation, type Counts } from "./simulate/simulation.ts";

interface Options {
  url: string;
  mqtt: string;
  devices?: number;
  every: number;
  seed?: number;
  for?: number;
  qos: 0 | 1;
  credentials?: string;
  apiKey?: string;
  timezone: string;
  faults: boolean;
  json?: boolean;
}

/** "5s", "250ms", "2m", "1h": milliseconds. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  const scale = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[match?.[2] ?? "s"]!;
  const ms = match ? Number(match[1]) * scale : NaN;
  if (!(ms >= 1)) throw new InvalidArgumentError("a length of time such as 5s, 250ms, 2m or 1h is expected.");
  return ms;
}

function whole(text: string): number {
  const number = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(number))
    throw new InvalidArgumentError("a whole number is expected.");
  return number;
}

function count(text: string): number {
  const number = whole(text);
  if (number < 1 || number > 10_000) throw new InvalidArgumentError("1 to 10000 is expected.");
  return number;
}

function qos(text: string): 0 | 1 {
  if (text !== "0" && text !== "1") throw new InvalidArgumentError("0 or 1 is expected.");
  return text === "1" ? 1 : 0;
}

export const command = new Command("simulate")
  .description(
    "A household's devices (smart meter, solar inverter, heat pump and washing machine on Tasmota plugs, wallbox behind a Shelly Pro 3EM) over real MQTT and HTTP.",
  )
  .option("--url <address>", "the product's HTTP address", "http://127.0.0.1:3000")
  .option("--mqtt <address>", "its broker", "mqtt://127.0.0.1:1883")
  .option(
    "--devices <n>",
    `how many; ${devicesOfHouse} make a household (default: those of the file, else ${devicesOfHouse})`,
    count,
  )
  .option("--every <time>", "a report of each device every 5s, 250ms, 2m …", duration, 5_000)
  .option("--seed <n>", "the same seed makes the same household (default: the file's, else 7)", whole)
  .option("--for <time>", "stop after this long (default: on Ctrl-C)", duration)
  .option("--qos <0|1>", "MQTT quality of service", qos, 1)
  .option(
    "--credentials <file>",
    "devices that are there already (the demo keeps them in DATA_DIR/demo.json); with --api-key, a file that does not exist yet is made",
  )
  .option("--api-key <key>", "make the devices through the API with this key")
  .option("--timezone <zone>", "where the household lives", "Europe/Berlin")
  .option("--no-faults", "no duplicates and no late bursts")
  .option("--json", "write the counts as JSON at the end")
  .action(simulate);

async function simulate(options: Options): Promise<void> {
  stopOnSignals(() => {});
  const file = await devicesFor(options);
  if (options.devices !== undefined && options.devices > file.devices.length) {
    const advice = "name a file that does not exist yet, with --api-key, to make more";
    throw new SetupError(
      `${options.credentials} has ${file.devices.length} devices, not ${options.devices}: ${advice}.`,
    );
  }
  const fleet = credentialed(file).slice(0, options.devices);
  const simulation = startSimulation({
    fleet,
    url: options.url,
    mqttUrl: options.mqtt,
    everyMs: options.every,
    qos: options.qos,
    faultSeed: options.faults ? file.seed : null,
    onTrouble: (sentence) => process.stderr.write(`${sentence}\n`),
  });
  const progress = setInterval(() => say(fleet.length, simulation.counts()), 5_000);
  const forMs = options.for;
  const end = forMs === undefined ? undefined : setTimeout(() => endInTime(simulation.counts()), forMs);
  onShutdown("simulation", async () => {
    clearInterval(progress);
    clearTimeout(end);
    const counts = await simulation.stop();
    say(fleet.length, counts);
    if (options.json) process.stdout.write(`${JSON.stringify({ devices: fleet.length, ...counts })}\n`);
  });
}

/** A run in which nothing came through is not a success. */
function endInTime({ sent, failed }: Counts): void {
  void shutdown("time is up", sent > 0 && failed === sent ? 1 : 0);
}

function say(devices: number, { sent, acknowledged, failed }: Counts): void {
  process.stderr.write(
    `simulate: ${devices} devices, ${sent} messages sent, ${acknowledged} acknowledged, ${failed} failed\n`,
  );
}

/** The devices of the file, or new ones by the API. */
async function devicesFor({
  credentials,
  apiKey,
  devices = devicesOfHouse,
  seed = 7,
  url,
  timezone,
}: Options): Promise<SimulationFile> {
  const known = credentials === undefined ? null : await readJsonFile(credentials, simulationFile);
  if (known) return known;
  if (apiKey === undefined) {
    const what = credentials === undefined ? "Nothing says which devices to be" : `${credentials} does not exist`;
    throw new SetupError(
      `${what}: give --credentials with a file of the demo or of an earlier run, or --api-key to make devices.`,
    );
  }
  // Yesterday, so that Tasmota's "Yesterday" is not empty.
  const sinceMs = Math.floor(Date.now() / 86_400_000 - 1) * 86_400_000;
  const fleet = makeFleet({ seed, sinceMs, devices, timezone });
  const file: SimulationFile = { seed, sinceMs, timezone, devices: await createDevices(fleet, { url, apiKey }) };
  if (credentials !== undefined) await writeJsonFile(credentials, file);
  return file;
}
