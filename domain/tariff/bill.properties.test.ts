import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bill, type Bill } from "./bill.ts";
import { parseContract, type TariffVersion } from "./contract.ts";
import { libraryJson, libraryNames } from "./library.ts";
import { Money, sumOf } from "./money.ts";
import type { TariffInput } from "./tariff.ts";
import { usageOf, type Usage, type UsageBucket } from "./usage.ts";

/** What holds of every bill, over random histories, tariffs and zones. */
const quarterMs = 900_000;
const zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Auckland"];
const runs = { numRuns: 150 };

const decimal = (min: number, max: number) =>
  fc.integer({ min: min * 10_000, max: max * 10_000 }).map((n) => new Money(n).div(10_000).toFixed());

const hours = fc.constantFrom("22:00-06:00", "00:30-07:30", "16:00-21:00", "02:00-03:00");
const days = fc.constantFrom(["workday"], ["weekend", "holiday"], ["mon", "fri"]);
const tiered = fc
  .record({
    first: fc.integer({ min: 1, max: 60 }),
    more: fc.integer({ min: 1, max: 200 }),
    per: fc.constantFrom("day", "month", "year", "billing-period"),
    prices: fc.tuple(decimal(-1, 1), decimal(0, 1), decimal(0, 2)),
  })
  .map(({ first, more, per, prices: [a, b, c] }) => ({
    kind: "tiered" as const,
    per: per as "day",
    tiers: [{ upTo: first, price: a }, { upTo: first + more, price: b }, { price: c }],
  }));
const dynamic = fc.record({
  kind: fc.constant("dynamic" as const),
  factor: decimal(0, 2),
  markup: decimal(-0.1, 0.3),
  floor: fc.option(decimal(-0.2, 0), { nil: undefined }),
  cap: fc.option(decimal(0.1, 0.5), { nil: undefined }),
});
const ratePrice = fc.oneof(decimal(-0.5, 1), tiered, dynamic);
const timeOfUse = fc.record({ hours, days, first: ratePrice, second: ratePrice, last: ratePrice }).map((given) => ({
  kind: "time-of-use" as const,
  rates: [
    { name: "a", price: given.first, when: [{ hours: [given.hours], days: [...given.days] as "mon"[] }] },
    { name: "b", price: given.second, when: [{ months: [1, 2, 3], hours: [given.hours] }] },
    { name: "c", price: given.last },
  ],
}));
const price = fc.oneof(ratePrice, timeOfUse);
const per = fc.constantFrom("day", "month", "year", "billing-period");

const component = fc.oneof(
  fc.record({ type: fc.constant("energy" as const), price }),
  fc.record({
    type: fc.constant("energy" as const),
    price: fc.oneof(decimal(0, 1), dynamic),
    cap: fc.record({ price: decimal(0, 0.4), quota: fc.integer({ min: 1, max: 300 }), per }),
  }),
  fc.record({ type: fc.constant("levy" as const), price }),
  fc.record({ type: fc.constant("feed-in" as const), price }),
  fc.record({ type: fc.constant("standing" as const), amount: decimal(0, 100), per }),
  fc.record({ type: fc.constant("credit" as const), amount: decimal(0, 100), per }),
  fc.record({
    type: fc.constant("demand" as const),
    price: decimal(0, 20),
    per,
    interval: fc.constantFrom(15, 30, 60),
    peakOf: fc.constantFrom("month", "billing-period"),
    basis: fc.constantFrom(
      { kind: "highest" as const },
      { kind: "mean-of-highest" as const, count: 3, oneADay: true },
      { kind: "rolling-mean" as const, months: 3 },
      { kind: "ratchet" as const, months: 2, percent: "80" },
    ),
  }),
  fc.record({ type: fc.constant("tax" as const), percent: decimal(0, 30) }),
);

const netted = fc
  .record({
    price: fc.oneof(
      decimal(0, 1),
      timeOfUse.filter((p) => !JSON.stringify(p).match(/tiered|dynamic/)),
    ),
    every: fc.constantFrom("month", "billing-period"),
  })
  .map(({ price: p, every }) => [
    { type: "energy" as const, price: p },
    { type: "net-metering" as const, every, expiresAfter: 2, expiryPrice: "0.05" },
  ]);

