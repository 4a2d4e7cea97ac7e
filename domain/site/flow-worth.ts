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
import { eachUser, type LaidEnergy, type UserId, type WaysOver } from "./laid-energy.ts";
import type { Way } from "./split.ts";

/**
 * What each flow of a site cost and emitted, and of the flow from the grid into the house each one who used it. Nothing is priced
 * anew: the lines of the bill, and the emissions of the site, are laid on the flows by the quarter-hour, so that flows and what
 * belongs to none of them add up to the bill.
 *
 * - What came from the grid has the costs and the CO2 of its quarter-hour, wherever it went: into the house or into the battery.
 * - What the sun or the battery gave costs and emits nothing more: the battery's part was paid and emitted when it was charged.
 * - What went to the grid earns its feed-in, and avoids the CO2 of its quarter-hour.
 * - Standing charges, peaks, credits, and the taxes on them, belong to no flow.
 *
 * Worked: 3 kWh at 0.30 in a quarter-hour in which 2 went into the house and 1 into the battery: 0.60 and 0.30.
 */
export interface SharedAmount {
  ways: Map<Way, Money>;
  /** Of none of the flows. With them it is what was shared out, exactly. */
  rest: Money;
  /** What came from the grid into the house, by who used it: together exactly that. */
  users: Map<UserId, Money>;
}

const fromGrid: Way = "grid>home";
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
  laid: LaidEnergy;
  versions: readonly TariffVersion[];
}

interface Weight<K> {
  key: K;
  amount: Money;
}

function energyShare(line: Line, { usage, laid, versions }: Given): SharedAmount {
  const isGiven = line.type === "feed-in" || line.type === "net-metering";
  if (!isGiven && line.type !== "energy" && line.type !== "levy") return inNone(line.exact);
  const dynamic = line.isMean && line.type !== "net-metering" ? dynamicOf(line, versions) : null;
  const prices = dynamic && usage.prices.get(dynamic.channel);
  const byWay = new Weights<Way | "rest">();
  const byUser = new Weights<UserId>();
  const parts = isGiven ? laid.given : laid.taken;
  for (const [fromMs, toMs] of line.ranges) {
    const to = indexAt(usage, toMs);
    for (let i = indexAt(usage, fromMs); i < to; i++) {
      const price = prices ? billionths(prices[i]!) : NaN;
      for (const { key, amounts } of parts) if (amounts[i]! > 0) byWay.add(key, amounts[i]!, price);
      if (!isGiven) laid.eachUser(i, (id, part) => byUser.add(id, part, price));
    }
  }
  const weights = byWay.of(dynamic);
  const all = sumOf(weights.map(({ amount }) => amount));
  if (all.isZero()) return inNone(line.exact);
  const shares = settled(shareOut(line.exact, weights, all), line.exact);
  const rest = shares.get("rest") ?? zero;
  shares.delete("rest");
  const users = shareOut(line.exact, byUser.of(dynamic), all);
  return { ways: shares as Map<Way, Money>, rest, users: settled(users, shares.get(fromGrid) ?? zero) };
}

const inNone = (rest: Money): SharedAmount => ({ ways: new Map(), rest, users: new Map() });

/** How much energy parts have together, and what it cost by a price channel, each product exact. */
class Weights<K> {
  readonly #sums = new Map<K, { energy: ExactSum; products: ExactProducts }>();

  /** Whole billionths, of the energy and of its price; NaN: there is none. */
  add(key: K, part: number, price: number): void {
    let sum = this.#sums.get(key);
    if (!sum) this.#sums.set(key, (sum = { energy: new ExactSum(), products: new ExactProducts() }));
    sum.energy.add(part);
    if (!Number.isNaN(price)) sum.products.add(part, price);
  }

  /** Of a dynamic price, what each part cost; else how much it has. */
  of(dynamic: Dynamic | null): Weight<K>[] {
    return [...this.#sums].map(([key, { energy, products }]) => {
      const kwh = energy.toMoney();
      const amount = dynamic ? products.toMoney().times(dynamic.factor).plus(kwh.times(dynamic.markup)) : kwh;
      return { key, amount };
    });
  }
}

