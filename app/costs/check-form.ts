import { supplierItemsSchema, totalSchema } from "../../domain/bill-check/entered.ts";
import type { SupplierItem } from "../../domain/bill-check/bill-check.ts";
import type { LineJson } from "../../domain/tariff/bill-json.ts";
import { parseDay } from "../../domain/local-time/civil-day.ts";
import { longestBillDays } from "./bill-periods.ts";

/** A row of the form: what is printed, as text. `price` is a percentage where the item is a tax. */
export interface CheckRow {
  component: string;
  rate: string;
  name: string;
  quantity: string;
  /** Of our own line's quantity: "kWh". */
  unit?: string;
  price: string;
  amount: string;
  isTax: boolean;
}

export interface CheckValues {
  contract: string;
  from: string;
  to: string;
  total: string;
  note: string;
  rows: CheckRow[];
}

export const blankRow: CheckRow = {
  component: "",
  rate: "",
  name: "",
  quantity: "",
  price: "",
  amount: "",
  isTax: false,
};

/** Of one of our own lines: what the supplier's bill most likely says. */
export function rowOfLine({ component, rate, name, quantity, unitPrice, unit, amount, type }: LineJson): CheckRow {
  const isTax = type === "tax";
  const price = unitPrice === null ? "" : short(isTax ? unitPrice * 100 : unitPrice);
  return { component, rate: rate ?? "", name, quantity: short(quantity), unit, price, amount: short(amount), isTax };
}

export const rowOfItem = ({ component, rate, name, quantity, unitPrice, percent, amount }: SupplierItem): CheckRow => ({
  ...{ component: component ?? "", rate: rate ?? "", name, quantity: quantity ?? "", amount },
  ...{ price: percent ?? unitPrice ?? "", isTax: percent !== undefined },
});

/** At most six decimals, none of them for nothing: 312.5. */
const short = (value: number): string => String(Number(value.toFixed(6)));

export interface CheckedForm {
  fromDay: string;
  toDay: string;
  items: SupplierItem[];
  total: string;
  note: string;
}

export type ReadCheck = { values: CheckValues } & ({ ok: true; check: CheckedForm } | { ok: false; error: string });

/** Reads the form; rows without an amount are left out. */
export function readCheck(form: FormData): ReadCheck {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const all = (name: string) => form.getAll(name).map((value) => String(value).trim());
  const columns = { component: all("component"), rate: all("rate"), name: all("name"), quantity: all("quantity") };
  const [prices, amounts, taxes] = [all("price"), all("amount"), all("tax")];
  const rows = columns.name.slice(0, 200).map((name, i): CheckRow => ({
    ...{ name, component: columns.component[i] ?? "", rate: columns.rate[i] ?? "" },
    ...{
      quantity: columns.quantity[i] ?? "",
      price: prices[i] ?? "",
      amount: amounts[i] ?? "",
      isTax: taxes[i] === "1",
    },
  }));
  const [from, to] = [text("from"), text("to")];
  const values = { contract: text("contract"), from, to, total: text("total"), note: text("note").slice(0, 500), rows };
  const [first, end] = [parseDay(from), parseDay(to)];
  if (first === null || end === null || end <= first || end - first > longestBillDays)
    return { values, ok: false, error: "The bill's last day must come after its first." };
  const items = supplierItemsSchema.safeParse(rows.filter(({ amount }) => amount !== "").map(itemOf));
  if (!items.success) {
    const [issue] = items.error.issues;
    const row = rows.filter(({ amount }) => amount !== "")[Number(issue!.path[0])];
    return { values, ok: false, error: `${row?.name || "An item"}, ${String(issue!.path[1])}: ${issue!.message}` };
  }
  const total = totalSchema.safeParse(decimal(values.total));
  if (!total.success) return { values, ok: false, error: "Total: an amount such as 123.45 is expected." };
  const check = { fromDay: from, toDay: to, items: items.data as SupplierItem[], total: total.data, note: values.note };
  return { values, ok: true, check };
}

const decimal = (typed: string): string => typed.replace(/\s/g, "").replace(",", ".");

function itemOf({ component, rate, name, quantity, price, amount, isTax }: CheckRow) {
  return {
    ...{ component: component || null, rate: rate || null, name: name || "Other", amount: decimal(amount) },
    ...(quantity && { quantity: decimal(quantity) }),
    ...(price && (isTax ? { percent: decimal(price) } : { unitPrice: decimal(price) })),
  };
}
