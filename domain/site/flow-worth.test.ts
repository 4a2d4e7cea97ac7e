import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { emissionsOf } from "../co2/emissions.ts";
import { bucketMs } from "../rollup/bucket.ts";
import { bill } from "../tariff/bill.ts";
import { parseContract, type TariffVersion } from "../tariff/contract.ts";
import { libraryJson, libraryNames } from "../tariff/library.ts";
import { sumOf, type Money } from "../tariff/money.ts";
import type { TariffInput } from "../tariff/tariff.ts";
import { unitPrices } from "../tariff/unit-prices.ts";
import { usageOf, type UsageBucket } from "../tariff/usage.ts";
import { emissionsOfWays, savedCosts, shareOfLines, sourcesOfUsers, type SharedAmount } from "./flow-worth.ts";
import { emptyWays, layOn, type UserId } from "./laid-energy.ts";
import { split, ways, type Balance, type Way } from "./split.ts";

const startMs = Date.parse("2026-06-01T00:00Z");
const none: Balance = { importKwh: 0, exportKwh: 0, productionKwh: 0, chargeKwh: 0, dischargeKwh: 0 };

type Quarter = Partial<Balance> & Pick<UsageBucket, "prices"> & { used?: Partial<Record<UserId, number>> };

/** A run of quarter-hours as its meters counted them: what is billed, and what flowed. */
function site(quarters: Quarter[]) {
  const over = emptyWays(startMs, quarters.length);
  const usage = usageOf(
    quarters.map((one, i) => {
      const balance = { ...none, ...one };
      const { ways: taken, consumptionKwh } = split(balance);
      for (const way of ways) over.columns[way][i] = taken[way];
      for (const [id, part] of shares(one.used ?? {}, consumptionKwh)) {
        if (!over.users.has(id)) over.users.set(id, new Float64Array(quarters.length));
        over.users.get(id)![i] = part;
      }
      const { importKwh, exportKwh } = balance;
      return { startMs: startMs + i * bucketMs, importKwh, exportKwh, ...(one.prices && { prices: one.prices }) };
    }),
  );
  return { usage, over, period: { fromMs: startMs, toMs: startMs + quarters.length * bucketMs } };
}

/** As the meters give it: parts that are no more than the consumption, and what is left of it untracked. */
function shares(used: Partial<Record<UserId, number>>, consumption: number): [UserId, number][] {
  const parts = Object.entries(used) as [UserId, number][];
  const known = parts.reduce((sum, [, kwh]) => sum + kwh, 0);
  const fit = known > consumption ? consumption / known : 1;
  return [
    ...parts.map(([id, kwh]): [UserId, number] => [id, kwh * fit]),
    ["untracked", Math.max(0, consumption - known)],
  ];
}