const shareOut = <K>(exact: Money, weights: readonly Weight<K>[], all: Money): Map<K, Money> =>
  new Map(weights.map(({ key, amount }) => [key, exact.times(amount).div(all)]));

/** What is lost to the last digit of a division goes to the largest part. */
function settled<K>(shares: Map<K, Money>, whole: Money): Map<K, Money> {
  const [largest] = [...shares].sort(([, a], [, b]) => b.abs().comparedTo(a.abs()));
  if (largest) shares.set(largest[0], largest[1].plus(whole.minus(sumOf([...shares.values()]))));
  return shares;
}

/** A tax goes where the lines go that it is on. */
function taxShare(tax: Line, before: readonly { line: Line; shared: SharedAmount }[]): SharedAmount {
  const share = tax.unitPrice ?? zero;
  const amounts = new Map<Way, Money>();
  const users = new Map<UserId, Money>();
  const isOn = ({ component, period, validFrom }: Line) =>
    (tax.on ?? []).includes(component) &&
    validFrom === tax.validFrom &&
    period.fromMs >= tax.period.fromMs &&
    period.toMs <= tax.period.toMs;
  for (const { line, shared } of before) {
    if (!isOn(line)) continue;
    addShares(amounts, shared.ways, share);
    addShares(users, shared.users, share);
  }
  settled(users, amounts.get(fromGrid) ?? zero);
  return { ways: amounts, users, rest: tax.exact.minus(sumOf([...amounts.values()])) };
}

function addShares<K>(sums: Map<K, Money>, amounts: ReadonlyMap<K, Money>, share: Money): void {
  for (const [key, amount] of amounts) sums.set(key, (sums.get(key) ?? zero).plus(amount.times(share)));
}

function dynamicOf(line: Line, versions: readonly TariffVersion[]): Dynamic | null {
  const version = versions.find(({ validFrom }) => validFrom === line.validFrom);
  const component = version?.tariff.components.find(({ id }) => id === line.component);
  if (component?.type !== "energy" && component?.type !== "levy" && component?.type !== "feed-in") return null;
  const price = ratesOf((component as PricedComponent).price).find(({ name }) => name === line.rate)?.price;
  return typeof price === "object" && price.kind === "dynamic" ? price : null;
}

/** By flow, and by who used it: together the same. */
export interface SavedCosts {
  ways: Map<Way, Money>;
  users: Map<UserId, Money>;
}

/**
 * What the sun's and the battery's energy would have cost from the grid, at the price of one more kWh in its quarter-hour.
 * @param prices of `unitPrices`, beside the usage; quarter-hours without one are left out.
 */
export function savedCosts(
  over: WaysOver,
  period: Period,
  { usage, prices }: { usage: Usage; prices: Float64Array },
): SavedCosts {
  const found = new Map<Way, Money>();
  const users = new Map<UserId, ExactProducts>();
  for (const way of savedWays) {
    const sum = new ExactProducts();
    eachKwh(over, period, way, (kwh, at) => {
      const price = prices[indexAt(usage, over.startMs + at * bucketMs)]!;
      if (Number.isNaN(price)) return;
      sum.add(billionths(kwh), billionths(price));
      eachUser(kwh, over, at, (id, part) => {
        let own = users.get(id);
        if (!own) users.set(id, (own = new ExactProducts()));
        own.add(part, billionths(price));
      });
    });
    found.set(way, sum.toMoney());
  }
  return { ways: found, users: new Map([...users].map(([id, sum]) => [id, sum.toMoney()])) };
}

/** kg by flow. Energy of quarter-hours whose factor is not known is in none of the figures. */
export interface WayEmissions {
  emittedKg: SharedAmount;
  avoidedKg: SharedAmount;
}

