import { ways } from "../../domain/site/split.ts";
import type { Cell } from "../charts/csv.ts";
import { amount, stepRows, type Column } from "../charts/step-csv.ts";
import { co2Columns } from "../costs/co2-columns.ts";
import type { FlowWorth } from "./flow-worth.server.ts";
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

/** The picture: a flow a row, then what the site's costs are of no flow, then a consumer a row. Money is not rounded. */
export function* sankeyRows(
  total: ShownFlow,
  { consumers, worth, currency }: { consumers: readonly Consumer[]; worth: FlowWorth | null; currency: string },
): Generator<Cell[]> {
  const unit = currency.toLowerCase();
  yield [
    ...["from", "to", "energy_kwh", "estimated_kwh"],
    ...[`cost_${unit}`, `saved_${unit}`, "co2_emitted_kg", "co2_avoided_kg"],
  ];
  const nothing = [null, null, null, null];
  const money = (text: string | null) => (text === null ? null : Number(text));
  for (const way of ways) {
    if (!(total.ways[way] > 0)) continue;
    const [from, to] = way.split(">");
    const { cost, saved, emittedKg, avoidedKg } = worth?.ways[way] ?? noWorth;
    const amounts = [money(cost), money(saved), amount(emittedKg), amount(avoidedKg)];
    yield [from!, to === "grid" ? "grid export" : to!, amount(total.ways[way]), null, ...amounts];
  }
  for (const { type, amount: text } of worth?.rest ?? [])
    yield ["no flow", type, null, null, money(text), null, null, null];
  if (worth && (worth.restKg > 0 || worth.restAvoidedKg > 0))
    yield ["no flow", "co2", null, null, null, null, amount(worth.restKg), amount(worth.restAvoidedKg)];
  for (const { name, wholeId, attributed, estimated } of consumers) {
    const whole = consumers.find(({ id }) => id === wholeId)?.name ?? "home";
    yield [whole, name, amount(attributed), amount(estimated), ...nothing];
  }
  yield ["home", "untracked", amount(total.untracked), null, ...nothing];
}

const noWorth = { cost: null, saved: null, emittedKg: null, avoidedKg: null };
