import { describe, expect, test } from "vitest";
import { bill } from "./bill.ts";
import { parseContract } from "./contract.ts";
import type { Line } from "./line.ts";
import { localPeriod } from "./scope.ts";
import { usageOf } from "./usage.ts";

/** Import and export in kWh of the tenth of each month of 2026, at 09:00 UTC. */
const history = [
  [100, 130],
  [100, 20],
  [100, 150],
  [100, 100],
  [100, 60],
] as const;

const usage = usageOf(
  history.map(([importKwh, exportKwh], i) => ({
    startMs: Date.parse(`2026-0${i + 1}-10T09:00Z`),
    importKwh,
    exportKwh,
  })),
);

function setOff(netMetering: object, price: unknown = "0.30") {
  const components = [
    { type: "energy", price },
    { type: "net-metering", every: "month", ...netMetering },
  ];
  const parsed = parseContract({ name: "x", currency: "EUR", billing: { months: 1 }, components });
  if (!parsed.ok) throw new Error(parsed.error);
  return bill(usage, parsed.value, localPeriod("UTC", "2026-01-01", "2026-06-01"), "UTC")
    .lines.filter(({ component }) => component === "net-metering")
    .map(inWords);
}

const inWords = ({ period: { fromMs }, rate, quantity, unitPrice }: Line) =>
  `${new Date(fromMs).getUTCMonth() + 1}: ${rate} ${quantity.toFixed()} at ${unitPrice!.toFixed()}`;

test("what is left goes to the bank, and comes back in later months", () => {
  expect(setOff({})).toEqual([
    "1: Energy 100 at -0.3",
    "2: Energy 50 at -0.3",
    "3: Energy 100 at -0.3",
    "4: Energy 100 at -0.3",
    "5: Energy 100 at -0.3",
  ]);
});

test("banked energy lapses after so many months, at its price", () => {
  expect(setOff({ expiresAfter: 1, expiryPrice: "0.05" })).toEqual([
    "1: Energy 100 at -0.3",
    "2: Energy 50 at -0.3",
    "3: Energy 100 at -0.3",
    "4: Energy 100 at -0.3",
    "5: left over 50 at -0.05",
    "5: Energy 60 at -0.3",
  ]);
});

test("the bank is emptied on a day of the year", () => {
  expect(setOff({ expiresOn: "04-01", expiryPrice: "0.03" }).slice(3)).toEqual([
    "4: left over 50 at -0.03",
    "4: Energy 100 at -0.3",
    "5: Energy 60 at -0.3",
  ]);
});

test("without a bank, what is left over is paid at once", () => {
  expect(setOff({ bank: false, expiryPrice: "0.1" }).slice(0, 3)).toEqual([
    "1: Energy 100 at -0.3",
    "1: left over 30 at -0.1",
    "2: Energy 20 at -0.3",
  ]);
});

describe("a new version", () => {
  const version = (validFrom: string, netMetering: object, price: unknown = "0.30") => ({
    validFrom,
    tariff: {
      ...{ name: "x", currency: "EUR", billing: { months: 1 } },
      components: [
        { type: "energy", price },
        { type: "net-metering", every: "month", ...netMetering },
      ],
    },
  });
  const two = { kind: "time-of-use", rates: [{ name: "Day", price: "0.4", when: [{ hours: ["08:00-20:00"] }] }, { name: "Night", price: "0.2" }] }; // prettier-ignore

  test.each([
    {
      name: "has nothing in the bank of what the one before paid for",
      versions: [
        version("2026-01-01", { bank: false, expiryPrice: "0.1" }),
        version("2026-02-01", { expiryPrice: "0.1" }),
      ],
      lines: ["1: Energy 100 at -0.3", "1: left over 30 at -0.1", "2: Energy 20 at -0.3"],
    },
    {
      name: "has no more of what lapsed by the rules of the one before",
      versions: [version("2026-01-01", { expiresAfter: 1, expiryPrice: "0.05" }), version("2026-05-15", {})],
      // The 50 of March lapsed on 1 May, before it began.
      lines: ["5: left over 50 at -0.05", "5: Energy 60 at -0.3"],
      since: 4,
    },
    {
      name: "takes over the bank with other prices",
      versions: [version("2026-01-01", {}), version("2026-02-01", {}, "0.5")],
      lines: ["1: Energy 100 at -0.3", "2: Energy 50 at -0.5"],
    },
    {
      name: "with other rates takes over what was banked at the one price, once",
      versions: [version("2026-01-01", {}), version("2026-02-01", {}, two)],
      lines: ["1: Energy 100 at -0.3", "2: Energy, Day 50 at -0.4"],
    },
    {
      name: "empties the bank on its own day of the year",
      versions: [version("2026-01-01", {}), version("2026-03-01", { expiresOn: "04-01", expiryPrice: "0.03" })],
      lines: ["4: left over 50 at -0.03", "4: Energy 100 at -0.3"],
      since: 3,
    },
    {
      name: "that settles by the year ends the month that is open",
      versions: [version("2026-01-01", {}), version("2026-02-05", { every: "year" })],
      // By the year: 400 taken and 330 given from February to May, and 30 in the bank.
      lines: [
        "1: Energy 100 at -0.3",
        "2: Energy 50 at -0.3",
        "3: Energy 150 at -0.3",
        "4: Energy 100 at -0.3",
        "5: Energy 60 at -0.3",
      ],
    },
  ])("$name", ({ versions, lines, since = 0 }) => {
    const parsed = parseContract(versions);
    if (!parsed.ok) throw new Error(parsed.error);
    const { lines: all } = bill(usage, parsed.value, localPeriod("UTC", "2026-01-01", "2026-06-01"), "UTC");
    const netted = all.filter(({ component }) => component === "net-metering").map(inWords);
    expect(netted.slice(since, since + lines.length)).toEqual(lines);
  });
});

test("of tiers the dearest energy is set off first", () => {
  const price = { kind: "tiered", per: "month", tiers: [{ upTo: "50", price: "0.2" }, { price: "0.4" }] };
  // 20 of 100 are worth 0.4 each; 50 more would be from there down.
  expect(setOff({ bank: false }, price)[2]).toBe("2: Energy 20 at -0.4");
  expect(setOff({ bank: false }, price)[0]).toBe("1: Energy 100 at -0.3");
});
