import type { Bill } from "../tariff/bill.ts";
import type { Line } from "../tariff/line.ts";
import { currencyDecimals, Money, sumOf, zero } from "../tariff/money.ts";

/**
 * The supplier's bill against ours: why they differ. 310 kWh at 0.33 there, 300 at 0.32 here, is 6.30 more: 3.20 for 10 kWh at
 * our price, 3.10 for a cent on each of theirs. The parts add up exactly to the difference.
 */
export interface SupplierItem {
  /** The component of our tariff that it is ("energy"), and its rate where it has several; null: none of ours. */
  component: string | null;
  rate?: string | null;
  name: string;
  /** kWh, days, months … as printed; left out: only the amount is known. */
  quantity?: string;
  unitPrice?: string;
  /** For a tax: its percentage; the quantity is then what it is on. */
  percent?: string;
  amount: string;
}

export interface SupplierBill {
  items: readonly SupplierItem[];
  /** As printed; what the items do not explain of it is `other`. */
  total: string;
}

/** energy: other quantities; days: other lengths; rates: other prices; missing: energy that our data have no time for. */
export const causes = ["energy", "days", "rates", "missing", "rounding", "other"] as const;
export type Cause = (typeof causes)[number];
export type Split = Record<Cause, Money>;

export interface CheckedItem {
  name: string;
  /** Of our bill; null: it is on theirs alone. */
  component: string | null;
  theirs: Money | null;
  ours: Money | null;
  split: Split;
}

export interface BillCheck {
  /** The supplier's total less ours. */
  difference: Money;
  split: Split;
  items: CheckedItem[];
  notes: string[];
}

export function checkBill(supplier: SupplierBill, ours: Bill): BillCheck {
  const groups = groupsOf(supplier.items, ours.lines);
  const items: CheckedItem[] = [];
  const splits = new Map<string, Split[]>();
  // Taxes last, in the order of the bill: a tax differs because what it is on differs, earlier taxes among it.
  for (const group of [...groups.filter(({ isTax }) => !isTax), ...groups.filter(({ isTax }) => isTax)]) {
    const split = group.isTax ? splitTax(group, splits, ours.currency) : splitOf(group, ours);
    items.push({ ...checked(group), split });
    if (group.component !== null) splits.set(group.component, [...(splits.get(group.component) ?? []), split]);
  }
  const difference = new Money(supplier.total).minus(ours.total);
  const explained = addAll(items.map(({ split }) => split));
  const left = difference.minus(sumOf(causes.map((cause) => explained[cause])));
  const split = { ...explained, other: explained.other.plus(left) };
  return { difference, split, items, notes: notesOf(items, left) };
}

/** What of both bills is the same thing: a component, or one rate of it where the supplier names rates. */
interface Group {
  name: string;
  component: string | null;
  theirs: SupplierItem[];
  ours: Line[];
  isTax: boolean;
}

function groupsOf(items: readonly SupplierItem[], lines: readonly Line[]): Group[] {
  const groups = new Map<string, Group>();
  const named = new Set(items.filter(({ rate }) => rate != null).map(({ component, rate }) => `${component}/${rate}`));
  const at = (component: string | null, rate: string | null, name: string): Group => {
    const key =
      component === null ? `:${name}` : named.has(`${component}/${rate}`) ? `${component}/${rate}` : component;
    let group = groups.get(key);
    if (!group) groups.set(key, (group = { name, component, theirs: [], ours: [], isTax: false }));
    return group;
  };
  for (const line of lines) {
    const group = at(line.component, line.rate, line.name);
    group.ours.push(line);
    group.isTax = line.type === "tax";
  }
  for (const item of items) at(item.component, item.rate ?? null, item.name).theirs.push(item);
  return [...groups.values()];
}

const checked = ({ name, component, theirs, ours }: Group): Omit<CheckedItem, "split"> => ({
  name: theirs[0]?.name ?? name,
  component: ours.length > 0 ? component : null,
  theirs: theirs.length > 0 ? sumOf(theirs.map(({ amount }) => new Money(amount))) : null,
  ours: ours.length > 0 ? sumOf(ours.map(({ amount }) => amount)) : null,
});

const none = (): Split => ({ energy: zero, days: zero, rates: zero, missing: zero, rounding: zero, other: zero });

/** What two bills of few lines may differ by without anything being wrong: a cent, a yen, for each of them. */
const roundingOf = ({ theirs, ours }: Group, currency: string): Money =>
  new Money(10).pow(-currencyDecimals(currency)).times(theirs.length + ours.length);

