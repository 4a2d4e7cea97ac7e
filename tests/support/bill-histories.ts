import fc from "fast-check";
import type {
  OracleBucket,
  OracleCase,
  OracleComponent,
  OraclePrice,
  OracleTariff,
  Scope,
  Window,
} from "./bill-oracle-case.ts";
import { dateOf } from "./bill-oracle-time.ts";

/** Random contracts and what was used under them: every component, in zones with every kind of clock. */
const zones = ["Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Europe/London", "UTC"];
/** Days around changes of clocks, the turn of the year, Easter and the end of February. */
const firstDays = ["2026-03-20", "2026-10-18", "2025-12-22", "2026-03-30", "2028-02-20", "2026-06-05", "2026-04-01"];

const money = (most: number) => fc.integer({ min: 0, max: most * 10_000 }).map((n) => String(n / 10_000));
const signed = fc.integer({ min: -2000, max: 9000 }).map((n) => String(n / 10_000));
const scope = fc.constantFrom<Scope>("day", "month", "year", "billing-period");
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const hours = fc.constantFrom("22:00-06:00", "07:00-22:00", "00:00-07:15", "16:00-19:30", "01:30-02:45", "23:45-24:00");
const window: fc.Arbitrary<Window> = fc.record(
  {
    seasons: fc.subarray(["winter", "summer"], { minLength: 1 }),
    months: fc.subarray([1, 2, 3, 4, 6, 10, 12], { minLength: 1 }),
    days: fc.subarray(["mon", "fri", "sat", "sun", "holiday", "workday", "weekend"], { minLength: 1 }),
    dayLists: fc.constant(["red"]),
    hours: fc.uniqueArray(hours, { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: [] },
);
const windows = fc.array(window, { minLength: 1, maxLength: 2 });

const flat = fc.record({ kind: fc.constant("flat" as const), price: signed });
const tiered = fc
  .tuple(fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 2 }), fc.array(money(1), { minLength: 3 }))
  .chain(([ends, prices]) =>
    fc.record({
      kind: fc.constant("tiered" as const),
      tiers: fc.constant([
        ...ends.sort((a, b) => a - b).map((end, i) => ({ upTo: String(end / 2), price: prices[i]! })),
        { price: prices[2]! },
      ]),
      per: scope,
      whole: fc.boolean(),
    }),
  )
  .chain((price) => fc.record({ ...wrap(price), over: maybe(fc.constantFrom(...notShorter(price.per))) }));
const dynamic = fc.record(
  {
    kind: fc.constant("dynamic" as const),
    channel: fc.constant("spot"),
    factor: fc.constantFrom("1.2", "0.9", "2"),
    markup: signed,
    floor: fc.constantFrom("-0.05", "0"),
    cap: fc.constantFrom("0.15", "0.4"),
    fallback: money(1),
  },
  { requiredKeys: ["kind"] },
);

/** What a limit that is said for a day may be counted over. */
function notShorter(per: Scope): Scope[] {
  if (per === "day") return ["day", "month", "year", "billing-period"];
  return per === "month" ? ["month", "year"] : [per];
}

const wrap = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).map(([key, v]) => [key, fc.constant(v)])) as {
    [K in keyof T]: fc.Arbitrary<T[K]>;
  };

const plainPrice: fc.Arbitrary<OraclePrice> = fc.oneof(flat, tiered, dynamic);
const byTime = (inner: fc.Arbitrary<string | OraclePrice>): fc.Arbitrary<OraclePrice> =>
  fc
    .tuple(fc.array(fc.record({ price: inner, when: windows }), { minLength: 1, maxLength: 3 }), inner)
    .map(([rates, rest]) => ({
      kind: "time-of-use" as const,
      rates: [...rates, { price: rest }].map((rate, i) => ({ name: `Rate ${i}`, ...rate })),
    }));
const price: fc.Arbitrary<string | OraclePrice> = fc.oneof(signed, plainPrice, byTime(fc.oneof(signed, plainPrice)));

