import { amount, type Column } from "../charts/step-csv.ts";
import type { ShownEmissions } from "./emissions.server.ts";

interface Emitting {
  emissions: ShownEmissions | null;
}

/** The CO2 of a chart's rows; none where no row of it has any. */
export function co2Columns<T extends Emitting>(rows: readonly T[]): Column<T>[] {
  if (!rows.some(({ emissions }) => emissions)) return [];
  const of = (pick: (emissions: ShownEmissions) => number) => (row: T) => amount(row.emissions && pick(row.emissions));
  return [
    { name: "co2_emitted_kg", of: of(({ importKg }) => importKg) },
    { name: "co2_avoided_kg", of: of(({ avoidedKg }) => avoidedKg) },
    { name: "co2_unknown_kwh", of: of(({ unknownKwh }) => unknownKwh) },
  ];
}
