import { instantOut } from "./schemas.server.ts";
import { z } from "./zod.server.ts";

const amount = z.number().openapi({ description: "Decimal, in the bill's currency" });

/** A line of a bill, as domain/tariff/bill-json.ts writes it. */
export const billLine = z.object({
  component: z.string().openapi({ description: "Its id in the tariff" }),
  type: z.string(),
  name: z.string(),
  rate: z.string().nullable().openapi({ description: "Within the component; null: it has no rates or tiers" }),
  validFrom: z.string().nullable().openapi({ description: "The version's first day" }),
  from: instantOut,
  to: instantOut,
  quantity: z.number(),
  unit: z.string(),
  unitPrice: z.number().nullable(),
  isMean: z.boolean().openapi({ description: "The unit price is a mean of many" }),
  amount: amount.openapi({ description: "Rounded as the bill rounds" }),
  exact: z.string().openapi({ description: "Not rounded" }),
  arithmetic: z.string().openapi({ example: "312.5 kWh x 0.32 EUR/kWh" }),
  estimated: z.number().openapi({ description: "The part of the quantity that was estimated" }),
  on: z.array(z.string()).optional().openapi({ description: "Of a tax: the components that it is on" }),
  notes: z.array(z.string()),
  buckets: z.array(z.array(instantOut)).openapi({ description: "[from, to) of the quarter-hours behind it" }),
});

/** A bill, as domain/tariff/bill-json.ts writes it. */
export const BillSchema = z
  .object({
    currency: z.string(),
    timezone: z.string(),
    from: instantOut,
    to: instantOut,
    fromDay: z.string(),
    lastDay: z.string(),
    total: amount.openapi({ description: "The sum of the lines' amounts" }),
    exactTotal: z.string().openapi({ description: "Not rounded" }),
    roundingDifference: amount,
    lines: z.array(billLine),
    completeness: z.object({
      imported: z.number(),
      exported: z.number(),
      estimated: z.number(),
      covered: z.number().min(0).max(1),
      completeTo: instantOut.nullable(),
    }),
    notes: z.array(z.string()),
  })
  .openapi("Bill");
