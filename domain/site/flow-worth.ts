import type { Co2Factor } from "../co2/emissions.ts";
import { bucketMs } from "../rollup/bucket.ts";
import type { PricedComponent } from "../tariff/component-schema.ts";
import type { TariffVersion } from "../tariff/contract.ts";
import { billionths, ExactProducts, ExactSum } from "../tariff/exact-sum.ts";
import type { Line } from "../tariff/line.ts";
import { sumOf, zero, type Money } from "../tariff/money.ts";
import type { Dynamic } from "../tariff/price-schema.ts";
import { ratesOf } from "../tariff/priced-energy.ts";
import type { Period } from "../tariff/scope.ts";
import { indexAt, type Usage } from "../tariff/usage.ts";
import { ways, type Way } from "./split.ts";

/**
 * What each flow of a site cost and emitted. Nothing is priced anew: the lines of the bill, and the emissions of the site, are laid
 * on the flows by the quarter-hour, so that flows and what belongs to none of them add up to the bill.
 *
 * - What came from the grid has the costs and the CO2 of its quarter-hour, wherever it went: into the house or into the battery.
 * - What the sun or the battery gave costs and emits nothing more: the battery's part was paid and emitted when it was charged.
 * - What went to the grid earns its feed-in, and avoids the CO2 of its quarter-hour.
 * - Standing charges, peaks, credits, and the taxes on them, belong to no flow.
 *
 * Worked: 3 kWh at 0.30 in a quarter-hour in which 2 went into the house and 1 into the battery: 0.60 and 0.30.
 */
export type WayColumns = Record<Way, Float64Array>;

/** kWh of each quarter-hour of a run, by flow. */
export interface WaysOver {
  startMs: number;
  columns: WayColumns;
}

export const emptyWays = (startMs: number, count: number): WaysOver => ({
  startMs,
  columns: Object.fromEntries(ways.map((way) => [way, new Float64Array(count)])) as WayColumns,
});

/** Amounts by flow; `rest`: of none of them. Together they are what was shared out, exactly. */
export interface SharedAmount {
  ways: Map<Way, Money>;
  rest: Money;
}

const takenWays = ways.filter((way) => way.startsWith("grid>"));
const givenWays = ways.filter((way) => way.endsWith(">grid"));
const savedWays = ["sun>home", "battery>home"] as const satisfies readonly Way[];

/** Not rounded. The lines of one bill by flow, in the order of the bill. */
export function shareOfLines(lines: readonly Line[], given: Given): { line: Line; shared: SharedAmount }[] {
  const done: { line: Line; shared: SharedAmount }[] = [];
  for (const line of lines)
    done.push({ line, shared: line.type === "tax" ? taxShare(line, done) : energyShare(line, given) });
  return done;
}

interface Given {
  usage: Usage;
  over: WaysOver;
  versions: readonly TariffVersion[];
}

/** Energy of a line that went one way: its sum, and its products with the price channel's prices. */
interface Weight {
  energy: ExactSum;
  products: ExactProducts;
}

function energyShare(line: Line, { usage, over, versions }: Given): SharedAmount {
  const isGiven = line.type === "feed-in" || line.type === "net-metering";
  if (!isGiven && line.type !== "energy" && line.type !== "levy") return { ways: new Map(), rest: line.exact };
  const dynamic = line.isMean && line.type !== "net-metering" ? dynamicOf(line, versions) : null;
  const prices = dynamic && usage.prices.get(dynamic.channel);
  const column = isGiven ? usage.exported : usage.imported;
  const weights = new Map<Way | "rest", Weight>();
  for (const [fromMs, toMs] of line.ranges) {
    for (let i = indexAt(usage, fromMs); i < indexAt(usage, toMs); i++) {
      const energy = column[i]!;
      if (energy === 0) continue;
      const price = prices ? billionths(prices[i]!) : 0;
      eachPart(
        energy,
        { over, atMs: usage.startMs + i * bucketMs, of: isGiven ? givenWays : takenWays },
        (way, part) => {
          let weight = weights.get(way);
          if (!weight) weights.set(way, (weight = { energy: new ExactSum(), products: new ExactProducts() }));
          weight.energy.add(part);
          if (prices) weight.products.add(part, Number.isNaN(price) ? 0 : price);
        },
      );
    }
  }
  const worth = [...weights].map(([way, { energy, products }]) => ({
    way,
    amount: dynamic
      ? products.toMoney().times(dynamic.factor).plus(energy.toMoney().times(dynamic.markup))
      : energy.toMoney(),
  }));
  return inProportion(line.exact, worth);
}

/** Whole billionths of a quarter-hour's energy, shared by the flows that it is made of. */
function eachPart(
  energy: number,
  { over, atMs, of }: { over: WaysOver; atMs: number; of: readonly Way[] },
  put: (way: Way | "rest", part: number) => void,
): void {
  const at = Math.round((atMs - over.startMs) / bucketMs);
  let all = 0;
  for (const way of of) all += over.columns[way][at] ?? 0;
  if (!(all > 0)) return put("rest", energy);
  let left = energy;
  let before = 0;
  for (const way of of) {
    const kwh = over.columns[way][at]!;
    if (kwh === 0) continue;
    before += kwh;
    // What is left after the last flow is 0: the parts are the whole.
    const part = before >= all ? left : Math.min(left, Math.round((energy * kwh) / all));
    left -= part;
    if (part > 0) put(way, part);
  }
}

