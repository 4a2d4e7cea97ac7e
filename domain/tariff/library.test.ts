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
  // 8760 x 0.126114, 0.1095, 0.0167, 0.02651, 0.0205: 1104.76, 959.22, 146.29, 232.23, 179.58; 120; 19 % of 2742.08.
  ["de-flat", "Europe/Berlin", "3263.08"],
  // At most 0.40 for 2,900 kWh, 5,860 at 0.58, 12 x 7.50.
  ["nl-price-cap", "Europe/Amsterdam", "4648.8"],
])("%s for a year at 1 kW, rounded as the bill rounds", (name, zone, total) => {
  expect(yearOf(name, zone).total.toFixed()).toBe(total);
});

test.each([
  // Night 7 h x 365 = 2555 at 0.17181, 6205 at 0.3255, 365 x 0.44836. The hour that is lost in spring comes back in autumn.
  ["gb-economy-7", "Europe/London", "2622.35345"],
  // 12 x (100 x 4.71 + 200 x 10.29 + 200 x 14.55) + 2760 x 16.64; 8760 x 1.17; 12 x 129; 16 %.
  ["in-mh-slabs", "Asia/Kolkata", "142670.256"],
  // 261 workdays x 15 h at 0.155, 4845 h at 0.128; 8760 x 0.1028; at least 2.5 kW x 40.4; 65; 6 %.
  ["be-flanders-capacity", "Europe/Brussels", "2431.12378"],
  // 8760 x 0.1 x 1.25; 365 x 16 h at 0.5075, 365 x 8 h at 0.3875; 12 x 155.
  ["no-capacity-steps", "Europe/Oslo", "7050.3"],
  // 12 x (120 x 20.68 + 180 x 23.77 + 842.40) + 5160 x 27.05 + 8760 x 3.49.
  ["jp-tepco-b", "Asia/Tokyo", "261381.6"],
  // 8760 m3 x 10.6 x (0.0551 + 0.0233 + 0.00998 + 0.008477) + 120; 19 %.
  ["de-gas", "Europe/Berlin", "10845.36677448"],
  // 8760 x 0.1 x 1.25, 8760 x 0.535; 1 kW x (5 x 111.50 + 7 x 55.75); 1530.
  ["se-effect-fee", "Europe/Stockholm", "8259.35"],
  // 8760 x 0.17056; 1 kW x (3 x 56.8579 + 9 x 8.1653); 365 x 0.52177.
  ["au-ergon-14", "Australia/Brisbane", "1928.61305"],
  // 8760 x 0.1952; 185.64.
  ["fr-base", "Europe/Paris", "1895.592"],
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

test("what of a tariff was read in its source is said, and of ten or more it is the prices", () => {
  const checked = libraryNames().map(
    (name) => (libraryJson(name) as { source: { checked: string; note: string } }).source,
  );
  expect(checked.filter((source) => source.checked === "prices").length).toBeGreaterThanOrEqual(10);
  for (const source of checked.filter((other) => other.checked !== "prices")) expect(source.note).toMatch(/example/);
});

test("a household of 3,500 kWh pays the mean price of the German analysis: 39.7 ct per kWh", () => {
  const parsed = parseContract(libraryJson("de-flat"));
  if (!parsed.ok) throw new Error(parsed.error);
  const period = localPeriod("Europe/Berlin", "2025-01-01", "2026-01-01");
  const made = bill(usageOf([{ startMs: period.fromMs, importKwh: 3500 }]), parsed.value, period, "Europe/Berlin");
  expect(made.total.div(3500).toDecimalPlaces(3).toFixed()).toBe("0.397");
});
