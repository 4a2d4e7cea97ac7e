import { readFileSync } from "node:fs";
import { Command } from "commander";
import { isZone } from "../domain/local-time/zone.ts";
import { bill } from "../domain/tariff/bill.ts";
import { billJson } from "../domain/tariff/bill-json.ts";
import { parseContract, type TariffVersion } from "../domain/tariff/contract.ts";
import { tariffJsonSchema } from "../domain/tariff/json-schema.ts";
import { libraryJson, libraryNames } from "../domain/tariff/library.ts";
import type { Period } from "../domain/tariff/scope.ts";
import { endOf, usageOf, type Usage } from "../domain/tariff/usage.ts";
import { SetupError } from "../platform/env.ts";
import { readBuckets } from "./bill/buckets-csv.ts";
import { instantOf, periodOf } from "./bill/period.ts";

interface Options {
  buckets?: string;
  tariff?: string;
  timezone?: string;
  period?: string;
  from?: string;
  to?: string;
  schema?: boolean;
  library?: boolean | string;
}

export const command = new Command("bill")
  .description(
    "The bill of a period: 15-minute buckets (CSV) at a tariff (JSON), with every line's arithmetic; prints JSON.",
  )
  .argument("[buckets]", "the buckets' CSV; - is stdin")
  .argument("[tariff]", "the tariff's or contract's JSON")
  .argument("[timezone]", "the site's zone")
  .argument("[from]", "first day, or a period: 2026, 2026-03, 2026-03-01/2026-04-01")
  .argument("[to]", "the day after the last")
  .option("--buckets <file>", "the buckets' CSV; - is stdin")
  .option("--tariff <file>", "the tariff's or contract's JSON; library:NAME is one of the product's own")
  .option("--timezone <zone>", "IANA zone of local days and hours (default: UTC)")
  .option("--from <day>", "first local day (2026-03-01), or an instant (2026-03-01T00:00:00Z); included")
  .option("--to <day>", "the local day after the last, or an instant; excluded")
  .option("--period <period>", "instead of from and to: 2026, 2026-03, 2026-03-29 or FROM/TO")
  .option("--schema", "print the JSON Schema of tariffs and contracts, and nothing else")
  .option("--library [name]", "list the product's own tariffs, or print one, and nothing else")
  .option("--json", "write JSON (the only form there is)")
  .addHelpText("after", () => help)
  .action(run);

const help = `
Example:
  energy bill --buckets year.csv --tariff tariff.json --timezone Europe/Berlin --from 2026-01-01 --to 2027-01-01

Buckets, a row each, start in UTC or with an offset (without one it is the zone's wall clock), any order:
  start,importKwh,exportKwh,price,estimatedKwh,coveredSeconds
  2026-01-01T00:00:00Z,0.125,0,0.0871,0,900
  Only start and importKwh are needed. Also understood: energyKwh and reverseKwh, as a series is exported; price:NAME for a
  price channel of another name; gas and water in m3. Rows of 30 or 60 minutes are spread over their quarter-hours.
  Buckets before the period fill tiers, the net-metering bank and the months that peaks are compared with.
  Without a period, the whole of the file is billed.

Tariff, the least:
  {"name":"Flat","currency":"EUR","components":[
    {"type":"energy","price":"0.32"},
    {"type":"standing","amount":"9.90","per":"month"},
    {"type":"tax","percent":"19"}]}
  Components: energy, levy, feed-in, standing, demand, credit, net-metering, tax. A price is a decimal or an object:
    {"kind":"time-of-use","rates":[{"name":"Night","price":"0.20","when":[{"hours":["22:00-06:00"]}]},{"name":"Day","price":"0.30"}]}
    {"kind":"tiered","per":"month","tiers":[{"upTo":"100","price":"0.20"},{"price":"0.30"}]}
    {"kind":"dynamic","channel":"price","factor":"1.19","markup":"0.02","floor":"0","cap":"0.60"}
  A contract: {"versions":[{"validFrom":"2026-01-01","tariff":{...}},{"validFrom":"2026-07-01","tariff":{...}}]}
  All of it: energy bill --schema, docs/TARIFFS.md; whole ones: energy bill --library

Out: {"currency","timezone","from","to","total","exactTotal","lines":[{"component","type","name","rate","from","to","quantity",
  "unit","unitPrice","amount","exact","arithmetic","estimated","notes","buckets":[[from,to],…]}],"completeness","notes"}
  amount is rounded per line, exact is not; total is the sum of the amounts.`;