/** What is lost to the last digit of the division goes to the largest part. */
function inProportion(exact: Money, parts: readonly { way: Way | "rest"; amount: Money }[]): SharedAmount {
  const all = sumOf(parts.map(({ amount }) => amount));
  if (all.isZero()) return { ways: new Map(), rest: exact };
  const amounts = new Map(parts.map(({ way, amount }) => [way, exact.times(amount).div(all)]));
  const [largest] = [...parts].sort((a, b) => b.amount.abs().comparedTo(a.amount.abs()));
  const lost = exact.minus(sumOf([...amounts.values()]));
  amounts.set(largest!.way, amounts.get(largest!.way)!.plus(lost));
  const rest = amounts.get("rest") ?? zero;
  amounts.delete("rest");
  return { ways: amounts as Map<Way, Money>, rest };
}

/** A tax goes where the lines go that it is on. */
function taxShare(tax: Line, before: readonly { line: Line; shared: SharedAmount }[]): SharedAmount {
  const share = tax.unitPrice ?? zero;
  const amounts = new Map<Way, Money>();
  const isOn = ({ component, period, validFrom }: Line) =>
    (tax.on ?? []).includes(component) &&
    validFrom === tax.validFrom &&
    period.fromMs >= tax.period.fromMs &&
    period.toMs <= tax.period.toMs;
  for (const { line, shared } of before) {
    if (!isOn(line)) continue;
    for (const [way, amount] of shared.ways) amounts.set(way, (amounts.get(way) ?? zero).plus(amount.times(share)));
  }
  return { ways: amounts, rest: tax.exact.minus(sumOf([...amounts.values()])) };
}

function dynamicOf(line: Line, versions: readonly TariffVersion[]): Dynamic | null {
  const version = versions.find(({ validFrom }) => validFrom === line.validFrom);
  const component = version?.tariff.components.find(({ id }) => id === line.component);
  if (component?.type !== "energy" && component?.type !== "levy" && component?.type !== "feed-in") return null;
  const price = ratesOf((component as PricedComponent).price).find(({ name }) => name === line.rate)?.price;
  return typeof price === "object" && price.kind === "dynamic" ? price : null;
}

/**
 * What the sun's and the battery's energy would have cost from the grid, at the price of one more kWh in its quarter-hour.
 * @param prices of `unitPrices`, beside the usage; quarter-hours without one are left out.
 */
export function savedCosts(over: WaysOver, period: Period, { usage, prices }: { usage: Usage; prices: Float64Array }) {
  const found = new Map<Way, Money>();
  for (const way of savedWays) {
    const sum = new ExactProducts();
    eachKwh(over, period, way, (kwh, ms) => {
      const price = prices[indexAt(usage, ms)]!;
      if (!Number.isNaN(price)) sum.add(billionths(kwh), billionths(price));
    });
    found.set(way, sum.toMoney());
  }
  return found;
}

/** kg by flow. Energy of quarter-hours whose factor is not known is in none of the figures. */
export interface WayEmissions {
  emittedKg: SharedAmount;
  avoidedKg: SharedAmount;
}

/** The site's emissions by flow: `emissionsOf` the same usage, factor and period is their sum. */
export function emissionsOfWays(usage: Usage, factor: Co2Factor, over: WaysOver, period: Period): WayEmissions {
  return {
    emittedKg: weighed(usage.imported, takenWays, { usage, factor, over, period }),
    avoidedKg: weighed(usage.exported, givenWays, { usage, factor, over, period }),
  };
}

function weighed(
  column: Float64Array,
  of: readonly Way[],
  { usage, factor, over, period }: { usage: Usage; factor: Co2Factor; over: WaysOver; period: Period },
): SharedAmount {
  const constant = factor.kind === "constant" ? factor.gPerKwh : factor.fallback;
  const measured = factor.kind === "channel" ? usage.prices.get(factor.channel) : undefined;
  const sums = new Map<Way | "rest", { grams: ExactProducts; fallen: ExactSum }>();
  for (let i = indexAt(usage, period.fromMs); i < indexAt(usage, period.toMs); i++) {
    if (column[i] === 0) continue;
    const intensity = measured?.[i] ?? NaN;
    eachPart(column[i]!, { over, atMs: usage.startMs + i * bucketMs, of }, (way, part) => {
      let sum = sums.get(way);
      if (!sum) sums.set(way, (sum = { grams: new ExactProducts(), fallen: new ExactSum() }));
      if (Number.isNaN(intensity)) sum.fallen.add(part);
      else sum.grams.add(part, billionths(intensity));
    });
  }
  const kg = new Map(
    [...sums].map(([way, { grams, fallen }]) => {
      const byConstant = constant === undefined ? zero : fallen.toMoney().times(constant);
      return [way, grams.toMoney().plus(byConstant).div(1000)] as const;
    }),
  );
  const rest = kg.get("rest") ?? zero;
  kg.delete("rest");
  return { ways: kg as Map<Way, Money>, rest };
}

function eachKwh(
  { startMs, columns }: WaysOver,
  { fromMs, toMs }: Period,
  way: Way,
  visit: (kwh: number, ms: number) => void,
): void {
  const column = columns[way];
  const from = Math.max(0, Math.round((fromMs - startMs) / bucketMs));
  const to = Math.min(column.length, Math.round((toMs - startMs) / bucketMs));
  for (let i = from; i < to; i++) if (column[i]! > 0) visit(column[i]!, startMs + i * bucketMs);
}
