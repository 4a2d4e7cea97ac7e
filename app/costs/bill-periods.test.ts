import { expect, test } from "vitest";
import { parseContract } from "../../domain/tariff/contract.ts";
import { billPeriods, readBillDays } from "./bill-periods.ts";

const now = Date.parse("2026-11-25T10:30:00Z");

function periodsOf(billing: object | undefined, validFrom = "2026-08-15", endsMs = Infinity) {
  const tariff = {
    name: "x",
    currency: "EUR",
    ...(billing && { billing }),
    components: [{ type: "energy", price: "1" }],
  };
  const parsed = parseContract([{ validFrom, tariff }]);
  if (!parsed.ok) throw new Error(parsed.error);
  return billPeriods({ versions: parsed.value, endsMs }, "Europe/Berlin", now).map(({ from, to }) => `${from} ${to}`);
}

test("monthly where nothing is said, from the contract's first day to the running month", () => {
  expect(periodsOf(undefined)).toEqual([
    "2026-11-01 2026-12-01",
    "2026-10-01 2026-11-01",
    "2026-09-01 2026-10-01",
    "2026-08-15 2026-09-01",
  ]);
});

test("as the tariff bills, and no longer than it holds", () => {
  expect(periodsOf({ months: 12, start: "2026-03-01" }, "2025-01-10")).toEqual([
    "2026-03-01 2027-03-01",
    "2025-03-01 2026-03-01",
    "2025-01-10 2025-03-01",
  ]);
  expect(periodsOf(undefined, "2026-09-01", Date.parse("2026-10-01T00:00+02:00"))).toEqual(["2026-09-01 2026-10-01"]);
});

test.each([
  ["from=2026-03-01&to=2026-04-01", "2026-03-01 2026-04-01"],
  ["", "2026-10-01 2026-11-01"],
  ["from=2026-04-01&to=2026-03-01", "2026-10-01 2026-11-01"],
  ["from=1999-01-01&to=2026-03-01", "2026-10-01 2026-11-01"],
])("an address asks for %s", (query, expected) => {
  const periods = [
    { from: "2026-11-01", to: "2026-12-01" },
    { from: "2026-10-01", to: "2026-11-01" },
  ];
  const { from, to } = readBillDays(new URLSearchParams(query), periods, "2026-11-25");
  expect(`${from} ${to}`).toBe(expected);
});