function versionsOf(components: TariffInput["components"]): TariffVersion[] {
  const parsed = parseContract({ name: "x", currency: "EUR", components });
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function sharedBy(quarters: Quarter[], versions: TariffVersion[]) {
  const { usage, over, period } = site(quarters);
  const made = bill(usage, versions, period, "UTC");
  return { made, shares: shareOfLines(made.lines, { usage, laid: layOn(usage, over), versions }) };
}

const inWay = (shares: { shared: SharedAmount }[], way: Way) =>
  sumOf(shares.flatMap(({ shared }) => shared.ways.get(way) ?? [])).toFixed();
const inRest = (shares: { shared: SharedAmount }[]) => sumOf(shares.map(({ shared }) => shared.rest)).toFixed();
/** By how much those who used what came into the house from the grid are off from it. */
const offHouse = ({ ways: parts, users }: SharedAmount): Money =>
  sumOf([...users.values()]).minus(parts.get("grid>home") ?? 0);
const totalOf = ({ ways: parts, rest }: SharedAmount): Money => sumOf([...parts.values(), rest]);

// 3 taken, 1 of it charged; then 2 of the sun used and 1 fed in; then the battery gives 1.
const day: Quarter[] = [
  { importKwh: 3, chargeKwh: 1, prices: { price: 0.1 } },
  { productionKwh: 3, exportKwh: 1, prices: { price: -0.05 } },
  { dischargeKwh: 1, importKwh: 1, prices: { price: 0.4 } },
];

describe("money", () => {
  test("the house and the battery pay what they took, the sun nothing, and feed-in earns", () => {
    const { shares, made } = sharedBy(
      day,
      versionsOf([
        { type: "energy", price: "0.3", id: "energy" },
        { type: "feed-in", price: "0.08" },
        { type: "standing", amount: "12", per: "day" },
        { type: "tax", percent: "20", on: ["energy"] },
      ]),
    );
    expect(inWay(shares, "grid>home")).toBe("1.08");
    expect(inWay(shares, "grid>battery")).toBe("0.36");
    expect(inWay(shares, "sun>grid")).toBe("-0.08");
    expect(inWay(shares, "sun>home")).toBe("0");
    expect(inWay(shares, "battery>home")).toBe("0");
    expect(inRest(shares)).toBe("0.375");
    expect(made.exactTotal.toFixed()).toBe("1.735");
  });

  test("a dynamic price is that of the quarter-hour in which each flow took", () => {
    const { shares } = sharedBy(
      day,
      versionsOf([{ type: "energy", price: { kind: "dynamic", factor: "2", markup: "0.1" } }]),
    );
    // 2 x (0.1 x 2 + 0.1) + 1 x (0.4 x 2 + 0.1), and 1 x (0.1 x 2 + 0.1).
    expect(inWay(shares, "grid>home")).toBe("1.5");
    expect(inWay(shares, "grid>battery")).toBe("0.3");
  });

  test("what would the sun's and the battery's energy have cost?", () => {
    const { usage, over, period } = site(day);
    const versions = versionsOf([
      { type: "energy", price: { kind: "dynamic", factor: "1", markup: "0.2" } },
      { type: "tax", percent: "50" },
    ]);
    const prices = unitPrices(usage, versions, { timezone: "UTC" });
    const { ways: saved } = savedCosts(over, period, { usage, prices });
    // 2 x (-0.05 + 0.2) x 1.5; 1 x (0.4 + 0.2) x 1.5.
    expect([...saved].map(([way, amount]) => [way, amount.toNumber()])).toEqual([
      ["sun>home", expect.closeTo(0.45, 9)],
      ["battery>home", expect.closeTo(0.9, 9)],
    ]);
  });

  test("energy that the flows do not know is billed all the same, and belongs to none of them", () => {
    const { usage, period } = site(day);
    const versions = versionsOf([{ type: "energy", price: "0.3" }]);
    const { lines } = bill(usage, versions, period, "UTC");
    const shares = shareOfLines(lines, { usage, laid: layOn(usage, emptyWays(startMs, 3)), versions });
    expect(shares.map(({ shared }) => [shared.ways.size, shared.rest.toFixed()])).toEqual([[0, "1.2"]]);
  });

  const kwh = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 5, noNaN: true }));
  const quarter = fc.record({
    ...{ importKwh: kwh, exportKwh: kwh, productionKwh: kwh, chargeKwh: kwh, dischargeKwh: kwh },
    prices: fc.record({ price: fc.option(fc.double({ min: -0.3, max: 0.6, noNaN: true })) }),
    used: fc.record({ c1: kwh, c2: kwh }),
  });
  const quarters = fc.array(quarter, { minLength: 1, maxLength: 60 });
  const tariffs = libraryNames().map((name) => {
    const parsed = parseContract(libraryJson(name));
    if (!parsed.ok) throw new Error(parsed.error);
    return parsed.value;
  });

  test("whatever the tariff: the flows and the rest are each line of the bill, exactly", () => {
    fc.assert(
      fc.property(quarters, fc.constantFrom(...tariffs), (given, versions) => {
        const { made, shares } = sharedBy(given, versions);
        for (const { line, shared } of shares) {
          expect(totalOf(shared).minus(line.exact).abs().lt("1e-40")).toBe(true);
          expect(offHouse(shared).abs().lt("1e-40")).toBe(true);
        }
        expect(shares.length).toBe(made.lines.length);
      }),
      { numRuns: 150 },
    );
  });

  test("whatever the prices: the flows emit what the site emits", () => {
    const factors = fc.constantFrom(
      { kind: "constant", gPerKwh: "380" } as const,
      { kind: "channel", channel: "price" } as const,
      { kind: "channel", channel: "price", fallback: "200" } as const,
    );
    fc.assert(
      fc.property(quarters, factors, (given, factor) => {
        const { usage, over, period } = site(given);
        const of = emissionsOfWays({ usage, laid: layOn(usage, over) }, factor, period);
        const all = emissionsOf(usage, factor, period);
        expect(totalOf(of.emittedKg).minus(all.importKg).abs().lt("1e-40")).toBe(true);
        expect(totalOf(of.avoidedKg).minus(all.avoidedKg).abs().lt("1e-40")).toBe(true);
        expect(of.emittedKg.ways.has("battery>home")).toBe(false);
        expect(offHouse(of.emittedKg).abs().lt("1e-40")).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});

describe("who used it", () => {
  // At night 2 of 3 from the grid; at noon the sun gives half of 4; in the evening the battery all of 1.
  const used: Quarter[] = [
    { importKwh: 3, prices: { price: 0.1, co2: 400 }, used: { c1: 2, c2: 0.5 } },
    { importKwh: 2, productionKwh: 2, prices: { price: 0.3, co2: 100 }, used: { c1: 1, c2: 3 } },
    { dischargeKwh: 1, prices: { price: 0.5, co2: 500 }, used: { c1: 1 } },
  ];
  const versions = versionsOf([
    { type: "energy", price: { kind: "dynamic", markup: "0.2" } },
    { type: "tax", percent: "50" },
  ]);
  const numbers = (amounts: ReadonlyMap<string, Money>) =>
    Object.fromEntries([...amounts].map(([id, amount]) => [id, amount.toDecimalPlaces(12).toNumber()]));

  test("each pays for its share of what came from the grid in its quarter-hour, at the price of then", () => {
    const { shares: lines } = sharedBy(used, versions);
    const sums = new Map<string, Money>();
    for (const { shared } of lines)
      for (const [id, amount] of shared.users) sums.set(id, amount.plus(sums.get(id) ?? 0));
    // c1: (2 x 0.3 + 0.5 x 0.5) x 1.5; c2: (0.5 x 0.3 + 1.5 x 0.5) x 1.5; nobody measured 0.5 x 0.3 x 1.5.
    expect(numbers(sums)).toEqual({ c1: 1.275, c2: 1.35, untracked: 0.225 });
    expect(inWay(lines, "grid>home")).toBe("2.85");
  });

  test("its CO2, what it saved, and where its energy came from", () => {
    const { usage, over, period } = site(used);
    const laid = layOn(usage, over);
    const { emittedKg } = emissionsOfWays({ usage, laid }, { kind: "channel", channel: "co2" }, period);
    // c1: 2 x 400 + 0.5 x 100 g; c2: 0.5 x 400 + 1.5 x 100.
    expect(numbers(emittedKg.users)).toEqual({ c1: 0.85, c2: 0.35, untracked: 0.2 });
    const prices = unitPrices(usage, versions, { timezone: "UTC" });
    // c1: 0.5 x 0.75 of the sun and 1 x 1.05 of the battery; c2: 1.5 x 0.75.
    expect(numbers(savedCosts(over, period, { usage, prices }).users)).toEqual({ c1: 1.425, c2: 1.125 });
    expect(Object.fromEntries(sourcesOfUsers(over, period))).toEqual({
      c1: { gridKwh: 2.5, sunKwh: 0.5, batteryKwh: 1 },
      c2: { gridKwh: 2, sunKwh: 1.5, batteryKwh: 0 },
      untracked: { gridKwh: 0.5, sunKwh: 0, batteryKwh: 0 },
    });
  });

  test("a contract for one meter is that meter's, as long as it used anything", () => {
    const { usage, over } = site(used);
    const usersOf = (only: UserId) => {
      const { eachUser } = layOn(usage, over, new Set<UserId>([only]));
      return [0, 1, 2].map((i) => {
        const parts: [UserId, number][] = [];
        eachUser(i, (id, part) => parts.push([id, part / 1e9]));
        return parts;
      });
    };
    expect(usersOf("c2")).toEqual([[["c2", 3]], [["c2", 2]], []]);
    expect(usersOf("c9").map((parts) => parts.map(([id]) => id))).toEqual([["c1", "c2", "untracked"], ["c1", "c2"], []]); // prettier-ignore
    const charging = site([{ importKwh: 3, chargeKwh: 1, used: { c2: 0.5 } }]);
    const { taken } = layOn(charging.usage, charging.over, new Set<UserId>(["c2"]));
    expect(taken.map(({ key, amounts }) => [key, amounts[0]])).toEqual([["grid>home", 3e9]]);
  });
});

test("CO2 is that of the quarter-hour: emitted for what was taken, avoided by what was given", () => {
  const { usage, over, period } = site(day.map((one, i) => ({ ...one, prices: { co2: [400, 100, 500][i]! } })));
  const { emittedKg, avoidedKg } = emissionsOfWays(
    { usage, laid: layOn(usage, over) },
    { kind: "channel", channel: "co2" },
    period,
  );
  const kg = ({ ways: parts }: SharedAmount) => [...parts].map(([way, amount]) => [way, amount.toFixed()]);
  expect(kg(emittedKg)).toEqual([
    ["grid>home", "1.3"],
    ["grid>battery", "0.4"],
  ]);
  expect(kg(avoidedKg)).toEqual([["sun>grid", "0.1"]]);
});