const tariff = fc
  .tuple(
    fc.oneof(netted, fc.constant([])),
    fc.array(component, { minLength: 1, maxLength: 5 }),
    fc.constantFrom(1, 2, 12),
    fc.integer({ min: 1, max: 31 }),
  )
  .map(
    ([first, components, months, day]) =>
      ({
        name: "random",
        currency: "EUR",
        billing: { months, start: `2025-01-${String(day).padStart(2, "0")}` },
        holidays: ["01-01", "2026-03-06"],
        components: [...first, ...components],
      }) as unknown as TariffInput,
  );

/** Some weeks around a change of clocks, with holes; every energy has more digits than a float can carry through a sum. */
const history = fc
  .record({
    start: fc.constantFrom("2026-03-20T00:00Z", "2026-10-10T00:00Z", "2026-01-25T13:15Z"),
    kwh: fc.array(
      fc.tuple(
        fc.double({ min: 0, max: 4, noNaN: true }),
        fc.double({ min: 0, max: 3, noNaN: true }),
        fc.integer({ min: -100, max: 900 }),
      ),
      {
        minLength: 5,
        maxLength: 60,
      },
    ),
    length: fc.integer({ min: 96, max: 96 * 40 }),
    step: fc.constantFrom(1, 1, 3),
  })
  .map(({ start, kwh, length, step }) => {
    const buckets: UsageBucket[] = [];
    for (let i = 0; i < length; i += step) {
      const [importKwh, exportKwh, milli] = kwh[(i * 7 + (i >> 5)) % kwh.length]!;
      buckets.push({
        startMs: Date.parse(start) + i * quarterMs,
        importKwh,
        exportKwh,
        prices: { price: milli % 11 === 0 ? null : milli / 1000 },
      });
    }
    return buckets;
  });

