import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { localPeriod } from "../domain/tariff/scope.ts";
import type { BillJson } from "../domain/tariff/bill-json.ts";

/** Bills through the command itself; each amount is worked out on paper beside it. */
const folder = mkdtempSync(join(tmpdir(), "bill-vectors-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Vector {
  name: string;
  zone: string;
  period: string;
  tariff: object;
  /** kWh of a quarter-hour, by its number from the start of the file's first day. */
  kwh?: (quarter: number) => number;
  exportKwh?: number;
  price?: (quarter: number) => string;
  /** Of each line: id, quantity, amount. */
  lines: [string, number, number][];
}

const euro = (components: object[], more: object = {}) => ({ name: "x", currency: "EUR", ...more, components });
const timeOfUse = (rates: object[]) => ({ kind: "time-of-use", rates });

const vectors: Vector[] = [
  {
    name: "March in Berlin, 743 hours at 1 kW",
    zone: "Europe/Berlin",
    period: "2026-03-01/2026-04-01",
    exportKwh: 0.1,
    tariff: euro([
      { type: "energy", id: "flat", price: "0.30" },
      {
        type: "levy",
        id: "night-day",
        price: timeOfUse([
          { name: "Night", price: "0.20", when: [{ hours: ["22:00-06:00"] }] },
          { name: "Day", price: "0.30" },
        ]),
      },
      {
        type: "levy",
        id: "tiers",
        price: { kind: "tiered", per: "day", tiers: [{ upTo: "10", price: "0.2" }, { price: "0.4" }] },
      },
      { type: "standing", id: "month", amount: "9.90", per: "month" },
      { type: "standing", id: "day", amount: "0.25", per: "day" },
      { type: "standing", id: "year", amount: "120", per: "year" },
      { type: "demand", id: "peak", price: "12.50", per: "month" },
      { type: "tax", id: "vat", percent: "19", on: ["flat"] },
      { type: "credit", id: "bonus", amount: "5", per: "month" },
      { type: "feed-in", id: "sold", price: "0.08" },
    ]),
    lines: [
      ["flat", 743, 222.9],
      // The night of the 29th lacks an hour.
      ["night-day", 247, 49.4],
      ["night-day", 496, 148.8],
      // 31 x 10; 30 x 14 + 13.
      ["tiers", 310, 62],
      ["tiers", 433, 173.2],
      ["month", 1, 9.9],
      ["day", 31, 7.75],
      // 120 x 31 / 365 = 10.1918.
      ["year", 0.084931506849, 10.19],
      ["peak", 1, 12.5],
      // 19 % of 222.90 are 42.351.
      ["vat", 222.9, 42.35],
      ["bonus", 1, -5],
      // 297.2 x 0.08 = 23.776.
      ["sold", 297.2, -23.78],
    ],
  },
  {
    name: "Lord Howe's day of 24 and a half hours: half an hour comes twice",
    zone: "Australia/Lord_Howe",
    period: "2026-04-05",
    tariff: euro(
      [
        {
          type: "energy",
          price: timeOfUse([
            { name: "Twice", price: "1", when: [{ hours: ["01:30-02:00"] }] },
            { name: "Else", price: "0.1" },
          ]),
        },
      ],
      { currency: "AUD" },
    ),
    lines: [
      ["energy", 23.5, 2.35],
      ["energy", 1, 1],
    ],
  },
  {
    name: "a day in Kathmandu at a price that is negative every other quarter-hour",
    zone: "Asia/Kathmandu",
    period: "2026-06-01",
    price: (quarter) => (quarter % 2 === 0 ? "0.1" : "-0.05"),
    tariff: euro([
      { type: "energy", id: "as-it-is", price: { kind: "dynamic" } },
      { type: "levy", id: "floored", price: { kind: "dynamic", floor: "0" } },
      { type: "levy", id: "bounded", price: { kind: "dynamic", factor: "3", markup: "0.05", cap: "0.3" } },
    ]),
    lines: [
      // 12 x 0.1 - 12 x 0.05.
      ["as-it-is", 24, 0.6],
      ["floored", 12, 1.2],
      ["floored", 12, 0],
      // 0.35 is capped at 0.3; -0.15 + 0.05.
      ["bounded", 12, 3.6],
      ["bounded", 12, -1.2],
    ],
  },
  {
    name: "billing periods from the 15th, and a period that cuts two of them",
    zone: "Europe/Berlin",
    period: "2026-01-10/2026-02-20",
    tariff: euro([{ type: "standing", amount: "31", per: "billing-period" }], {
      billing: { months: 1, start: "2026-01-15" },
    }),
    lines: [
      // 5 of 31 days, 31 of 31, 5 of 28.
      ["standing", 0.161290322581, 5],
      ["standing", 1, 31],
      ["standing", 0.178571428571, 5.54],
    ],
  },
  {
    name: "the week of Christmas: holidays are no workdays",
    zone: "Europe/Berlin",
    period: "2025-12-22/2025-12-29",
    tariff: euro(
      [
        {
          type: "energy",
          price: timeOfUse([
            { name: "Work", price: "0.4", when: [{ days: ["workday"] }] },
            { name: "Rest", price: "0.1" },
          ]),
        },
      ],
      { holidays: ["12-25", "12-26"] },
    ),
    lines: [
      ["energy", 72, 28.8],
      ["energy", 96, 9.6],
    ],
  },
  {
    name: "a new price in mid-month, rounded to whole yen downwards",
    zone: "Asia/Tokyo",
    period: "2026-06",
    tariff: {
      versions: ["29.8", "31.47"].map((price, i) => ({
        validFrom: i === 0 ? "2026-01-01" : "2026-06-16",
        tariff: {
          name: "x",
          currency: "JPY",
          rounding: { mode: "down" },
          billing: { months: 1 },
          components: [
            { type: "energy", price },
            { type: "standing", amount: "935.25", per: "month" },
          ],
        },
      })),
    },
    lines: [
      // 360 x 29.8 = 10728; 467.625; 360 x 31.47 = 11329.2.
      ["energy", 360, 10728],
      ["standing", 0.5, 467],
      ["energy", 360, 11329],
      ["standing", 0.5, 467],
    ],
  },
  {
    name: "peaks: hours, the mean of three days, steps, at least so much",
    zone: "Europe/Berlin",
    period: "2026-06",
    // 1 kW; on the 1st, 2nd and 3rd an hour from 10:00 of 9, 6 and 3 kW, in its last half.
    kwh: (quarter) => {
      const [day, inDay] = [Math.floor(quarter / 96), quarter % 96];
      return day < 3 && (inDay === 42 || inDay === 43) ? (9 - 3 * day) / 4 : 0.25;
    },
    tariff: euro([
      { type: "demand", id: "quarter", price: "10", per: "month" },
      { type: "demand", id: "hour", interval: 60, price: "10", per: "month" },
      {
        type: "demand",
        id: "three",
        interval: 60,
        per: "month",
        basis: { kind: "mean-of-highest", count: 3, oneADay: true },
        steps: [{ upTo: "2", amount: "125" }, { upTo: "5", amount: "200" }, { amount: "325" }],
      },
      {
        type: "demand",
        id: "morning",
        price: "10",
        per: "month",
        minimumKw: "2.5",
        when: [{ hours: ["06:00-10:00"] }],
      },
    ]),
    lines: [
      ["quarter", 9, 90],
      // (9 + 9 + 1 + 1) / 4.
      ["hour", 5, 50],
      // 5, 3.5 and 2: mean 3.5 kW.
      ["three", 1, 200],
      ["morning", 2.5, 25],
    ],
  },
];

function csvOf({ zone, period, kwh = () => 0.25, exportKwh = 0, price }: Vector): string {
  const [from, to] = daysOf(period);
  const { fromMs, toMs } = localPeriod(zone, from, to);
  const rows = Array.from({ length: (toMs - fromMs) / 900_000 }, (_, i) =>
    [new Date(fromMs + i * 900_000).toISOString(), kwh(i), exportKwh, price?.(i) ?? ""].join(),
  );
  return ["start,importKwh,exportKwh,price", ...rows].join("\n");
}

function daysOf(period: string): [string, string] {
  if (period.includes("/")) return period.split("/") as [string, string];
  const first = period.length === 7 ? `${period}-01` : period;
  const next = new Date(first);
  if (period.length === 7) next.setUTCMonth(next.getUTCMonth() + 1);
  else next.setUTCDate(next.getUTCDate() + 1);
  return [first, next.toISOString().slice(0, 10)];
}

function billed(vector: Vector, i: number): Promise<BillJson> {
  writeFileSync(join(folder, `${i}.csv`), csvOf(vector));
  writeFileSync(join(folder, `${i}.json`), JSON.stringify(vector.tariff));
  const program = join(import.meta.dirname, "energy.mjs");
  const args = [program, "bill", "--buckets", `${i}.csv`, "--tariff", `${i}.json`, "--timezone", vector.zone];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...args, "--period", vector.period], { cwd: folder }, (error, stdout) =>
      error ? reject(error) : resolve(JSON.parse(stdout) as BillJson),
    );
  });
}

test.concurrent.each(vectors.map((vector, i) => [vector.name, vector, i] as const))(
  "%s",
  async (_name, vector, i) => {
    const made = await billed(vector, i);
    const inOrder = (lines: [string, number, number][]) =>
      [...lines].sort((a, b) => a[0].localeCompare(b[0]) || a[1] - b[1]);
    expect(inOrder(made.lines.map((line) => [line.component, line.quantity, line.amount]))).toEqual(
      inOrder(vector.lines),
    );
    const total = vector.lines.reduce((sum, [, , amount]) => sum + amount, 0);
    expect(made.total).toBeCloseTo(total, 9);
  },
  60_000,
);
