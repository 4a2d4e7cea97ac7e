import { z } from "zod";
import { parseDay } from "../local-time/civil-day.ts";
import { component, rounding, withIds, type Component } from "./component-schema.ts";
import { isCurrency } from "./flat.ts";
import { currencyDecimals, type Rounding, type RoundingMode } from "./money.ts";
import { movingDay } from "./moving-day.ts";
import { positive, type Window } from "./price-schema.ts";

/** A tariff: prices as data. One schema validates it, documents it (the JSON Schema) and types the engine. */
const day = z
  .string()
  .refine((text) => parseDay(text) !== null, { message: 'a date such as "2026-03-29" is expected' })
  .describe("A local date: 2026-03-29.");

const yearDay = z
  .string()
  .refine((text) => parseDay(`2024-${text}`) !== null, { message: 'a day of the year such as "06-01" is expected' })
  .describe('A day of every year: "06-01".');

const movingDate = z
  .string()
  .refine((text) => movingDay(text) !== null, {
    message:
      'a day such as "12-25", "2026-03-29", "easter+1", "01-mon3", "05-mon-last" or "07-04;sat-1,sun+1" is expected',
  })
  .describe(
    'A day that moves: "easter-2" is Good Friday, "01-mon3" the third Monday of January, "05-mon-last" the last of May, ' +
      '"07-04;sat-1,sun+1" 4 July, kept on the Friday before a Saturday and on the Monday after a Sunday.',
  );

const dates = z.array(z.union([day, yearDay, movingDate])).max(5000);

export const tariffSchema = z
  .strictObject({
    $schema: z.string().optional(),
    name: z.string().min(1).max(200),
    description: z.string().max(2000).optional(),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/)
      .optional()
      .describe("ISO 3166: DE."),
    source: z
      .strictObject({
        url: z.string(),
        date: day,
        checked: z
          .enum(["prices", "partly", "shape", "nothing"])
          .optional()
          .describe(
            "What was read there: all that sets the prices, some of the prices, the shape alone, or nothing yet.",
          ),
        note: z.string().optional(),
      })
      .optional()
      .describe("Where the prices were read, and when."),
    medium: z.enum(["electricity", "gas", "water", "heat"]).default("electricity"),
    currency: z
      .string()
      .refine(isCurrency, { message: 'a currency of ISO 4217 such as "EUR" is expected' })
      .describe("ISO 4217: EUR."),
    kwhPerM3: positive
      .optional()
      .describe("Gas: what a cubic metre of the meter holds (calorific value x correction)."),
    billing: z
      .strictObject({
        months: z.int().min(1).max(120).describe("1: monthly, 12: yearly."),
        start: day
          .default("2000-01-01")
          .describe("Any day on which a period began; 31 means the last of shorter months."),
      })
      .optional()
      .describe("The billing period. Left out: the period that is asked for is one."),
    rounding: rounding.default({ mode: "half-up" }),
    seasons: z
      .record(z.string(), z.array(z.strictObject({ from: yearDay, to: yearDay })).min(1))
      .default({})
      .describe("Named parts of the year; both days belong to them, and the turn of the year may lie between."),
    holidays: dates
      .default([])
      .describe(
        "Public holidays: dates, days of every year (12-25), or days that move (easter+1, 01-mon3, 07-04;sun+1).",
      ),
    dayLists: z.record(z.string(), dates).default({}).describe("Other days by name: the red days of a tariff."),
    components: z.array(component).min(1).max(100).describe("In the order of the bill."),
  })
  .superRefine(({ components, seasons, dayLists, medium, kwhPerM3 }, { addIssue }) => {
    const named = withIds(components);
    const ids = named.map(({ id }) => id);
    named.forEach((c, i) => {
      const path = ["components", i];
      const say = (key: string, message: string) => addIssue({ code: "custom", path: [...path, key], message });
      if (ids.indexOf(c.id) !== i) say("id", `another component has the id "${c.id}" too`);
      if (c.type === "tax" || c.type === "net-metering")
        for (const id of c.on ?? [])
          if (!ids.slice(0, i).includes(id)) say("on", `no component before it has the id "${id}"`);
      if ("unit" in c && c.unit === "m3" && meterUnit({ medium, kwhPerM3 }) === "kWh")
        say("unit", `${medium} is counted in kWh`);
      if ("unit" in c && c.unit === "kWh" && meterUnit({ medium, kwhPerM3 }) === "m3" && kwhPerM3 === undefined)
        say("unit", "a price per kWh needs the tariff's kwhPerM3");
      for (const w of windowsOf(c)) {
        for (const name of w.seasons ?? [])
          if (!Object.hasOwn(seasons, name)) say("price", `the tariff has no season "${name}"`);
        for (const name of w.dayLists ?? [])
          if (!Object.hasOwn(dayLists, name)) say("price", `the tariff has no day list "${name}"`);
      }
      if (c.type === "energy" && c.cap && hasKind(c, "tiered")) say("cap", "a price cap does not go with tiers");
      if (c.type === "net-metering") checkNetting(named.slice(0, i), c, say);
    });
  });

