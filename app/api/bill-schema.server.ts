import { stepNames } from "../../domain/local-time/steps.ts";
import { frozenBeforeOut, instantOut } from "./schemas.server.ts";
import { z } from "./zod.server.ts";

const amount = z.number().openapi({ description: "Decimal, in the bill's currency" });

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
    lines: z.array(
      z.object({
        component: z.string(),
        type: z.string(),
        name: z.string(),
        rate: z.string().nullable(),
        validFrom: z.string().nullable().openapi({ description: "The version's first day" }),
        from: instantOut,
        to: instantOut,
        quantity: z.number(),
        unit: z.string(),
        unitPrice: z.number().nullable(),
        isMean: z.boolean().openapi({ description: "The unit price is a mean of many" }),
        amount: amount.openapi({ description: "Rounded as the bill rounds" }),
        exact: z.string(),
        arithmetic: z.string().openapi({ example: "312.5 kWh x 0.32 EUR/kWh" }),
        estimated: z.number().openapi({ description: "The part of the quantity that was estimated" }),
        on: z.array(z.string()).optional(),
        notes: z.array(z.string()),
        buckets: z.array(z.array(instantOut)).openapi({ description: "[from, to) of the quarter-hours behind it" }),
      }),
    ),
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

const stretch = { start: instantOut, end: instantOut };
const inUnit = { description: "In the meter's unit" };

/** What is behind a line of a bill. */
export const BillLineSchema = z
  .object({
    unit: z.enum(["kWh", "m3"]),
    step: z.enum(stepNames),
    meters: z.array(
      z.object({ channelId: z.string(), deviceId: z.string(), name: z.string(), frozenBefore: frozenBeforeOut }),
    ),
    steps: z.array(z.object({ ...stretch, energy: z.number().openapi(inUnit), estimated: z.number() })),
    estimated: z
      .array(z.object({ ...stretch, energy: z.number() }))
      .openapi({ description: "Stretches whose energy was estimated, the longest first" }),
    missing: z.array(z.object(stretch)).openapi({ description: "Stretches without data, the longest first" }),
  })
  .openapi("BillLine");
