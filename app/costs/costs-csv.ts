import type { Cell } from "../charts/csv.ts";
import { stepRows, type Column } from "../charts/step-csv.ts";
import { costKinds } from "./kinds.ts";
import { co2Columns } from "./co2-columns.ts";
import type { CostsShown, CostStep } from "./load-costs.server.ts";

/** The bars of the page of costs, a step a row. Not rounded. */
export function costRows(bars: CostsShown["bars"], timezone: string, currency: string): Generator<Cell[]> {
  const money = (name: string, of: (bar: CostStep) => string | null): Column<CostStep> => ({
    name: `${name}_${currency.toLowerCase()}`,
    of: (bar) => {
      const text = of(bar);
      return text === null ? null : Number(text);
    },
  });
  const columns: Column<CostsShown["bars"][number]>[] = [
    money("total", ({ total }) => total),
    ...costKinds.map((kind) => money(kind, ({ byKind }) => byKind[kind])),
    { name: "imported_kwh", of: ({ importedKwh }) => importedKwh },
    { name: "exported_kwh", of: ({ exportedKwh }) => exportedKwh },
    ...co2Columns(bars),
  ];
  return stepRows(bars, { timezone, columns, known: (bar) => bar });
}
