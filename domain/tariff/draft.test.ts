import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bill } from "./bill.ts";
import { parseTariff, tariffFaults } from "./contract.ts";
import { kindOf, tariffOf, type TariffDraft, type TimeOfUseDraft } from "./draft.ts";
import {
  clockOf,
  isPriced,
  renamedSeason,
  repainted,
  splitBySeason,
  withoutRate,
  withRate,
  withSeasons,
} from "./edit-draft.ts";
import { libraryJson, libraryNames } from "./library.ts";
import { dayNames, type Window } from "./price-schema.ts";
import { rateTable } from "./time-of-use.ts";
import { usageOf } from "./usage.ts";
import { copyDay, hoursOf, paint, weeksOf, withWeeks, type Week } from "./week.ts";
import { isWithin, restOfYear, restRanges, yearDays } from "./year-days.ts";

const library = libraryNames().map((name) => ({ name, draft: libraryJson(name) as TariffDraft }));

function linesOf(json: unknown) {
  const parsed = parseTariff(json);
  if (!parsed.ok) throw new Error(parsed.error);
  const startMs = Date.UTC(2025, 4, 28);
  const buckets = Array.from({ length: 96 * 12 }, (_, i) => ({
    startMs: startMs + i * 900_000,
    importKwh: 0.1 + (i % 37) / 100,
    exportKwh: i % 5 ? 0 : 0.4,
    prices: { price: 0.1 + (i % 11) / 50 },
  }));
  const period = { fromMs: startMs, toMs: startMs + 12 * 86_400_000 };
  const { lines } = bill(usageOf(buckets), [{ validFrom: null, tariff: parsed.value }], period, "UTC");
  return lines
    .map(({ name, quantity, exact }) => `${name}: ${quantity.toFixed()} ${exact.toDecimalPlaces(30).toFixed()}`)
    .sort();
}

const paintedPrices = (draft: TariffDraft) =>
  draft.components.flatMap((component, index) => {
    const isPainted = isPriced(component) && kindOf(component.price) === "time-of-use";
    const price = isPainted ? (component.price as TimeOfUseDraft) : null;
    const weeks = price && weeksOf(price, draft.seasons ?? {});
    return weeks ? [{ index, weeks }] : [];
  });

describe.each(library)("the library's $name", ({ draft }) => {
  test("opened and saved it is the same, letter by letter", () => {
    expect(tariffOf(draft)).toEqual(draft);
    expect(tariffFaults(tariffOf(draft))).toEqual([]);
  });

  test("painted anew with what it has, it makes the same bill", () => {
    const next = paintedPrices(draft).reduce((d, { index, weeks }) => repainted(d, index, weeks), draft);
    expect(linesOf(tariffOf(next))).toEqual(linesOf(draft));
  });
});

test("all but the tariff that goes by lists of days can be painted", () => {
  const timeOfUse = library.filter(({ draft }) => JSON.stringify(draft).includes('"time-of-use"'));
  const unpainted = timeOfUse.filter(({ draft }) => paintedPrices(draft).length === 0);
  expect(unpainted.map(({ name }) => name)).toEqual(["fr-tempo"]);
});

const hours = fc
  .tuple(fc.integer({ min: 0, max: 95 }), fc.integer({ min: 1, max: 96 }))
  .filter(([from, to]) => from !== to)
  .map(([from, to]) => `${clockText(from)}-${clockText(to)}`);
const clockText = (q: number) =>
  `${String(Math.floor(q / 4)).padStart(2, "0")}:${String((q % 4) * 15).padStart(2, "0")}`;
