import { expect, test } from "vitest";
import { bill } from "./bill.ts";
import { parseContract } from "./contract.ts";
import { localPeriod } from "./scope.ts";
import { usageOf, type UsageBucket } from "./usage.ts";

const at = (iso: string, importKwh: number, more: Partial<UsageBucket> = {}): UsageBucket => ({
  startMs: Date.parse(iso),
  importKwh,
  ...more,
});

/** Three months of UTC: highest quarter-hours 8, 12 and 4 kW; the hour around the second holds 12, 2, 2 and 0 kW. */
const months = [
  at("2026-01-10T10:00Z", 2),
  at("2026-02-11T18:00Z", 3),
  at("2026-02-11T18:15Z", 0.5),
  at("2026-02-11T18:30Z", 0.5),
  at("2026-02-20T07:00Z", 1.25),
  at("2026-03-12T11:00Z", 1),
  at("2026-03-31T23:45Z", 0),
];

function lines(component: object, from: string, to: string, buckets = months) {
  const parsed = parseContract({
    name: "x",
    currency: "EUR",
    billing: { months: 1 },
    components: [{ type: "demand", per: "month", ...component }],
  });
  if (!parsed.ok) throw new Error(parsed.error);
  return bill(usageOf(buckets), parsed.value, localPeriod("UTC", from, to), "UTC").lines;
}

test.each([
  ["the highest quarter-hour", { price: "2" }, "24"],
  ["the highest half-hour: 3.5 kWh", { price: "2", interval: 30 }, "14"],
  ["the highest hour: 4 kWh", { price: "2", interval: 60 }, "8"],
  [
    "the mean of the two highest: 12 and 5 kW",
    { price: "2", basis: { kind: "mean-of-highest", count: 2, oneADay: true } },
    "17",
  ],
  [
    "the mean of the two highest, each at least 6 kW: 12 and 6",
    { price: "2", minimumKw: "6", basis: { kind: "mean-of-highest", count: 2, oneADay: true } },
    "18",
  ],
  ["of the evening of workdays only", { price: "2", when: [{ days: ["workday"], hours: ["06:00-08:00"] }] }, "10"],
  ["the mean of three months: 8 and 12 are known", { price: "3", basis: { kind: "rolling-mean", months: 3 } }, "30"],
  [
    "at least 9 kW each month: 9 and 12",
    { price: "2", minimumKw: "9", basis: { kind: "rolling-mean", months: 3 } },
    "21",
  ],
  ["a year's price, for a month of 28 of 365 days", { price: "36.5", per: "year" }, "33.6"],
  ["a day's price", { price: "0.1", per: "day" }, "33.6"],
  ["steps", { steps: [{ upTo: "5", amount: "10" }, { upTo: "12", amount: "20" }, { amount: "30" }] }, "20"],
])("February by %s", (_what, component, amount) => {
  expect(lines(component, "2026-02-01", "2026-03-01").map((l) => l.amount.toFixed())).toEqual([amount]);
});

test("where its hours never come, a demand charge is no line, nor is its minimum", () => {
  const summer = { price: "2", minimumKw: "3", peakOf: "month", when: [{ months: [3, 4] }] };
  expect(lines(summer, "2026-02-01", "2026-03-01")).toEqual([]);
  expect(lines(summer, "2026-03-01", "2026-04-01").map((l) => l.amount.toFixed())).toEqual(["8"]);
});

test("a ratchet holds 80 % of the highest of the months before", () => {
  const made = lines({ price: "1", basis: { kind: "ratchet", months: 2, percent: "80" } }, "2026-03-01", "2026-04-01");
  expect(made.map((l) => l.amount.toFixed())).toEqual(["9.6"]);
  expect(made[0]!.ranges).toEqual([[Date.parse("2026-02-11T18:00Z"), Date.parse("2026-02-11T18:15Z")]]);
});

test("an estimated interval is no peak while there are measured ones", () => {
  const buckets = [at("2026-02-01T00:00Z", 1), at("2026-02-02T00:00Z", 5, { estimatedKwh: 5 })];
  const [line] = lines({ price: "1" }, "2026-02-01", "2026-03-01", buckets);
  expect(line!.amount.toFixed()).toBe("4");
  expect(line!.notes.join()).toMatch(/20 kW.*does not count/);
});

test("an estimate of what was taken leaves a peak of what was given alone", () => {
  const buckets = [
    at("2026-02-01T00:00Z", 0, { exportKwh: 1 }),
    at("2026-02-02T00:00Z", 0.2, { exportKwh: 2, estimatedKwh: 0.1 }),
  ];
  const [line] = lines({ price: "1", flow: "export" }, "2026-02-01", "2026-03-01", buckets);
  expect(line!.amount.toFixed()).toBe("8");
});

test("a month of which nothing is known is no month of 0 kW: neither in a mean of months, nor as the month itself", () => {
  const buckets = [at("2026-01-10T10:00Z", 2), at("2026-03-12T11:00Z", 1), at("2026-04-30T23:45Z", 0.5)];
  const rolling = { price: "1", basis: { kind: "rolling-mean", months: 3 } };
  const [march] = lines(rolling, "2026-03-01", "2026-04-01", buckets);
  expect([march!.amount.toFixed(), march!.notes]).toEqual(["6", ["The mean is of 2 of 3 months: no more are known."]]);
  const [february] = lines({ price: "1", minimumKw: "1.5" }, "2026-02-01", "2026-03-01", buckets);
  expect([february!.amount.toFixed(), february!.notes]).toEqual(["1.5", ["No power is known for this time."]]);
});

test("a peak is that of its whole month, whatever part is billed", () => {
  const [early] = lines({ price: "2" }, "2026-02-01", "2026-02-08");
  expect([early!.amount.toFixed(), early!.quantity.toFixed()]).toEqual(["6", "3"]);
});

test("on the morning of a New Zealand month the months before are the right ones", () => {
  const parsed = parseContract({
    name: "x",
    currency: "NZD",
    billing: { months: 1 },
    components: [{ type: "demand", per: "month", price: "1", basis: { kind: "ratchet", months: 1 } }],
  });
  if (!parsed.ok) throw new Error(parsed.error);
  const zone = "Pacific/Auckland";
  const { fromMs } = localPeriod(zone, "2026-02-01", "2026-02-02");
  const usage = usageOf([
    { startMs: fromMs - 900_000, importKwh: 2 },
    { startMs: fromMs, importKwh: 1 },
  ]);
  const [line] = bill(usage, parsed.value, localPeriod(zone, "2026-02-01", "2026-03-01"), zone).lines;
  expect(line!.amount.toFixed()).toBe("8");
});
