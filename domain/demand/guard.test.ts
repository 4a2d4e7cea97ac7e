import { expect, test } from "vitest";
import { parseTariff } from "../tariff/contract.ts";
import type { ComponentOf } from "../tariff/component-schema.ts";
import { Money } from "../tariff/money.ts";
import { guardDemand, runningWindow } from "./guard.ts";

function demandOf(given: object): ComponentOf<"demand"> {
  const parsed = parseTariff({
    name: "x",
    currency: "EUR",
    components: [{ type: "demand", price: "4", per: "month", ...given }],
  });
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value.components[0] as ComponentOf<"demand">;
}

const base = { timezone: "Europe/Berlin", length: new Money(1), nowMs: Date.parse("2026-06-01T10:10Z") };
const kw = (...values: number[]) => values.map((value) => new Money(value));

test.each([
  ["Europe/Berlin", 60, "2026-06-01T10:00:00.000Z"],
  ["Europe/Berlin", 15, "2026-06-01T10:00:00.000Z"],
  ["Asia/Kathmandu", 60, "2026-06-01T09:15:00.000Z"],
])("in %s a window of %s minutes begins with the local hour's", (zone, interval, from) => {
  expect(new Date(runningWindow({ interval }, zone, base.nowMs).fromMs).toISOString()).toBe(from);
});

test("ten minutes at 6 kW and five at 9 are 7 kW: one above the peak, and what drives it", () => {
  const devices = [
    { name: "Car", powerW: 7000 },
    { name: "Kettle", powerW: 2000 },
    { name: "Roof", powerW: -500 },
  ];
  const state = guardDemand({
    ...base,
    demand: demandOf({}),
    energyKwh: 1,
    powerW: 9000,
    peaks: { own: kw(6), before: [] },
    devices,
  });
  expect(state).toMatchObject({
    projectedKw: 7,
    reachedKw: 4,
    limitKw: 6,
    isOver: true,
    secondsLeft: 300,
    roomW: 6000,
  });
  expect(state.addedCost.toNumber()).toBe(4);
  expect(state.drivers.map(({ name, suffices }) => [name, suffices])).toEqual([
    ["Car", true],
    ["Kettle", false],
  ]);
});

test.each([
  ["below the peak", {}, kw(8), [], 8, 0],
  [
    "the mean of two: 7 displaces 5, half of 2 kW at 4",
    { basis: { kind: "mean-of-highest", count: 2 } },
    kw(9, 5),
    [],
    5,
    4,
  ],
  [
    "the mean of three months: 1 kW more in one of them",
    { basis: { kind: "rolling-mean", months: 3 } },
    kw(6),
    kw(5, 5),
    6,
    4 / 3,
  ],
  ["held by a ratchet: 80 % of 10", { basis: { kind: "ratchet", percent: "80" } }, kw(6), kw(10), 8, 0],
  ["below what is billed anyway", { minimumKw: "7.5" }, kw(3), [], 7.5, 0],
  ["the next step", { price: undefined, steps: [{ upTo: "6.5", amount: "10" }, { amount: "25" }] }, kw(6), [], 6, 15],
])("%s", (_what, given, own, before, limitKw, added) => {
  const state = guardDemand({ ...base, demand: demandOf(given), energyKwh: 1, powerW: 9000, peaks: { own, before } });
  expect(state.limitKw).toBe(limitKw);
  expect(state.addedCost.toNumber()).toBeCloseTo(added, 9);
});

test("it is too late when the window already holds more than the peak", () => {
  const state = guardDemand({
    ...base,
    demand: demandOf({}),
    energyKwh: 2,
    powerW: 0,
    peaks: { own: kw(6), before: [] },
  });
  expect(state).toMatchObject({ isOver: true, roomW: 0, projectedKw: 8 });
});

test("where each day counts once, less than today's peak changes nothing, however low the others are", () => {
  const state = guardDemand({
    ...base,
    demand: demandOf({ basis: { kind: "mean-of-highest", count: 3, oneADay: true } }),
    energyKwh: 1,
    powerW: 9000,
    peaks: { own: kw(10, 6, 3), before: [] },
    todaysPeak: 0,
  });
  expect(state).toMatchObject({ projectedKw: 7, limitKw: 10, isOver: false });
  expect(state.addedCost.toNumber()).toBe(0);
});