const rounding = fc.record(
  {
    decimals: fc.integer({ min: 0, max: 4 }),
    mode: fc.constantFrom("half-up", "half-even", "up", "down", "ceil", "floor"),
  },
  { requiredKeys: ["mode"] },
);

const basis = fc.oneof(
  fc.constant({ kind: "highest" }),
  fc.record({ kind: fc.constant("mean-of-highest"), count: fc.constantFrom(2, 3, 4, 100), oneADay: fc.boolean() }),
);
const anyBasis = fc.oneof(
  basis,
  fc.record({ kind: fc.constant("rolling-mean"), months: maybe(fc.constantFrom(2, 3, 12, 36)) }),
  fc.record({
    kind: fc.constant("ratchet"),
    months: maybe(fc.constantFrom(1, 2, 11, 36)),
    percent: maybe(fc.constantFrom("80", "100", "130")),
  }),
);

const demandPrice = fc.oneof(
  fc.record({ price: money(12) }),
  fc.constant({ steps: [{ upTo: "2", amount: "12.5" }, { upTo: "4.4", amount: "20" }, { amount: "33.333" }] }),
);
const demand = fc
  .record({
    type: fc.constant("demand"),
    interval: maybe(fc.constantFrom(15, 30, 60)),
    flow: maybe(fc.constantFrom("import", "export")),
    per: maybe(scope),
    peakOf: maybe(fc.constantFrom("month" as const, "billing-period" as const)),
    basis: maybe(anyBasis),
    minimumKw: maybe(fc.constantFrom("2.5", "0")),
    when: maybe(windows),
    charged: demandPrice,
  })
  .map(({ charged, ...rest }) => ({ ...rest, ...charged }));

const cap = scope.chain((per) =>
  fc.record({
    price: money(0.4),
    quota: fc.constantFrom("3", "20.5", "100"),
    per: fc.constant(per),
    over: maybe(fc.constantFrom(...notShorter(per))),
  }),
);

const component: fc.Arbitrary<object> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constantFrom("energy", "levy", "feed-in"), price }) },
  fc.record({ type: fc.constant("energy"), price: fc.oneof(signed, dynamic, byTime(signed)), cap }),
  fc.record({ type: fc.constant("standing"), amount: money(120), per: scope }),
  fc.record({ type: fc.constant("credit"), amount: money(40), per: scope }),
  fc
    .constantFrom(...firstDays)
    .map((day) => ({ type: "credit", amount: "36.18", per: "once", on: dateOf(day).add({ days: 3 }).toString() })),
  { weight: 3, arbitrary: demand },
);

const components = fc
  .tuple(
    fc.array(fc.tuple(component, maybe(rounding)), { minLength: 1, maxLength: 4 }),
    fc.array(fc.record({ percent: fc.constantFrom("19", "5.11269632", "-3"), onAll: fc.boolean() }), { maxLength: 2 }),
  )
  .map(([charged, taxes]) => {
    const all = charged.map(([c, own], i) => ({ ...c, id: `c${i}`, ...(own && { rounding: own }) }));
    const taxed = taxes.map(({ percent, onAll }, i) => ({
      type: "tax",
      id: `t${i}`,
      percent,
      ...(!onAll && { on: [`c0`, ...(i > 0 ? ["t0"] : [])] }),
    }));
    return without([...all, ...taxed]) as OracleComponent[];
  });

/** Fields that were not chosen are not there: JSON has no undefined. */
const without = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const billing = fc.record({
  months: fc.constantFrom(1, 2, 3, 12),
  start: fc.constantFrom("2025-01-01", "2026-01-15", "2025-10-31", "2027-02-28"),
});

/** What is counted in what: gas in cubic metres and billed in kWh, or in cubic metres too; water in cubic metres. */
const media = [
  { of: {}, hasUnits: false },
  { of: { medium: "electricity" }, hasUnits: false },
  { of: { medium: "gas", kwhPerM3: "10.55" }, hasUnits: true },
  { of: { medium: "gas" }, hasUnits: false },
  { of: { medium: "water" }, hasUnits: false },
  { of: { medium: "heat" }, hasUnits: false },
];

