/**
 * CSV files of programs that are known by their header: Home Assistant's statistics and history, dsmr-reader's exports.
 * Sources: Home Assistant recorder `statistics` (a row's sum and state are those at the end of its hour, its mean is of the
 * hour); dsmr-reader dsmr_frontend/views/export.py and dsmr_stats/models/statistics.py (amounts of hours and local days).
 */
import type { CsvColumn } from "./options.ts";

export interface KnownExport {
  name: string;
  timeColumn: string;
  metricColumn: string | null;
  unitColumn: string | null;
  columns: CsvColumn[];
}

export function knownExport(names: readonly string[]): KnownExport | null {
  return statistics(names) ?? states(names) ?? dsmrReader(names);
}

const hourS = 3_600;

function statistics(names: readonly string[]): KnownExport | null {
  const timeColumn = ["start", "start_ts", "created_ts"].find((name) => names.includes(name));
  if (!names.includes("statistic_id") || timeColumn === undefined) return null;
  const column = (name: string, kind: CsvColumn["kind"], shiftS: number): CsvColumn[] =>
    names.includes(name) ? [{ column: name, metric: name, unit: null, kind, shiftS }] : [];
  return {
    name: "Home Assistant statistics",
    timeColumn,
    metricColumn: "statistic_id",
    unitColumn: names.find((name) => name === "unit" || name === "unit_of_measurement") ?? null,
    columns: [
      ...column("sum", "counter", hourS),
      ...column("state", "counter", hourS),
      ...column("delta", "delta", hourS),
      // A mean stands for the middle of its hour.
      ...column("mean", "gauge", hourS / 2),
    ],
  };
}

function states(names: readonly string[]): KnownExport | null {
  const timeColumn = ["last_changed", "last_updated", "last_changed_ts", "last_updated_ts"].find((n) =>
    names.includes(n),
  );
  if (!names.includes("entity_id") || !names.includes("state") || timeColumn === undefined) return null;
  const unitColumn = names.find((name) => name === "unit" || name === "unit_of_measurement") ?? null;
  const columns: CsvColumn[] = [{ column: "state", metric: "state", unit: null, kind: "any", shiftS: 0 }];
  return { name: "Home Assistant history", timeColumn, metricColumn: "entity_id", unitColumn, columns };
}

/** By the words of the header in English or by the fields' own names: metric, unit. Registers are read at a day's start. */
const dsmrColumns: readonly [RegExp, metric: string, unit: string, kind: CsvColumn["kind"]][] = [
  [/^electricity ?1 reading( \(low tariff\))?$/, "energy.import.t1", "kWh", "counter"],
  [/^electricity ?2 reading( \(high tariff\))?$/, "energy.import.t2", "kWh", "counter"],
  [/^electricity ?1 returned reading( \(low tariff\))?$/, "energy.export.t1", "kWh", "counter"],
  [/^electricity ?2 returned reading( \(high tariff\))?$/, "energy.export.t2", "kWh", "counter"],
  [/^gas reading$/, "gas", "m3", "counter"],
  [/^electricity ?1( \(low tariff\))?$/, "energy.import.t1", "kWh", "delta"],
  [/^electricity ?2( \(high tariff\))?$/, "energy.import.t2", "kWh", "delta"],
  [/^electricity ?1 returned( \(low tariff\))?$/, "energy.export.t1", "kWh", "delta"],
  [/^electricity ?2 returned( \(high tariff\))?$/, "energy.export.t2", "kWh", "delta"],
  [/^gas$/, "gas", "m3", "delta"],
  [/^electricity delivered 1$/, "energy.import.t1", "kWh", "counter"],
  [/^electricity delivered 2$/, "energy.import.t2", "kWh", "counter"],
  [/^electricity returned 1$/, "energy.export.t1", "kWh", "counter"],
  [/^electricity returned 2$/, "energy.export.t2", "kWh", "counter"],
  [/^electricity currently delivered$/, "power.import", "kW", "gauge"],
  [/^electricity currently returned$/, "power.export", "kW", "gauge"],
  [/^extra device delivered$/, "gas", "m3", "counter"],
];

function dsmrReader(names: readonly string[]): KnownExport | null {
  const plain = names.map((name) => name.toLowerCase().replace(/_/g, " ").trim());
  const time = plain.findIndex((name) => /^(date|day|hour start|hour|read at)$/.test(name));
  if (time < 0 || !plain.some((name) => /^electricity ?(1|delivered 1)( \(low tariff\))?$/.test(name))) return null;
  const columns = plain.flatMap((name, i): CsvColumn[] => {
    const known = dsmrColumns.find(([pattern]) => pattern.test(name));
    if (!known) return [];
    const [, metric, unit, kind] = known;
    return [{ column: names[i]!, metric, unit, kind, shiftS: kind === "delta" ? hourS : 0 }];
  });
  return {
    name: "dsmr-reader",
    timeColumn: names[time]!,
    metricColumn: null,
    unitColumn: null,
    columns: onceEach(columns),
  };
}

/** A day's amount and the register at its start say the same: the register is the more exact one. */
function onceEach(columns: CsvColumn[]): CsvColumn[] {
  return columns.filter(
    (column) => column.kind !== "delta" || !columns.some((c) => c.metric === column.metric && c.kind === "counter"),
  );
}
