import { z } from "zod";
import type { SupplierItem } from "./bill-check.ts";

/** What is typed from a supplier's bill, checked: one schema for the page, the API, and what is read back. */
const decimalText = z.string().regex(/^-?\d{1,12}(\.\d{1,9})?$/, { message: 'a number such as "123.45" is expected' });

export const supplierItemSchema = z.strictObject({
  component: z.string().max(40).nullable().default(null).describe("The component of the tariff that it is; null: none"),
  rate: z.string().max(120).nullable().default(null).describe("Its rate, where the component has several"),
  name: z.string().min(1).max(120),
  quantity: decimalText.optional().describe("kWh, days, months … as printed"),
  unitPrice: decimalText.optional(),
  percent: decimalText.optional().describe("For a tax: its percentage; the quantity is then what it is on"),
  amount: decimalText,
});

export const supplierItemsSchema = z.array(supplierItemSchema).max(200);
export const totalSchema = decimalText;

/** What was stored, as items; null: it cannot be read. */
export function storedItems(json: unknown): SupplierItem[] | null {
  const parsed = supplierItemsSchema.safeParse(json);
  if (!parsed.success) return null;
  return parsed.data.map(({ quantity, unitPrice, percent, ...item }) => ({
    ...item,
    ...(quantity === undefined ? {} : { quantity }),
    ...(unitPrice === undefined ? {} : { unitPrice }),
    ...(percent === undefined ? {} : { percent }),
  }));
}
