import { expect, test } from "vitest";
import type { ComponentOf } from "../tariff/component-schema.ts";
import { parseTariff } from "../tariff/contract.ts";
import { usageOf } from "../tariff/usage.ts";
import { guardBase, guardNow } from "./live-guard.ts";

const timezone = "Europe/Berlin";
const at = (text: string) => Date.parse(`2026-06-${text}Z`);

function baseOf(given: object, nowMs: number) {
  const parsed = parseTariff({
    ...{ name: "x", currency: "EUR" },
    components: [{ type: "demand", price: "4", per: "month", peakOf: "month", ...given }],
  });
  if (!parsed.ok) throw new Error(parsed.error);
  const demand = parsed.value.components[0] as ComponentOf<"demand">;
  // 8 kW in May, 5 kW on 2 June, 1 kW else; of the running quarter-hour 600 s are known.
  const buckets = [
    { startMs: Date.parse("2026-05-10T10:00Z"), importKwh: 2 },
    { startMs: at("02T10:00"), importKwh: 1.25 },
    { startMs: at("10T09:45"), importKwh: 0.25 },
    { startMs: at("10T10:00"), importKwh: 1, coveredS: 600 },
  ];
  return guardBase(usageOf(buckets), { tariff: parsed.value, demand, timezone, nowMs });
}

test("what is measured of the window and the month's peak are known; the power of now does the rest", () => {
  const nowMs = at("10T10:10");
  const base = baseOf({}, nowMs);
  expect(base).toMatchObject({ own: ["5"], before: [], isCharged: true, measured: { energyKwh: 1, toMs: nowMs } });
  // 1 kWh in ten minutes, then 3 kW for five: 1.25 kWh in a quarter-hour are 5 kW.
  expect(guardNow(base, { nowMs, powerW: 3000 })).toMatchObject({ projectedKw: 5, isOver: false, limitKw: 5 });
  const later = guardNow(base, { nowMs: nowMs + 60_000, powerW: 6000 });
  expect(later.reachedKw).toBeCloseTo(4.4, 9);
  expect(later.projectedKw).toBeCloseTo(6, 9);
  expect(later.addedCost.toNumber()).toBeCloseTo(4, 9);
});

test("when the window is over, the next one starts from nothing", () => {
  const base = baseOf({}, at("10T10:10"));
  const next = guardNow(base, { nowMs: at("10T10:16"), powerW: 4000 });
  expect(next.fromMs).toBe(at("10T10:15"));
  expect(next.reachedKw).toBeCloseTo((4 * 60) / 900, 9);
  expect(next.projectedKw).toBeCloseTo(4, 9);
});

test("months before count where the charge looks back, and hours that are not charged do not count", () => {
  const nowMs = at("10T10:10");
  const ratchet = baseOf({ basis: { kind: "ratchet", months: 1, percent: "75" } }, nowMs);
  expect(ratchet.before).toEqual(["8"]);
  expect(guardNow(ratchet, { nowMs, powerW: 6000 }).limitKw).toBe(6);
  expect(baseOf({ when: [{ hours: ["17:00-20:00"] }] }, nowMs).isCharged).toBe(false);
});

test("where each day counts once, a higher peak of today replaces today's, not the lowest", () => {
  const nowMs = at("10T10:10");
  // 5 kW on 2 June, 1 kW earlier today: the mean of the two is 3; 4 kW now makes it 4.5.
  const twice = baseOf({ basis: { kind: "mean-of-highest", count: 2, oneADay: true } }, nowMs);
  expect(twice).toMatchObject({ own: ["5", "1"], todaysPeak: 1 });
  const state = guardNow(twice, { nowMs, powerW: 0 });
  expect(state).toMatchObject({ projectedKw: 4, limitKw: 1, isOver: true });
  expect([state.billed.kw.toNumber(), state.billed.withKw.toNumber()]).toEqual([3, 4.5]);
  // The mean of one: today has 1 kW, 2 June 5 kW; of three, today's own 1 kW is what 4 kW replaces.
  const thrice = baseOf({ basis: { kind: "mean-of-highest", count: 3, oneADay: true } }, nowMs);
  expect(guardNow(thrice, { nowMs, powerW: 0 }).billed.withKw.toNumber()).toBe(4.5);
});