function checkNetting(
  before: readonly Component[],
  { on, every }: Extract<Component, { type: "net-metering" }>,
  say: (key: string, message: string) => void,
): void {
  const netted = before.filter(({ id, type }) => (on ? on.includes(id) : type === "energy" || type === "levy"));
  if (netted.length === 0) say("on", "there is no energy or levy before it to set off");
  for (const c of netted) {
    if (c.type !== "energy" && c.type !== "levy") say("on", `"${c.id}" is neither energy nor a levy`);
    else if (hasKind(c, "dynamic"))
      say("on", `"${c.id}" has a dynamic price: net metering needs one that is flat, time-of-use or tiered`);
    else if (c.type === "energy" && c.cap) say("on", `"${c.id}" has a price cap, which does not go with net metering`);
    else if (tieredOf(c).some((t) => t.whole || (t.over ?? t.per) !== every))
      say("every", `the tiers of "${c.id}" must be counted over the same periods as the net metering`);
  }
}

function ratePrices(c: Component) {
  if (c.type !== "energy" && c.type !== "levy" && c.type !== "feed-in") return [];
  if (typeof c.price !== "string" && c.price.kind === "time-of-use") return c.price.rates.map((rate) => rate.price);
  return [c.price];
}

const hasKind = (c: Component, kind: string): boolean =>
  ratePrices(c).some((price) => typeof price !== "string" && price.kind === kind);

const tieredOf = (c: Component) =>
  ratePrices(c).flatMap((price) => (typeof price !== "string" && price.kind === "tiered" ? [price] : []));

function windowsOf(c: Component): Window[] {
  if (c.type === "demand") return c.when ?? [];
  if (c.type !== "energy" && c.type !== "levy" && c.type !== "feed-in") return [];
  if (typeof c.price === "string" || c.price.kind !== "time-of-use") return [];
  return c.price.rates.flatMap((rate) => rate.when ?? []);
}

export type TariffInput = z.input<typeof tariffSchema>;
export type Tariff = Omit<z.output<typeof tariffSchema>, "components"> & { components: Component[] };

/** The unit in which the meter of a tariff counts: m3 for water and for gas, kWh for all else. */
export const meterUnit = ({ medium, kwhPerM3 }: { medium: string; kwhPerM3?: string }): "kWh" | "m3" =>
  medium === "water" || medium === "gas" || kwhPerM3 !== undefined ? "m3" : "kWh";

/** How the lines of a component are rounded: as it says, as the tariff says, or to the currency's own decimals. */
export function roundingOf(tariff: Tariff, own?: { decimals?: number; mode: RoundingMode }): Rounding {
  const { decimals, mode } = own ?? tariff.rounding;
  return { decimals: decimals ?? tariff.rounding.decimals ?? currencyDecimals(tariff.currency), mode };
}
