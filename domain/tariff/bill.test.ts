import { describe, expect, test } from "vitest";
import { bill } from "./bill.ts";
import { parseContract } from "./contract.ts";
import { localPeriod } from "./scope.ts";
import { usageOf, type UsageBucket } from "./usage.ts";

/** Bills by hand: each sum can be checked on paper. */
const quarterMs = 900_000;
const berlin = "Europe/Berlin";

/** The same energy in every quarter-hour of local days [from, to). */
function steady(from: string, to: string, kwh: number, more: Partial<UsageBucket> = {}, zone = berlin): UsageBucket[] {
  const { fromMs, toMs } = localPeriod(zone, from, to);
  return Array.from({ length: (toMs - fromMs) / quarterMs }, (_, i) => ({
    startMs: fromMs + i * quarterMs,
    importKwh: kwh,
    ...more,
  }));
}

function versionsOf(json: unknown) {
  const parsed = parseContract(json);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function billed(
  buckets: UsageBucket[],
  components: unknown[],
  from: string,
  to: string,
  more: object = {},
  zone = berlin,
) {
  const versions = versionsOf({ name: "x", currency: "EUR", components, ...more });
  const made = bill(usageOf(buckets), versions, localPeriod(zone, from, to), zone);
  return made.lines.map((l) => [l.name, l.quantity.toFixed(), l.unitPrice?.toFixed() ?? null, l.amount.toFixed()]);
}

const nightAndDay = {
  kind: "time-of-use",
  rates: [
    { name: "Night", price: "0.20", when: [{ hours: ["22:00-06:00"] }] },
    { name: "Day", price: "0.30" },
  ],
};

describe("energy", () => {
  test("flat, standing charge and tax", () => {
    const components = [
      { type: "energy", price: "0.32" },
      { type: "standing", amount: "9.90", per: "month" },
      { type: "tax", percent: "19" },
    ];
    // 30 days x 96 x 0.1 kWh = 288 kWh; 92.16 + 9.90 = 102.06; 19 % are 19.3914.
    expect(billed(steady("2026-06-01", "2026-07-01", 0.1), components, "2026-06-01", "2026-07-01")).toEqual([
      ["Energy", "288", "0.32", "92.16"],
      ["Standing charge", "1", "9.9", "9.9"],
      ["Tax", "102.06", "0.19", "19.39"],
    ]);
  });

  test.each([
    ["2026-03-29", "2026-03-30", "7", "16", "the day of 23 hours lacks one of the night"],
    ["2026-10-25", "2026-10-26", "9", "16", "the day of 25 hours has one more"],
    ["2026-06-01", "2026-06-02", "8", "16", "a plain day"],
  ])("time of use follows the wall clock on %s", (from, to, night, day) => {
    expect(billed(steady(from, to, 0.25), [{ type: "energy", price: nightAndDay }], from, to).map((l) => l[1])).toEqual(
      [night, day],
    );
  });

  test.each([
    ["Asia/Kathmandu", "8", "16"],
    ["Australia/Lord_Howe", "8", "16"],
  ])("time of use in %s", (zone, night, day) => {
    const buckets = steady("2026-06-01", "2026-06-02", 0.25, {}, zone);
    const lines = billed(buckets, [{ type: "energy", price: nightAndDay }], "2026-06-01", "2026-06-02", {}, zone);
    expect(lines.map((l) => l[1])).toEqual([night, day]);
  });

  test("a public holiday is no workday; seasons wrap the turn of the year", () => {
    const price = {
      kind: "time-of-use",
      rates: [
        { name: "Winter workday", price: "0.4", when: [{ seasons: ["winter"], days: ["workday"] }] },
        { name: "Winter", price: "0.3", when: [{ seasons: ["winter"] }] },
        { name: "Summer", price: "0.2" },
      ],
    };
    const more = { seasons: { winter: [{ from: "11-01", to: "03-31" }] }, holidays: ["12-25", "2026-01-01"] };
    // Thu 25 Dec holiday, Fri 26, Sat 27, Sun 28, Mon 29, Tue 30, Wed 31, Thu 1 Jan holiday, Fri 2.
    const buckets = steady("2025-12-25", "2026-01-03", 0.25);
    expect(billed(buckets, [{ type: "energy", price }], "2025-12-25", "2026-01-03", more)).toEqual([
      ["Energy, Winter", "96", "0.3", "28.8"],
      ["Energy, Winter workday", "120", "0.4", "48"],
    ]);
  });

  test.each([
    // 31 days x 24 kWh = 744 kWh.
    ["month", undefined, ["100", "644"]],
    ["day", undefined, ["744"]],
    ["day", "month", ["744"]],
  ])("tiers per %s over %s", (per, over, quantities) => {
    const price = { kind: "tiered", per, over, tiers: [{ upTo: "100", price: "0.2" }, { price: "0.3" }] };
    const lines = billed(
      steady("2026-01-01", "2026-02-01", 0.25),
      [{ type: "energy", price }],
      "2026-01-01",
      "2026-02-01",
    );
    expect(lines.map((l) => l[1])).toEqual(quantities);
  });

  test("an allowance of 10 kWh a day, counted each day or over the month", () => {
    const uneven = [...steady("2026-01-01", "2026-01-02", 0.25), ...steady("2026-01-02", "2026-01-03", 0.05)];
    const tiers = [{ upTo: "10", price: "0.2" }, { price: "0.3" }];
    const at = (over?: string) =>
      billed(
        uneven,
        [{ type: "energy", price: { kind: "tiered", per: "day", over, tiers } }],
        "2026-01-01",
        "2026-01-03",
      ).map((l) => l[1]);
    // 24 and 4.8 kWh: each day 10 + 4.8 in the first tier; over both days 20.
    expect(at()).toEqual(["14.8", "14"]);
    expect(at("billing-period")).toEqual(["20", "8.8"]);
  });

  test("the period that is asked for is the billing period, within a day too", () => {
    const price = { kind: "tiered", per: "billing-period", tiers: [{ upTo: "1", price: "1" }, { price: "2" }] };
    const versions = versionsOf({
      name: "x",
      currency: "EUR",
      components: [
        { type: "energy", price },
        { type: "demand", price: "1" },
        { type: "standing", amount: "10", per: "billing-period" },
      ],
    });
    const [noon, nextNoon] = ["2026-01-01T12:00Z", "2026-01-02T12:00Z"].map((text) => Date.parse(text)) as [
      number,
      number,
    ];
    const evenings = steady("2026-01-01", "2026-01-03", 0.25, {}, "UTC").map((bucket) =>
      bucket.startMs === Date.parse("2026-01-01T06:00Z") ? { ...bucket, importKwh: 5 } : bucket,
    );
    const made = bill(usageOf(evenings), versions, { fromMs: noon, toMs: nextNoon }, "UTC");
    expect(made.lines.map((l) => [l.name, l.quantity.toFixed(), l.amount.toFixed()])).toEqual([
      ["Energy, up to 1", "1", "1"],
      ["Energy, over 1", "23", "46"],
      ["Demand charge", "1", "1"],
      ["Standing charge", "1", "10"],
    ]);
  });

  test("tiers of two rates count from the start of their own scopes", () => {
    const tiers = [{ upTo: "12", price: "1" }, { price: "2" }];
    const rates = [
      { name: "Night", price: { kind: "tiered", per: "month", tiers }, when: [{ hours: ["00:00-12:00"] }] },
      { name: "Day", price: { kind: "tiered", per: "billing-period", tiers } },
    ];
    // A kWh an hour: 12 of each on the first of January, which fill the month's tier but not the asked period's.
    const buckets = steady("2026-01-01", "2026-01-03", 0.25);
    const price = { kind: "time-of-use", rates };
    expect(billed(buckets, [{ type: "energy", price }], "2026-01-02", "2026-01-03")).toEqual([
      ["Energy, Night, over 12", "12", "2", "24"],
      ["Energy, Day, up to 12", "12", "1", "12"],
    ]);
  });

  test("where the whole costs the tier that was reached", () => {
    const price = {
      kind: "tiered",
      per: "month",
      whole: true,
      tiers: [{ upTo: "100", price: "0.2" }, { price: "0.3" }],
    };
    expect(
      billed(steady("2026-01-01", "2026-02-01", 0.25), [{ type: "energy", price }], "2026-01-01", "2026-02-01"),
    ).toEqual([["Energy, over 100", "744", "0.3", "223.2"]]);
  });

  test("a dynamic price with factor, markup, floor and cap; what has no price is said, not made up", () => {
    const { fromMs } = localPeriod(berlin, "2026-01-01", "2026-01-02");
    const prices = [0.1, -0.5, 0.9, null];
    const buckets = prices.map((price, i) => ({ startMs: fromMs + i * quarterMs, importKwh: 1, prices: { price } }));
    const price = { kind: "dynamic", factor: "1.2", markup: "0.02", floor: "-0.1", cap: "0.5" };
    expect(billed(buckets, [{ type: "energy", price }], "2026-01-01", "2026-01-02")).toEqual([
      ["Energy", "1", "0.14", "0.14"],
      ["Energy, at the floor", "1", "-0.1", "-0.1"],
      ["Energy, at the cap", "1", "0.5", "0.5"],
      ["Energy, price not known", "1", null, "0"],
    ]);
  });

  test("a price cap up to a quota", () => {
    const energy = { type: "energy", price: "0.58", cap: { price: "0.40", quota: "100", per: "month" } };
    expect(billed(steady("2026-01-01", "2026-02-01", 0.25), [energy], "2026-01-01", "2026-02-01")).toEqual([
      ["Energy, capped", "100", "0.4", "40"],
      ["Energy", "644", "0.58", "373.52"],
    ]);
  });

  test("a price cap holds where the channel has no price and the fallback is billed", () => {
    const { fromMs } = localPeriod(berlin, "2026-01-01", "2026-01-02");
    const buckets = [null, null, 0.1].map((price, i) => ({
      startMs: fromMs + i * quarterMs,
      importKwh: 1,
      prices: { price },
    }));
    const cap = { price: "0.40", quota: "1", per: "month" };
    const energy = { type: "energy", price: { kind: "dynamic", fallback: "0.50" }, cap };
    expect(billed(buckets, [energy], "2026-01-01", "2026-01-02")).toEqual([
      ["Energy, capped", "1", "0.4", "0.4"],
      ["Energy, price not known", "1", "0.5", "0.5"],
      ["Energy", "1", "0.1", "0.1"],
    ]);
  });

  test("gas is counted in m3 and billed in kWh", () => {
    const lines = billed(
      steady("2026-01-01", "2026-01-02", 0.1),
      [
        { type: "energy", price: "0.06" },
        { type: "levy", price: "0.1", unit: "m3" },
      ],
      "2026-01-01",
      "2026-01-02",
      { medium: "gas", kwhPerM3: "10.5" },
    );
    expect(lines).toEqual([
      ["Energy", "100.8", "0.06", "6.05"],
      ["Levy", "9.6", "0.1", "0.96"],
    ]);
  });
});

describe("charges", () => {
  test.each([
    ["day", "2026-03-28", "2026-03-31", "3", "3"],
    ["month", "2026-02-15", "2026-03-01", "0.5", "0.5"],
    ["year", "2026-01-01", "2027-01-01", "1", "1"],
    ["year", "2028-01-01", "2028-07-02", "0.5", "0.5"],
  ])("1 EUR per %s from %s to %s", (per, from, to, quantity, amount) => {
    expect(billed([], [{ type: "standing", amount: "1", per }], from, to)).toEqual([
      ["Standing charge", quantity, "1", amount],
    ]);
  });

  test("a credit that is given once is on the bill of its day", () => {
    const credit = { type: "credit", amount: "36.18", per: "once", on: "2026-04-01" };
    expect(billed([], [credit], "2026-04-01", "2026-05-01")).toEqual([["Credit", "1", "-36.18", "-36.18"]]);
    expect(billed([], [credit], "2026-05-01", "2026-06-01")).toEqual([]);
  });

  test("a tax is on what it names, and a later one on an earlier", () => {
    const components = [
      { type: "energy", price: "1" },
      { type: "standing", amount: "10", per: "billing-period" },
      { type: "tax", id: "duty", name: "Duty", percent: "10", on: ["energy"] },
      { type: "feed-in", price: "5" },
      { type: "tax", id: "vat", name: "VAT", percent: "20" },
    ];
    // 24 + 10; duty 2.4; VAT 20 % of 36.4.
    expect(
      billed(steady("2026-01-01", "2026-01-02", 0.25), components, "2026-01-01", "2026-01-02").filter((l) =>
        /VAT|Duty/.test(l[0]!),
      ),
    ).toEqual([
      ["Duty", "24", "0.1", "2.4"],
      ["VAT", "36.4", "0.2", "7.28"],
    ]);
  });

  test.each([
    ["half-up", 2, "0.13"],
    ["half-even", 2, "0.12"],
    ["down", 2, "0.12"],
    ["up", 2, "0.13"],
    ["down", 0, "0"],
    ["half-up", 3, "0.125"],
  ])("0.125 rounded %s to %s decimals is %s", (mode, decimals, amount) => {
    const lines = billed([], [{ type: "standing", amount: "0.125", per: "day" }], "2026-01-01", "2026-01-02", {
      rounding: { mode, decimals },
    });
    expect(lines[0]![3]).toBe(amount);
  });
});

test("a new price in the middle of a month splits the lines; each part has its days", () => {
  const tariff = (price: string, amount: string) => ({
    name: "x",
    currency: "EUR",
    billing: { months: 1 },
    components: [
      { type: "energy", price },
      { type: "standing", amount, per: "month" },
    ],
  });
  const versions = versionsOf([
    { validFrom: "2026-06-16", tariff: tariff("0.40", "12") },
    { validFrom: "2026-01-01", tariff: tariff("0.30", "6") },
  ]);
  const usage = usageOf(steady("2026-06-01", "2026-07-01", 0.1));
  const made = bill(usage, versions, localPeriod(berlin, "2026-06-01", "2026-07-01"), berlin);
  expect(made.lines.map((l) => [l.name, l.quantity.toFixed(), l.amount.toFixed()])).toEqual([
    ["Energy", "144", "43.2"],
    ["Standing charge", "0.5", "3"],
    ["Energy", "144", "57.6"],
    ["Standing charge", "0.5", "6"],
  ]);
});

test("what is missing or estimated is said", () => {
  const buckets = steady("2026-01-01", "2026-01-02", 0.25, { estimatedKwh: 0.05 }).slice(0, 48);
  const versions = versionsOf({ name: "x", currency: "EUR", components: [{ type: "energy", price: "0.3" }] });
  const made = bill(usageOf(buckets), versions, localPeriod(berlin, "2026-01-01", "2026-01-02"), berlin);
  expect(made.notes).toEqual(["50.0 % of the time has no data: its energy is not billed."]);
  expect(made.lines[0]!.notes).toEqual(["2.4 kWh of it are estimated."]);
  expect(made.completeness).toMatchObject({ covered: 0.5, completeToMs: Date.parse("2026-01-01T11:00Z") });
  expect(made.lines[0]!.ranges).toEqual([[Date.parse("2025-12-31T23:00Z"), Date.parse("2026-01-01T11:00Z")]]);
});

test("before the first version nothing is billed, and it is said", () => {
  const versions = versionsOf([
    { validFrom: "2026-01-02", tariff: { name: "x", currency: "EUR", components: [{ type: "energy", price: "1" }] } },
  ]);
  const made = bill(
    usageOf(steady("2026-01-01", "2026-01-03", 0.25)),
    versions,
    localPeriod(berlin, "2026-01-01", "2026-01-03"),
    berlin,
  );
  expect(made.total.toFixed()).toBe("24");
  expect(made.notes[0]).toMatch(/No tariff is known before 2026-01-02/);
});
