import { ways } from "../../domain/site/split.ts";
import type { Cell } from "../charts/csv.ts";
import { amount, stepRows, type Column } from "../charts/step-csv.ts";
import { co2Columns } from "../costs/co2-columns.ts";
import type { UserWorth } from "./flow-worth.server.ts";
import type { FlowsShown, ShownFlow } from "./load-flows.server.ts";

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
  {
    consumers,
    untracked,
    worth,
    currency,
  }: Pick<FlowsShown, "consumers" | "untracked" | "worth"> & { currency: string },
): Generator<Cell[]> {
  const unit = currency.toLowerCase();
  yield [
    ...["from", "to", "energy_kwh", "estimated_kwh"],
    ...[`cost_${unit}`, `saved_${unit}`, "co2_emitted_kg", "co2_avoided_kg"],
    // Of who used it, in columns of their own: what the flows cost is not to be added twice.
    ...[`user_cost_${unit}`, `user_saved_${unit}`, "user_co2_emitted_kg"],
    ...["from_grid_kwh", "from_sun_kwh", "from_battery_kwh"],
  ];
  const none = [null, null, null, null, null, null];
  const money = (text: string | null) => (text === null ? null : Number(text));
  for (const way of ways) {
    if (!(total.ways[way] > 0)) continue;
    const [from, to] = way.split(">");
    const { cost, saved, emittedKg, avoidedKg } = worth?.ways[way] ?? noWorth;
    const amounts = [money(cost), money(saved), amount(emittedKg), amount(avoidedKg)];
    yield [from!, to === "grid" ? "grid export" : to!, amount(total.ways[way]), null, ...amounts, ...none];
  }
  for (const { type, amount: text } of worth?.rest ?? [])
    yield ["no flow", type, null, null, money(text), null, null, null, ...none];
  if (worth && (worth.restKg > 0 || worth.restAvoidedKg > 0))
    yield ["no flow", "co2", null, null, null, null, amount(worth.restKg), amount(worth.restAvoidedKg), ...none];
  const used = (own: UserWorth | null) => [
    ...[null, null, null, null],
    ...[money(own?.cost ?? null), money(own?.saved ?? null), amount(own?.emittedKg ?? null)],
    ...[own?.gridKwh, own?.sunKwh, own?.batteryKwh].map((kwh) => amount(kwh ?? null)),
  ];
  for (const { name, wholeId, attributed, estimated, worth: own } of consumers) {
    const whole = consumers.find(({ id }) => id === wholeId)?.name ?? "home";
    yield [whole, name, amount(attributed), amount(estimated), ...used(own)];
  }
  yield ["home", "untracked", amount(total.untracked), null, ...used(untracked)];
}

const noWorth = { cost: null, saved: null, emittedKg: null, avoidedKg: null };
