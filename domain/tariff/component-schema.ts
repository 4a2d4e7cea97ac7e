import { z } from "zod";
import { decimal, notNegative, positive, price, scopes, window } from "./price-schema.ts";
import { roundingModes } from "./money.ts";

/** The components that a tariff is made of; each becomes one line of a bill, or several. */
export const rounding = z
  .strictObject({
    decimals: z.int().min(0).max(6).optional().describe("Left out: the currency's own."),
    mode: z.enum(roundingModes).default("half-up"),
  })
  .describe("How a line's amount is rounded.");

const named = {
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, { message: 'an id such as "grid-fee" is expected' })
    .optional()
    .describe("What other components call it by; left out: its type, and a number where there are several."),
  name: z.string().min(1).max(120).optional().describe("What the bill calls it."),
  rounding: rounding.optional().describe("Left out: the tariff's."),
};

const unit = z
  .enum(["kWh", "m3"])
  .optional()
  .describe("What the price is for. Left out: kWh; m3 for water, and for gas without kwhPerM3.");

const energy = z
  .strictObject({
    type: z.literal("energy"),
    ...named,
    price,
    unit,
    cap: z
      .strictObject({
        price: decimal.describe("The most that a unit costs, up to the quota."),
        quota: positive.describe("How much is capped."),
        per: z.enum(scopes).default("year").describe("The quota is for each of these."),
        over: z.enum(scopes).optional().describe("Over what it is counted; left out: the same."),
      })
      .optional()
      .describe("A price cap up to a quota. Not with tiers, nor with net metering."),
  })
  .describe("What the energy taken from the grid costs.");

const levy = z
  .strictObject({ type: z.literal("levy"), ...named, price, unit })
  .describe("A levy, duty or grid fee for each unit taken.");

const feedIn = z
  .strictObject({ type: z.literal("feed-in"), ...named, price, unit })
  .describe("What is paid for energy fed into the grid: a negative amount on the bill.");

const standing = z
  .strictObject({
    type: z.literal("standing"),
    ...named,
    amount: decimal,
    per: z.enum(scopes).describe("By the day in local time: half a month's charge for half of its days."),
  })
  .describe("A standing charge.");

const credit = z
  .strictObject({
    type: z.literal("credit"),
    ...named,
    amount: notNegative.describe("What is taken off the bill."),
    per: z.enum([...scopes, "once"]),
    on: z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}$/)
      .optional()
      .describe("With per once: the day."),
  })
  .refine(({ per, on }) => (per === "once") === (on !== undefined), {
    message: "a credit that is given once needs its day in `on`, and only that one",
    path: ["on"],
  })
  .describe("A fixed credit.");

const demand = z
  .strictObject({
    type: z.literal("demand"),
    ...named,
    interval: z
      .union([z.literal(15), z.literal(30), z.literal(60)])
      .default(15)
      .describe("Minutes of one mean power, aligned to the local hour."),
    flow: z.enum(["import", "export"]).default("import"),
    price: notNegative.optional().describe("Per kW. Either this or steps."),
    steps: z
      .array(z.strictObject({ upTo: positive.optional(), amount: notNegative, name: z.string().optional() }))
      .min(1)
      .optional()
      .describe("Instead of a price: a fixed amount by the kW reached; the last step has no upTo."),
    per: z
      .enum(scopes)
      .default("billing-period")
      .describe("What the price is for: EUR per kW and month, year, day. Parts of it are charged by the day."),
    peakOf: z.enum(["month", "billing-period"]).default("billing-period").describe("Within what the peak is sought."),
    basis: z
      .discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("highest") }),
        z.strictObject({
          kind: z.literal("mean-of-highest"),
          count: z.int().min(2).max(100),
          oneADay: z.boolean().default(false).describe("At most one of each local day."),
        }),
        z.strictObject({
          kind: z.literal("rolling-mean"),
          months: z
            .int()
            .min(2)
            .max(36)
            .default(12)
            .describe("Mean of the highest of so many months, the last included."),
        }),
        z.strictObject({
          kind: z.literal("ratchet"),
          months: z.int().min(1).max(36).default(11).describe("How many months before count."),
          percent: positive.default("100").describe("At least so much of the highest in them."),
        }),
      ])
      .default({ kind: "highest" }),
    minimumKw: notNegative.optional().describe("Each peak counts as at least this."),
    when: z.array(window).min(1).optional().describe("Only intervals that begin in these; left out: all."),
  })
  .refine((d) => (d.price === undefined) !== (d.steps === undefined), {
    message: "a demand charge has either a price per kW or steps",
    path: ["price"],
  })
  .refine(
    (d) =>
      d.steps === undefined || d.steps.every((step, i) => (step.upTo === undefined) === (i === d.steps!.length - 1)),
    {
      message: "every step but the last has an upTo",
      path: ["steps"],
    },
  )
  .describe("A charge on the highest mean power.");

const tax = z
  .strictObject({
    type: z.literal("tax"),
    ...named,
    percent: decimal,
    on: z
      .array(z.string())
      .min(1)
      .optional()
      .describe(
        "Ids of the components it is on. Left out: all before it but feed-in; so a later tax is on an earlier one.",
      ),
  })
  .describe("A tax in percent of other lines.");

const netMetering = z
  .strictObject({
    type: z.literal("net-metering"),
    ...named,
    on: z
      .array(z.string())
      .min(1)
      .optional()
      .describe("Ids of what is set off. Left out: all energy and levies before it."),
    every: z
      .enum(["month", "year", "billing-period"])
      .default("billing-period")
      .describe("When import and export are set off."),
    bank: z.boolean().default(true).describe("Whether what is left is kept for later periods."),
    expiresAfter: z.int().min(1).max(120).optional().describe("What is banked lapses after so many of these periods."),
    expiresOn: z
      .string()
      .regex(/^\d{2}-\d{2}$/)
      .optional()
      .describe('The bank is emptied at the first period that begins on or after this day of the year: "04-01".'),
    expiryPrice: notNegative.default("0").describe("What is paid for a unit that lapses."),
  })
  .describe("Energy fed in is set off against energy taken, within each rate; what is left goes to a bank.");

export const component = z.discriminatedUnion("type", [
  energy,
  levy,
  feedIn,
  standing,
  demand,
  credit,
  netMetering,
  tax,
]);

type Parsed = z.output<typeof component>;
/** A component as the engine has it: with its id and its name. */
export type Component = Parsed extends infer C ? (C extends unknown ? C & { id: string; name: string } : never) : never;
export type ComponentType = Component["type"];
export type ComponentOf<T extends ComponentType> = Extract<Component, { type: T }>;
export type PricedComponent = ComponentOf<"energy" | "levy" | "feed-in">;

const defaultNames: Record<ComponentType, string> = {
  energy: "Energy",
  levy: "Levy",
  "feed-in": "Feed-in",
  standing: "Standing charge",
  demand: "Demand charge",
  credit: "Credit",
  "net-metering": "Net metering",
  tax: "Tax",
};

/** Gives each component the id and the name that it was left without. */
export function withIds(components: readonly Parsed[]): Component[] {
  const taken = new Set(components.map(({ id }) => id));
  return components.map((given) => {
    let id = given.id ?? given.type;
    for (let n = 2; given.id === undefined && taken.has(id); n++) id = `${given.type}-${n}`;
    taken.add(id);
    return { ...given, id, name: given.name ?? defaultNames[given.type] } as Component;
  });
}
