import { z } from "zod";

/**
 * What a unit of energy costs: one price, or prices by time of use, by amount (tiers) or from a price channel. Everything that
 * a tariff may say about it, with its meaning; the JSON Schema is made from this.
 */
const pattern = /^-?\d{1,12}(\.\d{1,12})?$/;

/** A decimal number, best as text ("0.3215"); a JSON number is taken as it is written. At most 12 decimals. */
export const decimal = z
  .union([z.string(), z.number()])
  .transform((value) => (typeof value === "number" ? plainText(value) : value.trim()))
  .refine((text) => pattern.test(text), {
    message: 'a decimal number such as "0.3215" is expected, at most 12 decimals',
  })
  .describe('A decimal number, best as text: "0.3215". At most 12 decimals.');

/** 1e-7 is written out; what has more than 12 decimals keeps its e and is refused. */
const plainText = (value: number): string =>
  Math.abs(value) < 1e-6 && value !== 0 ? value.toFixed(12).replace(/0+$/, "") : String(value);

export const positive = decimal
  .refine((text) => Number(text) > 0, { message: "a number above 0 is expected" })
  .describe("A decimal number above 0.");

export const notNegative = decimal
  .refine((text) => Number(text) >= 0, { message: "a number of at least 0 is expected" })
  .describe("A decimal number of at least 0.");

export const dayNames = ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"] as const;
export type DayName = (typeof dayNames)[number];

const hours = z
  .string()
  .regex(/^([01]\d|2[0-3]):(00|15|30|45)-(([01]\d|2[0-3]):(00|15|30|45)|24:00)$/, {
    message: 'hours such as "07:00-22:00" are expected, in whole quarter-hours; "24:00" ends a day',
  })
  .refine((text) => text.slice(0, 5) !== text.slice(6), {
    message: "the hours must not begin and end at the same time",
  })
  .describe('Wall-clock hours "07:00-22:00", the end excluded; "22:00-06:00" is both ends of each day that matches.');

export const window = z
  .strictObject({
    seasons: z.array(z.string()).min(1).optional().describe("Names of the tariff's seasons; left out: all year."),
    months: z.array(z.int().min(1).max(12)).min(1).optional().describe("Months of the year, 1 to 12."),
    days: z
      .array(z.enum([...dayNames, "workday", "weekend"]))
      .min(1)
      .optional()
      .describe("Days; left out: every day. A public holiday is `holiday` only, not its weekday. workday: mon to fri."),
    dayLists: z
      .array(z.string())
      .min(1)
      .optional()
      .describe("Names of the tariff's day lists: the day must be in one."),
    hours: z.array(hours).min(1).optional().describe("Left out: all day."),
  })
  .describe("A time that matches all that is said here.");
export type Window = z.output<typeof window>;

const flat = z.strictObject({ kind: z.literal("flat"), price: decimal }).describe("One price at all times.");

export const scopes = ["day", "month", "year", "billing-period"] as const;
export type ScopeName = (typeof scopes)[number];

const tier = z.strictObject({
  upTo: positive.optional().describe("The amount at which the tier ends, counted from 0; the last tier has none."),
  price: decimal,
  name: z.string().max(80).optional(),
});

const tiered = z
  .strictObject({
    kind: z.literal("tiered"),
    tiers: z.array(tier).min(1).max(12),
    per: z.enum(scopes).default("month").describe("What the limits are said for: 100 kWh a month, 10 kWh a day."),
    over: z
      .enum(scopes)
      .optional()
      .describe("Over what they are counted, when longer: 10 kWh a day over the billing period. Left out: the same."),
    whole: z
      .boolean()
      .default(false)
      .describe("true: all energy costs the price of the tier that was reached, not only what lies in it."),
  })
  .superRefine(({ tiers }, { addIssue }) => {
    tiers.forEach(({ upTo }, i) => {
      const isLast = i === tiers.length - 1;
      if (isLast && upTo !== undefined)
        addIssue({ code: "custom", path: ["tiers", i, "upTo"], message: "the last tier has no upTo: it has no end" });
      if (!isLast && upTo === undefined)
        addIssue({ code: "custom", path: ["tiers", i, "upTo"], message: "only the last tier may have no upTo" });
      const before = i > 0 ? Number(tiers[i - 1]!.upTo) : 0;
      if (upTo !== undefined && i > 0 && Number(upTo) <= before)
        addIssue({ code: "custom", path: ["tiers", i, "upTo"], message: "tiers must end at growing amounts" });
    });
  })
  .describe("Prices by amount: so much for the first 100 kWh, so much for the rest.");
export type Tiered = z.output<typeof tiered>;

const dynamic = z
  .strictObject({
    kind: z.literal("dynamic"),
    channel: z.string().default("price").describe("The price channel (currency per kWh, one value a quarter-hour)."),
    factor: decimal.default("1").describe("The channel's price is multiplied by this first."),
    markup: decimal.default("0").describe("Then this is added, per kWh."),
    floor: decimal.optional().describe("The result is at least this."),
    cap: decimal.optional().describe("The result is at most this."),
    fallback: decimal
      .optional()
      .describe("What is billed where the channel has no price; left out: nothing, and said."),
  })
  .refine(({ floor, cap }) => floor === undefined || cap === undefined || Number(floor) <= Number(cap), {
    message: "the floor must not lie above the cap",
    path: ["floor"],
  })
  .describe("channel x factor + markup, kept between floor and cap.");
export type Dynamic = z.output<typeof dynamic>;

const rate = z.strictObject({
  name: z.string().min(1).max(80).describe("What the bill calls it: Night."),
  price: z.union([decimal, z.discriminatedUnion("kind", [flat, tiered, dynamic])]),
  when: z.array(window).min(1).optional().describe("Any of these; left out: whenever no rate before it holds."),
});

const timeOfUse = z
  .strictObject({
    kind: z.literal("time-of-use"),
    rates: z.array(rate).min(1).max(48).describe("The first that holds is the price."),
  })
  .describe("Prices by season, day and hour of the wall clock.");
export type TimeOfUse = z.output<typeof timeOfUse>;

export const price = z
  .union([decimal, z.discriminatedUnion("kind", [flat, timeOfUse, tiered, dynamic])])
  .describe("A decimal, or an object with a kind: flat, time-of-use, tiered, dynamic.");
export type Price = z.output<typeof price>;
/** A price within one rate of a time-of-use price. */
export type RatePrice = Exclude<Price, TimeOfUse>;
