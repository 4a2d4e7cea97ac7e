import { Command, CommanderError } from "commander";
import { runAs, type Actor } from "../db/actor.ts";
import { nearestName } from "./nearest-name.ts";
import { productVersion } from "./version.ts";

type Subcommand = { summary: string; load: () => Promise<{ command: Command }> };

/** Every subcommand of `energy`. Only the chosen one's module is loaded: the others would cost each start their imports. */
export const subcommands: Record<string, Subcommand> = {
  start: { summary: "run everything: web, ingest and workers", load: () => import("./start.ts") },
  web: { summary: "run the web process alone", load: () => import("./web.ts") },
  ingest: { summary: "run the ingest alone: MQTT and HTTP in, rows out", load: () => import("./ingest.ts") },
  worker: {
    summary: "run the worker alone: roll-ups and everything that happens later",
    load: () => import("./worker.ts"),
  },
  migrate: { summary: "bring the database to this version", load: () => import("./migrate.ts") },
  backup: { summary: "the whole installation into one file, while it runs", load: () => import("./backup.ts") },
  restore: { summary: "an installation from a backup, into an empty database", load: () => import("./restore.ts") },
  export: { summary: "everything of an organization into one file", load: () => import("./export.ts") },
  rebuild: { summary: "buckets and events anew from the stored readings", load: () => import("./rebuild.ts") },
  org: { summary: "create organizations, and bring them in from an export", load: () => import("./org.ts") },
  admin: { summary: "who runs the platform, at /admin", load: () => import("./admin.ts") },
  secrets: { summary: "seal what is kept secret under a new APP_SECRET", load: () => import("./secrets.ts") },
  user: { summary: "look after people's accounts", load: () => import("./user.ts") },
  decode: {
    summary: "read device messages from stdin, write the readings they hold",
    load: () => import("./decode.ts"),
  },
  meter: { summary: "the rules of energy without a database", load: () => import("./meter.ts") },
  import: { summary: "history from a file into a device", load: () => import("./import.ts") },
  simulate: {
    summary: "devices that behave like real ones, over real MQTT and HTTP",
    load: () => import("./simulate.ts"),
  },
  demo: {
    summary: "run everything with a demo organization, or load measured series",
    load: () => import("./demo.ts"),
  },
  bill: { summary: "the bill of a period: buckets (CSV) at a tariff (JSON)", load: () => import("./bill.ts") },
  bench: { summary: "measure: a JSON line for each figure, with its limit", load: () => import("./bench.ts") },
};

/** Wrong usage: the command line itself is at fault, not what it asked for. */
const USAGE = 2;

/** Runs `energy` with these arguments; sets the exit code, and ends the process itself only when something failed. */
export async function main(args: string[]): Promise<void> {
  endQuietlyWhenTheReaderLeaves();
  const asked = args[0] === "help" ? [...args.slice(1), "--help"] : args;
  const name = asked[0];
  try {
    if (name !== undefined && !name.startsWith("-") && !Object.hasOwn(subcommands, name)) return refuseUnknown(name);
    const program = await programWith(name);
    if (name === undefined) {
      program.outputHelp({ error: true });
      process.exitCode = USAGE;
      return;
    }
    await runAs(actorOf(asked), () => program.parseAsync(asked, { from: "user" }));
  } catch (error) {
    await fail(error);
  }
}

/** The program with the chosen subcommand in full, and the others as one line of help each. */
async function programWith(chosen: string | undefined): Promise<Command> {
  const program = new Command("energy")
    .description("Energy Tracking: readings become a live picture of energy use and cost.")
    .version(productVersion())
    .helpCommand("help [command]", "show the help of a command")
    .exitOverride();
  for (const [name, { summary, load }] of Object.entries(subcommands)) {
    if (name !== chosen) program.command(name).summary(summary).description(summary);
    else program.addCommand(throwing((await load()).command.name(name).summary(summary)));
  }
  return program;
}

/** Commander would end the process on its own; thrown errors let the exit code be told apart and files be closed. */
function throwing(command: Command): Command {
  command.exitOverride();
  for (const child of command.commands) throwing(child);
  return command;
}

/** What these do, they do for others. */
const servers = new Set(["start", "web", "ingest", "worker", "demo"]);

function actorOf(asked: readonly string[]): Actor {
  return servers.has(asked[0]!) ? { kind: "system" } : { kind: "command", name: commandName(asked) };
}

/** "energy org create": what the audit log says who did it, without what was given to it. */
const commandName = (asked: readonly string[]) => {
  const words = asked.findIndex((word) => !/^[a-z-]+$/.test(word) || word.startsWith("-"));
  return ["energy", ...asked.slice(0, words < 0 ? 2 : Math.min(words, 2))].join(" ");
};

function refuseUnknown(name: string): void {
  const nearest = nearestName(name, Object.keys(subcommands));
  const hint = nearest ? `Did you mean "energy ${nearest}"?` : `"energy --help" lists them.`;
  process.stderr.write(`There is no command "${name}". ${hint}\n`);
  process.exitCode = USAGE;
}

/** Says what went wrong (one sentence when it was to be expected, the stack when not), stops what runs, and ends. */
async function fail(error: unknown): Promise<void> {
  if (error instanceof CommanderError) {
    // Commander has already written its message. Its own 1 stands for wrong usage, unless a command called error().
    const usage = error.exitCode === 1 && error.code !== "commander.error";
    process.exitCode = usage ? USAGE : error.exitCode;
    return;
  }
  process.stderr.write(`${wording(error)}\n`);
  const { shutdown } = await import("../platform/shutdown.ts");
  await shutdown("failed", 1);
}

function wording(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const expected = (error as { expected?: unknown }).expected === true || /^(Engine|Setup)Error$/.test(error.name);
  return expected ? error.message : (error.stack ?? error.message);
}

/** `energy decode | head` closes our stdout early; that is no failure. */
function endQuietlyWhenTheReaderLeaves(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
}