const isPriced = ({ type }: OracleComponent): boolean => type === "energy" || type === "levy" || type === "feed-in";

function tariffOf(parts: fc.Arbitrary<OracleComponent[]>): fc.Arbitrary<OracleTariff> {
  return fc
    .record({
      components: parts,
      billing: maybe(billing),
      rounding: maybe(rounding),
      counted: fc.constantFrom(...media),
      units: fc.array(fc.constantFrom(undefined, "kWh", "m3"), { minLength: 6, maxLength: 6 }),
    })
    .map(({ counted, units, components: all, ...rest }) => ({
      ...rest,
      ...counted.of,
      components: all.map((c, i) => (isPriced(c) && counted.hasUnits ? { ...c, unit: units[i % 6] } : c)),
    }))
    .chain((rest) =>
      fc.constantFrom("EUR", "JPY", "KWD").map((currency) =>
        without({
          name: "x",
          currency,
          seasons: {
            winter: [{ from: "11-01", to: "03-28" }],
            summer: [
              { from: "06-01", to: "08-31" },
              { from: "04-04", to: "04-04" },
            ],
          },
          holidays: [
            "12-25",
            "easter-2",
            "easter+1",
            "2026-10-21",
            "10-mon3",
            "03-mon-last",
            "12-26;sat+2,fri-1",
            "04-05;sun+1",
          ],
          dayLists: { red: ["2026-03-24", "10-22", "2026-06-07"] },
          ...rest,
        }),
      ),
    );
}

/** What was used, told by a seed: a case that fails can be read. */
export interface Used {
  seed: number;
  missing: number;
  estimated: number;
  /** Of how many days one is known. Left out: each. */
  everyDay?: number;
  fromMs: number;
  toMs: number;
}

export type BillCase = Omit<OracleCase, "buckets"> & { used: Used };

const bucketKinds = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  missing: fc.constantFrom(0, 0, 0.2),
  estimated: fc.constantFrom(0, 0, 0.1),
});

/** A plain generator of numbers from a seed: thousands of buckets need not be shrunk one by one. */
export function bucketsOf({ seed, missing, estimated, everyDay = 1, fromMs, toMs }: Used): OracleBucket[] {
  let state = seed;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const buckets: OracleBucket[] = [];
  for (let startMs = fromMs; startMs < toMs; startMs += 900_000) {
    const importKwh = random() < 0.1 ? 0 : Math.round(random() * 1500) / 1000;
    const isEstimated = random() < estimated;
    const bucket = {
      startMs,
      importKwh,
      exportKwh: random() < 0.6 ? 0 : Math.round(random() * 900) / 1000,
      estimatedKwh: isEstimated ? Math.round(importKwh * 500) / 1000 : 0,
      prices: { price: priceOf(random()), spot: priceOf(random()) },
    };
    const isKnown = Math.floor(startMs / 86_400_000) % everyDay === 0;
    if (random() >= missing && isKnown) buckets.push(bucket);
  }
  return buckets;
}

const priceOf = (chance: number): number | null => (chance < 0.05 ? null : Math.round(chance * 4000 - 700) / 10_000);

interface Extent {
  versions: number;
  days: number;
  /** Whether something is known of the time before and after what is billed. */
  around: boolean;
}

