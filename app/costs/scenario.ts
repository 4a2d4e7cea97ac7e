import { z } from "zod";

/** What would change: solar, a battery, a load at another time. One schema for the page and the API. */
const number = (least: number, most: number) => z.number().min(least).max(most);
const quarters = z.tuple([z.int().min(0).max(96), z.int().min(0).max(96)]);

export const scenarioSchema = z.strictObject({
  contract: z
    .string()
    .max(40)
    .optional()
    .describe('By whose prices: a contract\'s id, or "price" for the one price of the settings. Left out: the first.'),
  tariff: z.record(z.string(), z.unknown()).optional().describe("Or by a tariff of its own."),
  solar: z
    .strictObject({
      kwp: number(0.1, 1000),
      latitude: number(-90, 90),
      longitude: number(-180, 180),
      tiltDegrees: number(0, 90).default(30),
      azimuthDegrees: number(-180, 180)
        .optional()
        .describe("From south, west positive. Left out: towards the equator."),
      yieldKwhPerKwp: number(1, 3000).optional().describe("Of a year, where it is known."),
    })
    .optional(),
  battery: z
    .strictObject({
      capacityKwh: number(0.1, 10_000),
      chargeKw: number(0.1, 10_000),
      dischargeKw: number(0.1, 10_000),
      roundTripEfficiency: number(0.3, 1).default(0.9),
      minimumCharge: number(0, 0.9).default(0.1),
      strategy: z.enum(["self-consumption", "price-led"]).default("self-consumption"),
    })
    .optional(),
  shift: z
    .strictObject({
      kwhPerDay: number(0.1, 1000),
      from: quarters.describe("Wall-clock quarter-hours that it is taken from: [68, 84] is 17:00 to 21:00."),
      to: z.union([quarters, z.strictObject({ cheapest: z.int().min(1).max(96) })]),
      powerKw: number(0.1, 1000).optional(),
    })
    .optional(),
  investment: z
    .string()
    .regex(/^\d{1,9}(\.\d{1,2})?$/, { message: 'an amount such as "12500" is expected' })
    .optional()
    .describe("What it would cost to buy, in the site's currency."),
});

export type ScenarioGiven = z.infer<typeof scenarioSchema>;
