import { ways } from "../../domain/site/split.ts";
import type { Cell } from "../charts/csv.ts";
import { amount, stepRows, type Column } from "../charts/step-csv.ts";
import { co2Columns } from "../costs/co2-columns.ts";
import type { Consumer, ShownFlow } from "./load-flows.server.ts";

const kwh = (name: string, of: (flow: ShownFlow) => number): Column<ShownFlow> => ({
  name: `${name}_kwh`,
  of: (flow) => amount(of(flow)),
});

const columns: Column<ShownFlow>[] = [
  kwh("used", ({ consumption }) => consumption),
  kwh("imported", ({ importKwh }) => importKwh),
  kwh("exported", ({ exportKwh }) => exportKwh),
  kwh("produced", ({ productionKwh }) => productionKwh),
  kwh("charged", ({ chargeKwh }) => chargeKwh),
  kwh("discharged", ({ dischargeKwh }) => dischargeKwh),
  ...ways.map((way) => kwh(way.replace(">", "_to_"), (flow) => flow.ways[way])),
  kwh("untracked", ({ untracked }) => untracked),
  kwh("estimated", ({ estimated }) => estimated),
  { name: "self_sufficiency", of: ({ selfSufficiency }) => amount(selfSufficiency) },
  { name: "self_consumption", of: ({ selfConsumption }) => amount(selfConsumption) },
];

/** A bar a row. */
export const flowRows = (bars: readonly ShownFlow[], timezone: string): Generator<Cell[]> =>
  stepRows(bars, {
    ...{ timezone, columns: [...columns, ...co2Columns(bars)] },
    known: ({ completeness, consumption, estimated }) => ({
      completeness,
      estimatedShare: consumption > 0 ? Math.min(1, estimated / consumption) : 0,
    }),
  });

/** The picture: a flow a row, then a consumer a row. */
export function* sankeyRows(total: ShownFlow, consumers: readonly Consumer[]): Generator<Cell[]> {
  yield ["from", "to", "energy_kwh", "estimated_kwh"];
  for (const way of ways) {
    const [from, to] = way.split(">");
    if (total.ways[way] > 0) yield [from!, to === "grid" ? "grid export" : to!, amount(total.ways[way]), null];
  }
  for (const { name, wholeId, attributed, estimated } of consumers) {
    const whole = consumers.find(({ id }) => id === wholeId)?.name ?? "home";
    yield [whole, name, amount(attributed), amount(estimated)];
  }
  yield ["home", "untracked", amount(total.untracked), null];
}