function contract(json: unknown): TariffVersion[] {
  const parsed = parseContract(json);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

const whole = (usage: Usage) => ({ fromMs: usage.startMs, toMs: usage.startMs + usage.length * quarterMs });
const near = (a: Money, b: Money) =>
  expect(a.minus(b).abs().lt("1e-30"), `${a.toString()} is not ${b.toString()}`).toBe(true);
const exactOf = (made: Bill, id: string) => sumOf(made.lines.filter((l) => l.component === id).map((l) => l.exact));

describe("every bill", () => {
  test("its lines add up, and each line's quantity x unit price is its exact amount", () => {
    fc.assert(
      fc.property(history, tariff, fc.constantFrom(...zones), (buckets, t, zone) => {
        const usage = usageOf(buckets);
        const made = bill(usage, contract(t), whole(usage), zone);
        expect(made.total.equals(sumOf(made.lines.map((l) => l.amount)))).toBe(true);
        expect(made.exactTotal.equals(sumOf(made.lines.map((l) => l.exact)))).toBe(true);
        for (const line of made.lines) {
          if (line.type !== "tax" && line.unitPrice !== null) near(line.quantity.times(line.unitPrice), line.exact);
          if (line.type !== "tax") expect(line.amount.equals(line.exact.toDecimalPlaces(2))).toBe(true);
          expect(line.arithmetic).not.toBe("");
        }
      }),
      runs,
    );
  });

  test("the energy of an energy component's lines is the energy of the period: tiers and rates conserve it", () => {
    fc.assert(
      fc.property(history, price, fc.constantFrom(...zones), (buckets, p, zone) => {
        const usage = usageOf(buckets);
        const versions = contract({ name: "x", currency: "EUR", components: [{ type: "energy", price: p }] });
        const made = bill(usage, versions, whole(usage), zone);
        const quantity = sumOf(made.lines.map((l) => l.quantity));
        expect(quantity.equals(made.completeness.imported)).toBe(true);
        const sum = buckets.reduce((kwh, b) => kwh + Math.round(b.importKwh * 1e9), 0);
        expect(quantity.times(1e9).toNumber()).toBe(sum);
      }),
      runs,
    );
  });

  test("a period that is split anywhere adds up, component by component", () => {
    fc.assert(
      fc.property(
        history,
        fc.tuple(tariff, tariff),
        fc.constantFrom(...zones),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (buckets, [first, second], zone, share) => {
          const usage = usageOf(buckets);
          const versions = contract({
            versions: [
              { validFrom: "2020-01-01", tariff: first },
              { validFrom: "2026-04-03", tariff: second },
            ],
          });
          const { fromMs, toMs } = whole(usage);
          const cut = fromMs + Math.ceil((usage.length - 1) * share) * quarterMs;
          if (cut <= fromMs || cut >= toMs) return;
          const all = bill(usage, versions, { fromMs, toMs }, zone);
          const parts = [
            bill(usage, versions, { fromMs, toMs: cut }, zone),
            bill(usage, versions, { fromMs: cut, toMs }, zone),
          ];
          near(sumOf(parts.map((part) => part.exactTotal)), all.exactTotal);
          for (const { component: id } of all.lines)
            near(sumOf(parts.map((part) => exactOf(part, id))), exactOf(all, id));
        },
      ),
      runs,
    );
  });

  test("a later version changes nothing before its first day, and is all that counts after it", () => {
    fc.assert(
      fc.property(history, fc.tuple(tariff, tariff), fc.constantFrom(...zones), (buckets, [first, second], zone) => {
        const usage = usageOf(buckets);
        const versions = contract([
          { validFrom: "2020-01-01", tariff: first },
          { validFrom: "2026-03-28", tariff: second },
        ]);
        const period = whole(usage);
        const changed = bill(usage, versions, period, zone);
        const before = bill(usage, versions.slice(0, 1), period, zone);
        const startOfNew = Math.min(
          ...changed.lines.filter((l) => l.validFrom !== versions[0]!.validFrom).map((l) => l.period.fromMs),
        );
        if (startOfNew <= period.fromMs || startOfNew === Infinity) return;
        const past = { fromMs: period.fromMs, toMs: startOfNew };
        expect(bill(usage, versions, past, zone)).toEqual(bill(usage, versions.slice(0, 1), past, zone));
        expect(before.lines.every((l) => l.validFrom === versions[0]!.validFrom)).toBe(true);
      }),
      runs,
    );
  });

  test("neither the order nor the repetition of buckets matters", () => {
    fc.assert(
      fc.property(history, tariff, (buckets, t) => {
        const shuffled = [...buckets].reverse().concat(buckets.slice(0, 5));
        const [a, b] = [usageOf(buckets), usageOf(shuffled)];
        expect(bill(b, contract(t), whole(b), "Europe/Berlin")).toEqual(
          bill(a, contract(t), whole(a), "Europe/Berlin"),
        );
      }),
      { numRuns: 50 },
    );
  });

  test("a tax is linear: twice the percentage is twice the tax, and two taxes are their sum", () => {
    fc.assert(
      fc.property(history, decimal(0, 40), decimal(0, 40), (buckets, a, b) => {
        const usage = usageOf(buckets);
        const taxed = (percent: string) => {
          const json = {
            name: "x",
            currency: "EUR",
            components: [
              { type: "energy", price: "0.31" },
              { type: "tax", percent },
            ],
          };
          return exactOf(bill(usage, contract(json), whole(usage), "UTC"), "tax");
        };
        near(taxed(new Money(a).plus(b).toFixed()), taxed(a).plus(taxed(b)));
        near(taxed(new Money(a).times(2).toFixed()), taxed(a).times(2));
      }),
      runs,
    );
  });
});

test.each(libraryNames())("%s: a split year adds up", (name) => {
  const buckets = Array.from({ length: 35_040 }, (_, i) => ({
    startMs: Date.parse("2025-12-31T23:00Z") + i * quarterMs,
    importKwh: 0.1 + (i % 97) / 300,
    exportKwh: i % 96 > 40 && i % 96 < 60 ? 0.3 : 0,
    prices: { price: ((i % 50) - 5) / 200 },
  }));
  const usage = usageOf(buckets);
  const versions = contract(libraryJson(name));
  const { fromMs, toMs } = whole(usage);
  const cut = Date.parse("2026-07-14T09:45Z");
  const parts = [
    { fromMs, toMs: cut },
    { fromMs: cut, toMs },
  ].map((p) => bill(usage, versions, p, "Europe/Berlin").exactTotal);
  near(sumOf(parts), bill(usage, versions, { fromMs, toMs }, "Europe/Berlin").exactTotal);
});
