import type { TariffInput } from "./tariff.ts";

/** Tariffs to begin with, the simplest first: each is whole, so that its bill can be seen at once, with prices to write over. */
export interface Shape {
  id: string;
  name: string;
  what: string;
}

export const shapes = [
  { id: "one-price", name: "One price", what: "Every kWh costs the same, day and night." },
  { id: "day-and-night", name: "Day and night", what: "Two prices by the clock: a cheaper one at night." },
  {
    id: "by-time",
    name: "Prices by time and season",
    what: "Several prices, painted on a week, in summer and winter.",
  },
  {
    id: "by-amount",
    name: "Prices by amount",
    what: "So much for the first 100 kWh of a month, so much for the rest.",
  },
  { id: "market", name: "Market price", what: "The price of the exchange, hour by hour, and what the supplier adds." },
  {
    id: "feed-in",
    name: "One price and feed-in",
    what: "For a solar roof: one price for what you take, one for what you give.",
  },
  {
    id: "demand",
    name: "With a demand charge",
    what: "A price for the highest power of the month besides that of the energy.",
  },
] as const satisfies readonly Shape[];

export type ShapeId = (typeof shapes)[number]["id"];

const standing = { type: "standing", amount: "10", per: "month" } as const;
const billing = { months: 1, start: "2025-01-01" };
const workdayPeak = { days: ["workday" as const], hours: ["17:00-21:00"] };

/** @param price what a kWh costs now, where it is known. */
export function shapeTariff(
  id: ShapeId,
  { currency, price = "0.30" }: { currency: string; price?: string },
): TariffInput {
  const { name } = shapes.find((shape) => shape.id === id)!;
  return { name, currency, billing, ...partsOf(id, price) };
}

function partsOf(id: ShapeId, price: string): Pick<TariffInput, "components" | "seasons"> {
  switch (id) {
    case "one-price":
      return { components: [{ type: "energy", price }, standing] };
    case "day-and-night":
      return {
        components: [
          {
            type: "energy",
            price: {
              kind: "time-of-use",
              rates: [
                { name: "Night", price: "0.22", when: [{ hours: ["22:00-06:00"] }] },
                { name: "Day", price },
              ],
            },
          },
          standing,
        ],
      };
    case "by-time":
      return {
        seasons: { summer: [{ from: "04-01", to: "09-30" }], "rest of the year": [{ from: "10-01", to: "03-31" }] },
        components: [
          {
            type: "energy",
            price: {
              kind: "time-of-use",
              rates: [
                { name: "Peak", price: "0.38", when: [{ seasons: ["rest of the year"], ...workdayPeak }] },
                { name: "Solar hours", price: "0.19", when: [{ seasons: ["summer"], hours: ["10:00-15:00"] }] },
                { name: "Normal", price },
              ],
            },
          },
          standing,
        ],
      };
    case "by-amount":
      return {
        components: [
          {
            type: "energy",
            price: { kind: "tiered", per: "month", tiers: [{ upTo: "100", price: "0.24" }, { price }] },
          },
          standing,
        ],
      };
    case "market":
      return {
        components: [
          {
            type: "energy",
            name: "Exchange price",
            price: { kind: "dynamic", factor: "1", markup: "0.02", fallback: price },
          },
          { type: "levy", name: "Grid and levies", price: "0.17" },
          standing,
          { type: "tax", name: "VAT", percent: "19" },
        ],
      };
    case "feed-in":
      return { components: [{ type: "energy", price }, standing, { type: "feed-in", price: "0.08" }] };
    case "demand":
      return {
        components: [
          { type: "energy", price },
          { type: "demand", interval: 15, price: "8", per: "month", peakOf: "month" },
          standing,
        ],
      };
  }
}
