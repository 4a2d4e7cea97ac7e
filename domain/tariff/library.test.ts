import { expect, test } from "vitest";
import { bill } from "./bill.ts";
import { parseContract } from "./contract.ts";
import { libraryJson, libraryNames } from "./library.ts";
import { localPeriod } from "./scope.ts";
import { usageOf } from "./usage.ts";

/** The year 2025 at 1 kW all the time: 8,760 kWh, or m3; the price channel always says 0.1. */
function yearOf(name: string, timezone: string) {
  const parsed = parseContract(libraryJson(name));
  if (!parsed.ok) throw new Error(parsed.error);
  const period = localPeriod(timezone, "2025-01-01", "2026-01-01");
  const buckets = Array.from({ length: 35_040 }, (_, i) => ({
    startMs: period.fromMs + i * 900_000,
    importKwh: 0.25,
    prices: { price: 0.1 },
  }));
  return bill(usageOf(buckets), parsed.value, period, timezone);
}

test.each([
  // 8760 x 0.1346, 0.0926, 0.0166, 0.02651, 0.0205; 120; each rounded; 19 % of 2667.51.
  ["de-flat", "Europe/Berlin", "3174.34"],
  // At most 0.40 for 2,900 kWh, 5,860 at 0.58, 12 x 7.50.
  ["nl-price-cap", "Europe/Amsterdam", "4648.8"],
])("%s for a year at 1 kW, rounded as the bill rounds", (name, zone, total) => {
  expect(yearOf(name, zone).total.toFixed()).toBe(total);
});

test.each([
  // Night 7 h x 365 = 2555 at 0.1331, 6205 at 0.3023, 365 x 0.5137; 5 %. The hour that is lost in spring comes back in autumn.
  ["gb-economy-7", "Europe/London", "2523.509625"],
  // 12 x (100 x 4.71 + 200 x 10.29 + 200 x 14.55) + 2760 x 16.64; 8760 x 1.17; 12 x 129; 16 %.
  ["in-mh-slabs", "Asia/Kolkata", "142670.256"],
  // 261 workdays x 15 h at 0.155, 4845 h at 0.128; 8760 x 0.1028; at least 2.5 kW x 40.4; 65; 6 %.
  ["be-flanders-capacity", "Europe/Brussels", "2431.12378"],
  // 8760 x (0.1 x 1.25 + 0.05); 257 workdays that are no holidays x 16 h at 0.4385, 4648 h at 0.3135; 12 x 125; 12 x 39.
  ["no-capacity-steps", "Europe/Oslo", "6761.26"],
  // 12 x (120 x 29.80 + 180 x 36.40 + 935.25) + 5160 x 40.49 + 8760 x 3.49.
  ["jp-tepco-b", "Asia/Tokyo", "372259.8"],
  // 8760 m3 x 10.6 x (0.0598 + 0.0208 + 0.00998 + 0.0095) + 120; 19 %.
  ["de-gas", "Europe/Berlin", "11201.5038912"],
])("%s for a year at 1 kW, before rounding", (name, zone, exactTotal) => {
  expect(yearOf(name, zone).exactTotal.toDecimalPlaces(20).toFixed()).toBe(exactTotal);
});

test.each(libraryNames())("%s bills all of a year's energy", (name) => {
  const made = yearOf(name, "Europe/Berlin");
  const [energy] = made.lines.filter(({ type }) => type === "energy");
  const ofFirst = made.lines.filter(({ component }) => component === energy!.component);
  const quantity = ofFirst.reduce((sum, line) => sum + line.quantity.toNumber(), 0);
  expect(quantity).toBeCloseTo(8760 * (name === "de-gas" ? 10.6 : 1), 6);
  expect(made.notes).toEqual([]);
});
