import { describe, expect, test } from "vitest";
import { parseContract } from "./contract.ts";
import { priceChannelsOf, usageNeededFrom } from "./lookback.ts";
import { localPeriod } from "./scope.ts";

const zone = "Europe/Berlin";
const monthly = { months: 1, start: "2020-01-15" };

function contract(components: object[], more: object = {}) {
  const tariff = { name: "T", currency: "EUR", components, ...more };
  const parsed = parseContract([{ validFrom: "2024-05-01", tariff }]);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

const tiered = { kind: "tiered", per: "month", tiers: [{ upTo: "100", price: "0.2" }, { price: "0.3" }] };
const rolling = { kind: "rolling-mean", months: 12 };

describe("to bill 20 March 2026, usage is needed from", () => {
  test.each([
    { name: "that day on, at a flat price", components: [{ type: "energy", price: "0.3" }], from: "2026-03-20" },
    { name: "the month's start, with tiers", components: [{ type: "energy", price: tiered }], from: "2026-03-01" },
    {
      name: "the billing period's start, with tiers over it",
      components: [{ type: "energy", price: { ...tiered, over: "billing-period" } }],
      more: { billing: monthly },
      from: "2026-03-15",
    },
    {
      name: "the year's start, with a cap for the year",
      components: [{ type: "energy", price: "0.5", cap: { price: "0.4", quota: "2900", per: "year" } }],
      from: "2026-01-01",
    },
    { name: "the peak's month", components: [{ type: "demand", price: "4", peakOf: "month" }], from: "2026-03-01" },
    {
      name: "a year before, with a rolling mean of peaks",
      components: [{ type: "demand", price: "4", peakOf: "month", basis: rolling }],
      from: "2025-03-01",
    },
    {
      name: "the contract's beginning, with a net-metering bank",
      components: [
        { type: "energy", price: "0.3" },
        { type: "net-metering", every: "month" },
      ],
      from: "2024-05-01",
    },
  ])("$name", ({ components, more, from }) => {
    const period = localPeriod(zone, "2026-03-20", "2026-03-21");
    const needed = usageNeededFrom(contract(components, more), period, zone);
    expect(needed).toBe(localPeriod(zone, from, "2026-12-31").fromMs);
  });
});

test("the price channels of all versions, each once", () => {
  const dynamic = (channel?: string) => ({ type: "energy", price: { kind: "dynamic", ...(channel && { channel }) } });
  expect(priceChannelsOf(contract([dynamic(), { ...dynamic("night"), id: "n" }, { ...dynamic(), id: "m" }]))).toEqual([
    "price",
    "night",
  ]);
  expect(priceChannelsOf(contract([{ type: "energy", price: "0.3" }]))).toEqual([]);
});