function caseOf(
  parts: fc.Arbitrary<OracleComponent[]>,
  { versions: most, days, around }: Extent,
): fc.Arbitrary<BillCase> {
  return fc
    .record({
      timezone: fc.constantFrom(...zones),
      first: fc.constantFrom(...firstDays),
      before: fc.constantFrom(...(around ? [0, 0, 3, 40] : [0])),
      length: fc.integer({ min: 1, max: days }),
      after: fc.constantFrom(...(around ? [0, 2] : [0])),
      tariffs: fc.array(tariffOf(parts), { minLength: 1, maxLength: most }),
      changes: fc.array(fc.integer({ min: -2, max: 14 }), { minLength: 2, maxLength: 2 }),
      kinds: bucketKinds,
      cut: maybe(fc.record({ first: fc.integer({ min: 0, max: 60 }), last: fc.integer({ min: 0, max: 31 }) })),
    })
    .map(({ timezone, first, before, length, after, tariffs, changes, kinds, cut }) => {
      const from = dateOf(first);
      const ms = (days: number) => from.add({ days }).toZonedDateTime(timezone).epochMilliseconds;
      const [{ currency, medium, kwhPerM3 }] = tariffs as [OracleTariff];
      const starts = new Set(["2020-01-01"]);
      const versions = tariffs.flatMap((tariff, i) => {
        const validFrom = i === 0 ? "2020-01-01" : from.add({ days: changes[i - 1]! }).toString();
        if (i > 0 && starts.has(validFrom)) return [];
        starts.add(validFrom);
        const all = kwhPerM3 ? tariff.components : tariff.components.map((c) => ({ ...c, unit: undefined }));
        return [{ validFrom, tariff: without({ ...tariff, components: all, currency, medium, kwhPerM3 }) }];
      });
      return {
        timezone,
        ...(cut && { cut }),
        from: first,
        to: from.add({ days: length }).toString(),
        used: { ...kinds, fromMs: ms(-before), toMs: ms(length + after) },
        versions,
      };
    });
}

export const contracts = caseOf(components, { versions: 3, days: 20, around: true });

/** Demand charges that look back on a year and more, of which not every day is known. */
export const longDemands = caseOf(
  fc
    .array(demand, { minLength: 1, maxLength: 2 })
    .map((all) => without(all.map((c, i) => ({ ...c, id: `c${i}` })))) as fc.Arbitrary<OracleComponent[]>,
  { versions: 2, days: 45, around: true },
).map((given) => {
  const { fromMs, toMs } = given.used;
  return {
    ...given,
    used: { ...given.used, fromMs: fromMs - 420 * 86_400_000, toMs, everyDay: given.used.seed % 2 ? 9 : 45 },
  };
});

type Every = "month" | "year" | "billing-period";

/** Tiers that net metering may set off are counted over its own periods, and price what lies in them. */
const tiersOver = (every: Every) =>
  fc
    .record({ price: tiered, per: fc.constantFrom<Scope>("day", every) })
    .map(({ price, per }) => without({ ...price, per, over: every, whole: false }) as OraclePrice);

const netMetering = fc.constantFrom<Every>("month", "year", "billing-period").chain((every) => {
  const price = fc.oneof(signed, tiersOver(every));
  return fc
    .record({
      netted: fc.array(fc.record({ type: fc.constantFrom("energy", "levy"), price: fc.oneof(price, byTime(price)) }), {
        minLength: 1,
        maxLength: 2,
      }),
      feedIn: maybe(fc.record({ type: fc.constant("feed-in"), price: signed })),
      netting: fc.record(
        {
          on: fc.constant(["c0"]),
          bank: fc.boolean(),
          expiresAfter: fc.integer({ min: 1, max: 2 }),
          expiresOn: fc.constantFrom("01-01", "03-25", "04-01", "06-07", "10-31", "12-24"),
          expiryPrice: fc.constantFrom("0.03", "0"),
        },
        { requiredKeys: [] },
      ),
    })
    .map(({ netted, feedIn, netting }) => [
      ...netted.map((c, i) => ({ ...c, id: `c${i}` })),
      ...(feedIn ? [{ ...feedIn, id: "given" }] : []),
      { type: "net-metering", id: "net", every, ...netting },
      { type: "tax", id: "t0", percent: "7" },
    ]);
}) as fc.Arbitrary<OracleComponent[]>;

export const nettedContracts = caseOf(netMetering, { versions: 3, days: 100, around: true });
