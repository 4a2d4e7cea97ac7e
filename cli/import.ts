import { randomUUID } from "node:crypto";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { getImport, type ImportRow } from "../db/imports.ts";
import { claimImport } from "../db/import-runs.ts";
import { metricOf } from "../domain/history/detect.ts";
import { formatNames } from "../domain/history/options.ts";
import { isTimePattern } from "../domain/history/time-pattern.ts";
import { isZone } from "../domain/local-time/zone.ts";
import { runImport } from "../ingest/imports/run-import.ts";
import { importPath } from "../ingest/imports/runner.ts";
import { Wake } from "../ingest/wake.ts";
import { SetupError, readEnvironment } from "../platform/env.ts";
import { log } from "../platform/log.ts";
import { onShutdown, stopOnSignals } from "../platform/shutdown.ts";
import { rollUpOnce } from "../workers/roll-up/roll-up.ts";
import { withDatabase } from "./database.ts";
import { handOver } from "./import/hand-over.ts";
import { formatWords, headOf, planFor, type Plan, type PlanOptions } from "./import/plan.ts";
import { preview, type Preview } from "./import/preview.ts";
import { targetOf } from "./import/target.ts";

interface Options extends PlanOptions {
  device?: string;
  site?: string;
  organization?: string;
  timezone?: string;
  dryRun?: boolean;
  json?: boolean;
}

function whole(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number))
    throw new InvalidArgumentError("a whole number is expected.");
  return number;
}

function zone(text: string): string {
  if (!isZone(text)) throw new InvalidArgumentError("an IANA time zone such as Europe/Berlin is expected.");
  return text;
}

function timePattern(text: string): string {
  if (!isTimePattern(text))
    throw new InvalidArgumentError("iso, unix or a pattern such as dd.MM.yyyy HH:mm is expected.");
  return text;
}

export const command = new Command("import")
  .description(
    "History from a file into a device: CSV (also of Home Assistant, dsmr-reader and emoncms), InfluxDB line protocol, emoncms feeds and backups, Green Button XML; gzip or not. The same file again changes nothing; after an interruption, the same command goes on.",
  )
  .argument("<file>")
  .addOption(new Option("--format <format>", "what the file is").choices(Object.keys(formatWords)).default("auto"))
  .option("--device <id|name>", "whose history it is; a new name makes a device (default: the file's name)")
  .option("--site <id|name>", "where that device is, when it is not clear")
  .option("--organization <id|name>", "whose site, when it is not clear")
  .option("--timezone <zone>", "of times without one (default: the site's)", zone)
  .option(
    "--map <columns>",
    "metric=column[:unit[:kind]], separated by commas: time=Datum+Uhrzeit,power=Leistung:kW (default: guessed)",
  )
  .option("--time-format <pattern>", "iso, unix or such as dd.MM.yyyy HH:mm (default: guessed)", timePattern)
  .option("--start <seconds>", "of a PHPFina feed without its .meta file: unix time of its first value", whole)
  .option("--interval <seconds>", "of a PHPFina feed without its .meta file", whole)
  .option("--dry-run", "read the whole file, store nothing, and say what it would bring")
  .option("--json", "write the result as JSON")
  .action((file: string, options: Options) => (options.dryRun ? dryRun(file, options) : importFile(file, options)));

const say = (sentence: string) => void process.stderr.write(`${sentence}\n`);

function sayPlan({ options, doubts }: Plan): void {
  say(`${formatNames[options.format]}${options.format === "csv" ? `, times by ${options.csv.time.pattern}` : ""}`);
  if (options.format === "csv") {
    for (const { column, metric, unit, kind } of options.csv.columns) {
      say(`  ${column} -> ${options.csv.metricColumn ?? metric} (${kind}${unit === null ? "" : `, ${unit}`})`);
    }
  }
  for (const doubt of doubts) say(`  ${doubt}`);
}

async function dryRun(file: string, options: Options): Promise<void> {
  if (!options.timezone) say("Times without a zone are taken for UTC here: --timezone says another.");
  const plan = await planFor({ file, head: await headOf(file) }, options, options.timezone ?? "UTC");
  sayPlan(plan);
  const found = await preview(file, plan.options);
  if (options.json)
    process.stdout.write(`${JSON.stringify({ options: plan.options, doubts: plan.doubts, ...found })}\n`);
  else process.stdout.write(previewText(found));
}

