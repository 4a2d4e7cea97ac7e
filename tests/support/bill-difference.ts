import type { Decimal } from "decimal.js";
import { bill, type Bill } from "../../domain/tariff/bill.ts";
import { parseContract } from "../../domain/tariff/contract.ts";
import type { Line } from "../../domain/tariff/line.ts";
import { usageOf } from "../../domain/tariff/usage.ts";
import { number, type OracleCase, type OracleComponent } from "./bill-oracle-case.ts";
import { askedOf } from "./bill-oracle-time.ts";
import { oracleBill, partStarts, roundAmount } from "./bill-oracle.ts";

export function productBill(given: OracleCase): Bill {
  const { versions, buckets, timezone } = given;
  const parsed = parseContract(versions);
  if (!parsed.ok) throw new Error(parsed.error);
  const usage = usageOf(buckets);
  return bill(usage, parsed.value, askedOf(given), timezone);
}

/** The first thing in which the product's bill and the oracle's differ, in words; null: nothing. */
export function billDifference(product: Bill, given: OracleCase): string | null {
  return sumDifference(product, given) ?? roundingDifference(product, given);
}

function sumDifference(product: Bill, given: OracleCase): string | null {
  const starts = partStarts(given);
  const partOf = (ms: number) => starts.filter((start) => start <= ms).at(-1) ?? NaN;
  const expected = sumsOf(oracleBill(given));
  const got = sumsOf(product.lines.map((line) => ({ ...line, fromMs: partOf(line.period.fromMs) })));
  // Limits of gas that are said in kWh are kept to a billionth of a cubic metre, and those of a part of a day to one of a kWh.
  const isGas = given.versions[0]!.tariff.medium === "gas";
  const tolerance = isGas ? "1e-5" : given.cut ? "1e-7" : "1e-12";
  for (const key of new Set([...expected.keys(), ...got.keys()])) {
    const [a, b] = [expected.get(key) ?? nothing, got.get(key) ?? nothing];
    if (a.exact.minus(b.exact).abs().gt(tolerance))
      return `${key}: ${a.exact.toFixed()} is expected, not ${b.exact.toFixed()}`;
    if (isEnergy(key, given) && a.quantity.minus(b.quantity).abs().gt(tolerance))
      return `${key}: quantity ${a.quantity.toFixed()} is expected, not ${b.quantity.toFixed()}`;
  }
  return null;
}

const nothing = { quantity: number(0), exact: number(0) };

const isEnergy = (key: string, { versions }: OracleCase): boolean =>
  versions.every(({ tariff }) =>
    tariff.components.every(({ id, type }) => !key.startsWith(`${id} `) || type === "energy" || type === "levy"),
  );

interface Summed {
  component: string;
  fromMs: number;
  quantity: Decimal;
  exact: Decimal;
}

/** By component and part: how a component's lines are cut is the product's own. */
function sumsOf(lines: readonly Summed[]): Map<string, { quantity: Decimal; exact: Decimal }> {
  const sums = new Map<string, { quantity: Decimal; exact: Decimal }>();
  for (const { component, fromMs, quantity, exact } of lines) {
    const key = `${component} from ${new Date(fromMs).toISOString()}`;
    const sum = sums.get(key) ?? nothing;
    sums.set(key, { quantity: sum.quantity.plus(quantity), exact: sum.exact.plus(exact) });
  }
  return sums;
}

/** Each line is rounded as its component says, a tax is on rounded lines, and the total is what is printed above it. */
function roundingDifference(product: Bill, given: OracleCase): string | null {
  for (const line of product.lines) {
    const { tariff } = given.versions.find(({ validFrom }) => Date.parse(validFrom) === line.validFrom! * 86_400_000)!;
    const component = tariff.components.find(({ id }) => id === line.component)!;
    const unrounded =
      line.type === "tax" ? taxOn(taxedLines(product.lines, line, tariff.components), component) : line.exact;
    const amount = roundAmount(unrounded, tariff, component);
    if (!line.amount.equals(amount))
      return `${line.name}: ${amount.toFixed()} is expected, not ${line.amount.toFixed()}`;
  }
  const total = product.lines.reduce((sum, { amount }) => sum.plus(amount), number(0));
  return total.equals(product.total) ? null : `total: ${total.toFixed()} is expected, not ${product.total.toFixed()}`;
}

const taxOn = (lines: readonly Line[], { percent }: OracleComponent): Decimal =>
  lines
    .reduce((sum, { amount }) => sum.plus(amount), number(0))
    .times(percent!)
    .div(100);

function taxedLines(lines: readonly Line[], tax: Line, components: readonly OracleComponent[]): Line[] {
  const at = components.findIndex(({ id }) => id === tax.component);
  const isTaxed = ({ id, type }: OracleComponent): boolean =>
    components[at]!.on ? components[at]!.on!.includes(id) : type !== "feed-in";
  const ids = components
    .slice(0, at)
    .filter(isTaxed)
    .map(({ id }) => id);
  return lines.filter(
    ({ component, validFrom, period }) =>
      ids.includes(component) &&
      validFrom === tax.validFrom &&
      period.fromMs >= tax.period.fromMs &&
      period.toMs <= tax.period.toMs,
  );
}