function run(...given: [...(string | undefined)[], Options, Command]): void {
  const [buckets, tariff, timezone, from, to] = given.slice(0, 5) as (string | undefined)[];
  const options = given[5] as Options;
  if (options.schema) return write(tariffJsonSchema(), 2);
  if (options.library !== undefined) return printLibrary(options.library);
  const files = filesOf(options.buckets, options.tariff, [buckets, tariff]);
  const zone = zoneOf(options.timezone ?? timezone);
  const versions = readContract(files.tariff);
  const usage = readUsage(files.buckets, zone);
  const isPeriod = from !== undefined && to === undefined && options.to === undefined;
  const asked = isPeriod
    ? { period: from, ...options }
    : { ...options, from: options.from ?? from, to: options.to ?? to };
  const period = askedPeriod(asked, zone, usage);
  write(billJson(expected(() => bill(usage, versions, period, zone))));
}

const write = (value: object, indent?: number): void =>
  void process.stdout.write(`${JSON.stringify(value, null, indent)}\n`);

function printLibrary(name: true | string | false): void {
  if (typeof name !== "string") return write({ tariffs: libraryNames() }, 2);
  write(fromLibrary(name), 2);
}

function fromLibrary(name: string): object {
  const json = libraryJson(name);
  if (json === null) throw new SetupError(`The library has no tariff "${name}": ${libraryNames().join(", ")}.`);
  return json;
}

/** By option or by position; a .json and a .csv in the other order are what they look like. */
function filesOf(bucketsOption: string | undefined, tariffOption: string | undefined, given: (string | undefined)[]) {
  let [buckets, tariff] = given;
  if (buckets?.endsWith(".json") && !tariff?.endsWith(".json")) [buckets, tariff] = [tariff, buckets];
  buckets = bucketsOption ?? buckets;
  tariff = tariffOption ?? tariff;
  if (buckets === undefined) throw new SetupError("Which buckets? --buckets FILE.csv (see energy bill --help).");
  if (tariff === undefined)
    throw new SetupError("Which tariff? --tariff FILE.json, or library:NAME (see energy bill --help).");
  return { buckets, tariff };
}

function zoneOf(zone: string | undefined): string {
  if (zone === undefined) process.stderr.write("No --timezone: local days and hours are those of UTC.\n");
  if (zone !== undefined && !isZone(zone))
    throw new SetupError(`"${zone}" is no time zone; an IANA name such as Europe/Berlin is expected.`);
  return zone ?? "UTC";
}

function textOf(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (cause) {
    throw new SetupError(`${file} cannot be read: ${(cause as Error).message}`);
  }
}

function readContract(file: string): TariffVersion[] {
  const parsed = parseContract(file.startsWith("library:") ? fromLibrary(file.slice(8)) : jsonOf(file));
  if (!parsed.ok) throw new SetupError(`${file} is no tariff: ${parsed.error}`);
  return parsed.value;
}

function jsonOf(file: string): unknown {
  try {
    return JSON.parse(textOf(file));
  } catch (cause) {
    if (cause instanceof SetupError) throw cause;
    throw new SetupError(`${file} is no JSON: ${(cause as Error).message}`);
  }
}

function readUsage(file: string, timezone: string): Usage {
  const { buckets, ignored, minutes } = readBuckets(textOf(file), timezone);
  if (ignored.length > 0) process.stderr.write(`Columns that say nothing here: ${ignored.join(", ")}\n`);
  if (minutes > 15) process.stderr.write(`Rows of ${minutes} minutes are spread evenly over their quarter-hours.\n`);
  return expected(() => usageOf(buckets));
}

function askedPeriod({ period, from, to }: Options, timezone: string, usage: Usage): Period {
  if (period !== undefined) {
    const found = periodOf(period, timezone);
    if (found === null)
      throw new SetupError(`"${period}" is no period: 2026, 2026-03, 2026-03-29 or FROM/TO is expected.`);
    return found;
  }
  return {
    fromMs: from === undefined ? usage.startMs : edge(from, timezone),
    toMs: to === undefined ? endOf(usage) : edge(to, timezone),
  };
}

function edge(text: string, timezone: string): number {
  const ms = instantOf(text, timezone);
  if (ms === null)
    throw new SetupError(`"${text}" is no day such as 2026-03-29, nor an instant such as 2026-03-29T00:00:00Z.`);
  return ms;
}

/** What the domain refuses is for the caller to mend. */
function expected<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (cause instanceof RangeError) throw new SetupError(cause.message);
    throw cause;
  }
}