function previewText({ readings, refused, channels, refusals }: Preview): string {
  const lines = channels.map(
    ({ metric, unit, kind, readings, from, to }) =>
      `${metric} (${kind}${unit === null ? "" : `, ${unit}`}): ${readings} readings, ${from} to ${to}`,
  );
  const wrong = refusals.slice(0, 20).map(({ row, reason }) => `row ${row}: ${reason}`);
  return `${[...lines, `${readings} readings, ${refused} refused`, ...wrong].join("\n")}\n`;
}

async function importFile(file: string, options: Options): Promise<void> {
  const stopping = new AbortController();
  stopOnSignals(() => {});
  const done = await withDatabase(readEnvironment(), async () => {
    const running = store(file, options, stopping.signal);
    const forget = onShutdown("import", async () => {
      stopping.abort();
      await running.catch(() => {});
      say("Interrupted: the same command goes on where it stopped.");
    });
    return running.finally(forget);
  });
  if (done) report(done, options);
}

async function store(file: string, options: Options, signal: AbortSignal): Promise<ImportRow | null> {
  const head = await headOf(file);
  const fileName = path.basename(file).slice(0, 200);
  const target = await targetOf(options.device ?? metricOf(file), options);
  const { site, deviceName, isNew } = target;
  say(`${isNew ? "New device" : "Device"} ${deviceName} at ${site.name} (${site.organization})`);
  const plan = await planFor({ file, head }, options, options.timezone ?? site.timezone);
  sayPlan(plan);
  const onProgress = (share: number) => progress(`handed over ${percent(share)}`);
  const id = await handOver(target, { file, fileName, options: plan.options, signal, onProgress });
  if (id === null) return null;
  await runHere(id, signal);
  return whenEnded(site.organizationId, id, signal);
}

/** Stores it in this process, unless a running ingest has taken it already. */
async function runHere(id: string, signal: AbortSignal): Promise<void> {
  const holder = randomUUID();
  const claimed = await claimImport(holder, id);
  if (!claimed) return;
  const wake = new Wake(log);
  const intake = importPath({ wake, log });
  try {
    await runImport(claimed, {
      ...{ holder, receive: intake.receive, signal },
      onProgress: (bytes, { stored, refused }) =>
        progress(`${percent(bytes / claimed.size)}: ${stored} stored, ${refused} refused`),
    });
    if (!signal.aborted) while ((await rollUpOnce()) > 0);
  } finally {
    await intake.stop();
    wake.stop();
  }
}

async function whenEnded(organizationId: string, id: string, signal: AbortSignal): Promise<ImportRow | null> {
  for (;;) {
    const row = await getImport(organizationId, id);
    if (!row) throw new SetupError("The import is gone: was its device deleted?");
    if (row.state !== "running" && row.state !== "waiting") return row;
    if (signal.aborted) return null;
    progress(`${percent(row.readBytes / row.size)}: ${row.stored} stored, ${row.refused} refused`);
    await pause(500);
  }
}

const percent = (share: number) => `${Math.min(100, Math.floor(share * 100))} %`;
let lastProgressMs = 0;

function progress(text: string): void {
  if (Date.now() - lastProgressMs < 500) return;
  lastProgressMs = Date.now();
  say(`import: ${text}`);
}

function report(row: ImportRow, { json }: Options): void {
  const { id, deviceId, state, error, stored, refused, ambiguous, firstMs, lastMs, refusals } = row;
  const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  if (json) {
    const record = {
      id,
      deviceId,
      state,
      error,
      stored,
      refused,
      ambiguous,
      from: iso(firstMs),
      to: iso(lastMs),
      refusals,
    };
    process.stdout.write(`${JSON.stringify(record)}\n`);
  } else {
    for (const { row: number, reason } of refusals) say(`row ${number}: ${reason}`);
    if (refused > refusals.length) say(`… and ${refused - refusals.length} more`);
    const period = firstMs === null ? "" : `, ${iso(firstMs)} to ${iso(lastMs)}`;
    process.stdout.write(`${stored} readings stored, ${refused} refused${period}\n`);
  }
  if (state === "done") return;
  say(error ?? `The import was ${state}.`);
  process.exitCode = 1;
}