/** The site's emissions by flow: `emissionsOf` the same usage, factor and period is their sum. */
export function emissionsOfWays(
  { usage, laid }: { usage: Usage; laid: LaidEnergy },
  factor: Co2Factor,
  { fromMs, toMs }: Period,
): WayEmissions {
  const measured = factor.kind === "channel" ? usage.prices.get(factor.channel) : undefined;
  const [taken, given] = [new Grams<Way | "rest">(), new Grams<Way | "rest">()];
  const users = new Grams<UserId>();
  const to = indexAt(usage, toMs);
  for (let i = indexAt(usage, fromMs); i < to; i++) {
    const intensity = measured ? billionths(measured[i]!) : NaN;
    for (const { key, amounts } of laid.taken) taken.add(key, amounts[i]!, intensity);
    for (const { key, amounts } of laid.given) given.add(key, amounts[i]!, intensity);
    laid.eachUser(i, (id, part) => users.add(id, part, intensity));
  }
  const constant = factor.kind === "constant" ? factor.gPerKwh : factor.fallback;
  return {
    emittedKg: { ...taken.shared(constant), users: users.kg(constant) },
    avoidedKg: { ...given.shared(constant), users: new Map() },
  };
}

/** Energy by its intensity, and energy whose intensity nobody measured. */
class Grams<K extends string> {
  readonly #sums = new Map<K, { grams: ExactProducts; fallen: ExactSum }>();

  /** Whole billionths; an intensity of NaN is not known. */
  add(key: K, part: number, intensity: number): void {
    if (part === 0) return;
    let sum = this.#sums.get(key);
    if (!sum) this.#sums.set(key, (sum = { grams: new ExactProducts(), fallen: new ExactSum() }));
    if (Number.isNaN(intensity)) sum.fallen.add(part);
    else sum.grams.add(part, intensity);
  }

  kg(constant: string | undefined): Map<K, Money> {
    return new Map(
      [...this.#sums].map(([key, { grams, fallen }]) => {
        const byConstant = constant === undefined ? zero : fallen.toMoney().times(constant);
        return [key, grams.toMoney().plus(byConstant).div(1000)];
      }),
    );
  }

  /** By flow, and what is of none. */
  shared(constant: string | undefined): Pick<SharedAmount, "ways" | "rest"> {
    const kg = this.kg(constant) as Map<Way | "rest", Money>;
    const rest = kg.get("rest") ?? zero;
    kg.delete("rest");
    return { ways: kg as Map<Way, Money>, rest };
  }
}

/** kWh that each one used of what the grid, the sun and the battery gave, in a period. */
export interface UserSources {
  gridKwh: number;
  sunKwh: number;
  batteryKwh: number;
}

const sourceNames = [
  ["gridKwh", "grid>home"],
  ["sunKwh", "sun>home"],
  ["batteryKwh", "battery>home"],
] as const satisfies readonly (readonly [keyof UserSources, Way])[];

export function sourcesOfUsers(over: WaysOver, period: Period): Map<UserId, UserSources> {
  const { from, to } = within(over, period);
  const all = new Float64Array(Math.max(0, to - from));
  for (const column of over.users.values()) for (let at = from; at < to; at++) all[at - from]! += column[at]!;
  return new Map(
    [...over.users].map(([id, column]) => {
      const own = { gridKwh: 0, sunKwh: 0, batteryKwh: 0 };
      for (const [name, way] of sourceNames) {
        const gave = over.columns[way];
        for (let at = from; at < to; at++)
          if (column[at]! > 0) own[name] += (gave[at]! * column[at]!) / all[at - from]!;
      }
      return [id, own];
    }),
  );
}

function within({ startMs, columns }: WaysOver, { fromMs, toMs }: Period): { from: number; to: number } {
  const from = Math.max(0, Math.round((fromMs - startMs) / bucketMs));
  return { from, to: Math.min(columns[fromGrid].length, Math.round((toMs - startMs) / bucketMs)) };
}

function eachKwh(over: WaysOver, period: Period, way: Way, visit: (kwh: number, at: number) => void): void {
  const column = over.columns[way];
  const { from, to } = within(over, period);
  for (let at = from; at < to; at++) if (column[at]! > 0) visit(column[at]!, at);
}
