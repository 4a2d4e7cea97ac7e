import { bill } from "../../domain/tariff/bill.ts";
import { rankTariffs, type Candidate } from "../../domain/tariff/compare.ts";
import { parseContract } from "../../domain/tariff/contract.ts";
import { libraryJson, libraryNames } from "../../domain/tariff/library.ts";
import { localPeriod } from "../../domain/tariff/scope.ts";
import { usageOf, type Usage, type UsageBucket } from "../../domain/tariff/usage.ts";
import { print } from "./figure.ts";
import { benchPricedYears } from "./priced-years.ts";

const timezone = "Europe/Berlin";
const period = localPeriod(timezone, "2025-01-01", "2026-01-01");

interface Options {
  meters: number;
  tariffs: number;
}

/** One year of quarter-hours at many tariffs, and one contract for many meters. The limit: summing the same columns, no more. */
export async function benchBill({ meters, tariffs }: Options): Promise<void> {
  const candidates = candidatesOf(tariffs);
  rankEach(aYear(1), candidates);
  const usage = aYear(2);
  const ranking = timed(() => rankEach(usage, candidates));
  const summing = timed(() => candidates.forEach(() => sumOnce(usage)));
  const rows = usage.length;
  print({
    name: "bill.year_by_tariffs",
    value: ranking,
    unit: "ms CPU",
    limit: summing,
    ratio: ranking / summing,
    tariffs,
    rows,
  });
  const years = Array.from({ length: meters }, (_, seed) => aYear(seed));
  const repricing = timed(() => years.forEach((year) => bill(year, candidates[0]!.versions, period, timezone)));
  const summed = timed(() => years.forEach(sumOnce));
  print({
    name: "bill.year_by_meters",
    value: repricing,
    unit: "ms CPU",
    limit: summed,
    ratio: repricing / summed,
    meters,
    rows,
  });
  await benchPricedYears({ meters, tariffs });
}

/** Tariffs of other currencies are not ranked against each other, but each is billed. */
function rankEach(usage: Usage, candidates: readonly Candidate[]): void {
  const currencies = new Set(candidates.map(({ versions }) => versions[0]!.tariff.currency));
  for (const currency of currencies) {
    const same = candidates.filter(({ versions }) => versions[0]!.tariff.currency === currency);
    rankTariffs(usage, same, { period, timezone });
  }
}

function candidatesOf(count: number): Candidate[] {
  const names = libraryNames().filter((name) => name !== "de-gas");
  return Array.from({ length: count }, (_, i) => {
    const name = names[i % names.length]!;
    const parsed = parseContract(libraryJson(name));
    if (!parsed.ok) throw new Error(parsed.error);
    return { id: `${i}`, name, versions: parsed.value };
  });
}

function aYear(seed: number): Usage {
  const buckets: UsageBucket[] = [];
  for (let ms = period.fromMs, i = seed; ms < period.toMs; ms += 900_000, i++) {
    const sun = Math.max(0, Math.sin(((i % 96) - 24) / 15.3));
    const price = 0.09 + 0.07 * Math.sin(i / 17) + ((i * 7919) % 100) / 5000;
    const importKwh = 0.08 + ((i * 2654435761) % 1000) / 4000;
    buckets.push({ startMs: ms, importKwh, exportKwh: sun * 0.4, prices: { price } });
  }
  return usageOf(buckets);
}

/** CPU time of this process, ms: what one core would need, also on a machine that is busy with other things. */
function timed(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

function sumOnce({ imported, exported }: Usage): number {
  let sum = 0;
  for (let i = 0; i < imported.length; i++) sum += imported[i]! + exported[i]!;
  return sum;
}
