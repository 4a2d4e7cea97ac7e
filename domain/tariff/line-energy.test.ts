import { expect, test } from "vitest";
import { bill } from "./bill.ts";
import { parseContract } from "./contract.ts";
import { lineEnergy } from "./line-energy.ts";
import { usageOf } from "./usage.ts";

const zone = "Europe/Berlin";
const fromMs = Date.parse("2026-03-27T23:00Z");
/** Three days of which the second has 23 hours: 1 kWh an hour. Estimated from 10 to 12 UTC, nothing from 20 to 21 UTC of the first. */
const hour = (i: number) => Math.floor(i / 4);
const usage = usageOf(
  Array.from({ length: 71 * 4 }, (_, i) => ({
    startMs: fromMs + i * 900_000,
    importKwh: hour(i) === 21 ? 0 : 0.25,
    estimatedKwh: hour(i) === 11 || hour(i) === 12 ? 0.25 : 0,
    coveredS: hour(i) === 21 ? 0 : 900,
  })),
);

function linesOf(components: object[]) {
  const contract = parseContract({ name: "x", currency: "EUR", components });
  if (!contract.ok) throw new Error(contract.error);
  return bill(usage, contract.value, { fromMs, toMs: fromMs + 71 * 3_600_000 }, zone).lines;
}

test("the steps of a line hold its energy, and nothing else", () => {
  const [line] = linesOf([{ type: "energy", price: "0.3" }]);
  const { step, steps, estimated, missing } = lineEnergy(line!, usage, zone);
  expect(step).toBe("hour");
  expect(steps).toHaveLength(71);
  expect(steps.reduce((sum, { energy }) => sum + energy, 0)).toBeCloseTo(line!.quantity.toNumber(), 9);
  const at = (hours: number) => fromMs + hours * 3_600_000;
  expect(estimated).toEqual([{ startMs: at(11), endMs: at(13), energy: 2 }]);
  expect(missing).toEqual([{ startMs: at(21), endMs: at(22) }]);
});

test("a step is the sum of its quarter-hours to the last digit, not one of floats", () => {
  const few = usageOf([0.1, 0.2].map((importKwh, i) => ({ startMs: fromMs + i * 900_000, importKwh, estimatedKwh: importKwh }))); // prettier-ignore
  const line = { type: "energy", period: { fromMs, toMs: fromMs + 48 * 3_600_000 }, ranges: [[fromMs, fromMs + 1_800_000]] }; // prettier-ignore
  const { steps, estimated } = lineEnergy(line as Parameters<typeof lineEnergy>[0], few, zone);
  expect(steps[0]).toMatchObject({ energy: 0.3, estimated: 0.3 });
  expect(estimated).toMatchObject([{ energy: 0.3 }]);
});

test("the lines of rates share the energy out between them", () => {
  const rates = [
    { name: "Night", price: "0.2", when: [{ hours: ["00:00-06:00"] }] },
    { name: "Day", price: "0.4" },
  ];
  const lines = linesOf([{ type: "energy", price: { kind: "time-of-use", rates } }]);
  const sums = lines.map((line) => lineEnergy(line, usage, zone).steps.reduce((sum, { energy }) => sum + energy, 0));
  sums.forEach((sum, i) => expect(sum).toBeCloseTo(lines[i]!.quantity.toNumber(), 9));
  // The night that loses an hour has five: 6 + 5 + 6.
  expect(sums).toEqual([17, 53]);
});

test("a peak is its own minutes", () => {
  const [demand] = linesOf([{ type: "demand", price: "4", per: "month", peakOf: "month" }]);
  const peak = lineEnergy(demand!, usage, zone);
  expect(peak.steps).toMatchObject([{ energy: 0.25 }]);
});