const window = fc.record(
  {
    seasons: fc.subarray(["summer", "deep winter"], { minLength: 1 }),
    days: fc.subarray([...dayNames, "workday", "weekend"] as NonNullable<Window["days"]>, { minLength: 1 }),
    hours: fc.array(hours, { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: [] },
);
const seasons = { summer: [{ from: "04-16", to: "09-30" }], "deep winter": [{ from: "12-15", to: "01-31" }] };
const timeOfUse = fc
  .array(fc.array(window, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 })
  .map((whens): TimeOfUseDraft => {
    const rates = whens.map((when, i) => ({ name: `rate ${i}`, price: `0.${i + 1}`, when }));
    return { kind: "time-of-use", rates: [...rates, { name: "else", price: "0.9" }] };
  });
const draftOf = (price: TimeOfUseDraft): TariffDraft => ({
  ...{ name: "Painted", currency: "EUR", seasons },
  components: [{ type: "energy", price }],
});
const priceOf = (draft: TariffDraft) => (draft.components[0] as { price: TimeOfUseDraft }).price;

/** The rate of every quarter-hour of every day of the year, as every kind of day. */
function heldBy({ rates }: TimeOfUseDraft, all: NonNullable<TariffDraft["seasons"]>) {
  const table = rateTable(rates, all);
  return yearDays.flatMap((text) => {
    const [month, day] = [Number(text.slice(0, 2)), Number(text.slice(3))];
    return dayNames.map((name) => table({ month, yearDay: month * 100 + day, name, lists: new Set() }).join());
  });
}

test("whatever windows a price has, painted they hold at the same times", () => {
  fc.assert(
    fc.property(timeOfUse, (price) => {
      const weeks = weeksOf(price, seasons)!;
      const next = repainted(draftOf(price), 0, weeks);
      expect(heldBy(priceOf(next), next.seasons ?? {})).toEqual(heldBy(price, seasons));
    }),
    { numRuns: 60 },
  );
});

test("the rest of the year is what no season holds", () => {
  const day = fc.constantFrom(...yearDays);
  const range = fc.record({ from: day, to: day });
  fc.assert(
    fc.property(fc.array(range, { minLength: 1, maxLength: 3 }), (ranges) => {
      const rest = restRanges({ summer: ranges });
      for (const d of yearDays) expect(rest.some((r) => isWithin(d, r))).toBe(!ranges.some((r) => isWithin(d, r)));
    }),
    { numRuns: 60 },
  );
});

const plain = draftOf({
  kind: "time-of-use",
  rates: [
    { name: "Night", price: "0,20", when: [{ hours: ["22:00-06:00"] }] },
    { name: "Day", price: "0.30" },
  ],
});
const weeksIn = (draft: TariffDraft): Week[] => weeksOf(priceOf(draft), draft.seasons ?? {})!;

test("a brush paints hours of days; copies go to other days", () => {
  const sunday = paint(weeksIn(plain), { season: null, days: ["sun"], from: 0, to: 96, rate: 0 });
  const next = repainted(plain, 0, copyDay(sunday, { season: null, from: "sun", to: ["holiday"] }));
  expect(priceOf(next).rates[0]!.when).toEqual([
    { days: ["workday", "sat"], hours: ["22:00-06:00"] },
    { days: ["sun", "holiday"] },
  ]);
  expect(priceOf(next).rates[1]).toEqual({ name: "Day", price: "0.30" });
  expect(tariffFaults(tariffOf(next))).toEqual([]);
});

test("a price that was the same all year gets a week for each season, and back", () => {
  const split = repainted(plain, 0, splitBySeason(weeksIn(plain), seasons));
  expect(Object.keys(split.seasons!)).toEqual(["summer", "deep winter", restOfYear]);
  const summer = paint(weeksIn(split), { season: "summer", days: ["sat"], from: 0, to: 96, rate: 0 });
  const painted = repainted(split, 0, summer);
  expect(weeksIn(painted).map(({ season, days }) => [season, hoursOf(days.sat, 0)])).toEqual([
    ["summer", ["00:00-24:00"]],
    ["deep winter", ["22:00-06:00"]],
    [restOfYear, ["22:00-06:00"]],
  ]);
  const joined = repainted(painted, 0, splitBySeason(weeksIn(painted), null));
  expect(weeksIn(joined).map(({ season }) => season)).toEqual([null]);
});

test("seasons that come, go and change their name take their weeks along", () => {
  const split = repainted(plain, 0, splitBySeason(weeksIn(plain), seasons));
  const painted = repainted(
    split,
    0,
    paint(weeksIn(split), { season: "summer", days: ["sat"], from: 0, to: 96, rate: 0 }),
  );
  const renamed = renamedSeason(painted, "summer", "high");
  expect(hoursOf(weeksIn(renamed).find(({ season }) => season === "high")!.days.sat, 0)).toEqual(["00:00-24:00"]);
  const without = withSeasons(renamed, { high: renamed.seasons!["high"]! });
  expect(weeksIn(without).map(({ season }) => season)).toEqual(["high", restOfYear]);
  expect(tariffFaults(tariffOf(without))).toEqual([]);
  const none = withSeasons(without, {});
  expect(none.seasons).toBeUndefined();
  expect(hoursOf(weeksIn(none)[0]!.days.sat, 0)).toEqual(["22:00-06:00"]);
});

test("when a demand charge counts is painted like a price, and follows the seasons", () => {
  const demand = libraryJson("us-ratchet") as TariffDraft;
  const weeks = weeksOf(clockOf(demand.components[1]!)!, demand.seasons!)!;
  expect(weeks.map(({ season, days }) => [season, hoursOf(days.mon, 0), hoursOf(days.sat, 0)])).toEqual([
    ["summer", ["12:00-18:00"], []],
    [restOfYear, [], []],
  ]);
  const later = repainted(demand, 1, paint(weeks, { season: "summer", days: ["fri"], from: 48, to: 72, rate: 1 }));
  expect(later.components[1]).toMatchObject({
    when: [{ seasons: ["summer"], days: ["mon", "tue", "wed", "thu"], hours: ["12:00-18:00"] }],
  });
  expect(withSeasons(later, {}).components[1]).toMatchObject({ when: [] });
});

test("a new rate is painted nowhere, which is a fault until it is; the hours of one that goes fall to the last", () => {
  const more = { ...plain, components: [{ type: "energy" as const, price: withRate(priceOf(plain), "Peak") }] };
  expect(priceOf(more).rates.map(({ name }) => name)).toEqual(["Night", "Peak", "Day"]);
  expect(tariffFaults(tariffOf(more)).map(({ path }) => path)).toEqual(["components.0.price.rates.1.when"]);
  const less = withoutRate(priceOf(more), 0, weeksIn(more));
  expect(less.rates).toEqual([
    { name: "Peak", price: "0.30", when: [] },
    { name: "Day", price: "0.30" },
  ]);
});

test("seasons that overlap, months and lists of days cannot be painted", () => {
  const by = (when: Window[]) => ({
    kind: "time-of-use" as const,
    rates: [
      { name: "a", price: "1", when },
      { name: "b", price: "2" },
    ],
  });
  expect(weeksOf(by([{ months: [1] }]), {})).toBeNull();
  expect(weeksOf(by([{ dayLists: ["red"] }]), {})).toBeNull();
  const overlapping = { a: [{ from: "01-01", to: "06-30" }], b: [{ from: "06-30", to: "07-31" }] };
  expect(weeksOf(by([{ seasons: ["a"] }]), overlapping)).toBeNull();
  expect(weeksOf(by([{ hours: ["01:00-02:00"] }]), overlapping)).not.toBeNull();
});

test("numbers are taken as people write them, empty optional fields are left out, and the rest is told by its path", () => {
  const draft = {
    ...{ name: "", currency: "EUR", kwhPerM3: "" },
    components: [
      { type: "energy", name: "", price: { kind: "dynamic", markup: "0,015", floor: "", cap: "" } },
      { type: "standing", amount: "1 200,50", per: "year" },
      { type: "tax", percent: "much" },
    ],
  } as unknown as TariffDraft;
  expect(tariffOf(draft)).toEqual({
    ...{ name: "", currency: "EUR" },
    components: [
      { type: "energy", price: { kind: "dynamic", markup: "0.015" } },
      { type: "standing", amount: "1200.50", per: "year" },
      { type: "tax", percent: "much" },
    ],
  });
  expect(tariffFaults(tariffOf(draft)).map(({ path }) => path)).toEqual(["name", "components.2.percent"]);
});

test("a gap is a fault of the rates", () => {
  const price = {
    kind: "time-of-use" as const,
    rates: [{ name: "Night", price: "1", when: [{ hours: ["22:00-06:00"] }] }],
  };
  expect(tariffFaults(draftOf(price))).toMatchObject([{ path: "components.0.price.rates" }]);
  expect(tariffFaults(draftOf(withWeeks(price, weeksOf(price, {})!)))).toEqual([]);
});
