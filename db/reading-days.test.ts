import fc from "fast-check";
import { expect, test } from "vitest";
import { cutReadings, overlayReadings, packReadings, unpackReadings, type Readings } from "./reading-days.ts";

const dayMicros = 86_400_000_000;
const startMicros = Date.parse("2026-03-01T00:00:00Z") * 1000;

const decimals = (places: number, most: number) =>
  fc.integer({ min: -most, max: most }).map((whole) => whole / 10 ** places);
const valueKinds = [
  decimals(0, 1_000_000),
  decimals(1, 300_000),
  decimals(3, 99_999_999_999),
  decimals(9, 2 ** 40),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, Number.MIN_VALUE, Number.MAX_VALUE, 2 ** 53, -(2 ** 53) + 1, 0.1 + 0.2, 231.39999389648438),
];
const gapKinds = [
  fc.constant(10_000_000),
  fc.integer({ min: 9_950, max: 10_060 }).map((ms) => ms * 1000),
  fc.integer({ min: 1, max: 3_600_000_000 }),
  fc.constantFrom(1, 1_000, 900_000_000),
];
const readings: fc.Arbitrary<Readings> = fc
  .tuple(fc.constantFrom(...valueKinds), fc.constantFrom(...gapKinds), fc.nat(dayMicros - 1))
  .chain(([value, gap, first]) =>
    fc.tuple(fc.array(fc.tuple(gap, value), { minLength: 1, maxLength: 200 }), fc.constant(first)),
  )
  .map(([pairs, first]) => {
    let time = startMicros + first;
    const given: Readings = { micros: [], values: [] };
    for (const [gap, value] of pairs) {
      if (time >= startMicros + dayMicros) break;
      given.micros.push(time);
      given.values.push(value);
      time += gap;
    }
    return given;
  });

test("what is packed comes back bit for bit", () => {
  fc.assert(
    fc.property(readings, (given) => {
      const packed = packReadings(given);
      const back = unpackReadings(packed);
      expect(back.micros).toEqual(given.micros);
      expect(back.values.every((value, i) => Object.is(value, given.values[i]))).toBe(true);
      expect([packed.count, packed.firstMicros, packed.lastMicros]).toEqual([
        given.micros.length,
        given.micros[0],
        given.micros.at(-1),
      ]);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  [
    "a register every quarter-hour",
    [0, 900, 1_800],
    [48_211.376, 48_211.5, 48_211.5],
    { divisor: 1_000, gaps: null, changes: [124, 0] },
  ],
  ["a power that does not change", [0, 10, 20], [231.5, 231.5, 231.5], { divisor: 10, gaps: null, changes: null }],
  ["one that came late", [0, 10, 20, 31], [1, 2, 3, 4], { divisor: 1, tickMicros: 1_000_000, gaps: [0, 0, 1] }],
  ["what has no decimals", [0, 10], [1 / 3, 0], { divisor: null, plain: [1 / 3, 0] }],
])("%s", (_what, seconds, values, expected) => {
  const micros = seconds.map((second) => startMicros + second * 1_000_000);
  expect(packReadings({ micros, values })).toMatchObject(expected);
});

test("an overlay is what a map of times would hold", () => {
  fc.assert(
    fc.property(readings, readings, (under, over) => {
      const map = new Map(under.micros.map((time, i) => [time, under.values[i]!]));
      over.micros.forEach((time, i) => map.set(time, over.values[i]!));
      const expected = [...map].sort(([a], [b]) => a - b);
      const { micros, values } = overlayReadings(under, over);
      expect(micros.map((time, i) => [time, values[i]])).toEqual(expected);
    }),
  );
});

test("a cut has what begins in it", () => {
  fc.assert(
    fc.property(readings, fc.nat(dayMicros), fc.nat(dayMicros), (given, a, b) => {
      const [from, to] = [startMicros + Math.min(a, b), startMicros + Math.max(a, b)];
      const expected = given.micros.filter((time) => time >= from && time < to);
      expect(cutReadings(given, from, to).micros).toEqual(expected);
    }),
  );
});