function splitOf(group: Group, ours: Bill): Split {
  const { theirs, ours: lines } = group;
  const whole = sumOf(theirs.map(({ amount }) => new Money(amount))).minus(sumOf(lines.map(({ amount }) => amount)));
  const isMeasured = theirs.length > 0 && theirs.every(({ quantity }) => quantity !== undefined);
  if (lines.length === 0 || !isMeasured) return { ...none(), other: whole };
  const ourQuantity = sumOf(lines.map(({ quantity }) => quantity));
  const ourExact = sumOf(lines.map(({ exact }) => exact));
  const ourPrice = ourQuantity.isZero() ? (lines[0]!.unitPrice ?? zero) : ourExact.div(ourQuantity);
  const theirQuantity = sumOf(theirs.map(({ quantity }) => new Money(quantity!)));
  const theirExact = sumOf(theirs.map((item) => exactOf(item)));
  const more = theirQuantity.minus(ourQuantity);
  const type = lines[0]!.type;
  const split = none();
  if (type === "standing" || type === "credit") split.days = more.times(ourPrice);
  else {
    const missing = type === "demand" ? zero : missingOf(more, ourQuantity, ours.completeness.covered);
    split.missing = missing.times(ourPrice);
    split.energy = more.times(ourPrice).minus(split.missing);
  }
  split.rates = theirExact.minus(theirQuantity.times(ourPrice));
  const rest = whole.minus(sumOf(causes.map((cause) => split[cause])));
  if (rest.abs().lte(roundingOf(group, ours.currency))) split.rounding = rest;
  else split.other = rest;
  return split;
}

/** An item's amount before it was rounded: quantity x price where both are printed. */
const exactOf = ({ quantity, unitPrice, amount }: SupplierItem): Money =>
  quantity !== undefined && unitPrice !== undefined ? new Money(quantity).times(unitPrice) : new Money(amount);

/** Of energy that the supplier has and we have not: what the time without data would hold at the pace of the rest. */
function missingOf(more: Money, ours: Money, covered: number): Money {
  if (more.lte(0) || covered >= 1) return zero;
  if (covered <= 0) return more;
  const likely = ours.times(new Money(1 - covered).div(covered));
  return Money.min(more, Money.max(0, likely));
}

/** A tax: what it is on differs for its own reasons, each taxed; then the percentage; then rounding. */
function splitTax(group: Group, splits: ReadonlyMap<string, readonly Split[]>, currency: string): Split {
  const { theirs, ours } = group;
  const whole = sumOf(theirs.map(({ amount }) => new Money(amount))).minus(sumOf(ours.map(({ amount }) => amount)));
  const [line] = ours;
  if (!line || theirs.length !== 1 || line.unitPrice === null) return { ...none(), other: whole };
  const taxed = (line.on ?? []).flatMap((id) => splits.get(id) ?? []);
  const share = line.unitPrice;
  const split = addAll(taxed.map((part) => scaled(part, share)));
  const { percent, quantity } = theirs[0]!;
  if (percent !== undefined) {
    const base =
      quantity === undefined ? new Money(theirs[0]!.amount).div(new Money(percent).div(100)) : new Money(quantity);
    split.rates = split.rates.plus(base.times(new Money(percent).div(100).minus(share)));
  }
  const rest = whole.minus(sumOf(causes.map((cause) => split[cause])));
  if (rest.abs().lte(roundingOf(group, currency))) split.rounding = split.rounding.plus(rest);
  else split.other = split.other.plus(rest);
  return split;
}

const scaled = (split: Split, by: Money): Split =>
  Object.fromEntries(causes.map((cause) => [cause, split[cause].times(by)])) as Split;

const addAll = (splits: readonly Split[]): Split =>
  Object.fromEntries(causes.map((cause) => [cause, sumOf(splits.map((split) => split[cause]))])) as Split;

function notesOf(items: readonly CheckedItem[], left: Money): string[] {
  const notes = items.flatMap(({ name, theirs, ours }) => {
    if (ours === null) return [`"${name}" is on the supplier's bill only.`];
    return theirs === null ? [`"${name}" is on our bill only.`] : [];
  });
  if (!left.isZero())
    notes.push(
      `The supplier's items add up to ${left.abs().toFixed()} ${left.gt(0) ? "less" : "more"} than its total says.`,
    );
  return notes;
}
